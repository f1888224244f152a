//! The rules of answering, one by one.

use std::io::ErrorKind;

use super::reader::statuses;
use super::rig::{Bench, Rig, ok};
use super::script::{Script, Step};
use crate::net::answer::{Answer, AnswerBody};
use crate::net::request::RequestToken;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn writes_answers_in_the_order_of_the_requests() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(3)[..]]));
    rig.event();
    let tokens = rig.tokens();
    assert_eq!(tokens.len(), 3);
    rig.answer(tokens[2], ok(b"third"));
    rig.answer(tokens[1], ok(b"second"));
    rig.event();
    assert!(rig.connection.stream.written.is_empty());
    rig.answer(tokens[0], ok(b"first"));
    rig.event();
    assert_eq!(rig.bodies(), [&b"first"[..], b"second", b"third"]);
    assert!(rig.connection.is_idle());
}

#[test]
fn drops_a_second_answer_and_one_to_no_request() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(3)[..]]));
    rig.event();
    let tokens = rig.tokens();
    let none = RequestToken {
        meta: tokens[2].meta + 1,
        ..tokens[2]
    };
    for (token, body) in [
        (tokens[1], &b"second"[..]),
        (tokens[1], b"again"),
        (none, b"none"),
        (tokens[0], b"first"),
        (tokens[0], b"again"),
        (tokens[1], b"again"),
        (tokens[2], b"third"),
        (tokens[2], b"again"),
        (none, b"none"),
    ] {
        rig.answer(token, ok(body));
        rig.event();
    }
    assert_eq!(rig.bodies(), [&b"first"[..], b"second", b"third"]);
}

#[test]
fn sends_no_body_where_none_may_be() {
    for (method, status, length) in [
        ("HEAD", 200, Some("4")),
        ("GET", 204, None),
        ("GET", 304, None),
        ("GET", 205, Some("0")),
        ("HEAD", 404, Some("4")),
    ] {
        let mut bench = Bench::default();
        let request = format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut rig = Rig::new(&mut bench, Script::new([request.as_bytes(), GET]));
        let mut answer = ok(b"body");
        if let Answer::Encoded { status: given, .. } = &mut answer {
            *given = status;
        }
        rig.event();
        rig.answer(rig.recorder.taken[0].token, answer);
        rig.event();
        rig.answer(rig.recorder.taken[1].token, ok(b"next"));
        rig.event();
        let responses = rig.responses();
        assert_eq!(statuses(&responses), [status, 200]);
        assert_eq!(
            responses[0].field("Content-Length"),
            length,
            "{method} {status}"
        );
        assert_eq!(
            (&responses[0].body[..], &responses[1].body[..]),
            (&b""[..], &b"next"[..])
        );
    }
}

#[test]
fn refuses_raw_bytes_that_are_no_response_and_goes_on() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(2)[..]]));
    rig.event();
    let lie = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfour";
    rig.answer(
        rig.recorder.taken[0].token,
        Answer::Raw {
            body: AnswerBody::Borrowed(lie),
            close: false,
        },
    );
    rig.answer(rig.recorder.taken[1].token, ok(b"fine"));
    rig.event();
    assert_eq!(statuses(&rig.responses()), [500, 200]);
    assert_eq!(rig.bench.scratch.notices.len(), 1);
}

#[test]
fn forgets_the_early_answers_behind_a_close() {
    let mut bench = Bench::default();
    let script = Script::new([&GET.repeat(3)[..]]).then(Step::Pass(ErrorKind::WouldBlock));
    let mut rig = Rig::new(&mut bench, script);
    rig.event();
    let tokens = rig.tokens();
    rig.answer(tokens[2], ok(b"third"));
    rig.answer(tokens[1], ok(b"second"));
    let mut answer = ok(b"first");
    if let Answer::Encoded { close, .. } = &mut answer {
        *close = true;
    }
    rig.answer(tokens[0], answer);
    rig.event();
    let responses = rig.responses();
    assert_eq!((responses.len(), responses[0].closes), (1, true));
    assert!(rig.connection.stream.is_shut && rig.connection.in_flight() == 0);
}
