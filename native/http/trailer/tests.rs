use super::TrailerSection;
use crate::http::error::ParseError;
use crate::http::limits::Limits;

fn read(section: &[u8]) -> Result<usize, ParseError> {
    let limits = Limits {
        trailer_size: 12,
        trailers_count: 2,
        ..Limits::default()
    };
    let mut trailers = TrailerSection::default();
    for (at, &next) in section.iter().enumerate() {
        if trailers.read(&[next], &limits)?.is_some() {
            let at_once = TrailerSection::default().read(section, &limits);
            assert_eq!(at_once, Ok(Some(at + 1)));
            return Ok(at + 1);
        }
    }
    panic!("unfinished: {}", section.escape_ascii());
}

#[test]
fn ends_with_the_blank_line() {
    for section in [&b"\r\n"[..], b"a:\r\n\r\n", b"a: \xff\t\r\nH:\r\n\r\n"] {
        assert_eq!(
            read(section),
            Ok(section.len()),
            "{}",
            section.escape_ascii()
        );
    }
}

#[test]
fn obeys_the_rules_of_header_fields() {
    for (section, fault) in [
        (&b": a\r\n"[..], ParseError::FieldName),
        (b"a\r\n", ParseError::FieldName),
        (b"a :\r\n", ParseError::FieldName),
        (b" a:\r\n", ParseError::FieldName),
        (b"a:\r\n b\r\n", ParseError::FieldName),
        (b"\n", ParseError::FieldName),
        (b"a:\n", ParseError::FieldValue),
        (b"a:\0\r\n", ParseError::FieldValue),
        (b"a:\rb", ParseError::LineEnd),
        (b"\rX", ParseError::LineEnd),
    ] {
        assert_eq!(read(section), Err(fault), "{}", section.escape_ascii());
    }
}

#[test]
fn bounds_size_and_count() {
    assert_eq!(read(b"a:\r\nb:\r\n\r\n"), Ok(10));
    assert_eq!(
        read(b"a:\r\nb:\r\nc:\r\n\r\n"),
        Err(ParseError::TrailerCount)
    );
    assert_eq!(read(b"a:12345678\r\n\r\n"), Ok(14));
    assert_eq!(read(b"a:123456789\r\n\r\n"), Err(ParseError::TrailerSize));
}
