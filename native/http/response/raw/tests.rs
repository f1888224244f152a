use super::{Dropped, RawBody, RawError, RawResponse, check_raw, decode_chunked_body};

/// Response bytes, whether they answer HEAD, and what delimits and ends them.
pub(super) const GOOD: &[(&[u8], bool, RawBody, bool)] = &[
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        false,
        RawBody::Length,
        false,
    ),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        true,
        RawBody::Length,
        false,
    ),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
        true,
        RawBody::Length,
        false,
    ),
    (
        b"HTTP/1.1 200 \r\n\r\nhi",
        false,
        RawBody::CloseDelimited,
        true,
    ),
    (
        b"HTTP/1.1 200 OK\r\n\r\nhi",
        true,
        RawBody::CloseDelimited,
        false,
    ),
    (b"HTTP/1.1 200 OK\r\n\r\n", true, RawBody::None, false),
    (
        b"HTTP/1.1 200 OK\r\n\r\n",
        false,
        RawBody::CloseDelimited,
        true,
    ),
    (
        b"HTTP/1.1 204 No Content\r\n\r\n",
        false,
        RawBody::None,
        false,
    ),
    (
        b"HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n",
        false,
        RawBody::None,
        false,
    ),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a\r\nhi\r\n0\r\nT: v\r\n\r\n",
        false,
        RawBody::Chunked,
        false,
    ),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        true,
        RawBody::Chunked,
        false,
    ),
    (
        b"HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 0\r\n\r\n",
        false,
        RawBody::Length,
        true,
    ),
    (
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        false,
        RawBody::Length,
        true,
    ),
    (
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
        false,
        RawBody::Length,
        false,
    ),
];

#[test]
fn reads_what_delimits_a_raw_response() {
    for &(bytes, head_request, body, close) in GOOD {
        let raw = check_raw(bytes, head_request)
            .unwrap_or_else(|error| panic!("{error:?}: {}", bytes.escape_ascii()));
        assert_eq!(
            (raw.body, raw.close),
            (body, close),
            "{}",
            bytes.escape_ascii()
        );
        assert_eq!(
            raw.has_connection,
            bytes
                .to_ascii_lowercase()
                .windows(12)
                .any(|part| part == b"\nconnection:")
        );
    }
}

#[test]
fn places_the_parts_of_a_raw_response() {
    let expected = RawResponse {
        status: 404,
        head_len: 41,
        body: RawBody::Length,
        close: false,
        must_close: false,
        says_close: false,
        has_connection: false,
        fields_start: 20,
        dropped: Dropped::default(),
    };
    assert_eq!(
        check_raw(b"HTTP/1.1 404 Gone?\r\nContent-Length: 1\r\n\r\nx", false),
        Ok(expected)
    );
}

/// Bytes that are not exactly one response, and why.
pub(super) const BAD: &[(&[u8], RawError)] = &[
    (b"", RawError::StatusLine),
    (b"hello", RawError::StatusLine),
    (b"HTTP/1.1 200\r\n\r\n", RawError::StatusLine),
    (b"HTTP/2.0 200 OK\r\n\r\n", RawError::StatusLine),
    (b"HTTP/1.2 200 OK\r\n\r\n", RawError::StatusLine),
    (b"HTTP/1.1 2000 OK\r\n\r\n", RawError::StatusLine),
    (b"HTTP/1.1 200 OK\n\n", RawError::StatusLine),
    (b"HTTP/1.1 200 O\0K\r\n\r\n", RawError::StatusLine),
    (b"HTTP/1.1 100 Continue\r\n\r\n", RawError::Status),
    (b"HTTP/1.1 099 x\r\n\r\n", RawError::Status),
    (b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", RawError::Field),
    (b"HTTP/1.1 200 OK\r\n A: b\r\n\r\n", RawError::Field),
    (b"HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n", RawError::Field),
    (b"HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n", RawError::Field),
    (b"HTTP/1.1 200 OK\r\n", RawError::UnfinishedHead),
    (b"HTTP/1.1 200 OK\r\nA: b\r\n", RawError::UnfinishedHead),
    (b"HTTP/1.1 200 OK\r\nA", RawError::UnfinishedHead),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
        RawError::ContentLength,
    ),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        RawError::DuplicateContentLength,
    ),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
        RawError::LengthMismatch,
    ),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy",
        RawError::LengthMismatch,
    ),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        RawError::ConflictingLength,
    ),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        RawError::TransferEncoding,
    ),
    (
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        RawError::TransferEncoding,
    ),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
        RawError::Chunks,
    ),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
        RawError::Chunks,
    ),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP",
        RawError::Surplus,
    ),
    (b"HTTP/1.1 204 x\r\n\r\nbody", RawError::ForbiddenBody),
    (b"HTTP/1.1 205 x\r\n\r\nbody", RawError::ForbiddenBody),
    (b"HTTP/1.1 304 x\r\n\r\nbody", RawError::ForbiddenBody),
    (
        b"HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n",
        RawError::ForbiddenLength,
    ),
];

#[test]
fn refuses_raw_bytes_that_are_not_one_response() {
    for &(bytes, error) in BAD {
        assert_eq!(
            check_raw(bytes, false),
            Err(error),
            "{}",
            bytes.escape_ascii()
        );
        assert!(!error.message().is_empty());
    }
    let short = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx";
    assert_eq!(check_raw(short, true), Err(RawError::LengthMismatch));
    let reset = b"HTTP/1.1 205 x\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(check_raw(reset, true), Err(RawError::ForbiddenBody));
}

#[test]
fn decodes_a_chunked_body_for_an_old_client() {
    let mut out = Vec::new();
    assert_eq!(
        decode_chunked_body(b"2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", &mut out),
        Ok(())
    );
    assert_eq!(out, b"hi!");
}

/// Answers without a body, and heads that stop at any byte.
#[test]
fn refuses_a_body_behind_205_and_heads_that_stop() {
    let head = b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n";
    assert!(check_raw(head, false).is_ok());
    let body = [&head[..], b"x"].concat();
    assert_eq!(check_raw(&body, false), Err(RawError::ForbiddenBody));
    let head = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
    for len in "HTTP/1.1 200 OK\r\n".len()..head.len() {
        assert_eq!(
            check_raw(&head[..len], true),
            Err(RawError::UnfinishedHead),
            "{len}"
        );
    }
}
