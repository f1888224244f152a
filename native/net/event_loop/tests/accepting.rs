//! A server that accepts on demand.

use std::net::TcpStream;
use std::time::Duration;

use super::client::Client;
use super::server::{Server, wait_until};
use crate::net::config::Config;
use crate::net::notice::Notice;

fn has(server: &Server, is_meant: impl Fn(&Notice) -> bool) -> bool {
    server.desk.notices.lock().unwrap().iter().any(is_meant)
}

fn is_accepted(server: &Server, asked: u32) -> bool {
    has(
        server,
        |notice| matches!(notice, Notice::Accepted { ticket, .. } if *ticket == asked),
    )
}

fn is_refused(server: &Server, asked: u32) -> bool {
    has(
        server,
        |notice| matches!(notice, Notice::NotAccepted { ticket } if *ticket == asked),
    )
}

fn left(server: &Server) -> usize {
    let notices = server.desk.notices.lock().unwrap();
    let left = |notice: &&Notice| matches!(notice, Notice::Left { .. });
    notices.iter().filter(left).count()
}

#[test]
fn accepts_one_client_for_each_ticket_and_nobody_else() {
    for threads in [1, 3] {
        let server = Server::start_on_demand(threads);
        let mut clients: Vec<_> = (0..3).map(|_| Client::connect(&server)).collect();
        clients.iter_mut().for_each(|client| client.ask("/x"));
        for (number, client) in (1..).zip(&mut clients) {
            // Whoever has no ticket waits in the kernel.
            let early = client.response_within(Duration::from_millis(20));
            assert!(early.is_none());
            assert_eq!(server.open.count(), number as usize - 1);
            server.accept(number);
            assert_eq!(client.response().body, b"/x");
            assert!(is_accepted(&server, number));
            assert_eq!(server.open.count(), number as usize);
        }
        assert_eq!(left(&server), 0);
        drop(clients);
        wait_until(|| left(&server) == 3);
        server.end();
    }
}

#[test]
fn tickets_wait_for_clients() {
    let server = Server::start_on_demand(2);
    server.accept(7);
    server.accept(8);
    assert_eq!(Client::connect(&server).get("/a").body, b"/a");
    assert!(is_accepted(&server, 7) && !is_accepted(&server, 8));
    assert_eq!(Client::connect(&server).get("/b").body, b"/b");
    assert!(is_accepted(&server, 8));
    server.end();
}

#[test]
fn tells_who_still_waits_when_the_server_closes() {
    let server = Server::start_on_demand(1);
    server.accept(1);
    let mut client = Client::connect(&server);
    client.ask("/hold");
    server.wait_for_held(1);
    // Nobody has asked for this one, so that it is not accepted for the last time either.
    let lost = TcpStream::connect(server.address).unwrap();
    server.close(None);
    wait_until(|| TcpStream::connect(server.address).is_err());
    server.accept(3);
    wait_until(|| is_refused(&server, 3));
    assert_eq!(server.open.count(), 1);
    server.release();
    assert_eq!(client.response().body, b"released 1");
    drop(lost);
    server.join();
}

#[test]
fn a_ticket_that_waits_is_refused_when_the_server_closes() {
    let server = Server::start_on_demand(1);
    server.accept(1);
    let mut client = Client::connect(&server);
    client.ask("/hold");
    server.wait_for_held(1);
    server.accept(2);
    server.close(None);
    wait_until(|| is_refused(&server, 2));
    server.release();
    assert_eq!(client.response().body, b"released 1");
    server.join();
}

#[test]
fn a_connection_that_is_taken_over_leaves() {
    let server = Server::start_on_demand(1);
    server.accept(1);
    let mut client = Client::connect(&server);
    client.ask("/hold");
    server.wait_for_held(1);
    let taken = server.take(server.held()[0]).unwrap();
    wait_until(|| left(&server) == 1);
    drop(taken);
    client.end();
    server.end();
}

#[test]
fn a_ticket_is_refused_where_everybody_is_accepted() {
    let server = Server::start(1, Config::default());
    server.accept(5);
    wait_until(|| is_refused(&server, 5));
    assert_eq!(Client::connect(&server).get("/a").body, b"/a");
    wait_until(|| server.open.count() == 0);
    assert_eq!(left(&server), 0);
    server.end();
}
