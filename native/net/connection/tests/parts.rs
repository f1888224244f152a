//! The steps of an answer, as the client sees them.

use std::borrow::Cow;

use super::rig::{Bench, Order, Rig, ok};
use super::script::Script;
use crate::net::answer::{Answer, Part, StreamHead};
use crate::net::connection::After;
use crate::net::stats::Stats;

/// 200 with nothing else said.
pub(super) fn head() -> StreamHead {
    StreamHead {
        status: 200,
        reason: Vec::new(),
        content_type: b"",
        fields: Vec::new(),
        has_date: true,
        has_length: false,
        close: false,
    }
}

pub(super) fn open(head: StreamHead) -> Answer<'static> {
    Answer::Part(Part::Open(Box::new(head)))
}

pub(super) fn step(part: Part<'static>) -> Answer<'static> {
    Answer::Part(part)
}

pub(super) fn data(bytes: &[u8]) -> Answer<'static> {
    step(Part::Data(Box::new(bytes.to_vec())))
}

/// What goes out for an answer in these pieces, and whether the connection goes on.
fn stream(request: &str, head: StreamHead, pieces: &[&[u8]]) -> (String, bool) {
    let mut bench = Bench::default();
    let request = format!("{request}\r\nHost: a\r\n\r\n");
    let mut rig = Rig::new(&mut bench, Script::new([request.as_bytes()]));
    rig.event();
    let token = rig.tokens()[0];
    rig.answer(token, open(head));
    for piece in pieces {
        rig.answer(token, data(piece));
    }
    rig.answer(token, step(Part::End));
    rig.run(Order::Never);
    assert_eq!(rig.connection.in_flight(), 0, "{request}");
    let written = String::from_utf8(rig.connection.stream.written.clone()).unwrap();
    (written, !rig.connection.stream.is_shut)
}

const GET: &str = "GET / HTTP/1.1";
const HEAD: &str = "HEAD / HTTP/1.1";
const OLD: &str = "GET / HTTP/1.0";
const KEEPING: &str = "GET / HTTP/1.0\r\nConnection: keep-alive";
const OLD_HEAD: &str = "HEAD / HTTP/1.0\r\nConnection: keep-alive";

/// A request; status, declared length and wish to close of the head of the answer; what follows
/// `HTTP/1.1 `, with `#` for a body in chunks; whether the connection goes on.
type Row = (&'static str, (u16, &'static str, bool), &'static str, bool);

const ROWS: [Row; 16] = [
    (
        GET,
        (200, "", false),
        "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n#",
        true,
    ),
    (
        GET,
        (200, "", true),
        "200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n#",
        false,
    ),
    (
        GET,
        (200, "3", false),
        "200 OK\r\nContent-Length: 3\r\n\r\nhi!",
        true,
    ),
    (
        GET,
        (200, "3", true),
        "200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nhi!",
        false,
    ),
    (
        OLD,
        (200, "", false),
        "200 OK\r\nConnection: close\r\n\r\nhi!",
        false,
    ),
    (
        OLD,
        (200, "3", false),
        "200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nhi!",
        false,
    ),
    // Only a length tells where the body ends and the connection goes on.
    (
        KEEPING,
        (200, "", false),
        "200 OK\r\nConnection: close\r\n\r\nhi!",
        false,
    ),
    (
        KEEPING,
        (200, "3", false),
        "200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nhi!",
        true,
    ),
    (
        HEAD,
        (200, "", false),
        "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        true,
    ),
    (
        HEAD,
        (200, "3", false),
        "200 OK\r\nContent-Length: 3\r\n\r\n",
        true,
    ),
    (
        HEAD,
        (200, "3", true),
        "200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n",
        false,
    ),
    (
        OLD_HEAD,
        (200, "", false),
        "200 OK\r\nConnection: keep-alive\r\n\r\n",
        true,
    ),
    (GET, (204, "", false), "204 No Content\r\n\r\n", true),
    (
        GET,
        (205, "", false),
        "205 Reset Content\r\nContent-Length: 0\r\n\r\n",
        true,
    ),
    (GET, (304, "", false), "304 Not Modified\r\n\r\n", true),
    (
        GET,
        (304, "9", false),
        "304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        true,
    ),
];

#[test]
fn the_end_of_a_body_is_told_in_the_way_that_the_client_knows() {
    for (request, (status, length, close), expected, goes_on) in ROWS {
        let mut head = StreamHead {
            status,
            close,
            ..head()
        };
        if !length.is_empty() {
            head.fields = format!("Content-Length: {length}\r\n").into_bytes();
            head.has_length = true;
        }
        let what = format!("{request} {head:?}");
        let expected = expected.replace('#', "2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n");
        let expected = (format!("HTTP/1.1 {expected}"), goes_on);
        assert_eq!(
            stream(request, head, &[b"hi", b"", b"!"]),
            expected,
            "{what}"
        );
    }
}

