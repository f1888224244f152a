//! Responses that a handler wrote.

use super::chunks::chunked_body;
use super::mutator::mutate;
use super::requests::line;
use super::runner::{Input, fuzz};
use super::words::{CODINGS, CONNECTIONS, LENGTHS, NAMES, VALUES, word};
use crate::http::limits::Limits;
use crate::http::response::{
    Dropped, GradualRaw, Progress, RawBody, RawError, RawResponse, RawRules, check_raw,
    decode_chunked_body, judge_node,
};
use crate::http::tests::reference::response::{Extent, Response, read_response};
use crate::http::tests::seeded::Seeded;

#[test]
fn fuzz_response() {
    let input = |seeded: &mut Seeded| {
        let mut bytes = Vec::new();
        response(seeded, &mut bytes);
        if seeded.below(2) == 0 {
            let mut other = Vec::new();
            response(seeded, &mut other);
            mutate(seeded, &mut bytes, &[other]);
        }
        Input {
            bytes,
            limits: Limits::default(),
            salt: seeded.next(),
        }
    };
    fuzz("response", input, check);
}

const STATUS_LINES: &[&str] = &[
    "HTTP/1.1 200 OK",
    "HTTP/1.0 200 OK",
    "HTTP/1.1 204 No Content",
    "HTTP/1.1 205 Reset",
    "HTTP/1.1 304 Not Modified",
    "HTTP/1.1 404 ",
    "HTTP/1.1 999 \u{e4}",
    "HTTP/1.1 200",
    "HTTP/1.1 100 Continue",
    "HTTP/1.1 101 Switching Protocols",
    "HTTP/1.1 099 x",
    "HTTP/1.2 200 x",
    "HTTP/2 200 x",
    "HTTP/1.1  200 x",
    "HTTP/1.1 20 x",
    "HTTP/1.1 2000 x",
    "http/1.1 200 OK",
    "HTTP/1.1 2\u{b2}0 x",
    "HTTP/1.1 +20 x",
    "HTTP/1.1 199 x",
    "HTTP/1.1 500 a\tb",
    "",
];

fn response(seeded: &mut Seeded, out: &mut Vec<u8>) {
    let status_line = word(seeded, STATUS_LINES);
    out.extend(status_line.chars().map(|letter| letter as u8));
    out.extend_from_slice(b"\r\n");
    let framing = seeded.below(8);
    let len = seeded.below(12);
    for _ in 0..seeded.below(3) {
        match seeded.below(3) {
            0 => line(seeded, &["Connection"], CONNECTIONS, out),
            1 => line(seeded, NAMES, &VALUES[..9], out),
            _ => line(seeded, &["Date"], VALUES, out),
        }
    }
    match framing {
        0..=2 => out.extend(format!("Content-Length: {len}\r\n").into_bytes()),
        3 | 4 => line(seeded, &["Transfer-Encoding"], CODINGS, out),
        5 => line(seeded, &["Content-Length"], LENGTHS, out),
        _ => {}
    }
    out.extend_from_slice(b"\r\n");
    match framing {
        _ if seeded.below(4) == 0 => {}
        0..=2 => out.extend_from_slice(&b"\r\n\r\nHTTP/1.1"[..len]),
        3 | 4 => chunked_body(seeded, out),
        5 => out.extend_from_slice(b"hello"),
        _ => out.extend_from_slice(&b"\r\n0\r\n\r\n"[..seeded.below(8)]),
    }
}

fn check(input: &Input) -> Result<(), String> {
    let bytes = &input.bytes;
    let to_head = input.salt & 1 == 1;
    let ours = check_raw(bytes, to_head);
    let reference = read_response(bytes, to_head);
    let agree = match (&ours, &reference) {
        (Err(_), None) => true,
        (Ok(ours), Some(theirs)) => is_same(ours, theirs) && has_body(ours, theirs, bytes, to_head),
        _ => false,
    };
    match agree {
        true => check_node(input),
        false => Err(format!(
            "HEAD {to_head}\nours {ours:?}\nreference {reference:?}"
        )),
    }
}

fn is_same(ours: &RawResponse, theirs: &Response) -> bool {
    let body = match theirs.extent {
        Extent::Nothing => RawBody::None,
        Extent::Length => RawBody::Length,
        Extent::Chunks => RawBody::Chunked,
        Extent::ToTheEnd => RawBody::CloseDelimited,
    };
    let theirs = RawResponse {
        status: theirs.status,
        head_len: theirs.head_len,
        body,
        close: theirs.ends_connection,
        must_close: ours.must_close,
        says_close: theirs.says_close,
        has_connection: theirs.has_connection,
        fields_start: theirs.status_line_len,
        dropped: Dropped::default(),
    };
    *ours == theirs && ours.close == (ours.must_close || ours.says_close)
}

fn has_body(ours: &RawResponse, theirs: &Response, bytes: &[u8], to_head: bool) -> bool {
    let behind = &bytes[ours.head_len..];
    if ours.body != RawBody::Chunked || (to_head && behind.is_empty()) {
        return behind == theirs.body;
    }
    let mut decoded = Vec::new();
    decode_chunked_body(behind, &mut decoded) == Ok(()) && decoded == theirs.body
}

/// By node's rules the same goes out whole and in pieces.
fn check_node(input: &Input) -> Result<(), String> {
    let (bytes, to_head) = (&input.bytes[..], input.salt & 1 == 1);
    let whole = judge_node(bytes, to_head).map(|answer| {
        let head_len = answer.interim_len + answer.response.head_len;
        let sent = bytes[head_len..head_len + answer.body_len].to_vec();
        (answer.response, sent, answer.fit, answer.fault)
    });
    let mut gradual = GradualRaw::new(to_head, RawRules::Node);
    let mut seeded = Seeded::new(input.salt);
    let (mut said, mut sent, mut rest) = (None, Vec::new(), bytes);
    let mut outcome = Ok(());
    while outcome.is_ok() && !rest.is_empty() {
        let (piece, behind) = rest.split_at(1 + seeded.below(rest.len()));
        rest = behind;
        outcome = write_piece(&mut gradual, piece.to_vec(), &mut said, &mut sent);
    }
    let outcome = outcome.and_then(|()| gradual.end());
    let agree = match (&whole, &outcome) {
        // Only the whole says that of a body which is never sent.
        (Ok((.., Some(_))), Err(RawError::Chunks)) => true,
        (Ok((response, body, fit, None)), Ok(())) => {
            said.as_ref() == Some(response) && &sent == body && gradual.fit() == *fit
        }
        (Err(whole), Err(gradual)) => whole == gradual,
        _ => false,
    };
    match agree {
        true => Ok(()),
        false => Err(format!(
            "HEAD {to_head}\nwhole {whole:?}\nin pieces {outcome:?} {said:?}"
        )),
    }
}

fn write_piece(
    gradual: &mut GradualRaw,
    mut piece: Vec<u8>,
    said: &mut Option<RawResponse>,
    sent: &mut Vec<u8>,
) -> Result<(), RawError> {
    loop {
        match gradual.write(&piece, |_| ())? {
            Progress::Kept => return Ok(()),
            Progress::Interim(_) => piece.clear(),
            Progress::Head(response, mut head) => {
                piece = head.split_off(response.head_len);
                *said = Some(response);
            }
            Progress::Body(taken) => {
                sent.extend_from_slice(&piece[..taken]);
                return Ok(());
            }
        }
    }
}
