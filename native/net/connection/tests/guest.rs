//! What node's server does to its connections: none ends with its server, half a request is refused,
//! bodies come beside unanswered requests, and a limit of requests is only said.

use super::rig::{Bench, Order, Rig, ok};
use super::script::{Script, Step};
use super::uploads::{ends, pull};
use crate::http::response::RawRules;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::config::Config;
use crate::net::connection::After;
use crate::net::notice::BodyEnd;
use crate::net::request::FLAG_BODY;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";

fn bench(raw_rules: RawRules) -> Bench {
    Bench {
        config: Config {
            raw_rules,
            stream_bodies: true,
            ..Config::default()
        },
        ..Bench::default()
    }
}

#[test]
fn a_safe_request_with_a_body_goes_up_beside_unanswered_ones() {
    let whole = [CHUNKED, b"2\r\nhi\r\n0\r\n\r\n"].concat();
    for (rules, second, taken) in [
        (RawRules::Node, &whole[..], 3),
        (RawRules::Strict, &whole, 1),
        (RawRules::Node, POST, 1),
        (RawRules::Node, &[CHUNKED, b"ff\r\n"].concat(), 2),
    ] {
        let mut bench = bench(rules);
        let input = [GET, second, GET].concat();
        let mut rig = Rig::new(&mut bench, Script::new([&input[..]]));
        rig.run(Order::Never);
        assert_eq!(
            rig.tokens().len(),
            taken,
            "{rules:?} {}",
            second.escape_ascii()
        );
    }
}

#[test]
fn a_body_is_read_whatever_is_to_be_answered_before_it() {
    for answers_first in [false, true] {
        let mut bench = bench(RawRules::Node);
        let input = [GET, CHUNKED, b"2\r\nhi\r\n"].concat();
        let script = Script::new([&input[..], &[b"0\r\n\r\n", GET].concat()[..]]);
        let mut rig = Rig::new(&mut bench, script);
        rig.event();
        let tokens = rig.tokens();
        assert!(tokens.len() == 2 && tokens[1].meta & FLAG_BODY != 0);
        // Whoever has no body to ask for gets none.
        pull(&mut rig, tokens[0]);
        rig.event();
        assert_eq!(rig.recorder.body, b"");
        pull(&mut rig, tokens[1]);
        if answers_first {
            rig.answer(tokens[0], ok(b"first"));
        }
        rig.run(Order::Never);
        assert_eq!(rig.recorder.body, b"hi");
        assert_eq!(ends(&rig), [(tokens[1], BodyEnd::Complete)]);
        assert_eq!(rig.tokens().len(), 3);
        rig.answer(rig.tokens()[2], ok(b"third"));
        rig.answer(tokens[1], ok(b"second"));
        rig.answer(tokens[0], ok(b"first"));
        rig.run(Order::Never);
        assert_eq!(rig.bodies(), [&b"first"[..], b"second", b"third"]);
        assert!(rig.connection.is_idle());
    }
}

#[test]
fn who_ends_within_a_request_is_refused_by_nodes_rules_only() {
    for (bytes, is_fault) in [
        (&b"GET / HT"[..], true),
        (b"GET / HTTP/1.1\r\nHos", true),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi",
            true,
        ),
        (b"", false),
        (b"\r\n", false),
    ] {
        for (rules, pulls) in [
            (RawRules::Node, false),
            (RawRules::Node, true),
            (RawRules::Strict, true),
        ] {
            let mut bench = bench(rules);
            let mut rig = Rig::new(&mut bench, Script::new([bytes]).then(Step::Fin));
            // The poll may know of the end before the bytes are read.
            rig.connection.ready(true, true, pulls);
            let mut after = rig.advance();
            for token in rig.tokens() {
                assert_eq!(after, After::Wait);
                pull(&mut rig, token);
            }
            if after != After::Close {
                after = rig.run(Order::Never);
            }
            // What is handed up is answered all the same by ours.
            let is_over = rules == RawRules::Node || rig.tokens().is_empty();
            assert_eq!(after == After::Close, is_over);
            let written = String::from_utf8_lossy(&rig.connection.stream.written);
            let is_refused = written.starts_with("HTTP/1.1 400 ");
            assert_eq!(
                is_refused,
                is_fault && rules == RawRules::Node,
                "{rules:?} {written}"
            );
        }
    }
}

#[test]
fn from_the_limit_of_requests_on_answers_say_close_and_end_nothing() {
    const CLOSE: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx";
    const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nx";
    for (most, answers, goes_on) in [
        (0, [CLOSE, CLOSE], false),
        (1, [CLOSE, CLOSE], true),
        (3, [CLOSE, CLOSE], false),
        (1, [ENDLESS, CLOSE], false),
    ] {
        let mut bench = bench(RawRules::Node);
        bench.config.max_requests = most;
        let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(2)[..]]));
        rig.event();
        for (token, answer) in rig.tokens().into_iter().zip(answers) {
            let body = AnswerBody::Owned(Box::new(answer.to_vec()));
            rig.answer(token, Answer::Raw { body, close: false });
        }
        rig.event();
        assert_eq!(rig.tokens().len(), 2);
        assert_eq!(rig.connection.stream.is_shut, !goes_on, "{most}");
        let expected = if goes_on {
            CLOSE.repeat(2)
        } else {
            answers[0].to_vec()
        };
        assert_eq!(rig.connection.stream.written, expected);
    }
}
