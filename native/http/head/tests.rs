use super::{FieldLine, HeadParser, Parsed, RequestHead, Version};
use crate::http::error::ParseError;
use crate::http::limits::Limits;
use crate::http::method::Method;
use crate::http::span::Span;
use crate::http::target::TargetForm;

type Read = Result<Parsed<RequestHead>, ParseError>;

const SMALL: Limits = Limits {
    request_line: 10,
    header_size: 64,
    headers_count: 2,
    body_size: 0,
    chunk_extensions: 0,
    chunk_framing: 0,
    trailer_size: 0,
    trailers_count: 0,
    any_absolute: false,
};

/// Reads whole and byte by byte, which must not differ.
fn read_with(bytes: &[u8], limits: &Limits) -> (Read, Vec<FieldLine>) {
    let (mut fields, mut slow_fields) = (Vec::new(), Vec::new());
    let whole = HeadParser::default().parse(bytes, limits, &mut fields);
    let mut parser = HeadParser::default();
    let mut slow = Ok(Parsed::Partial);
    for len in 0..=bytes.len() {
        slow = parser.parse(&bytes[..len], limits, &mut slow_fields);
        if slow != Ok(Parsed::Partial) {
            break;
        }
    }
    assert_eq!(slow, whole, "{}", bytes.escape_ascii());
    assert_eq!(slow_fields, fields, "{}", bytes.escape_ascii());
    (whole, fields)
}

fn read(bytes: &[u8]) -> Read {
    read_with(bytes, &Limits::default()).0
}

fn read_small(bytes: &[u8]) -> Read {
    read_with(bytes, &SMALL).0
}

fn complete(bytes: &[u8]) -> RequestHead {
    match read(bytes) {
        Ok(Parsed::Complete(head)) => head,
        other => panic!("{other:?}: {}", bytes.escape_ascii()),
    }
}

#[test]
fn counts_every_span_from_the_request_line() {
    let bytes = b"\r\n\r\nPOST /a/b?c=d HTTP/1.0\r\nHost:\t a.test \r\nempty:\r\n\r\nrest";
    let (read, fields) = read_with(bytes, &Limits::default());
    let Ok(Parsed::Complete(head)) = read else {
        panic!("{read:?}")
    };
    let bytes = &bytes[head.start as usize..];
    assert_eq!((head.start, &bytes[head.len as usize..]), (4, &b"rest"[..]));
    assert_eq!(
        (head.method_kind, head.version, head.form),
        (Method::Post, Version::Http10, TargetForm::Origin)
    );
    assert_eq!(head.method.of(bytes), b"POST");
    assert_eq!(head.target.of(bytes), b"/a/b?c=d");
    assert_eq!(head.path.of(bytes), b"/a/b");
    assert_eq!(head.query.of(bytes), b"c=d");
    assert_eq!(head.version_span.of(bytes), b"HTTP/1.0");
    let lines: Vec<_> = fields
        .iter()
        .map(|line| (line.name.of(bytes), line.value.of(bytes)))
        .collect();
    assert_eq!(lines, [(&b"Host"[..], &b"a.test"[..]), (b"empty", b"")]);
    assert_eq!(fields[1].value.end(), fields[1].name.end() + 1);
}

#[test]
fn places_an_absent_query_at_the_end_of_the_target() {
    let head = complete(b"GET /p HTTP/1.1\r\n\r\n");
    assert_eq!(
        head.query,
        Span {
            start: head.target.end(),
            len: 0
        }
    );
    assert_eq!(head.authority(b""), None);
    let bytes = b"GET http://a:1?q HTTP/1.1\r\n\r\n";
    let head = complete(bytes);
    assert_eq!(head.path, Span { start: 14, len: 0 });
    assert_eq!(head.query.of(bytes), b"q");
    assert_eq!(
        head.authority(bytes).map(|span| span.of(bytes)),
        Some(&b"a:1"[..])
    );
}

#[test]
fn names_methods_case_sensitively() {
    for (method, kind) in [
        ("GET", Method::Get),
        ("HEAD", Method::Head),
        ("OPTIONS", Method::Options),
        ("TRACE", Method::Trace),
        ("POST", Method::Post),
        ("PUT", Method::Put),
        ("DELETE", Method::Delete),
        ("PATCH", Method::Patch),
        ("get", Method::Other),
        ("GETX", Method::Other),
        ("!#$%&'*+-.^_`|~", Method::Other),
    ] {
        let head = complete(format!("{method} / HTTP/1.1\r\n\r\n").as_bytes());
        assert_eq!(head.method_kind, kind);
        assert_eq!(
            kind.is_safe(),
            ["GET", "HEAD", "OPTIONS", "TRACE"].contains(&method)
        );
    }
    assert_eq!(
        complete(b"CONNECT a:1 HTTP/1.1\r\n\r\n").method_kind,
        Method::Connect
    );
}

#[test]
fn bounds_the_method() {
    let head = |len: usize| format!("{} / HTTP/1.1\r\n\r\n", "M".repeat(len)).into_bytes();
    assert_eq!(complete(&head(64)).method.len, 64);
    assert_eq!(read(&head(65)), Err(ParseError::MethodLength));
    assert_eq!(read(&[b'M'; 65]), Err(ParseError::MethodLength));
    assert_eq!(read(&[b'M'; 64]), Ok(Parsed::Partial));
}

