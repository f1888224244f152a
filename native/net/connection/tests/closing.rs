//! The end of a server, as one connection sees it.

use std::io::ErrorKind;

use super::reader::statuses;
use super::rig::{Bench, Order, Rig};
use super::script::{Script, Step};
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
    let mut script = Script::new(pieces);
    script.reads.insert(1, Step::Pass(ErrorKind::WouldBlock));
    let mut rig = Rig::new(&mut bench, script);
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

const LARGE: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n";

/// A connection whose upload is refused, with so many bytes of it in the socket.
fn refused(bench: &mut Bench, len: usize) -> Rig<'_> {
    let mut rig = Rig::new(bench, Script::new([LARGE, &vec![b'x'; len]]));
    rig.run(Order::Never);
    assert_eq!(statuses(&rig.responses()), [413]);
    assert!(rig.connection.stream.is_shut && rig.connection.is_lingering());
    rig
}

fn unread(rig: &Rig<'_>) -> usize {
    let reads = rig.connection.stream.reads.iter();
    let lengths = reads.map(|step| match step {
        Step::Bytes(bytes) => bytes.len(),
        _ => 0,
    });
    lengths.sum()
}

#[test]
fn what_is_beyond_the_bound_stays_unread_and_the_connection_open() {
    let mut bench = Bench::default();
    bench.config.linger_bytes = 100_000;
    let mut rig = refused(&mut bench, 1_000_000);
    let left = unread(&rig);
    assert!((1..=900_000).contains(&left), "{left}");
    let calls = rig.connection.stream.calls;
    for _ in 0..10 {
        assert_eq!(rig.event(), After::Wait);
    }
    assert_eq!((unread(&rig), rig.connection.stream.calls), (left, calls));
    // Behind FIN there is an end: a close with bytes unread would be a reset.
    rig.connection.stream.reads.push_back(Step::Fin);
    rig.connection.ready(true, true, true);
    let turns = (0..100).take_while(|_| rig.advance() != After::Close);
    assert!((1..99).contains(&turns.count()));
    assert_eq!(unread(&rig), 0);
}

#[test]
fn reads_on_where_a_read_was_short_for_another_reason() {
    let pieces: [&[u8]; 5] = [b"GET / HT", b"TP/1.1\r\n", b"Host: a\r", b"\n\r\n", b"\r\n"];
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new(pieces));
    rig.event();
    assert_eq!(
        (rig.recorder.taken.len(), rig.connection.stream.calls),
        (1, 4)
    );
    for streams in [false, true] {
        let mut bench = Bench::default();
        bench.config.stream_bodies = streams;
        let head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n";
        let pieces = [&head[..], b"ab", b"cd", b"efghi", b"GET"];
        let mut rig = Rig::new(&mut bench, Script::new(pieces));
        rig.event();
        if streams {
            rig.answer(
                rig.tokens()[0],
                super::parts::step(crate::net::answer::Part::Pull(1)),
            );
            rig.advance();
        }
        // Behind the body nothing is owed: the next event will tell.
        assert_eq!(rig.connection.stream.reads.len(), 1, "{streams}");
    }
}
