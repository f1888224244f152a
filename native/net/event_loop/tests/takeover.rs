//! Connections that are given away by a running loop.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::client::{Client, DEADLINE};
use super::server::{Server, wait_until};
use crate::net::config::Config;
use crate::net::notice::Notice;
use crate::net::remote::{Command, End};
use crate::net::takeover::{Handover, TakeError};

const HOLD: &[u8] = b"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";
const BEHIND: &[u8] = b"\x00 no HTTP";

/// What the taker has: the socket, blocking.
fn stream(handover: Handover) -> TcpStream {
    let stream = TcpStream::from(handover.socket.into_socket());
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

fn is_told(server: &Server, lost: bool) -> bool {
    let notices = server.desk.notices.lock().unwrap();
    let mut notices = notices.iter();
    notices.any(|notice| matches!(notice, Notice::Taken { is_lost, .. } if *is_lost == lost))
}

#[test]
fn a_free_connection_is_the_takers_with_what_is_behind() {
    let server = Server::start(2, Config::default());
    let mut client = Client::connect(&server);
    client.send(&[HOLD, BEHIND].concat());
    server.wait_for_held(1);
    let held = server.held()[0];
    let handover = server.take(held).unwrap();
    assert!(handover.is_free);
    assert_eq!(handover.bytes, BEHIND);
    // To the server the connection is gone, and so is its request.
    assert_eq!(server.open.count(), 0);
    assert_eq!(server.take(held).err(), Some(TakeError::Gone));
    server.release();
    let mut stream = stream(handover);
    client.send(b"more");
    let mut more = [0; 4];
    stream.read_exact(&mut more).unwrap();
    assert_eq!(&more, b"more");
    stream.write_all(b"ours").unwrap();
    drop(stream);
    assert_eq!(client.rest(), b"ours");
    server.end();
}

#[test]
fn the_taker_waits_for_what_is_due_before() {
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    client.send(&[HOLD, HOLD, BEHIND].concat());
    server.wait_for_held(2);
    let held = server.held();
    assert_eq!(server.take(held[0]).err(), Some(TakeError::Pipelined));
    let handover = server.take(held[1]).unwrap();
    assert!(!handover.is_free);
    assert_eq!(server.take(held[1]).err(), Some(TakeError::Answered));
    assert!(!is_told(&server, false));
    server.release();
    assert!(client.response().body.starts_with(b"released"));
    wait_until(|| is_told(&server, false));
    stream(handover).write_all(b"ours").unwrap();
    assert_eq!(client.rest(), b"ours");
    server.end();
}

#[test]
fn the_taker_hears_that_what_is_due_before_never_comes() {
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    client.send(&[HOLD, HOLD].concat());
    server.wait_for_held(2);
    let handover = server.take(server.held()[1]).unwrap();
    assert!(!handover.is_free);
    server.send_all(|| Command::CloseAll);
    wait_until(|| is_told(&server, true));
    drop(handover);
    assert_eq!(client.rest(), b"");
    server.end();
}

#[test]
fn a_taker_who_ends_the_connection_waits_for_nothing_that_is_due_before() {
    for how in [End::Behind, End::AtOnce, End::Reset] {
        let server = Server::start(2, Config::default());
        let mut client = Client::connect(&server);
        client.send(&[HOLD, HOLD].concat());
        server.wait_for_held(2);
        let held = server.held()[1];
        let handover = server.take(held).unwrap();
        assert!(!handover.is_free);
        drop(handover);
        let id = (held.1.index, held.1.generation);
        server.send_all(|| Command::End(id, how));
        wait_until(|| is_told(&server, true));
        assert_eq!(client.rest(), b"");
        server.end();
    }
}

#[test]
fn an_answered_request_has_no_connection_to_give() {
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    client.ask("/hold");
    server.wait_for_held(1);
    let held = server.held()[0];
    server.release();
    // The answers that were given before are taken up first.
    assert_eq!(server.take(held).err(), Some(TakeError::Answered));
    assert!(client.response().body.starts_with(b"released"));
    assert_eq!(client.get("/x").body, b"/x");
    client.reset();
    wait_until(|| server.open.count() == 0);
    assert_eq!(server.take(held).err(), Some(TakeError::Gone));
    server.end();
}

#[test]
fn nobody_waits_for_a_reply_that_is_dropped() {
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    client.ask("/hold");
    server.wait_for_held(1);
    let token = server.held()[0].1;
    server.send_all(|| Command::Take(token, std::sync::mpsc::channel().0));
    // The descriptor was closed with the reply, so the client sees the end.
    assert_eq!(client.rest(), b"");
    server.end();
}
