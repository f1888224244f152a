//! Clients and handlers that are late, by the real clock.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::client::Client;
use super::server::{Server, wait_until};
use crate::net::config::{Config, Times};
use crate::net::notice::Notice;

/// The limits of `hasty`: longer than a busy machine delays a client that must not be late.
const LIMIT_MS: u64 = 1500;

/// Limits that a test can wait for, none of them for a body that comes.
fn hasty() -> Config {
    Config {
        times: Times {
            headers_ms: LIMIT_MS,
            body_ms: LIMIT_MS,
            handler_ms: LIMIT_MS,
            keep_alive_ms: LIMIT_MS,
            ..Times::default()
        },
        linger_ms: 50,
        ..Config::default()
    }
}

#[test]
fn whoever_is_late_is_refused_or_dropped() {
    let server = Server::start(1, hasty());
    let silent = Client::connect(&server);
    let mut idle = Client::connect(&server);
    assert_eq!(idle.get("/x").status, 200);
    for (bytes, status) in [
        (&b"GET / HT"[..], 408),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbo",
            408,
        ),
        (b"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", 503),
    ] {
        let mut late = Client::connect(&server);
        late.send(bytes);
        let response = late.response();
        assert_eq!((response.status, response.closes), (status, true));
        late.end();
    }
    silent.end();
    idle.end();
    // An answer that comes behind the refusal finds nobody.
    server.release();
    wait_until(|| server.open.count() == 0);
    let is_abort = |notice: &Notice| matches!(notice, Notice::Abort { .. });
    assert!(server.desk.notices.lock().unwrap().iter().any(is_abort));
    server.end();
}

#[test]
fn when_the_handler_falls_behind_all_get_503_until_it_has_caught_up() {
    let config = Config {
        max_queue_delay_ms: 50,
        ..Config::default()
    };
    let server = Server::start(1, config);
    let mut held = Client::connect(&server);
    held.ask("/hold");
    server.wait_for_held(1);
    loop {
        let mut other = Client::connect(&server);
        if other.get("/x").status == 503 {
            other.end();
            break;
        }
    }
    let response = held.response();
    assert_eq!((response.status, response.closes), (503, true));
    held.end();
    let is_overload =
        |notice: &Notice| matches!(notice, Notice::Overload { delay_ms } if *delay_ms >= 50);
    let notices = std::mem::take(&mut *server.desk.notices.lock().unwrap());
    assert_eq!(
        notices.iter().filter(|notice| is_overload(notice)).count(),
        1
    );
    server.release();
    loop {
        let mut other = Client::connect(&server);
        if other.get("/x").status == 200 {
            break;
        }
    }
    server.end();
}

#[test]
fn nobody_is_late_while_the_handler_shows_no_life() {
    let server = Server::start(1, hasty());
    server.desk.is_stuck.store(true, Ordering::Relaxed);
    let mut client = Client::connect(&server);
    client.send(b"GET / HT");
    // Twice as long as it has.
    let twice = Duration::from_millis(2 * LIMIT_MS);
    assert_eq!(client.response_within(twice), None);
    assert_eq!(server.desk.probes.load(Ordering::Relaxed), 0);
    server.desk.is_stuck.store(false, Ordering::Relaxed);
    assert_eq!(client.response().status, 408);
    // The handler was given the chance to show that it is the one who is late.
    assert_eq!(server.desk.probes.load(Ordering::Relaxed), 1);
    client.end();
    server.end();
}

#[test]
fn a_deadline_that_was_kept_is_forgotten() {
    let mut config = Config::default();
    config.times.headers_ms = LIMIT_MS;
    let server = Server::start(1, config);
    let mut client = Client::connect(&server);
    assert_eq!(client.get("/x").status, 200);
    // The timer fires, and finds that it was for the first byte.
    let later = Duration::from_millis(LIMIT_MS + 500);
    assert_eq!(client.response_within(later), None);
    assert_eq!(client.get("/x").status, 200);
    server.end();
}
