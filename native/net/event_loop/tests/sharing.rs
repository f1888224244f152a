//! Many connections: who serves them, and that none starves another.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::client::Client;
use super::server::{Server, wait_until};
use crate::net::config::Config;

#[test]
fn deals_connections_out_evenly() {
    let server = Server::start(4, Config::default());
    let mut clients: Vec<_> = (0..64).map(|_| Client::connect(&server)).collect();
    let mut served = [0; 4];
    for client in &mut clients {
        let thread: usize = String::from_utf8(client.get("/thread").body)
            .unwrap()
            .parse()
            .unwrap();
        served[thread] += 1;
    }
    assert_eq!(served, [16; 4]);
    assert_eq!(server.open.count(), 64);
    server.end();
}

#[test]
fn deals_them_out_in_turn() {
    let server = Server::start(3, Config::default());
    for number in 0..12 {
        let thread = Client::connect(&server).get("/thread").body;
        assert_eq!(thread, (number % 3).to_string().as_bytes());
    }
    server.end();
}

#[test]
fn an_upload_does_not_starve_small_clients() {
    const UPLOAD: usize = 10 << 20;
    let mut config = Config::default();
    config.limits.body_size = UPLOAD as u64;
    let server = Server::start(1, config);
    let address = server.address;
    let (is_over, uploads) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = Client::to(address);
            let head = format!("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {UPLOAD}\r\n\r\n");
            let body = vec![b'x'; UPLOAD];
            while !is_over.load(Ordering::Relaxed) {
                client.send(head.as_bytes());
                client.send(&body);
                assert_eq!(client.response().body, UPLOAD.to_string().as_bytes());
                uploads.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut clients: Vec<_> = (0..63).map(|_| Client::connect(&server)).collect();
        // One upload after the other is under way, and each round needs all 63 answers.
        let mut rounds = 0;
        while rounds < 20 || uploads.load(Ordering::Relaxed) < 2 {
            clients.iter_mut().for_each(|client| client.ask("/small"));
            for client in &mut clients {
                assert_eq!(client.response().body, b"/small");
            }
            rounds += 1;
            assert!(rounds < 50_000, "the uploads have stopped: {uploads:?}");
        }
        is_over.store(true, Ordering::Relaxed);
        eprintln!("{rounds} rounds beside {uploads:?} uploads");
    });
    server.end();
}

#[test]
fn a_request_waits_for_room_that_nobody_announces() {
    let server = Server::start(1, Config::default());
    let (mut client, mut other) = (Client::connect(&server), Client::connect(&server));
    assert_eq!(client.get("/x").status, 200);
    server.desk.is_full.store(true, Ordering::Relaxed);
    client.ask("/first");
    other.ask("/second");
    // The loop looks again, and finds none.
    let turns = server.desk.turns.load(Ordering::Relaxed);
    wait_until(|| server.desk.turns.load(Ordering::Relaxed) > turns + 5);
    for client in [&client, &other] {
        client.stream.set_nonblocking(true).unwrap();
        let found = client.stream.peek(&mut [0]).map_err(|error| error.kind());
        assert_eq!(found, Err(ErrorKind::WouldBlock));
        client.stream.set_nonblocking(false).unwrap();
    }
    server.desk.is_full.store(false, Ordering::Relaxed);
    assert_eq!(client.response().body, b"/first");
    assert_eq!(other.response().body, b"/second");
    server.end();
}
