//! Answers in memory that is somebody else's behind the call: large ones are sent in it, what is left is copied.

use super::rig::{Bench, Rig, ok};
use super::script::Script;
use crate::http::response::RawRules;
use crate::net::answer::{Answer, AnswerBody, Part};
use crate::net::config::Config;
use crate::net::connection::After;

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// How an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Encoded,
    Raw,
    Bits,
}

const WAYS: [(Way, RawRules); 5] = [
    (Way::Encoded, RawRules::Strict),
    (Way::Raw, RawRules::Strict),
    (Way::Raw, RawRules::Node),
    (Way::Bits, RawRules::Strict),
    (Way::Bits, RawRules::Node),
];

fn bench(raw_rules: RawRules) -> Bench {
    let config = Config {
        raw_rules,
        ..Config::default()
    };
    Bench {
        config,
        ..Bench::default()
    }
}

fn body(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

/// Answers a request with a body, in memory that is written over as soon as that returns.
fn answer(rig: &mut Rig<'_>, way: Way, number: usize, body: &[u8]) {
    let token = rig.tokens()[number];
    let head = format!(
        "HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut bytes = match way {
        Way::Encoded => body.to_vec(),
        Way::Raw | Way::Bits => [head.as_bytes(), body].concat(),
    };
    match way {
        Way::Encoded => rig.answer(token, ok(&bytes)),
        Way::Raw => {
            let body = AnswerBody::Borrowed(&bytes);
            rig.answer(token, Answer::Raw { body, close: false });
        }
        Way::Bits => {
            // The last piece has more than belongs to the answer, which is not sent.
            let (first, rest) = bytes.split_at(bytes.len() / 3);
            for piece in [first, rest] {
                let part = Part::Raw(AnswerBody::Borrowed(piece));
                rig.answer(token, Answer::Part(part));
            }
            rig.answer(token, Answer::Part(Part::RawEnd));
        }
    }
    bytes.fill(b'!');
}

/// Bytes of the body, and whether all of it is sent before the connection has its turn.
const SENT: [(usize, bool); 3] = [(100, false), (7 << 10, false), (48 << 10, true)];

#[test]
fn large_ones_are_sent_from_where_they_are() {
    for ((way, rules), (len, is_sent)) in WAYS
        .into_iter()
        .flat_map(|way| SENT.map(|case| (way, case)))
    {
        let mut bench = bench(rules);
        let mut rig = Rig::new(&mut bench, Script::new([GET]));
        rig.event();
        answer(&mut rig, way, 0, &body(len));
        assert_eq!(
            rig.connection.unsent() == 0,
            is_sent,
            "{way:?} {rules:?} {len}"
        );
        assert_eq!(rig.connection.stream.written.is_empty(), !is_sent);
        rig.event();
        assert!(rig.bodies() == [body(len)], "{way:?} {rules:?} {len}");
        assert!(rig.connection.is_idle());
        assert_eq!(rig.bench.scratch.wide, 0);
    }
}

#[test]
fn what_the_socket_does_not_take_is_copied() {
    for (seed, (way, rules)) in (0..40).flat_map(|seed| WAYS.map(|way| (seed, way))) {
        let mut bench = bench(rules);
        // Two at a time: the second answer stays behind what is left of the first.
        let script = Script::moody(&GET.repeat(2), seed);
        let mut rig = Rig::new(&mut bench, script);
        let mut answered = 0;
        for _ in 0..100_000 {
            rig.event();
            if rig.recorder.taken.len() > answered {
                answer(&mut rig, way, answered, &body(20_000 + answered));
                answered += 1;
            }
            if answered == 2 && rig.connection.unsent() == 0 {
                break;
            }
        }
        let is_whole = rig.bodies() == [body(20_000), body(20_001)];
        assert!(is_whole, "{way:?} {rules:?} {seed}");
    }
}

#[test]
fn a_socket_that_fails_ends_the_connection() {
    for (way, rules) in WAYS {
        for fails_at in [0, 50, 10_000] {
            let mut bench = bench(rules);
            let mut script = Script::new([GET]);
            script.fail_write_at = Some(fails_at);
            let mut rig = Rig::new(&mut bench, script);
            rig.event();
            answer(&mut rig, way, 0, &body(48 << 10));
            assert_eq!(rig.event(), After::Close, "{way:?} {rules:?} {fails_at}");
            assert_eq!(rig.connection.stream.written.len(), fails_at);
        }
    }
}
