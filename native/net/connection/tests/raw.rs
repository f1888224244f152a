//! Complete responses of the handler's own, for clients old and new.

use super::reader::statuses;
use super::rig::{Bench, Rig, ok};
use super::script::Script;
use crate::net::crossing::{Answer, AnswerBody};

const CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\nTrailer: c\r\n\r\n\
    2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n";

/// What goes out for `raw` in answer to `request`.
fn written(request: &str, raw: &'static [u8]) -> String {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([request.as_bytes()]));
    rig.event();
    let answer = Answer::Raw {
        body: AnswerBody::Borrowed(raw),
        close: false,
    };
    rig.answer(rig.recorder.taken[0].token, answer);
    rig.event();
    String::from_utf8(rig.connection.stream.written.clone()).unwrap()
}

#[test]
fn a_client_of_http_1_0_gets_no_chunks() {
    let plain = "HTTP/1.1 200 OK\r\nConnection: close\r\nA: b\r\n\r\n";
    for (request, expected) in [
        ("GET / HTTP/1.0\r\n\r\n", format!("{plain}hi!")),
        ("HEAD / HTTP/1.0\r\n\r\n", plain.to_owned()),
        (
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            format!("{plain}hi!"),
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            String::from_utf8(CHUNKED.to_vec()).unwrap(),
        ),
    ] {
        assert_eq!(written(request, CHUNKED), expected, "{request:?}");
    }
}

#[test]
fn a_refused_answer_tells_why_by_its_request() {
    let mut bench = Bench::default();
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut rig = Rig::new(&mut bench, Script::new([&request.repeat(2)[..]]));
    rig.event();
    let bytes: Box<Vec<u8>> = Box::new(b"no response".to_vec());
    let answer = AnswerBody::Owned(bytes);
    assert_eq!(format!("{answer:?}"), "AnswerBody(11)");
    let raw = Answer::Raw {
        body: answer,
        close: false,
    };
    rig.answer(rig.recorder.taken[1].token, raw);
    rig.answer(rig.recorder.taken[0].token, ok(b"first"));
    rig.event();
    assert_eq!(statuses(&rig.responses()), [200, 500]);
    assert_eq!(rig.bench.scratch.notices.len(), 1);
}
