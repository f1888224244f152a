//! How connections and servers end.

use std::io::ErrorKind;
use std::net::TcpStream;

use super::client::Client;
use super::server::{Server, wait_until};
use crate::http::response::RawRules;
use crate::net::config::{Config, LiveTimes};
use crate::net::notice::Notice;
use crate::net::remote::Command;

fn has_abort(server: &Server) -> bool {
    let notices = server.desk.notices.lock().unwrap();
    matches!(notices[..], [Notice::Abort { count: 1, .. }])
}

#[test]
fn answers_what_was_received_when_it_closes() {
    let server = Server::start(2, Config::default());
    let mut idle = Client::connect(&server);
    assert_eq!(idle.get("/x").status, 200);
    let silent = Client::connect(&server);
    let (mut held, mut partial) = (Client::connect(&server), Client::connect(&server));
    held.ask("/hold");
    partial.send(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab");
    server.wait_for_held(1);
    wait_until(|| server.open.count() == 4);
    server.close(None);
    idle.end();
    silent.end();
    let refused = TcpStream::connect(server.address).map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
    server.release();
    let response = held.response();
    assert_eq!(
        (&response.body[..], response.closes),
        (&b"released 2"[..], true)
    );
    held.end();
    partial.send(b"c");
    let response = partial.response();
    assert_eq!((&response.body[..], response.closes), (&b"3"[..], true));
    partial.end();
    server.join();
}

#[test]
fn by_nodes_rules_connections_outlast_it_until_they_are_idle() {
    let config = Config {
        raw_rules: RawRules::Node,
        ..Config::default()
    };
    let server = Server::start(1, config);
    let (mut idle, silent) = (Client::connect(&server), Client::connect(&server));
    assert_eq!(idle.get("/x").status, 200);
    let mut held = Client::connect(&server);
    held.ask("/hold");
    server.wait_for_held(1);
    wait_until(|| server.open.count() == 3);
    let id = server.held()[0].1;
    let close = |and_new| Command::CloseThose(vec![(id.index, id.generation), (99, 1)], and_new);
    server.send_all(|| close(false));
    server.close(None);
    let refused = || TcpStream::connect(server.address).map_err(|error| error.kind());
    wait_until(|| refused().err() == Some(ErrorKind::ConnectionRefused));
    wait_until(|| server.open.count() == 3);
    assert!(!idle.get("/y").closes);
    server.send_all(|| close(true));
    silent.end();
    server.release();
    // It was named, and ends behind what it has asked.
    assert!(held.response().closes);
    held.end();
    assert!(!idle.get("/y").closes);
    server.send_all(|| Command::CloseIdle);
    idle.end();
    server.join();
}

#[test]
fn answers_a_request_that_lies_in_the_kernel_when_it_closes() {
    for _ in 0..50 {
        let server = Server::start(2, Config::default());
        let mut clients: Vec<_> = (0..8).map(|_| Client::connect(&server)).collect();
        clients.iter_mut().for_each(|client| client.ask("/x"));
        server.close(None);
        for mut client in clients {
            assert_eq!(client.response().body, b"/x");
            client.end();
        }
        server.join();
    }
}

#[test]
fn who_has_asked_meanwhile_is_not_idle() {
    for by_name in [true, false] {
        let server = Server::start(1, Config::default());
        let mut idle = Client::connect(&server);
        assert_eq!(idle.get("/x").status, 200);
        let mut held = Client::connect(&server);
        wait_until(|| server.open.count() == 2);
        // The loop waits for this when it has taken the request of the other one.
        let guard = server.desk.held.lock().unwrap();
        held.ask("/hold");
        idle.ask("/y");
        idle.wait_until_it_has_come();
        server.send_all(|| match by_name {
            true => Command::CloseThose(vec![(0, 1)], false),
            false => Command::CloseIdle,
        });
        drop(guard);
        assert_eq!(idle.response().body, b"/y");
        // Whoever names it takes it for idle: it is to end, with this answer or behind it.
        if by_name {
            idle.end();
        }
        server.end();
    }
}

#[test]
fn is_cut_when_its_time_is_over() {
    for later in [true, false] {
        let server = Server::start(2, Config::default());
        let mut held: Vec<_> = (0..4).map(|_| Client::connect(&server)).collect();
        held.iter_mut().for_each(|client| client.ask("/hold"));
        server.wait_for_held(4);
        if later {
            server.close(None);
            server.send_all(|| Command::Cut(10));
        } else {
            server.close(Some(10));
        }
        server.join();
    }
}

#[test]
fn drops_idle_connections_or_all() {
    let server = Server::start(2, Config::default());
    let mut clients: Vec<_> = (0..6).map(|_| Client::connect(&server)).collect();
    clients.iter_mut().for_each(|client| drop(client.get("/x")));
    let mut held = Client::connect(&server);
    held.ask("/hold");
    server.wait_for_held(1);
    server.send_all(|| Command::CloseIdle);
    clients.into_iter().for_each(Client::end);
    wait_until(|| server.open.count() == 1);
    server.send_all(|| Command::CloseAll);
    held.end();
    wait_until(|| has_abort(&server));
    server.end();
}

#[test]
fn answers_a_client_that_has_sent_fin() {
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    client.ask("/hold");
    server.wait_for_held(1);
    client.finish();
    wait_until(|| has_abort(&server));
    server.release();
    assert_eq!(client.response().body, b"released 1");
    client.end();
    wait_until(|| server.open.count() == 0);
    server.end();
}

#[test]
fn drops_a_client_that_has_sent_rst() {
    let server = Server::start(1, Config::default());
    let mut other = Client::connect(&server);
    let mut client = Client::connect(&server);
    client.ask("/hold");
    server.wait_for_held(1);
    client.reset();
    wait_until(|| has_abort(&server) && server.open.count() <= 1);
    // Its slot is taken by somebody else, who must not get the late answer.
    let mut heir = Client::connect(&server);
    heir.ask("/hold");
    server.wait_for_held(2);
    server.release();
    assert_eq!(heir.response().body, b"released 3");
    assert_eq!(heir.get("/next").body, b"/next");
    assert_eq!(other.get("/x").status, 200);
    server.end();
}

#[test]
fn an_error_reply_is_not_overtaken_by_a_reset() {
    let server = Server::start(1, Config::default());
    for surplus in [0, 10, 100_000, 200_000] {
        let mut client = Client::connect(&server);
        let mut bytes = b"GET / HTTP/1.1\r\nHost : a\r\n\r\n".to_vec();
        bytes.resize(bytes.len() + surplus, b'x');
        client.send(&bytes);
        let response = client.response();
        assert_eq!((response.status, response.closes), (400, true));
        client.end();
    }
    wait_until(|| server.open.count() == 0);
    server.end();
}

#[test]
fn a_client_that_does_not_close_is_dropped_in_time() {
    let config = Config {
        linger_ms: 100,
        ..Config::default()
    };
    let server = Server::start(1, config);
    let mut client = Client::connect(&server);
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(client.response().closes);
    wait_until(|| server.open.count() == 0);
    client.end();
    server.end();
}

#[test]
fn closes_once_however_often_it_is_asked() {
    let server = Server::start(2, Config::default());
    let (mut held, idle) = (Client::connect(&server), Client::connect(&server));
    held.ask("/hold");
    server.wait_for_held(1);
    wait_until(|| server.open.count() == 2);
    for timeout in [None, None, Some(0)] {
        server.close(timeout);
    }
    idle.end();
    server.release();
    let response = held.response();
    assert_eq!((response.status, response.closes), (200, true));
    held.end();
    server.join();
}

#[test]
fn a_thread_that_panics_counts_its_connections_as_closed() {
    let server = Server::start(1, Config::default());
    let (mut first, second) = (Client::connect(&server), Client::connect(&server));
    wait_until(|| server.open.count() == 2);
    first.ask("/panic");
    assert_eq!((first.rest(), second.rest()), (Vec::new(), Vec::new()));
    server.join();
}

#[test]
fn a_connection_that_is_finished_ends_behind_its_answer() {
    let server = Server::start(1, Config::default());
    let mut other = Client::connect(&server);
    for is_answered in [false, true] {
        let mut client = Client::connect(&server);
        client.ask("/hold");
        server.wait_for_held(1);
        let (_, token) = server.held()[0];
        if is_answered {
            server.release();
            assert!(!client.response().body.is_empty());
            server.send_all(|| Command::Finish(token));
        } else {
            server.send_all(|| Command::Finish(token));
            assert_eq!(other.get("/x").body, b"/x");
            // What comes behind it is not read.
            client.ask("/behind");
            assert_eq!(other.get("/x").body, b"/x");
            server.release();
            assert!(!client.response().body.is_empty());
        }
        client.end();
        wait_until(|| server.open.count() == 1);
        // One that is gone has ended, and its slot is somebody else's.
        let mut heir = Client::connect(&server);
        assert_eq!(heir.get("/x").body, b"/x");
        server.send_all(|| Command::Finish(token));
        assert_eq!(heir.get("/y").body, b"/y");
        drop(heir);
        wait_until(|| server.open.count() == 1);
    }
    server.end();
}

#[test]
fn limits_change_while_it_runs() {
    let server = Server::start(2, Config::default());
    let live = |keep_alive_ms, headers_ms| LiveTimes {
        keep_alive_ms,
        headers_ms,
        request_ms: 300_000,
    };
    let mut early = Client::connect(&server);
    early.get("/a");
    server.send_all(|| Command::SetTimes(live(1500, 10_000)));
    // Its clock was started before.
    early.end();
    let mut idle = Client::connect(&server);
    idle.get("/a");
    idle.end();
    let mut slow = Client::connect(&server);
    slow.send(b"\r\n");
    server.send_all(|| Command::SetTimes(live(65_000, 1500)));
    slow.send(b"GET / HT");
    assert_eq!(slow.response().status, 408);
    server.send_all(|| Command::SetTimes(live(65_000, 10_000)));
    let mut early = Client::connect(&server);
    early.get("/a");
    server.send_all(|| Command::SetMaxRequests(2));
    // Its requests are counted from the first one.
    assert!(early.get("/a").closes);
    let mut other = Client::connect(&server);
    assert!(!other.get("/a").closes);
    server.send_all(|| Command::SetMaxRequests(0));
    for _ in 0..5 {
        assert!(!other.get("/a").closes);
    }
    server.end();
}
