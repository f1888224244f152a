//! Connections that are ended from the handler's side, whatever they are at.

use std::io::{ErrorKind, Read};

use super::client::{Client, DEADLINE};
use super::server::{Server, wait_until};
use crate::net::answer::{Answer, Part, StreamHead};
use crate::net::config::Config;
use crate::net::notice::Notice;
use crate::net::remote::{Command, End};

/// What a client had of it when it ended.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// These bytes, and the end.
    End(Vec<u8>),
    Reset,
}

fn rest(client: &mut Client) -> Seen {
    client.stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut read = Vec::new();
    match client.stream.read_to_end(&mut read) {
        Ok(_) => Seen::End(read),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            Seen::Reset
        }
    }
}

fn cut(server: &Server, id: (u32, u32), how: End) {
    server.send_all(|| Command::End(id, how));
}

fn left(server: &Server) -> usize {
    let notices = server.desk.notices.lock().unwrap();
    let left = |notice: &&Notice| matches!(notice, Notice::Left { .. });
    notices.iter().filter(left).count()
}

const HOWS: [End; 3] = [End::Behind, End::AtOnce, End::Reset];

fn config() -> Config {
    Config {
        tells_ends: true,
        ..Config::default()
    }
}

/// What a connection is at.
type State = (&'static str, fn(&mut Client, &Server));

const STATES: [State; 3] = [
    ("between requests", |client, _| {
        client.get("/a");
    }),
    ("unanswered", |client, server| {
        client.get("/a");
        client.ask("/hold");
        server.wait_for_held(1);
    }),
    ("in a request", |client, _| {
        client.get("/a");
        client.send(b"GET / HTTP");
    }),
];

#[test]
fn a_connection_ends_in_any_state() {
    for (what, bring) in STATES {
        for how in HOWS {
            let server = Server::start(1, config());
            let mut client = Client::connect(&server);
            bring(&mut client, &server);
            cut(&server, (0, 1), how);
            let seen = rest(&mut client);
            match how {
                End::Reset => assert_eq!(seen, Seen::Reset, "{what}"),
                // What is unread in the kernel makes a reset of any close.
                End::AtOnce if seen == Seen::Reset => assert_eq!(what, "in a request"),
                _ => assert_eq!(seen, Seen::End(Vec::new()), "{what} {how:?}"),
            }
            drop(client);
            wait_until(|| left(&server) == 1);
            server.end();
        }
    }
}

#[test]
fn one_that_is_gone_has_ended() {
    let server = Server::start(1, config());
    let mut client = Client::connect(&server);
    client.get("/a");
    for id in [(0, 0), (0, 2), (1, 1), (u32::MAX, 1)] {
        for how in HOWS {
            cut(&server, id, how);
        }
    }
    assert_eq!(client.get("/b").body, b"/b");
    server.end();
}

/// A stream that is not at its end.
fn opened() -> Answer<'static> {
    Answer::Part(Part::Open(Box::new(StreamHead {
        status: 200,
        reason: Vec::new(),
        content_type: b"",
        fields: b"Content-Length: 9\r\n".to_vec(),
        has_date: true,
        has_length: true,
        close: false,
    })))
}

#[test]
fn what_was_written_goes_out_before_a_graceful_end() {
    let server = Server::start(1, config());
    let prepared = ("/open", opened());
    server.desk.prepared.lock().unwrap().push(prepared);
    let mut client = Client::connect(&server);
    client.ask("/open");
    client.wait();
    cut(&server, (0, 1), End::Behind);
    let head: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    assert_eq!(rest(&mut client), Seen::End(head.to_vec()));
    let notices = server.desk.notices.lock().unwrap();
    assert!(matches!(notices[0], Notice::Abort { count: 1, .. }));
    drop(notices);
    server.end();
}

/// Nothing is read any more.
#[test]
fn what_comes_behind_is_not_served() {
    let server = Server::start(1, config());
    let mut client = Client::connect(&server);
    client.get("/a");
    cut(&server, (0, 1), End::Behind);
    wait_until(|| client.stream.peek(&mut [0]).is_ok());
    client.ask("/b");
    assert_eq!(rest(&mut client), Seen::End(Vec::new()));
    drop(client);
    server.end();
}