#[test]
fn reads_versions() {
    for (word, version) in [
        ("1.0", Version::Http10),
        ("1.1", Version::Http11),
        ("1.2", Version::Http11),
        ("1.9", Version::Http11),
    ] {
        assert_eq!(
            complete(format!("GET / HTTP/{word}\r\n\r\n").as_bytes()).version,
            version
        );
    }
    for word in ["2.0", "3.0", "0.9", "9.9"] {
        let bytes = format!("GET / HTTP/{word}\r\n\r\n");
        assert_eq!(read(bytes.as_bytes()), Err(ParseError::UnsupportedVersion));
    }
    for word in [
        "HTTP/1",
        "HTTP/1.",
        "HTTP/1.10",
        "HTTP/2.0x",
        "HTTP/11.1",
        "HTTP/1,1",
        "http/1.1",
        "HTTP/ 1.1",
        "HTTP/+1.1",
        " HTTP/1.1",
        "",
    ] {
        let bytes = format!("GET / {word}\r\n\r\n");
        assert_eq!(read(bytes.as_bytes()), Err(ParseError::Version), "{word}");
    }
    assert_eq!(read(b"GET / HTTP/1.1\rX"), Err(ParseError::LineEnd));
}

#[test]
fn skips_four_empty_lines_and_no_more() {
    let head =
        |count: usize| format!("{}GET / HTTP/1.1\r\n\r\n", "\r\n".repeat(count)).into_bytes();
    assert_eq!(complete(&head(4)).start, 8);
    assert_eq!(read(&head(5)), Err(ParseError::EmptyLine));
    assert_eq!(read(b"\r\n\r\n\r\n\r\n\r"), Err(ParseError::EmptyLine));
    assert_eq!(read(b"\r\n\r\n\r\n\r\n"), Ok(Parsed::Partial));
    assert_eq!(read(b"\rG"), Err(ParseError::EmptyLine));
    assert_eq!(read(b"\nG"), Err(ParseError::Method));
}

#[test]
fn finds_the_fault_before_the_head_ends() {
    for (bytes, fault) in [
        (&b"\x16"[..], ParseError::Method),
        (b" ", ParseError::Method),
        (b"GET\t", ParseError::Method),
        (b"GET  ", ParseError::Target),
        (b"GET x", ParseError::Target),
        (b"GET /\x7f", ParseError::Target),
        (b"GET /#", ParseError::Target),
        (b"GET / X", ParseError::Version),
        (b"GET / HTTP/1.1\n", ParseError::Version),
        (b"GET / HTTP/1.1\r\n ", ParseError::FieldName),
        (b"GET / HTTP/1.1\r\nHo ", ParseError::FieldName),
        (b"GET / HTTP/1.1\r\n:", ParseError::FieldName),
        (b"GET / HTTP/1.1\r\na:\n", ParseError::FieldValue),
        (b"GET / HTTP/1.1\r\na:\r\r", ParseError::LineEnd),
        (b"GET / HTTP/1.1\r\n\rX", ParseError::LineEnd),
    ] {
        assert_eq!(
            read(&bytes[..bytes.len() - 1]),
            Ok(Parsed::Partial),
            "{}",
            bytes.escape_ascii()
        );
        assert_eq!(read(bytes), Err(fault), "{}", bytes.escape_ascii());
    }
}

#[test]
fn bounds_the_target() {
    assert!(matches!(
        read_small(b"GET /123456789 HTTP/1.1\r\n\r\n"),
        Ok(Parsed::Complete(_))
    ));
    assert_eq!(
        read_small(b"GET /123456789X"),
        Err(ParseError::TargetLength)
    );
    assert_eq!(read_small(b"GET /123456789"), Ok(Parsed::Partial));
    assert_eq!(read_small(b"GET /123456\x00789X"), Err(ParseError::Target));
}

#[test]
fn bounds_the_head_and_judges_nothing_behind_the_bound() {
    let head =
        |len: usize| format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "v".repeat(len - 23)).into_bytes();
    assert!(matches!(read_small(&head(64)), Ok(Parsed::Complete(head)) if head.len == 64));
    assert_eq!(read_small(&head(65)), Err(ParseError::HeadSize));
    let mut bad_behind = head(100);
    bad_behind[64] = 0;
    assert_eq!(read_small(&bad_behind), Err(ParseError::HeadSize));
    bad_behind[63] = 0;
    assert_eq!(read_small(&bad_behind), Err(ParseError::FieldValue));
}

#[test]
fn bounds_the_number_of_fields() {
    assert!(matches!(
        read_small(b"GET / HTTP/1.1\r\na:\r\nb:\r\n\r\n"),
        Ok(Parsed::Complete(_))
    ));
    assert_eq!(
        read_small(b"GET / HTTP/1.1\r\na:\r\nb:\r\nc"),
        Err(ParseError::FieldCount)
    );
}

#[test]
fn a_target_that_fills_the_head_is_too_long_for_a_target() {
    let limits = Limits {
        request_line: 1000,
        ..SMALL
    };
    let head = |len: usize| format!("GET /{} HTTP/1.1\r\n\r\n", "t".repeat(len));
    let read = |len: usize| read_with(head(len).as_bytes(), &limits).0;
    assert!(matches!(read(64 - 18), Ok(Parsed::Complete(_))));
    assert_eq!(read(64 - 17), Err(ParseError::HeadSize));
    assert_eq!(read(64), Err(ParseError::TargetLength));
}
