//! A server to which proxies say whose connections they bring.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::client::{Client, DEADLINE};
use super::server::{Server, wait_until};
use crate::http::proxy_protocol::tests::{block, cases};
use crate::net::endpoint::Endpoint;
use crate::net::networks::Networks;
use crate::net::notice::Notice;
use crate::net::preface::ProxyRule;

const LINE: &[u8] = b"PROXY TCP4 192.0.2.1 198.51.100.2 258 772\r\n";
const V4: &[u8] = &[192, 0, 2, 1, 198, 51, 100, 2, 1, 2, 3, 4];

/// 127.0.0.0/8, or an address that nobody here has.
fn rule(is_listed: bool) -> ProxyRule {
    let ip = if is_listed { 0x7f00_0000 } else { 0xc000_0201 };
    ProxyRule {
        from: Networks::of(&[0, 0, 0xffff, ip, 104], false),
        required: true,
        timeout_ms: 0,
    }
}

/// The ends of the connections so far, as they were told.
fn told(server: &Server) -> Vec<(Endpoint, Endpoint)> {
    let notices = server.desk.notices.lock().unwrap();
    let connected = notices.iter().filter_map(|notice| match notice {
        Notice::Connected { remote, local, .. } => Some((*remote, *local)),
        _ => None,
    });
    connected.collect()
}

fn end(address: &str) -> Endpoint {
    address.parse::<std::net::SocketAddr>().unwrap().into()
}

/// The server closes without a byte of its own.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    match stream.read(&mut [0; 64]) {
        Ok(n) => n == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn serves_whom_the_header_names_whatever_pieces_it_comes_in() {
    let ours = (end("192.0.2.1:258"), end("198.51.100.2:772"));
    for header in [LINE.to_vec(), block(0x21, 0x11, V4)] {
        for threads in [1, 2] {
            let server = Server::start_proxied(threads, rule(true));
            let request = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
            let bytes = [&header, &request[..]].concat();
            for size in [1, 2, 7, bytes.len()] {
                let mut client = Client::connect(&server);
                bytes.chunks(size).for_each(|piece| client.send(piece));
                assert_eq!(client.response().body, b"/x");
                assert_eq!(client.get("/again").body, b"/again");
            }
            assert_eq!(told(&server), vec![ours; 4]);
            server.end();
        }
    }
}

#[test]
fn takes_the_real_ends_where_the_header_names_none() {
    for header in [b"PROXY UNKNOWN\r\n".to_vec(), block(0x20, 0x11, V4)] {
        let server = Server::start_proxied(1, rule(true));
        let mut client = Client::connect(&server);
        client.send(&header);
        assert_eq!(client.get("/x").body, b"/x");
        let local = client.stream.local_addr().unwrap();
        assert_eq!(told(&server), [(local.into(), server.address.into())]);
        server.end();
    }
}

#[test]
fn closes_what_is_no_header_without_an_answer() {
    let server = Server::start_proxied(1, rule(true));
    for (name, header, said) in cases() {
        if said.is_err() {
            let mut client = TcpStream::connect(server.address).unwrap();
            // It may be closed within what is sent.
            let _ = client.write_all(&header);
            assert!(is_closed(&mut client), "{name}");
        }
    }
    assert_eq!(told(&server), []);
    wait_until(|| server.open.count() == 0);
    server.end();
}

#[test]
fn closes_an_unlisted_source_before_any_answer_or_serves_it_as_itself() {
    let server = Server::start_proxied(1, rule(false));
    for bytes in [&b""[..], LINE, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let mut client = TcpStream::connect(server.address).unwrap();
        let _ = client.write_all(bytes);
        assert!(is_closed(&mut client), "{bytes:?}");
    }
    assert_eq!(told(&server), []);
    server.end();

    let required = false;
    let server = Server::start_proxied(
        1,
        ProxyRule {
            required,
            ..rule(false)
        },
    );
    let mut client = Client::connect(&server);
    assert_eq!(client.get("/x").body, b"/x");
    let local = client.stream.local_addr().unwrap();
    assert_eq!(told(&server), [(local.into(), server.address.into())]);
    // Nothing is guessed: what looks like a header is no request.
    let mut client = Client::connect(&server);
    client.send(LINE);
    assert_eq!(client.response().status, 400);
    server.end();
}

#[test]
fn a_header_that_does_not_come_in_time_ends_its_connection() {
    let timeout_ms = 1500;
    for bytes in [&b""[..], &LINE[..9]] {
        let server = Server::start_proxied(
            1,
            ProxyRule {
                timeout_ms,
                ..rule(true)
            },
        );
        let mut client = TcpStream::connect(server.address).unwrap();
        client.write_all(bytes).unwrap();
        assert!(is_closed(&mut client));
        // The clock was that of the header alone.
        let mut client = Client::connect(&server);
        client.send(LINE);
        assert!(
            client
                .response_within(Duration::from_millis(timeout_ms + 200))
                .is_none()
        );
        assert_eq!(client.get("/x").body, b"/x");
        server.end();
    }
}

#[test]
fn a_proxy_that_leaves_and_a_server_that_closes_leave_nothing_behind() {
    for bytes in [&b""[..], &LINE[..9]] {
        let server = Server::start_proxied(2, rule(true));
        let client = TcpStream::connect(server.address).unwrap();
        (&client).write_all(bytes).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        wait_until(|| server.open.count() == 0);
        let mut waiting: Vec<_> = (0..4)
            .map(|_| TcpStream::connect(server.address).unwrap())
            .collect();
        waiting
            .iter_mut()
            .for_each(|client| client.write_all(bytes).unwrap());
        wait_until(|| server.open.count() == 4);
        server.close(None);
        assert!(waiting.iter_mut().all(is_closed));
        server.join();
    }
}
