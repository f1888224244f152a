//! The end of a server, as one connection sees it.

use super::rig::{Bench, Rig};
use super::script::Script;
use crate::net::connection::After;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const HEAD_OF_POST: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";

#[test]
fn drops_a_connection_between_requests() {
    for bytes in [&b""[..], GET, b"GET / HT"] {
        let mut bench = Bench::default();
        let mut rig = Rig::new(&mut bench, Script::new([bytes]));
        rig.event();
        rig.answer_waiting(false);
        rig.event();
        rig.closing = true;
        assert_eq!(rig.event(), After::Close);
        assert!(rig.responses().iter().all(|response| !response.closes));
    }
}

#[test]
fn answers_everything_received_and_says_close_with_the_last_answer() {
    let post = [HEAD_OF_POST, b"hi"].concat();
    for bytes in [GET.repeat(3), [GET, &post[..], GET].concat()] {
        let mut bench = Bench::default();
        let mut rig = Rig::new(&mut bench, Script::new([&bytes[..]]));
        rig.event();
        rig.closing = true;
        while !rig.connection.stream.is_shut {
            rig.event();
            assert!(rig.answer_waiting(true) || rig.connection.stream.is_shut);
        }
        let closes = rig.responses().into_iter().map(|response| response.closes);
        assert_eq!(Vec::from_iter(closes), [false, false, true]);
    }
}

#[test]
fn answers_what_lies_in_the_kernel() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([GET]));
    rig.closing = true;
    rig.event();
    rig.answer_waiting(false);
    rig.event();
    let responses = rig.responses();
    assert_eq!((responses.len(), responses[0].closes), (1, true));
}

#[test]
fn lets_a_body_come_to_its_end() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([HEAD_OF_POST, b"h"]));
    rig.event();
    rig.event();
    rig.closing = true;
    assert_eq!(rig.event(), After::Wait);
    rig.connection.stream.reads = Script::new([&b"i"[..]]).reads;
    rig.event();
    rig.answer_waiting(false);
    rig.event();
    assert!(rig.responses()[0].closes && rig.connection.stream.is_shut);
}

#[test]
fn waits_for_room_for_a_request_in_the_kernel() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([GET]));
    rig.recorder.room = 0;
    rig.closing = true;
    assert_eq!(rig.event(), After::Starved);
    rig.recorder.room = 1;
    rig.advance();
    rig.answer_waiting(false);
    rig.event();
    assert!(rig.responses()[0].closes);
}

#[test]
fn reads_nothing_more_behind_the_end() {
    let mut bench = Bench::default();
    let pieces = [
        &[GET, b"DEL"].concat()[..],
        b"ETE / HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    let mut rig = Rig::new(&mut bench, Script::new(pieces));
    rig.event();
    rig.connection.writable = false;
    rig.answer_waiting(false);
    rig.connection.ready(false, false, false);
    rig.closing = true;
    rig.advance();
    rig.event();
    assert_eq!(rig.recorder.taken.len(), 1);
    assert!(
        rig.connection.stream.is_shut,
        "the answer must not be overtaken by a reset"
    );
}
