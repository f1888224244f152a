use super::super::{GradualRaw, Progress, RawBody, RawError, RawRules};
use super::{BodyFit, judge_node, write_interim};
use crate::http::response::raw::RawResponse;

/// Bytes as node's classes write them, whether they answer HEAD, what of them goes out, and whether the
/// connection ends behind that.
type Case = (&'static str, bool, &'static str, bool);

const CASES: &[Case] = &[
    // Interim responses, any number of them.
    (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        false,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        false,
    ),
    (
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: x\r\n\r\n\
         HTTP/1.1 102 Processing\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
        false,
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n\
         HTTP/1.1 204 No\r\n\r\n",
        false,
    ),
    // A status line without a reason, nor the space before it.
    (
        "HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",
        false,
        "HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",
        false,
    ),
    (
        "HTTP/1.0 301\r\n\r\nhi",
        false,
        "HTTP/1.0 301\r\n\r\nhi",
        true,
    ),
    // A 101 that nobody took the connection for is the last that it carries.
    (
        "HTTP/1.1 101 Switching Protocols\r\nConnection: close\r\n\r\n",
        false,
        "HTTP/1.1 101 Switching Protocols\r\nConnection: close\r\n\r\n",
        true,
    ),
    // No length where there is no body.
    (
        "HTTP/1.1 204 No\r\nA: b\r\nContent-Length: 0\r\nC: d\r\n\r\n",
        false,
        "HTTP/1.1 204 No\r\nA: b\r\nC: d\r\n\r\n",
        false,
    ),
    (
        "HTTP/1.1 204 No\r\ncontent-length: none\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        false,
        "HTTP/1.1 204 No\r\n\r\n",
        false,
    ),
    (
        "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\nhello",
        false,
        "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n",
        false,
    ),
    (
        "HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nhi",
        false,
        "HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nhi",
        false,
    ),
    // HEAD.
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        true,
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        false,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunks",
        true,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        false,
    ),
    (
        "HTTP/1.1 200 OK\r\n\r\nbody",
        true,
        "HTTP/1.1 200 OK\r\n\r\n",
        false,
    ),
    // Codings.
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n\x1f\x0b\x08",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n\x1f\x0b\x08",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n",
        false,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        false,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n2\r\nhi\r\n",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n2\r\nhi\r\n",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 1\r\n\r\nhi",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\nhi",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: gzip\r\n\r\nhi",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\n\r\nhi",
        false,
        "HTTP/1.1 200 OK\r\n\r\nhi",
        true,
    ),
    // Lengths.
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi there",
        false,
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        false,
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
        false,
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\ncontent-length: 2\r\n\r\nhi",
        false,
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\n\r\nhi",
        false,
    ),
    // Chunks.
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nHTTP/1.1 200 OK",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nx",
        false,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nx",
        true,
    ),
    // What says that the connection is kept, where it is not.
    (
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n",
        false,
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n",
        false,
    ),
    (
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\nx",
        false,
        "HTTP/1.1 200 OK\r\n\r\nx",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        false,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        true,
    ),
    (
        "HTTP/1.1 600 \r\nContent-Length: 0\r\nX: \u{e4}\r\n\r\n",
        false,
        "HTTP/1.1 600 \r\nContent-Length: 0\r\nX: \u{e4}\r\n\r\n",
        false,
    ),
];

fn head(mut response: RawResponse, bytes: &[u8], out: &mut Vec<u8>) {
    response.drop_persistence(response.close);
    response.write_head(bytes, b"", out);
}

/// What goes out of an answer that is there whole, and whether the connection ends.
fn whole(bytes: &[u8], head_request: bool) -> Result<(Vec<u8>, bool), RawError> {
    let answer = judge_node(bytes, head_request)?;
    let mut out = Vec::new();
    let (interim, rest) = bytes.split_at(answer.interim_len);
    write_interim(interim, &mut out);
    let (start, body) = rest.split_at(answer.response.head_len);
    head(answer.response, start, &mut out);
    out.extend_from_slice(&body[..answer.body_len]);
    match answer.fault {
        Some(fault) => Err(fault),
        None => Ok((out, answer.response.close || answer.fit != BodyFit::Exact)),
    }
}

