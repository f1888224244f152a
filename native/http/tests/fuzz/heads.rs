//! Heads and what they say about framing.

use super::mutator::mutate;
use super::runner::{Input, cuts, fuzz};
use super::{bounds, corpus, requests};
use crate::http::error::ParseError;
use crate::http::framing::{BodyLength, Framing, frame};
use crate::http::head::{FieldLine, HeadParser, Parsed, RequestHead};
use crate::http::limits::Limits;
use crate::http::tests::reference::{
    Delimiter, Head, Meaning, Statuses, Stop, read_head, read_meaning,
};
use crate::http::tests::seeded::Seeded;

#[test]
fn fuzz_head() {
    let corpus = corpus::requests();
    let input = |seeded: &mut Seeded| {
        let mut bytes = Vec::new();
        match seeded.below(3) {
            0 => bytes.clone_from(seeded.pick(&corpus)),
            _ => requests::request(seeded, &mut bytes),
        }
        finish(seeded, bytes, &corpus)
    };
    fuzz("head", input, check);
}

#[test]
fn fuzz_framing() {
    let corpus = corpus::requests();
    let input = |seeded: &mut Seeded| {
        let mut bytes = Vec::new();
        requests::framing_head(seeded, &mut bytes);
        finish(seeded, bytes, &corpus)
    };
    fuzz("framing", input, check);
}

fn finish(seeded: &mut Seeded, mut bytes: Vec<u8>, corpus: &[Vec<u8>]) -> Input {
    if seeded.below(3) != 0 {
        mutate(seeded, &mut bytes, corpus);
    }
    Input {
        limits: bounds::around(seeded, &bytes),
        bytes,
        salt: seeded.next(),
    }
}

type Read = Result<Parsed<RequestHead>, ParseError>;

fn check(input: &Input) -> Result<(), String> {
    let Input { bytes, limits, .. } = input;
    let (mut fields, mut again) = (Vec::new(), Vec::new());
    let ours = read(bytes, &[bytes.len()], limits, &mut fields);
    let cuts = cuts(bytes.len(), input.salt);
    let in_pieces = read(bytes, &cuts, limits, &mut again);
    if in_pieces != ours || (ours.is_ok() && again != fields) {
        return Err(format!(
            "whole {ours:?}\nin pieces {in_pieces:?}\nat {cuts:?}"
        ));
    }
    let reference = read_head(bytes, limits);
    let differ = || format!("ours {ours:?} {fields:?}\nreference {reference:?}");
    match (&ours, &reference) {
        (Ok(Parsed::Partial), Err(Stop::Unfinished)) => Ok(()),
        (Err(error), Err(Stop::Refused(statuses))) if statuses.contains(&error.status()) => Ok(()),
        (Ok(Parsed::Complete(head)), Ok((theirs, len))) => {
            if (head.start + head.len) as usize != *len {
                return Err(differ());
            }
            let text = &bytes[head.start as usize..*len];
            if &copied(head, text, &fields) != theirs {
                return Err(differ());
            }
            agree_with_httparse(text, theirs)?;
            compare_framing(&frame(head, text, &fields, limits), theirs, limits)
        }
        _ => Err(differ()),
    }
}

fn read(bytes: &[u8], cuts: &[usize], limits: &Limits, fields: &mut Vec<FieldLine>) -> Read {
    let mut parser = HeadParser::default();
    for &cut in cuts {
        match parser.parse(&bytes[..cut], limits, fields) {
            Ok(Parsed::Partial) => {}
            end => return end,
        }
    }
    Ok(Parsed::Partial)
}

fn copied(head: &RequestHead, text: &[u8], fields: &[FieldLine]) -> Head {
    let lines = fields.iter();
    Head {
        method: head.method.of(text).to_vec(),
        target: head.target.of(text).to_vec(),
        path: head.path.of(text).to_vec(),
        query: head.query.of(text).to_vec(),
        authority: head.authority(text).map(|span| span.of(text).to_vec()),
        version: head.version_span.of(text).to_vec(),
        fields: lines
            .map(|line| (line.name.of(text).to_vec(), line.value.of(text).to_vec()))
            .collect(),
    }
}

fn compare_framing(
    ours: &Result<Framing, ParseError>,
    head: &Head,
    limits: &Limits,
) -> Result<(), String> {
    let theirs: Result<Meaning, Statuses> = read_meaning(head, limits);
    let agree = match (ours, &theirs) {
        (Err(error), Err(statuses)) => statuses.contains(&error.status()),
        (Ok(ours), Ok(theirs)) => {
            let delimiter = match ours.body {
                BodyLength::None => Delimiter::Nothing,
                BodyLength::Length(length) => Delimiter::Length(length),
                BodyLength::Chunked => Delimiter::Chunks,
            };
            let ours = Meaning {
                delimiter,
                keep_alive: ours.keep_alive,
                expect: ours.expect_continue,
                upgrade: ours.upgrade,
            };
            ours == *theirs
        }
        _ => false,
    };
    match agree {
        true => Ok(()),
        false => Err(format!("ours {ours:?}\nreference {theirs:?}\nof {head:?}")),
    }
}

/// A second opinion: `httparse` is more lenient, so it accepts all that we do, and reads it alike.
fn agree_with_httparse(text: &[u8], head: &Head) -> Result<(), String> {
    let mut known = text.to_vec();
    // It knows only 1.0 and 1.1.
    let minor = head.method.len() + head.target.len() + 9;
    if known[minor] != b'0' {
        known[minor] = b'1';
    }
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut headers);
    let status = request.parse(&known);
    let fields = request.headers.iter();
    let is_alike = matches!(status, Ok(httparse::Status::Complete(len)) if len == text.len())
        && request.method.map(str::as_bytes) == Some(&head.method[..])
        && request.path.map(str::as_bytes) == Some(&head.target[..])
        && fields.len() == head.fields.len()
        && fields
            .zip(&head.fields)
            .all(|(field, line)| field.name.as_bytes() == line.0 && field.value == line.1);
    match is_alike {
        true => Ok(()),
        false => Err(format!("httparse {status:?} {request:?}\nours {head:?}")),
    }
}
