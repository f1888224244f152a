//! The turns of a connection whose requests need no handler.

use super::{bench, routes};
use crate::net::connection::After;
use crate::net::connection::tests::reader::statuses;
use crate::net::connection::tests::rig::{Order, Rig};
use crate::net::connection::tests::script::Script;
use crate::router::pattern::Pattern;

#[test]
fn a_large_answer_outlives_its_route() {
    let routes = routes();
    let mut bench = bench(&routes);
    let request = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut rig = Rig::new(&mut bench, Script::new([&request.repeat(2)[..]]));
    rig.connection.ready(true, false, false);
    rig.connection.writable = false;
    rig.advance();
    assert!(rig.connection.stream.written.is_empty());
    let pattern = Pattern::parse("/large").unwrap();
    routes.change(|routes| assert!(routes.table.remove(b"GET", &pattern).is_some()));
    rig.connection.ready(false, true, false);
    rig.advance();
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n";
    let expected = [&head[..], &[b'l'; 5000]].concat().repeat(2);
    assert!(rig.connection.stream.written == expected);
}

#[test]
fn fixed_answers_keep_their_place_between_those_of_handlers() {
    let mut bench = bench(&routes());
    let paths = ["/health", "/", "/health", "/none", "/files/x", "/health"];
    let requests = paths.map(|path| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    let mut rig = Rig::new(&mut bench, Script::new([requests.concat().as_bytes()]));
    rig.bench.config.date = true;
    rig.run(Order::LateReversed);
    let expected: [&[u8]; 6] = [
        b"ok",
        b"GET / ",
        b"ok",
        b"Not Found",
        b"GET /files/x ",
        b"ok",
    ];
    assert_eq!(rig.bodies(), expected);
    assert!(rig.connection.is_idle());
}

#[test]
fn the_last_of_them_says_close_when_the_server_closes() {
    for count in [1, 3] {
        let mut bench = bench(&routes());
        bench.config.date = true;
        let request = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count);
        let mut rig = Rig::new(&mut bench, Script::new([&request[..]]));
        rig.closing = true;
        rig.event();
        let closes = rig.responses().into_iter().map(|response| response.closes);
        let mut expected = vec![false; count];
        expected[count - 1] = true;
        assert_eq!(Vec::from_iter(closes), expected);
        assert!(rig.connection.stream.is_shut);
    }
}

#[test]
fn answers_that_fill_the_outbox_do_not_stop_those_behind_them() {
    let mut bench = bench(&routes());
    bench.config.date = true;
    bench.config.max_unsent = 100;
    let request = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50);
    let mut rig = Rig::new(&mut bench, Script::new([&request[..]]));
    let mut after = rig.event();
    let mut turns = 1;
    while after == After::Again && turns < 100 {
        after = rig.advance();
        turns += 1;
    }
    assert_eq!((after, rig.responses().len()), (After::Wait, 50));
    assert!(turns > 1, "they went out in one turn");
}

#[test]
fn what_no_handler_sees_waits_for_none() {
    let head = |request: &str| format!("{request} HTTP/1.1\r\nHost: a\r\n");
    let get = |path: &str| head(&format!("GET {path}")) + "\r\n";
    let body = head("POST /none") + "Content-Length: 2\r\n\r\nhi";
    let cases: [(String, &[u16], &[u16]); 7] = [
        (get("/health"), &[200], &[]),
        (
            get("/none") + &get("/users/x") + &get("/"),
            &[404, 405],
            &[200],
        ),
        (
            get("/health") + &get("/") + &get("/health"),
            &[200],
            &[200, 200],
        ),
        (get("/health").repeat(1500), &[200; 1500], &[]),
        (
            head("GET /health") + "Upgrade: x\r\nConnection: upgrade\r\n\r\n",
            &[],
            &[200],
        ),
        (body, &[], &[404]),
        ("nonsense\r\n\r\n".to_owned(), &[400], &[]),
    ];
    for (requests, at_once, later) in cases {
        let mut bench = bench(&routes());
        bench.config.date = true;
        let mut rig = Rig::new(&mut bench, Script::new([requests.as_bytes()]));
        rig.recorder.room = 0;
        if rig.event() != After::Wait {
            assert!(rig.responses().is_empty(), "there will be room soon");
        }
        rig.bench.scratch.is_behind = true;
        let after = rig.run(Order::Never);
        assert_eq!(statuses(&rig.responses()), at_once, "{requests}");
        assert_eq!(after == After::Starved, !later.is_empty(), "{requests}");
        rig.recorder.room = 9;
        rig.run(Order::AtOnce);
        let all = [at_once, later].concat();
        assert_eq!(statuses(&rig.responses()), all, "{requests}");
    }
}

#[test]
fn what_no_handler_sees_is_answered_in_an_overload() {
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let requests = get("/health") + &get("/none") + &get("/") + &get("/health");
    let mut bench = bench(&routes());
    bench.config.date = true;
    bench.scratch.overloaded = true;
    let mut rig = Rig::new(&mut bench, Script::new([requests.as_bytes()]));
    rig.recorder.room = 0;
    rig.run(Order::AtOnce);
    assert_eq!(statuses(&rig.responses()), [200, 404, 503]);
    assert!(rig.connection.stream.is_shut && rig.recorder.taken.is_empty());
}