/// The same of one that comes in pieces.
fn gradual<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    head_request: bool,
) -> Result<(Vec<u8>, bool), RawError> {
    let mut gradual = GradualRaw::new(head_request, RawRules::Node);
    let (mut out, mut closes) = (Vec::new(), false);
    for piece in pieces {
        let mut rest = piece.to_vec();
        while let Some(next) = step(&mut gradual, &rest, &mut out, &mut closes)? {
            rest = next;
        }
    }
    gradual.end()?;
    Ok((out, closes || gradual.fit() != BodyFit::Exact))
}

/// Writes `bytes`; what is to be written next.
fn step(
    gradual: &mut GradualRaw,
    bytes: &[u8],
    out: &mut Vec<u8>,
    closes: &mut bool,
) -> Result<Option<Vec<u8>>, RawError> {
    match gradual.write(bytes, |_| ())? {
        Progress::Kept => {}
        Progress::Interim(interim) => {
            write_interim(&interim, out);
            return Ok(Some(Vec::new()));
        }
        Progress::Head(response, mut bytes) => {
            let body = bytes.split_off(response.head_len);
            head(response, &bytes, out);
            *closes = response.close;
            return Ok(Some(body));
        }
        Progress::Body(taken) => out.extend_from_slice(&bytes[..taken]),
    }
    Ok(None)
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| letter as u8).collect()
}

#[test]
fn sends_what_node_sends_however_it_is_cut() {
    for &(bytes, head_request, expected, closes) in CASES {
        let (shown, bytes) = (bytes.escape_debug(), latin1(bytes));
        let expected = Ok((latin1(expected), closes));
        assert_eq!(whole(&bytes, head_request), expected, "whole {shown}");
        for split in 0..=bytes.len() {
            let (first, second) = bytes.split_at(split);
            assert_eq!(
                gradual([first, second], head_request),
                expected,
                "{split} {shown}"
            );
        }
        assert_eq!(
            gradual(bytes.chunks(1), head_request),
            expected,
            "bytewise {shown}"
        );
    }
}

/// Bytes that are no answer by node's rules either.
const BAD: &[(&str, RawError)] = &[
    ("", RawError::StatusLine),
    ("hello\r\n\r\n", RawError::StatusLine),
    ("HTTP/1.1 200OK\r\n\r\n", RawError::StatusLine),
    ("HTTP/1.1 2000\r\n\r\n", RawError::StatusLine),
    ("HTTP/1.1 200\n\n", RawError::StatusLine),
    ("HTTP/1.1 099 x\r\n\r\n", RawError::Status),
    (
        "HTTP/1.1 103 x\r\nA : b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        RawError::Field,
    ),
    ("HTTP/1.1 103 x\r\n\r\n", RawError::StatusLine),
    (
        "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\n",
        RawError::UnfinishedHead,
    ),
    ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", RawError::Field),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        RawError::ContentLength,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        RawError::DuplicateContentLength,
    ),
    (
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        RawError::TransferEncoding,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        RawError::Chunks,
    ),
];

#[test]
fn refuses_what_is_no_response_however_it_is_cut() {
    for &(bytes, error) in BAD {
        let (shown, bytes) = (bytes.escape_debug(), latin1(bytes));
        assert_eq!(whole(&bytes, false), Err(error), "whole {shown}");
        for split in 0..=bytes.len() {
            let (first, second) = bytes.split_at(split);
            assert_eq!(
                gradual([first, second], false),
                Err(error),
                "{split} {shown}"
            );
        }
        assert_eq!(
            gradual(bytes.chunks(1), false),
            Err(error),
            "bytewise {shown}"
        );
    }
}

#[test]
fn says_what_an_old_client_cannot_be_told() {
    let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";
    let answer = judge_node(chunks, false).unwrap();
    assert_eq!(
        (answer.response.body, answer.fit),
        (RawBody::Chunked, BodyFit::Short)
    );
    assert!(write_interim(
        b"HTTP/1.1 103 x\r\n\r\nHTTP/1.1 100 x\r\n\r\n",
        &mut Vec::new()
    ));
    assert!(!write_interim(b"HTTP/1.1 103 x\r\n\r\n", &mut Vec::new()));
}
