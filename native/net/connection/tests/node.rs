//! Responses by node's rules: what reaches the client, whole and bit by bit, and what follows.

use std::sync::Arc;

use super::rig::{Bench, Rig, ok};
use super::script::Script;
use super::uploads::{ends, pull};
use crate::http::framing::HostRule;
use crate::http::response::{RawError, RawRules};
use crate::net::answer::{Answer, AnswerBody, Part};
use crate::net::config::Config;
use crate::net::notice::{BodyEnd, Notice};
use crate::net::request::{FLAG_EXPECTS, RequestToken};

fn bench() -> Bench {
    Bench {
        config: Config {
            raw_rules: RawRules::Node,
            ..Config::default()
        },
        ..Bench::default()
    }
}

/// Gives `bytes` whole, or in pieces of `size` bytes.
fn give(rig: &mut Rig<'_>, token: RequestToken, bytes: &[u8], size: usize) {
    if size == 0 {
        let body = AnswerBody::Owned(Box::new(bytes.to_vec()));
        return rig.answer(token, Answer::Raw { body, close: false });
    }
    for piece in bytes.chunks(size) {
        rig.answer(
            token,
            Answer::Part(Part::Raw(AnswerBody::Owned(Box::new(piece.to_vec())))),
        );
    }
    rig.answer(token, Answer::Part(Part::RawEnd));
}

const MODERN: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OLD: &str = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
const SECOND: &[u8] =
    b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 6\r\n\r\nsecond";

