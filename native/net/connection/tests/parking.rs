//! Refusals that are told, and answered from the other side.

use super::lateness::overdue;
use super::reader::{read_all, statuses};
use super::rig::{Bench, Order, Rig, ok};
use super::script::Script;
use super::uploads::{ends, pull};
use crate::net::answer::{Answer, Part};
use crate::net::connection::{After, Overdue};
use crate::net::notice::BodyEnd;
use crate::net::phase::Phase;
use crate::net::request::RequestToken;
use crate::net::timer::Wheel;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const REPLY: &[u8] = b"HTTP/1.1 400 Mine\r\nContent-Length: 0\r\n\r\n";

fn telling() -> Bench {
    let bench = Bench::default();
    bench.scratch.open.set_refusals(true);
    bench
}

/// JavaScript writes these bytes, to which no request belongs.
fn say(rig: &mut Rig<'_>, bytes: &[u8]) {
    let token = RequestToken {
        index: 3,
        generation: 5,
        meta: 0,
    };
    rig.answer(token, Answer::Part(Part::Aside(Box::new(bytes.to_vec()))));
}

/// What is refused, and how.
const CASES: [(&str, u16, &str); 7] = [
    ("no HTTP\r\n\r\n", 400, "target"),
    ("GET / HTTP/1.1\r\n\r\n", 400, "missing-host"),
    ("GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n", 400, "field-name"),
    ("GET / HTTP/2.0\r\n\r\n", 505, "unsupported-version"),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n",
        413,
        "body-size",
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n",
        417,
        "expectation",
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        501,
        "transfer-coding",
    ),
];

/// Node ends its side as the client does, if nobody has said anything by then.
#[test]
fn a_client_that_leaves_is_not_kept_waiting_for_a_reply() {
    for (fin_first, reply) in [(true, &b""[..]), (false, b""), (true, REPLY)] {
        let mut bench = telling();
        let mut rig = Rig::new(&mut bench, Script::new([&b"no HTTP\r\n\r\n"[..]]));
        rig.run(Order::Never);
        for is_fin in [fin_first, !fin_first] {
            if is_fin {
                rig.connection.ready(true, false, true);
            } else {
                say(&mut rig, reply);
            }
            rig.run(Order::Never);
        }
        assert_eq!(rig.connection.stream.written, reply);
        assert_eq!(rig.connection.stream.is_shut, reply.is_empty());
    }
}

#[test]
fn a_refusal_is_told_and_answered_wherever_it_was_split() {
    for (request, status, fault) in CASES {
        for split in 0..=request.len() {
            let mut bench = telling();
            let (first, second) = request.as_bytes().split_at(split);
            let mut rig = Rig::new(&mut bench, Script::new([first, second]));
            assert_eq!(rig.run(Order::Never), After::Wait);
            assert_eq!(rig.connection.stream.written, b"");
            let [(told, name, bytes)] = &rig.recorder.refused[..] else {
                panic!("{split} {request}");
            };
            assert_eq!((*told, *name), (status, fault), "{split} {request}");
            assert!(request.as_bytes().starts_with(bytes), "{split} {request}");
            // What is wrong is among them.
            assert!(bytes.len() >= split || split > bytes.len(), "{request}");
            assert!(rig.connection.is_known());
            for piece in REPLY.chunks(7) {
                say(&mut rig, piece);
            }
            rig.advance();
            assert_eq!(rig.connection.stream.written, REPLY);
            assert!(!rig.connection.stream.is_shut);
            rig.connection.end_now(&mut rig.recorder);
            rig.run(Order::Never);
            assert!(
                rig.connection.stream.is_shut,
                "FIN, and what comes is dropped"
            );
            say(&mut rig, REPLY);
            rig.connection.end_now(&mut rig.recorder);
            rig.advance();
            assert_eq!(rig.connection.stream.written, REPLY, "it is too late");
        }
    }
}

#[test]
fn answers_to_earlier_requests_go_first() {
    let mut bench = telling();
    let bytes = format!("{GET}{GET}no HTTP\r\n\r\n{GET}");
    let mut rig = Rig::new(&mut bench, Script::new([bytes.as_bytes()]));
    rig.run(Order::Never);
    let tokens = rig.tokens();
    rig.answer(tokens[1], ok(b"second"));
    rig.run(Order::Never);
    assert!(rig.recorder.refused.is_empty(), "it is not its turn");
    rig.answer(tokens[0], ok(b"first"));
    rig.run(Order::Never);
    assert_eq!(rig.recorder.refused.len(), 1);
    say(&mut rig, REPLY);
    rig.connection.end_now(&mut rig.recorder);
    rig.run(Order::Never);
    let written = &rig.connection.stream.written;
    let answers = written.strip_suffix(REPLY).expect("it comes last");
    assert_eq!(statuses(&read_all(answers, &[])), [200, 200]);
    assert_eq!(rig.tokens().len(), 2, "nothing behind it is looked at");
}

