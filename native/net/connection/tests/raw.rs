//! Complete responses of the handler's own, for clients old and new.

use super::reader::statuses;
use super::rig::{Bench, Rig, ok};
use super::script::Script;
use crate::http::response::RawError;
use crate::net::answer::{Answer, AnswerBody, Part};
use crate::net::connection::After;
use crate::net::notice::Notice;
use crate::net::request::RequestToken;

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

fn raw(bytes: &[u8]) -> Answer<'static> {
    Answer::Part(Part::Raw(AnswerBody::Owned(Box::new(bytes.to_vec()))))
}

/// Writes `bytes` in pieces of `size` bytes and their end.
fn write(rig: &mut Rig<'_>, token: RequestToken, bytes: &[u8], size: usize) {
    for piece in bytes.chunks(size) {
        rig.answer(token, raw(piece));
    }
    rig.answer(token, Answer::Part(Part::RawEnd));
}

#[test]
fn pieces_become_what_the_whole_becomes() {
    let closing: &[u8] = b"HTTP/1.1 200 OK\r\n\r\nbody";
    let requests = [
        "GET / HTTP/1.0\r\n\r\n",
        "HEAD / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ];
    let plain: &[u8] = b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nhi";
    for request in requests {
        for whole in [CHUNKED, closing, plain] {
            let expected = written(request, whole);
            for size in [1, 7, 1000] {
                let mut bench = Bench::default();
                let mut rig = Rig::new(&mut bench, Script::new([request.as_bytes()]));
                rig.event();
                let token = rig.tokens()[0];
                write(&mut rig, token, whole, size);
                rig.event();
                let got = String::from_utf8(rig.connection.stream.written.clone()).unwrap();
                assert_eq!(got, expected, "{request:?} {size}");
                assert_eq!(
                    rig.bench.scratch.notices,
                    [Notice::RawDone {
                        token,
                        is_late: false
                    }]
                );
            }
        }
    }
}

#[test]
fn the_connection_goes_on_behind_it() {
    let mut bench = Bench::default();
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut rig = Rig::new(&mut bench, Script::new([&request.repeat(3)[..]]));
    rig.event();
    let tokens = rig.tokens();
    rig.answer(tokens[2], ok(b"third"));
    let large = [
        &b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 9000\r\n\r\n"
            [..],
        &[b'x'; 9000],
    ];
    write(&mut rig, tokens[1], &large.concat(), 8000);
    assert!(rig.bench.scratch.notices.is_empty(), "it is not its turn");
    rig.answer(tokens[0], ok(b"first"));
    rig.event();
    assert_eq!(rig.bodies(), [&b"first"[..], &[b'x'; 9000], b"third"]);
    assert_eq!(
        rig.bench.scratch.notices,
        [Notice::RawDone {
            token: tokens[1],
            is_late: false
        }]
    );
    rig.answer(tokens[1], Answer::Part(Part::RawEnd));
    let token = tokens[1];
    assert_eq!(
        rig.bench.scratch.notices[1..],
        [Notice::RawDone {
            token,
            is_late: true
        }]
    );
    assert!(rig.connection.is_idle());
}

/// Pieces that are no response, what the client gets of them, and why.
type Refused = (&'static [&'static [u8]], &'static [u8], RawError);

const REFUSED: [Refused; 6] = [
    (&[b"what?\n"], b"HTTP/1.1 500 ", RawError::StatusLine),
    (&[], b"HTTP/1.1 500 ", RawError::StatusLine),
    (
        &[b"HTTP/1.1 200 OK\r\nA: b"],
        b"HTTP/1.1 500 ",
        RawError::UnfinishedHead,
    ),
    (
        &[
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
            b"12",
            b"34",
        ],
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n12",
        RawError::LengthMismatch,
    ),
    (
        &[b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n12"],
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n12",
        RawError::LengthMismatch,
    ),
    (
        &[
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"0\r\n\r\nHTTP/1.1 200 OK",
        ],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        RawError::Surplus,
    ),
];

#[test]
fn what_is_no_response_ends_in_500_or_the_cut_of_the_connection() {
    for (pieces, expected, error) in REFUSED {
        let mut bench = Bench::default();
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut rig = Rig::new(&mut bench, Script::new([&request.repeat(2)[..]]));
        rig.event();
        let tokens = rig.tokens();
        for piece in pieces {
            rig.answer(tokens[0], raw(piece));
        }
        rig.answer(tokens[0], Answer::Part(Part::RawEnd));
        rig.answer(tokens[1], ok(b"second"));
        rig.event();
        let (token, reason) = (tokens[0], error as u32);
        assert_eq!(
            rig.bench.scratch.notices[0],
            Notice::RawRefused { token, reason }
        );
        let got = &rig.connection.stream.written[..];
        assert!(got.starts_with(expected), "{}", got.escape_ascii());
        let is_cut = expected.starts_with(b"HTTP/1.1 200");
        assert_eq!(got == expected, is_cut, "nothing follows what is cut");
        assert_eq!(!is_cut, got.ends_with(b"second"));
    }
}

#[test]
fn one_that_is_given_up_is_cut_or_500() {
    for (written, status) in [(&b""[..], 500), (b"HTTP/1.1 200 OK\r\n\r\nx", 200)] {
        let mut bench = Bench::default();
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut rig = Rig::new(&mut bench, Script::new([&request[..]]));
        rig.event();
        let token = rig.tokens()[0];
        rig.answer(token, raw(written));
        rig.answer(token, Answer::Part(Part::Cut));
        let after = rig.event();
        let line = format!("HTTP/1.1 {status} ");
        assert!(rig.connection.stream.written.starts_with(line.as_bytes()));
        // Without a length, only a reset shows that it is not whole.
        assert_eq!(matches!(after, After::Close), status == 200);
    }
}
