use super::super::tests::{BAD, GOOD};
use super::super::{RawBody, RawError, RawRules, check_raw, decode_chunked_body};
use super::{GradualRaw, Progress};

/// Writes pieces, then the end: what is said of the head, and the data.
fn read<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    head_request: bool,
) -> Result<(RawBody, bool, Vec<u8>), RawError> {
    let mut gradual = GradualRaw::new(head_request, RawRules::Strict);
    let (mut data, mut said) = (Vec::new(), None);
    for piece in pieces {
        let progress = gradual.write(piece, |bytes| data.extend_from_slice(bytes))?;
        if let Progress::Head(raw, bytes) = progress {
            assert!(!gradual.is_in_head());
            said = Some((raw.body, raw.close));
            gradual.write(&bytes[raw.head_len..], |bytes| {
                data.extend_from_slice(bytes)
            })?;
        }
    }
    gradual.end()?;
    let (body, close) = said.expect("an end without a head is refused");
    Ok((body, close, data))
}

#[test]
fn says_of_pieces_what_is_said_of_the_whole() {
    let bad = BAD.iter().map(|&(bytes, _)| (bytes, false));
    let good = GOOD.iter().map(|&(bytes, is_head, ..)| (bytes, is_head));
    for (bytes, head_request) in good.chain(bad) {
        let whole = check_raw(bytes, head_request).map(|raw| {
            let mut data = bytes[raw.head_len..].to_vec();
            if raw.body == RawBody::Chunked && !data.is_empty() {
                let body = std::mem::take(&mut data);
                decode_chunked_body(&body, &mut data).unwrap();
            }
            // Only the whole shows whether a body is absent that HEAD does not ask for.
            let body = match raw.body {
                RawBody::CloseDelimited if head_request => RawBody::None,
                body => body,
            };
            (body, raw.close, data)
        });
        let shown = bytes.escape_ascii();
        for split in 0..=bytes.len() {
            let (first, second) = bytes.split_at(split);
            assert_eq!(
                read([first, second], head_request),
                whole,
                "{split} {shown}"
            );
        }
        assert_eq!(
            read(bytes.chunks(1), head_request),
            whole,
            "bytewise {shown}"
        );
    }
}

#[test]
fn takes_a_long_head_and_no_endless_one() {
    let line = format!("A: {}\r\n", "x".repeat(1000));
    let mut gradual = GradualRaw::new(false, RawRules::Strict);
    let mut written = gradual.write(b"HTTP/1.1 200 OK\r\n", |_| {});
    let mut lines = 0;
    while written == Ok(Progress::Kept) {
        lines += 1;
        assert!(lines < 100);
        written = gradual.write(line.as_bytes(), |_| {});
    }
    assert_eq!((written, lines), (Err(RawError::UnfinishedHead), 66));
    let mut gradual = GradualRaw::new(false, RawRules::Strict);
    let mut written = Ok(Progress::Kept);
    for _ in 0..100 {
        written = written.and_then(|_| gradual.write(&[b'x'; 1000], |_| {}));
    }
    assert_eq!(written, Err(RawError::StatusLine));
}