#[test]
fn it_waits_for_room() {
    let mut bench = telling();
    let mut rig = Rig::new(&mut bench, Script::new([&b"no HTTP\r\n\r\n"[..]]));
    rig.bench.scratch.overloaded = true;
    rig.recorder.room = 0;
    assert_eq!(rig.run(Order::Never), After::Starved);
    rig.bench.scratch.overloaded = false;
    rig.recorder.room = 1;
    assert_eq!(rig.run(Order::Never), After::Wait);
    assert_eq!(rig.recorder.refused.len(), 1);
    assert_eq!(rig.connection.stream.written, b"");
}

#[test]
fn the_client_gets_ours_if_nobody_replies() {
    for has_begun in [false, true] {
        let (mut bench, mut wheel) = (telling(), Wheel::default());
        let mut rig = Rig::new(&mut bench, Script::new([&b"no HTTP\r\n\r\n"[..]]));
        let after = rig.run(Order::Never);
        let config = rig.bench.config;
        rig.connection.keep_time(after, &config, 0, &mut wheel);
        assert_eq!(rig.connection.phase(), Phase::Linger);
        if has_begun {
            say(&mut rig, b"HTTP");
            rig.advance();
            assert_eq!(overdue(&mut rig, 10_000, 0, &mut wheel), Overdue::Close);
            continue;
        }
        assert_eq!(overdue(&mut rig, 10_000, 0, &mut wheel), Overdue::Reply);
        rig.run(Order::Never);
        assert_eq!(statuses(&rig.responses()), [400]);
        assert_eq!(rig.recorder.refused.len(), 1, "it is told once");
    }
}

#[test]
fn who_is_late_is_told_of_and_who_is_turned_away_is_not() {
    let mut bench = telling();
    for (status, told) in [(408, 1), (503, 0)] {
        let mut rig = Rig::new(&mut bench, Script::new([&b"GET / HT"[..]]));
        rig.run(Order::Never);
        rig.connection.keep_late(&rig.bench.config);
        rig.connection.give_up(status, &mut rig.recorder);
        rig.run(Order::Never);
        assert_eq!(rig.recorder.refused.len(), told);
        if told == 1 {
            assert_eq!(rig.recorder.refused[0], (408, "late", b"GET / HT".to_vec()));
            rig.connection.end_now(&mut rig.recorder);
            rig.run(Order::Never);
            assert!(rig.connection.stream.is_shut && rig.responses().is_empty());
        } else {
            assert_eq!(statuses(&rig.responses()), [503]);
        }
    }
}

#[test]
fn a_fault_in_a_streamed_body_is_told_behind_the_end_of_the_body() {
    let mut bench = telling();
    bench.config.stream_bodies = true;
    let head = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut rig = Rig::new(&mut bench, Script::new([head.as_bytes(), b"x\r\n"]));
    rig.run(Order::Never);
    let token = rig.tokens()[0];
    pull(&mut rig, token);
    rig.run(Order::Never);
    assert_eq!(ends(&rig), [(token, BodyEnd::Refused(400))]);
    assert_eq!(
        rig.recorder.refused,
        [(400, "chunk-size", b"x\r\n".to_vec())]
    );
    say(&mut rig, REPLY);
    rig.connection.end_now(&mut rig.recorder);
    rig.run(Order::Never);
    assert_eq!(rig.connection.stream.written, REPLY);
}

#[test]
fn nobody_is_told_where_nobody_asked() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([&b"no HTTP\r\n\r\n"[..]]));
    rig.run(Order::Never);
    assert_eq!(statuses(&rig.responses()), [400]);
    assert!(rig.recorder.refused.is_empty() && !rig.connection.is_known());
}

#[test]
fn what_no_request_asked_for_goes_out_where_it_was_said() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([GET.as_bytes(), GET.as_bytes()]));
    say(&mut rig, b"hello ");
    rig.run(Order::Never);
    assert_eq!(rig.connection.stream.written, b"hello ");
    rig.answer(rig.tokens()[0], ok(b"first"));
    say(&mut rig, b" and");
    rig.answer(rig.tokens()[1], ok(b"second"));
    say(&mut rig, b"");
    say(&mut rig, b" bye");
    rig.connection.end_now(&mut rig.recorder);
    say(&mut rig, b"too late");
    rig.run(Order::Never);
    let written = String::from_utf8(rig.connection.stream.written.clone()).unwrap();
    let said = written.split("HTTP/1.1 200 OK\r\n").collect::<Vec<_>>();
    assert_eq!(said.len(), 3, "{written}");
    assert_eq!(said[0], "hello ");
    assert!(said[1].ends_with("first and") && said[2].ends_with("second bye"));
    assert!(rig.connection.stream.is_shut);
}