#[test]
fn the_head_says_what_it_was_given() {
    let named = StreamHead {
        reason: b"Fine".to_vec(),
        content_type: b"text/plain",
        fields: b"A: b\r\n".to_vec(),
        ..head()
    };
    let expected = "HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\n\
        Transfer-Encoding: chunked\r\nA: b\r\n\r\n0\r\n\r\n";
    assert_eq!(stream(GET, named, &[]), (expected.to_owned(), true));
}

#[test]
fn large_pieces_are_framed_as_small_ones() {
    for len in [4095, 4096, 70_000] {
        let piece = vec![b'x'; len];
        let (written, _) = stream(GET, head(), &[&piece, b"y"]);
        let body = format!(
            "\r\n\r\n{len:x}\r\n{}\r\n1\r\ny\r\n0\r\n\r\n",
            "x".repeat(len)
        );
        assert!(written.ends_with(&body), "{len}");
        let (written, _) = stream(OLD, head(), &[&piece, b"y"]);
        assert!(
            written.ends_with(&format!("\r\n\r\n{}y", "x".repeat(len))),
            "{len}"
        );
    }
}

#[test]
fn only_a_reset_tells_that_a_body_is_cut_that_ends_with_the_connection() {
    for (version, is_reset) in [("1.1", false), ("1.0", true)] {
        let mut bench = Bench::default();
        let request = format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n");
        let mut rig = Rig::new(&mut bench, Script::new([request.as_bytes()]));
        rig.event();
        let token = rig.tokens()[0];
        rig.answer(token, open(head()));
        rig.answer(token, data(b"part"));
        rig.answer(token, step(Part::Cut));
        rig.answer(token, data(b"more"));
        rig.answer(token, step(Part::End));
        let after = rig.run(Order::Never);
        let socket = &rig.connection.stream;
        assert!(memchr::memmem::find(&socket.written, b"more").is_none());
        assert!(!socket.written.ends_with(b"0\r\n\r\n"));
        assert_eq!(
            (socket.is_reset, after == After::Close),
            (is_reset, is_reset)
        );
        assert_eq!(socket.is_shut, !is_reset);
    }
}

#[test]
fn what_is_cut_before_it_begins_is_no_answer() {
    let mut bench = Bench::default();
    let requests = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3);
    let mut rig = Rig::new(&mut bench, Script::new([requests.as_bytes()]));
    rig.event();
    let tokens = rig.tokens();
    rig.answer(tokens[1], step(Part::Cut));
    rig.answer(tokens[0], ok(b"first"));
    rig.answer(tokens[2], ok(b"third"));
    rig.run(Order::Never);
    assert_eq!(rig.bodies(), [b"first"]);
    assert!(rig.connection.stream.is_shut && rig.connection.in_flight() == 0);
    let aborted = Stats::names().iter().position(|name| name == "aborted");
    assert_eq!(
        rig.bench.scratch.stats.values().nth(aborted.unwrap()),
        Some(1)
    );
}

#[test]
fn interim_responses_go_before_their_answer_and_nowhere_else() {
    let interim = |status| step(Part::Interim(status, Cow::Borrowed(b"Link: x\r\n")));
    const EARLY: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    let mut bench = Bench::default();
    bench.config.date = false;
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3);
    let mut rig = Rig::new(&mut bench, Script::new([&request[..]]));
    rig.event();
    let tokens = rig.tokens();
    // Those of a later answer wait with it, and do not count as it.
    rig.answer(tokens[1], interim(103));
    rig.answer(tokens[1], ok(b"2"));
    rig.answer(tokens[1], interim(103));
    rig.answer(tokens[0], interim(103));
    rig.answer(tokens[0], interim(103));
    rig.answer(tokens[0], ok(b"1"));
    rig.answer(tokens[0], interim(103));
    rig.answer(tokens[2], open(head()));
    for late in [interim(103), open(head()), ok(b"another")] {
        rig.answer(tokens[2], late);
    }
    rig.answer(tokens[2], step(Part::End));
    rig.run(Order::Never);
    let answer = |body: &[u8]| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n";
        [head, body].concat()
    };
    let expected = [
        &EARLY.repeat(2)[..],
        &answer(b"1"),
        EARLY,
        &answer(b"2"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    let written = rig.connection.stream.written.escape_ascii().to_string();
    assert_eq!(written, expected.concat().escape_ascii().to_string());
}

#[test]
fn says_what_a_step_is_without_its_bytes() {
    let fields = Cow::Borrowed(&b"Cookie: secret\r\n"[..]);
    let cases = [
        (Part::Interim(103, fields), "Interim(103)"),
        (Part::Data(Box::new(b"secret".to_vec())), "Data(6)"),
        (Part::End, "End"),
        (Part::Cut, "Cut"),
        (Part::Pull(1), "Pull(1)"),
    ];
    for (part, expected) in cases {
        assert_eq!(format!("{part:?}"), expected);
        assert_eq!(format!("{:?}", part.into_owned()), expected);
    }
}
