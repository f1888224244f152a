use super::{BodyDecoder, Decoded};
use crate::http::error::ParseError;
use crate::http::framing::BodyLength;
use crate::http::limits::Limits;

/// Decodes whole and byte by byte, which must not differ; returns data and consumed bytes.
fn decode(
    length: BodyLength,
    input: &[u8],
    limits: &Limits,
) -> Result<(Vec<u8>, Decoded), ParseError> {
    let mut out = Vec::new();
    let whole = BodyDecoder::new(length)
        .decode(input, limits, &mut out)
        .map(|decoded| (out, decoded));
    assert_eq!(
        decode_bytewise(length, input, limits),
        whole,
        "{}",
        input.escape_ascii()
    );
    whole
}

fn decode_bytewise(
    length: BodyLength,
    input: &[u8],
    limits: &Limits,
) -> Result<(Vec<u8>, Decoded), ParseError> {
    let (mut out, mut decoder) = (Vec::new(), BodyDecoder::new(length));
    let mut total = decoder.decode(b"", limits, &mut out)?;
    for byte in input.chunks(1) {
        let decoded = decoder.decode(byte, limits, &mut out)?;
        total.consumed += decoded.consumed;
        total.done = decoded.done;
        assert_eq!(decoder.produced(), out.len() as u64);
    }
    Ok((out, total))
}

fn chunked(input: &[u8]) -> Result<(Vec<u8>, Decoded), ParseError> {
    decode(BodyLength::Chunked, input, &Limits::default())
}

fn done(consumed: usize) -> Decoded {
    Decoded {
        consumed,
        done: true,
    }
}

#[test]
fn takes_the_declared_length_and_leaves_the_rest() {
    let limits = Limits::default();
    assert_eq!(
        decode(BodyLength::None, b"GET", &limits),
        Ok((vec![], done(0)))
    );
    assert_eq!(
        decode(BodyLength::Length(5), b"helloGET", &limits),
        Ok((b"hello".to_vec(), done(5)))
    );
    let unfinished = Decoded {
        consumed: 3,
        done: false,
    };
    assert_eq!(
        decode(BodyLength::Length(5), b"hel", &limits),
        Ok((b"hel".to_vec(), unfinished))
    );
}

#[test]
fn hints_at_what_is_missing() {
    let (limits, mut out) = (Limits::default(), Vec::new());
    let mut decoder = BodyDecoder::new(BodyLength::Length(5));
    assert_eq!(decoder.remaining_hint(), 5);
    decoder.decode(b"he", &limits, &mut out).expect("data");
    assert_eq!((decoder.remaining_hint(), decoder.produced()), (3, 2));
    let mut decoder = BodyDecoder::new(BodyLength::Chunked);
    assert_eq!(decoder.remaining_hint(), 0);
    decoder
        .decode(b"a\r\nxyz", &limits, &mut out)
        .expect("data");
    assert_eq!((decoder.remaining_hint(), decoder.produced()), (7, 3));
}

#[test]
fn joins_chunks_and_drops_trailers() {
    for (input, body, behind) in [
        (&b"0\r\n\r\n"[..], &b""[..], 0),
        (b"5\r\nhello\r\n0\r\n\r\nGET", b"hello", 3),
        (
            b"6;a=b\r\nhello \r\n5\r\nworld\r\n000;x\r\nHost: b\r\n\r\n\r\n",
            b"hello world",
            2,
        ),
        (b"7\r\n0\r\n\r\nX\n\r\n0\r\n\r\n", b"0\r\n\r\nX\n", 0),
    ] {
        assert_eq!(
            chunked(input),
            Ok((body.to_vec(), done(input.len() - behind)))
        );
    }
}

#[test]
fn waits_for_the_last_byte() {
    let input = b"5\r\nhello\r\n0\r\na: b\r\n\r\n";
    for len in 0..input.len() {
        let (_, decoded) = chunked(&input[..len]).expect("a good beginning");
        assert_eq!(
            decoded,
            Decoded {
                consumed: len,
                done: false
            }
        );
    }
}

#[test]
fn checks_both_bytes_behind_data() {
    for input in [
        &b"1\r\naX"[..],
        b"1\r\na\n",
        b"1\r\na\rX",
        b"1\r\naa\r\n",
        b"1\r\na\r\r",
    ] {
        assert_eq!(
            chunked(input),
            Err(ParseError::ChunkEnd),
            "{}",
            input.escape_ascii()
        );
    }
    assert_eq!(
        chunked(b"1\r\na\r\n\r\n0\r\n\r\n"),
        Err(ParseError::ChunkSize)
    );
    assert_eq!(chunked(b"0\r\nXX\r\n\r\n"), Err(ParseError::FieldName));
}

#[test]
fn refuses_a_body_over_the_limit_by_its_sizes() {
    let limits = Limits {
        body_size: 10,
        ..Limits::default()
    };
    let decode = |input| decode(BodyLength::Chunked, input, &limits);
    assert!(decode(b"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n").is_ok());
    assert_eq!(decode(b"b\r"), Err(ParseError::BodySize));
    assert_eq!(decode(b"b;"), Err(ParseError::BodySize));
    assert_eq!(decode(b"bz"), Err(ParseError::ChunkSize));
    assert_eq!(decode(b"5\r\nhello\r\n6\r"), Err(ParseError::BodySize));
    assert_eq!(
        decode(b"5\r\nhello\r\nffffffffffffffff\r"),
        Err(ParseError::BodySize)
    );
}

#[test]
fn bounds_framing_against_data() {
    let limits = Limits {
        chunk_framing: 20,
        ..Limits::default()
    };
    let decode = |input: &[u8]| decode(BodyLength::Chunked, input, &limits);
    // Five bytes of framing each, two of them paid for by the data.
    assert!(decode(&[b"1\r\na\r\n".repeat(5), b"0\r\n\r\n".to_vec()].concat()).is_ok());
    assert_eq!(
        decode(&b"1\r\na\r\n".repeat(8)),
        Err(ParseError::ChunkFraming)
    );
    assert!(decode(&[b"3\r\nabc\r\n".repeat(1000), b"0\r\n\r\n".to_vec()].concat()).is_ok());
    assert_eq!(
        decode(b"1;x=01234567890123456789\r\n"),
        Err(ParseError::ChunkFraming)
    );
}
