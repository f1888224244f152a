//! Chunked bodies.

use super::mutator::mutate;
use super::requests::line;
use super::runner::{Input, cuts, fuzz};
use super::words::{NAMES, VALUES, word};
use super::{bounds, corpus};
use crate::http::body::BodyDecoder;
use crate::http::error::ParseError;
use crate::http::framing::BodyLength;
use crate::http::limits::Limits;
use crate::http::tests::reference::{Stop, read_chunked};
use crate::http::tests::seeded::Seeded;

#[test]
fn fuzz_chunks() {
    let corpus = corpus::chunked_bodies();
    assert!(corpus.len() > 50);
    let input = |seeded: &mut Seeded| {
        let mut bytes = Vec::new();
        match seeded.below(3) {
            0 => bytes.clone_from(seeded.pick(&corpus)),
            _ => chunked_body(seeded, &mut bytes),
        }
        if seeded.below(3) != 0 {
            mutate(seeded, &mut bytes, &corpus);
        }
        Input {
            limits: bounds::around_body(seeded, &bytes),
            bytes,
            salt: seeded.next(),
        }
    };
    fuzz("chunks", input, check);
}

/// What follows a size or another extension.
const EXTENSIONS: &[&str] = &[
    "",
    ";a",
    ";a=b",
    ";a=\"b\"",
    " ;a",
    "; a",
    ";a =b",
    ";a= b",
    ";a=\"\\\"\\\\\"",
    ";a;b;c",
    ";a=\"x;y\tz\u{e4}\"",
    ";",
    ";=b",
    ";a=",
    " ",
    ";a ",
    ";a=b ",
    ";a=\"b",
    ";a=\"\r\n\"",
    ";a\n",
    "\t;\ta\t=\tb",
    ";a=b;c=\"d\"",
    ";a=b c",
    ";a=\"b\"c",
    ";a=\"\\\x01\"",
    ";;",
    ",a",
    "\n",
];

/// Chunks, the last one, trailers.
pub(super) fn chunked_body(seeded: &mut Seeded, out: &mut Vec<u8>) {
    for _ in 0..seeded.below(4) {
        let len = *seeded.pick(&[1, 2, 5, 10, 17, 31]);
        chunk_line(seeded, len, out);
        let data: Vec<u8> = (0..len).map(|place| b"a\r\n0;G"[place % 6]).collect();
        out.extend_from_slice(&data);
        out.extend_from_slice(b"\r\n");
    }
    chunk_line(seeded, 0, out);
    for _ in 0..seeded.below(8).saturating_sub(4) {
        line(seeded, NAMES, VALUES, out);
    }
    out.extend_from_slice(b"\r\n");
}

fn chunk_line(seeded: &mut Seeded, len: usize, out: &mut Vec<u8>) {
    let size = match seeded.below(8) {
        0 => format!("{len:X}"),
        1 => format!("{len:016x}"),
        2 if seeded.below(8) == 0 => format!("{len:017x}"),
        _ => format!("{len:x}"),
    };
    out.extend_from_slice(size.as_bytes());
    let extension = word(seeded, EXTENSIONS);
    out.extend(extension.chars().map(|letter| letter as u8));
    out.extend_from_slice(b"\r\n");
}

/// Octets and data of a whole body, or nothing yet.
type Read = Result<Option<(usize, Vec<u8>)>, ParseError>;

fn check(input: &Input) -> Result<(), String> {
    let Input { bytes, limits, .. } = input;
    let ours = read(bytes, &[bytes.len()], limits);
    let cuts = cuts(bytes.len(), input.salt);
    let in_pieces = read(bytes, &cuts, limits);
    if in_pieces != ours {
        return Err(format!(
            "whole {ours:?}\nin pieces {in_pieces:?}\nat {cuts:?}"
        ));
    }
    let reference = read_chunked(bytes, limits);
    let agree = match (&ours, &reference) {
        (Ok(None), Err(Stop::Unfinished)) => true,
        (Err(error), Err(Stop::Refused(statuses))) => statuses.contains(&error.status()),
        (Ok(Some((len, data))), Ok(body)) => (*len, data) == (body.len, &body.data),
        _ => false,
    };
    match agree {
        true => Ok(()),
        false => Err(format!("ours {ours:?}\nreference {reference:?}")),
    }
}

fn read(bytes: &[u8], cuts: &[usize], limits: &Limits) -> Read {
    let mut decoder = BodyDecoder::new(BodyLength::Chunked);
    let mut data = Vec::new();
    let mut at = 0;
    for &cut in cuts {
        let decoded = decoder.decode(&bytes[at..cut], limits, &mut data)?;
        at += decoded.consumed;
        assert_eq!(decoder.produced(), data.len() as u64);
        if decoded.done {
            assert_eq!(decoder.remaining_hint(), 0);
            return Ok(Some((at, data)));
        }
        assert_eq!(at, cut, "bytes were left");
    }
    Ok(None)
}
