use super::ChunkLine;
use crate::http::error::ParseError;

/// The size of a whole line, or the fault and how many bytes were taken until then.
fn read(line: &[u8]) -> Result<u64, (ParseError, usize)> {
    read_within(line, 4096)
}

fn read_within(line: &[u8], max_len: u32) -> Result<u64, (ParseError, usize)> {
    let mut reader = ChunkLine::default();
    for (at, &next) in line.iter().enumerate() {
        let end = reader.read(&[next], max_len, u64::MAX);
        if end.map_err(|fault| (fault, at))?.is_some() {
            assert_eq!(at + 1, line.len());
            let mut at_once = ChunkLine::default();
            assert_eq!(at_once.read(line, max_len, u64::MAX), Ok(Some(at + 1)));
            return Ok(reader.size());
        }
    }
    panic!("unfinished: {}", line.escape_ascii());
}

#[test]
fn reads_sizes() {
    for (line, size) in [
        (&b"0\r\n"[..], 0),
        (b"5\r\n", 5),
        (b"aF\r\n", 0xaf),
        (b"00005\r\n", 5),
        (b"0000000000000005\r\n", 5),
        (b"ffffffffffffffff\r\n", u64::MAX),
    ] {
        assert_eq!(read(line), Ok(size));
    }
    for line in [
        &b"\r\n"[..],
        b"g\r\n",
        b"+5\r\n",
        b"-5\r\n",
        b" 5\r\n",
        b";a\r\n",
        b"\n",
    ] {
        assert_eq!(
            read(line),
            Err((ParseError::ChunkSize, 0)),
            "{}",
            line.escape_ascii()
        );
    }
    for line in [
        &b"0x5\r\n"[..],
        b"5g\r\n",
        b"5,5\r\n",
        b"5\n",
        b"5_\r\n",
        b"5.\r\n",
    ] {
        assert_eq!(
            read(line),
            Err((ParseError::ChunkSize, 1)),
            "{}",
            line.escape_ascii()
        );
    }
    assert_eq!(
        read(b"00000000000000005\r\n"),
        Err((ParseError::ChunkSize, 16))
    );
    assert_eq!(read(b"5\rX"), Err((ParseError::LineEnd, 2)));
}

#[test]
fn takes_extensions_of_the_grammar() {
    for line in [
        &b"5;a\r\n"[..],
        b"5;a=b\r\n",
        b"5;a=b;c;d=e\r\n",
        b"5 ; a\r\n",
        b"5\t;\ta \t=\t b ;c\r\n",
        b"5;a=\"\"\r\n",
        b"5;a=\"b; c\"\r\n",
        b"5;a=\"\\\"\\\\\t\xff\";b\r\n",
        b"5;a=\"b\" ;c\r\n",
    ] {
        assert_eq!(read(line), Ok(5), "{}", line.escape_ascii());
    }
}

#[test]
fn refuses_other_extensions() {
    for line in [
        &b"5;\r\n"[..],
        b"5; \r\n",
        b"5 \r\n",
        b"5\t\r\n",
        b"5 a\r\n",
        b"5;a \r\n",
        b"5;a=\r\n",
        b"5;a= \r\n",
        b"5;=b\r\n",
        b"5;;a\r\n",
        b"5;a==b\r\n",
        b"5;a b\r\n",
        b"5;a=b c\r\n",
        b"5;a=b=c\r\n",
        b"5;a=\"b\r\n",
        b"5;a=\"b\"c\r\n",
        b"5;a=\"\\\r\n",
        b"5;a=\"\x01\"\r\n",
        b"5;a\n",
        b"5;a=\"\n\"\r\n",
        b"5;\xff\r\n",
    ] {
        let fault = read(line).map_err(|(fault, _)| fault);
        assert_eq!(
            fault,
            Err(ParseError::ChunkExtension),
            "{}",
            line.escape_ascii()
        );
    }
}

#[test]
fn bounds_the_line_without_its_end() {
    assert_eq!(read_within(b"5;ab\r\n", 4), Ok(5));
    assert_eq!(
        read_within(b"5;abc\r\n", 4),
        Err((ParseError::ChunkLineLength, 4))
    );
}