/// The first request, its answer, what the client gets of it, and whether the next one is answered.
type Case = (&'static str, &'static str, &'static str, bool);

const CASES: &[Case] = &[
    (
        MODERN,
        "HTTP/1.1 103 x\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 103 x\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
        true,
    ),
    (
        OLD,
        "HTTP/1.1 103 x\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
        "HTTP/1.1 204 No\r\nConnection: keep-alive\r\n\r\n",
        true,
    ),
    (
        MODERN,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nConnection: keep-alive\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        false,
    ),
    (
        MODERN,
        "HTTP/1.1 200 OK\r\nDate: x\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nDate: x\r\n\r\nabc",
        false,
    ),
    (
        OLD,
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi",
        false,
    ),
    (
        MODERN,
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nhi",
        true,
    ),
    (
        MODERN,
        "HTTP/1.1 101 Other\r\nConnection: upgrade\r\nUpgrade: a/1\r\n\r\n",
        "HTTP/1.1 101 Other\r\nConnection: upgrade\r\nUpgrade: a/1\r\n\r\n",
        false,
    ),
    (
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nwhatever",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
        true,
    ),
];

#[test]
fn the_client_gets_what_node_would_send() {
    for &(request, answer, expected, goes_on) in CASES {
        for size in [0, 1, 7, 1000] {
            let mut bench = bench();
            let requests = [request, request].concat();
            let mut rig = Rig::new(&mut bench, Script::new([requests.as_bytes()]));
            rig.event();
            let tokens = rig.tokens();
            give(&mut rig, tokens[0], answer.as_bytes(), size);
            give(&mut rig, tokens[1], SECOND, 0);
            rig.event();
            let mut wanted = expected.as_bytes().to_vec();
            if goes_on {
                wanted.extend_from_slice(match request.starts_with("HEAD") {
                    true => &SECOND[..SECOND.len() - 6],
                    false => SECOND,
                });
            }
            let written = &rig.connection.stream.written[..];
            assert_eq!(
                written.escape_ascii().to_string(),
                wanted.escape_ascii().to_string(),
                "{size} {answer:?}"
            );
        }
    }
}

/// Lengths that lie: what is sent before the connection ends.
#[test]
fn a_wrong_length_ends_the_connection() {
    let cases = [
        (
            "Content-Length: 2\r\n\r\nhi there",
            "Content-Length: 2\r\n\r\nhi",
        ),
        ("Content-Length: 9\r\n\r\nhi", "Content-Length: 9\r\n\r\nhi"),
        (
            "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nmore",
            "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        ),
        (
            "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
            "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        ),
    ];
    for (answer, expected) in cases {
        for size in [0, 1, 20, 1000] {
            let mut bench = bench();
            let mut rig = Rig::new(&mut bench, Script::new([MODERN.repeat(2).as_bytes()]));
            rig.event();
            let tokens = rig.tokens();
            let bytes = format!("HTTP/1.1 200 OK\r\n{answer}");
            give(&mut rig, tokens[0], bytes.as_bytes(), size);
            rig.answer(tokens[1], ok(b"second"));
            rig.event();
            // What is there whole can say so.
            let close = if size == 0 {
                "Connection: close\r\n"
            } else {
                ""
            };
            let expected = format!("HTTP/1.1 200 OK\r\n{close}{expected}");
            let written = String::from_utf8_lossy(&rig.connection.stream.written);
            assert_eq!(written, expected, "{size}");
            assert!(rig.connection.stream.is_shut, "{size} {answer}");
            let is_refused = |notice: &Notice| matches!(notice, Notice::RawRefused { .. });
            assert!(!rig.bench.scratch.notices.iter().any(is_refused));
        }
    }
}

#[test]
fn an_old_client_is_not_deceived_by_half_a_body() {
    let half = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n";
    for (size, is_reset) in [(0, false), (10, true)] {
        let mut bench = bench();
        let mut rig = Rig::new(&mut bench, Script::new([OLD.as_bytes()]));
        rig.event();
        let token = rig.tokens()[0];
        give(&mut rig, token, half, size);
        rig.event();
        assert_eq!(rig.connection.stream.is_reset, is_reset);
        let written = &rig.connection.stream.written;
        assert_eq!(written.starts_with(b"HTTP/1.1 500 "), !is_reset);
    }
}

#[test]
fn what_is_no_response_is_500_and_malformed_chunks_are_cut() {
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let malformed = format!("{chunks}x\r\n");
    let cases = [
        ("no response\n", "HTTP/1.1 500 ", RawError::StatusLine),
        (
            "HTTP/1.1 099 Nobody\r\n\r\n",
            "HTTP/1.1 500 ",
            RawError::Status,
        ),
        (
            "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 500 ",
            RawError::ContentLength,
        ),
        (&malformed, "HTTP/1.1 200 OK\r\n", RawError::Chunks),
    ];
    for (answer, expected, error) in cases {
        for size in [0, 1, 1000] {
            let mut bench = bench();
            let mut rig = Rig::new(&mut bench, Script::new([MODERN.as_bytes()]));
            rig.event();
            let token = rig.tokens()[0];
            give(&mut rig, token, answer.as_bytes(), size);
            rig.event();
            let written = String::from_utf8_lossy(&rig.connection.stream.written);
            let expected = match size {
                // Nothing of what is refused as a whole goes out.
                0 if expected.ends_with("500 ") => "HTTP/1.1 500 ",
                _ => expected,
            };
            assert!(written.starts_with(expected), "{size} {written}");
            assert!(!written.contains("x\r\n\r\nx"), "{written}");
            assert_eq!(
                rig.bench.scratch.notices[0],
                Notice::RawRefused {
                    token,
                    reason: error as u32
                }
            );
            assert_eq!(rig.connection.stream.is_shut, error == RawError::Chunks);
        }
    }
}

#[test]
fn an_interim_response_leaves_at_once_and_a_whole_answer_may_follow() {
    const INTERIM: &[u8] = b"HTTP/1.1 103 x\r\nLink: </a>\r\n\r\n";
    let mut bench = bench();
    let mut rig = Rig::new(&mut bench, Script::new([MODERN.as_bytes()]));
    rig.event();
    let token = rig.tokens()[0];
    for _ in 0..2 {
        rig.answer(
            token,
            Answer::Part(Part::Raw(AnswerBody::Owned(Box::new(INTERIM.to_vec())))),
        );
    }
    rig.event();
    assert_eq!(rig.connection.stream.written, INTERIM.repeat(2));
    give(&mut rig, token, SECOND, 0);
    rig.event();
    assert!(rig.connection.stream.written.ends_with(SECOND));
    assert!(rig.connection.is_idle());
}

#[test]
fn who_waits_for_a_100_gets_one() {
    const POST: &[u8] =
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
    let hints = "HTTP/1.1 103 x\r\n\r\n";
    for (by_hand, written, expected) in [
        (false, "", CONTINUE.to_owned()),
        (false, CONTINUE, CONTINUE.to_owned()),
        (false, hints, format!("{hints}{CONTINUE}")),
        (true, "", String::new()),
        (true, hints, hints.to_owned()),
        (true, CONTINUE, CONTINUE.to_owned()),
    ] {
        let mut bench = bench();
        bench.config.stream_bodies = true;
        bench.scratch.open.set_continues(by_hand);
        let mut rig = Rig::new(&mut bench, Script::new([POST]));
        rig.event();
        let token = rig.tokens()[0];
        assert!(token.meta & FLAG_EXPECTS != 0);
        let interim = Part::Raw(AnswerBody::Owned(Box::new(written.as_bytes().to_vec())));
        rig.answer(token, Answer::Part(interim));
        rig.answer(token, Answer::Part(Part::Pull(1)));
        rig.answer(token, Answer::Part(Part::Pull(1)));
        rig.event();
        let out = String::from_utf8_lossy(&rig.connection.stream.written).into_owned();
        assert_eq!(out, expected, "{by_hand} {written}");
        // Who was not told to go on may never send the body.
        give(&mut rig, token, SECOND, 0);
        rig.event();
        assert_eq!(rig.connection.stream.is_shut, !expected.ends_with(CONTINUE));
    }
    let mut bench = bench();
    bench.config.stream_bodies = true;
    let mut rig = Rig::new(&mut bench, Script::new([&[POST, b"h"].concat()[..]]));
    rig.event();
    assert!(rig.tokens()[0].meta & FLAG_EXPECTS == 0, "it does not wait");
}

#[test]
fn other_expectations_are_met_where_somebody_does() {
    for (serves, expect, taken) in [
        (false, "x", 0),
        (true, "x", 1),
        (true, "100-continue, x", 1),
        (true, "100-continue", 1),
    ] {
        let mut bench = bench();
        bench.config.stream_bodies = true;
        bench.scratch.open.set_expectations(serves);
        let request =
            format!("POST / HTTP/1.1\r\nHost: a\r\nExpect: {expect}\r\nContent-Length: 2\r\n\r\n");
        let mut rig = Rig::new(&mut bench, Script::new([request.as_bytes()]));
        rig.event();
        let tokens = rig.tokens();
        assert_eq!(tokens.len(), taken, "{expect}");
        for token in tokens {
            let expects = token.meta & FLAG_EXPECTS != 0;
            assert_eq!(expects, expect == "100-continue");
        }
    }
}

#[test]
fn what_is_refused_is_answered_as_node_does() {
    let extension = format!(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;{}",
        "x".repeat(20_000)
    );
    for (bytes, status) in [
        ("GET /\x01", "400 Bad Request"),
        ("GET / HTTP/2.0\r\n\r\n", "400 Bad Request"),
        (
            "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "400 Bad Request",
        ),
        (
            &format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000)),
            "431 Request Header Fields Too Large",
        ),
        (&extension, "413 Payload Too Large"),
    ] {
        let mut bench = bench();
        bench.config.host_rule = HostRule::ValidOrNone;
        bench.config.stream_bodies = true;
        let mut rig = Rig::new(&mut bench, Script::new([bytes.as_bytes()]));
        rig.event();
        // Node's handler sees a head that is right.
        assert_eq!(rig.tokens().len(), usize::from(bytes == extension));
        for token in rig.tokens() {
            rig.answer(token, Answer::Part(Part::Pull(1)));
        }
        rig.event();
        let written = String::from_utf8_lossy(&rig.connection.stream.written);
        let expected = format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n");
        assert_eq!(written, expected, "{:.80}", bytes);
    }
}

/// Node reads on behind an answer, for its handler or to be done with it; the next request waits.
#[test]
fn a_body_goes_on_behind_the_answer() {
    const HEAD: &[u8] = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello";
    for size in [0, 10] {
        let mut bench = bench();
        bench.config.stream_bodies = true;
        let behind = [b" world", MODERN.as_bytes()].concat();
        let mut rig = Rig::new(&mut bench, Script::new([HEAD, &behind]));
        rig.event();
        let token = rig.tokens()[0];
        give(&mut rig, token, SECOND, size);
        rig.event();
        assert_eq!(rig.connection.stream.written, SECOND);
        assert!(rig.recorder.body.is_empty() && ends(&rig).is_empty() && !rig.connection.is_idle());
        for _ in 0..3 {
            pull(&mut rig, token);
            rig.event();
        }
        assert_eq!(rig.recorder.body, b"hello world");
        assert_eq!(ends(&rig), [(token, BodyEnd::Complete)]);
        assert_eq!(rig.tokens().len(), 2);
    }
}

#[test]
fn a_fault_behind_the_answer_ends_the_connection_without_a_word() {
    const HEAD: &[u8] = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut bench = bench();
    bench.config.stream_bodies = true;
    let mut rig = Rig::new(&mut bench, Script::new([HEAD, b"nonsense\r\n"]));
    rig.event();
    let token = rig.tokens()[0];
    give(&mut rig, token, SECOND, 0);
    pull(&mut rig, token);
    rig.event();
    rig.event();
    assert_eq!(rig.connection.stream.written, SECOND);
    assert!(rig.connection.stream.is_shut);
    assert_eq!(ends(&rig), [(token, BodyEnd::Refused(400))]);
}

#[test]
fn a_lenient_host_is_handed_up() {
    const BODY: &[u8] = b"POST / HTTP/1.1\r\nHost: http://x\r\nContent-Length: 2\r\n\r\n";
    for (host_rule, taken) in [
        (HostRule::Valid, 0),
        (HostRule::ValidOrNone, 0),
        (HostRule::ValidEmptyOrNone, 0),
        (HostRule::Optional, 1),
    ] {
        for stream_bodies in [false, true] {
            let mut bench = bench();
            bench.config.host_rule = host_rule;
            bench.config.stream_bodies = stream_bodies;
            let mut rig = Rig::new(&mut bench, Script::new([BODY, b"hi"]));
            rig.event();
            rig.event();
            assert_eq!(rig.tokens().len(), taken, "{host_rule:?} {stream_bodies}");
        }
    }
}

/// Bytes that somebody counts.
struct Counted(Arc<Vec<u8>>);

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[test]
fn a_large_body_behind_its_head_is_sent_from_where_it_is() {
    let body = "x".repeat(100_000);
    let head = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 100000\r\n\r\n";
    for before in ["", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let mut bench = bench();
        let mut rig = Rig::new(&mut bench, Script::new([MODERN.as_bytes()]));
        rig.event();
        let token = rig.tokens()[0];
        let bytes = Arc::new(format!("{before}{head}{body}").into_bytes());
        let counted = Box::new(Counted(bytes.clone()));
        rig.answer(token, Answer::Part(Part::Raw(AnswerBody::Owned(counted))));
        assert_eq!(Arc::strong_count(&bytes), 2, "it is waited for");
        rig.answer(token, Answer::Part(Part::RawEnd));
        rig.event();
        assert_eq!(Arc::strong_count(&bytes), 1);
        assert_eq!(rig.connection.stream.written, *bytes);
        assert!(rig.connection.is_idle());
    }
}

#[test]
fn what_is_refused_before_a_large_body_ends_it() {
    let bytes = format!("no HTTP\r\n\r\n{}", "x".repeat(100_000));
    let mut bench = bench();
    let mut rig = Rig::new(&mut bench, Script::new([MODERN.as_bytes()]));
    rig.event();
    let token = rig.tokens()[0];
    rig.answer(
        token,
        Answer::Part(Part::Raw(AnswerBody::Owned(Box::new(bytes.into_bytes())))),
    );
    rig.event();
    let written = String::from_utf8_lossy(&rig.connection.stream.written);
    assert!(written.starts_with("HTTP/1.1 500 ") && !written.contains("xxx"));
}

#[test]
fn an_end_behind_nothing_but_interim_responses_is_no_answer() {
    const INTERIM: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut bench = bench();
    let mut rig = Rig::new(&mut bench, Script::new([MODERN.as_bytes()]));
    rig.event();
    let token = rig.tokens()[0];
    rig.answer(
        token,
        Answer::Part(Part::Raw(AnswerBody::Owned(Box::new(INTERIM.to_vec())))),
    );
    rig.answer(token, Answer::Part(Part::RawEnd));
    rig.event();
    assert_eq!(rig.connection.stream.written, INTERIM);
    assert!(rig.connection.stream.is_shut);
}
