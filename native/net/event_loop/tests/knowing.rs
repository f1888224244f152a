//! Who hears of connections, and of their ends.

use super::client::Client;
use super::server::{Server, wait_until};
use crate::http::response::RawRules;
use crate::net::config::{Config, Times};
use crate::net::endpoint::Endpoint;
use crate::net::notice::{Notice, Parting};
use crate::net::remote::{Command, End};

fn start(threads: usize, times: Times) -> Server {
    let config = Config {
        tells_ends: true,
        times,
        ..Config::default()
    };
    Server::start(threads, config)
}

/// What was said of connections, in order; aborts and ends by generation.
fn told(server: &Server) -> Vec<(&'static str, u32)> {
    let notices = server.desk.notices.lock().unwrap();
    let told = notices.iter().filter_map(|notice| match *notice {
        Notice::Connected { generation, .. } => Some(("connected", generation)),
        Notice::Abort { generation, .. } => Some(("abort", generation)),
        Notice::Left { generation, .. } => Some(("left", generation)),
        _ => None,
    });
    told.collect()
}

fn left(server: &Server) -> usize {
    told(server).iter().filter(|told| told.0 == "left").count()
}

/// How a connection comes to its end.
type Way = (&'static str, fn(Client, &Server));

const ENDS: [Way; 7] = [
    ("closed by its client", |mut client, _| {
        client.get("/a");
    }),
    ("reset by its client", |mut client, _| {
        client.get("/a");
        client.reset();
    }),
    ("told to close", |mut client, _| {
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        client.rest();
    }),
    ("idle for too long", |mut client, _| {
        client.get("/a");
        client.end();
    }),
    ("refused", |mut client, _| {
        client.get("/a");
        client.send(b"no HTTP\r\n\r\n");
        client.rest();
    }),
    ("dropped between requests", |mut client, server| {
        client.get("/a");
        server.send_all(|| Command::CloseIdle);
        client.end();
    }),
    ("dropped", |mut client, server| {
        client.get("/a");
        server.send_all(|| Command::CloseAll);
        client.end();
    }),
];

#[test]
fn the_end_of_a_known_connection_is_told_once() {
    for (what, end) in ENDS {
        let times = Times {
            keep_alive_ms: 1500,
            ..Times::default()
        };
        let server = start(2, times);
        // One that brings nothing is not heard of.
        drop(Client::connect(&server));
        end(Client::connect(&server), &server);
        wait_until(|| server.open.count() == 0 && left(&server) > 0);
        let desk = server.desk.clone();
        server.end();
        let notices = desk.notices.lock().unwrap();
        let is_left = |notice: &&Notice| matches!(notice, Notice::Left { .. });
        assert_eq!(notices.iter().filter(is_left).count(), 1, "{what}");
    }
}

#[test]
fn it_comes_behind_what_else_is_said() {
    for is_reset in [false, true] {
        let server = start(1, Times::default());
        let mut client = Client::connect(&server);
        client.send(&b"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2));
        server.wait_for_held(2);
        match is_reset {
            true => client.reset(),
            false => drop(client),
        }
        wait_until(|| !told(&server).is_empty());
        server.release();
        wait_until(|| left(&server) == 1);
        assert_eq!(told(&server), [("abort", 1), ("left", 1)]);
        let last = *server.desk.notices.lock().unwrap().last().unwrap();
        let Notice::Left { how, .. } = last else {
            panic!("{last:?}");
        };
        // Where the client is gone with an answer under way the socket fails as well.
        assert!(how == Parting::Failed || (how == Parting::Clients && !is_reset));
        server.end();
    }
}

#[test]
fn nothing_is_told_behind_a_takeover() {
    let server = start(1, Times::default());
    let mut client = Client::connect(&server);
    client.ask("/hold");
    server.wait_for_held(1);
    drop(server.take(server.held()[0]).unwrap());
    client.end();
    let mut other = Client::connect(&server);
    other.get("/a");
    drop(other);
    wait_until(|| left(&server) == 1);
    assert_eq!(told(&server), [("left", 2)]);
    server.end();
}

#[test]
fn who_listens_hears_of_everybody() {
    let server = Server::start(1, Config::default());
    server.open.set_connections(true);
    let first = Client::connect(&server);
    wait_until(|| told(&server) == [("connected", 1)]);
    let ends = [first.stream.local_addr(), first.stream.peer_addr()];
    let ends = ends.map(|address| Endpoint::from(address.unwrap()));
    assert_eq!(
        server.desk.notices.lock().unwrap()[0],
        Notice::Connected {
            index: 0,
            generation: 1,
            remote: ends[0],
            local: ends[1],
        }
    );
    server.open.set_connections(false);
    Client::connect(&server).get("/a");
    drop(first);
    wait_until(|| left(&server) == 1);
    wait_until(|| server.open.count() == 0);
    assert_eq!(told(&server), [("connected", 1), ("left", 1)]);
    server.end();
}

#[test]
fn who_asks_hears_once_of_those_who_are_there() {
    let server = start(1, Times::default());
    let silent = Client::connect(&server);
    let mut known = Client::connect(&server);
    known.get("/a");
    wait_until(|| server.open.count() == 2);
    for _ in 0..2 {
        let (sender, reply) = std::sync::mpsc::channel();
        server.send_all(|| Command::IntroduceAll(sender.clone()));
        reply.recv().unwrap();
        assert_eq!(told(&server), [("connected", 1)]);
    }
    drop((silent, known));
    wait_until(|| left(&server) == 2);
    server.end();
}

#[test]
fn a_refused_client_is_answered_from_the_other_side_and_leaves() {
    let server = start(1, Times::default());
    server.open.set_refusals(true);
    for ends in [true, false] {
        let mut client = Client::connect(&server);
        client.send(b"no HTTP\r\n\r\n");
        wait_until(|| !server.desk.refused.lock().unwrap().is_empty());
        let (index, generation, bytes) = server.desk.refused.lock().unwrap().remove(0);
        assert_eq!(bytes, b"no HTTP\r\n\r\n");
        let (id, other) = ((index, generation), (index, generation + 9));
        server.say(other, b"no");
        server.say(id, b"HTTP/1.1 400 Mine\r\n");
        server.say(id, b"\r\n");
        if !ends {
            server.release();
            client.wait();
        }
        server.send_all(|| Command::End(other, End::Behind));
        server.send_all(|| Command::End(id, End::Behind));
        assert_eq!(client.rest(), b"HTTP/1.1 400 Mine\r\n\r\n");
    }
    wait_until(|| left(&server) == 2);
    server.end();
}

#[test]
fn by_nodes_rules_a_connection_that_is_only_read_keeps_nobody_waiting() {
    let config = Config {
        raw_rules: RawRules::Node,
        tells_ends: true,
        linger_ms: 60_000,
        ..Config::default()
    };
    let server = Server::start(2, config);
    let mut clients: Vec<_> = (0..3).map(|_| Client::connect(&server)).collect();
    for client in &mut clients {
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        // Its own side stays open.
        assert!(client.response().closes);
    }
    wait_until(|| left(&server) == 3);
    assert_eq!(server.open.count(), 3);
    server.close(None);
    let quiet = || server.desk.notices.lock().unwrap().contains(&Notice::Quiet);
    wait_until(quiet);
    drop(clients);
    wait_until(|| server.open.count() == 0);
    assert_eq!(left(&server), 3, "each is told of once");
    server.join();
}
