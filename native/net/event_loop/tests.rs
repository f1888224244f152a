//! A loop over real sockets, with a handler on its own thread in place of JavaScript.

mod accepting;
pub(crate) mod client;
mod cutting;
mod ends;
pub(crate) mod files;
mod handler;
mod knowing;
mod lateness;
mod prefaces;
pub(crate) mod server;
mod sharing;
mod takeover;
mod urgent;

use self::client::Client;
use self::server::Server;
use crate::net::config::Config;

#[test]
fn answers_request_after_request_on_one_connection() {
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    for number in 0..100 {
        let path = format!("/{number}");
        let response = client.get(&path);
        assert_eq!(
            (response.status, &response.body[..]),
            (200, path.as_bytes())
        );
        assert!(!response.closes);
    }
    assert_eq!(server.open.count(), 1);
    server.end();
}

#[test]
fn answers_pipelined_requests_in_order() {
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    for count in [1, 16, 17, 1000] {
        let requests = (0..count).map(|number| {
            let method = if number % 7 == 3 { "POST" } else { "GET" };
            format!("{method} /{number} HTTP/1.1\r\nHost: a\r\n\r\n")
        });
        client.send(requests.collect::<String>().as_bytes());
        for number in 0..count {
            let expected = format!("/{number}");
            assert_eq!(client.response().body, expected.as_bytes());
        }
    }
    server.end();
}

#[test]
fn sends_a_large_answer_to_a_slow_reader_while_others_are_served() {
    const LEN: usize = 20_000_000;
    let server = Server::start(1, Config::default());
    let (mut slow, mut other) = (Client::connect(&server), Client::connect(&server));
    slow.send(format!("GET /large/{LEN} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
    slow.wait();
    for _ in 0..100 {
        assert_eq!(other.get("/x").status, 200);
    }
    let response = slow.response();
    assert_eq!(response.body.len(), LEN);
    assert!(
        response
            .body
            .iter()
            .zip(0u8..=250)
            .all(|(byte, place)| *byte == place)
    );
    assert_eq!(slow.get("/after").body, b"/after");
    server.end();
}
