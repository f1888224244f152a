//! JavaScript has fallen behind: 503 without it.

use super::reader::statuses;
use super::rig::{Bench, Order, Rig};
use super::script::Script;
use crate::net::connection::After;

/// Requests as they arrive, in pieces.
const REQUESTS: &[&[&[u8]]] = &[
    &[b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    &[b"GET / HTTP/1.1\r\n", b"Host: a\r\n\r\n"],
    &[b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"],
    &[
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n",
        b"bo",
        b"dy",
    ],
];

#[test]
fn turns_requests_away_while_it_is_overloaded() {
    for pieces in REQUESTS {
        let mut bench = Bench::default();
        bench.scratch.overloaded = true;
        let mut rig = Rig::new(&mut bench, Script::new(pieces.iter().copied()));
        // Nothing of theirs may need room.
        rig.recorder.room = 0;
        rig.run(Order::AtOnce);
        assert_eq!(statuses(&rig.responses()), [503]);
        assert!(rig.connection.stream.is_shut && rig.recorder.taken.is_empty());
    }
}

#[test]
fn turns_a_body_away_that_ends_in_an_overload() {
    for split in 1..REQUESTS[2][0].len() {
        let (first, second) = REQUESTS[2][0].split_at(split);
        let mut bench = Bench::default();
        let mut rig = Rig::new(&mut bench, Script::new([first]));
        rig.event();
        assert!(rig.connection.stream.written.is_empty());
        rig.bench.scratch.overloaded = true;
        let script = Script::new([second]);
        rig.connection.stream.reads = script.reads;
        rig.run(Order::AtOnce);
        assert_eq!(statuses(&rig.responses()), [503], "{split}");
    }
}

#[test]
fn waits_for_room_and_takes_the_request_then() {
    for pieces in REQUESTS {
        let mut bench = Bench::default();
        let mut rig = Rig::new(&mut bench, Script::new(pieces.iter().copied()));
        rig.recorder.room = 0;
        assert_eq!(rig.event(), After::Starved);
        rig.recorder.room = 1;
        rig.run(Order::AtOnce);
        assert_eq!(statuses(&rig.responses()), [200]);
    }
}
