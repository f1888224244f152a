//! Rows of requests, as a connection would receive them.

use super::mutator::mutate;
use super::runner::{Input, cuts, fuzz};
use super::{bounds, corpus, requests};
use crate::http::tests::reference::{Event, Message, Part, read_connection};
use crate::http::tests::seeded::Seeded;
use crate::http::tests::session::{Outcome, Seen, run_within};

#[test]
fn fuzz_session() {
    let corpus = corpus::requests();
    fuzz("session", |seeded| rows(seeded, &corpus), check);
}

/// One to four requests, made or from the table, changed more often than not.
pub(crate) fn rows(seeded: &mut Seeded, corpus: &[Vec<u8>]) -> Input {
    let mut bytes = Vec::new();
    for _ in 0..=seeded.below(4) {
        match seeded.below(3) {
            0 => bytes.extend(seeded.pick(corpus)),
            _ => requests::request(seeded, &mut bytes),
        }
    }
    if seeded.below(3) != 0 {
        mutate(seeded, &mut bytes, corpus);
    }
    Input {
        limits: bounds::around(seeded, &bytes),
        bytes,
        salt: seeded.next(),
    }
}

fn check(input: &Input) -> Result<(), String> {
    let Input { bytes, limits, .. } = input;
    let whole = run_within(limits, [&bytes[..]]);
    let cuts = cuts(bytes.len(), input.salt);
    let in_pieces = run_within(limits, pieces(bytes, &cuts));
    if in_pieces != whole {
        return Err(format!(
            "whole {whole:?}\nin pieces {in_pieces:?}\nat {cuts:?}"
        ));
    }
    // What a prefix brings is never taken back.
    let prefix = run_within(limits, [&bytes[..cuts[0]]]);
    if !whole.requests.starts_with(&prefix.requests) || (prefix.fault.is_some() && prefix != whole)
    {
        return Err(format!(
            "whole {whole:?}\nprefix {prefix:?}\nof {}",
            cuts[0]
        ));
    }
    let reference = read_connection(bytes, limits);
    match agree(&whole, &reference) {
        true => Ok(()),
        false => Err(format!("ours {whole:?}\nreference {reference:?}")),
    }
}

fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut start = 0;
    cuts.iter()
        .map(|&cut| &bytes[std::mem::replace(&mut start, cut)..cut])
        .collect()
}

fn agree(ours: &Outcome, reference: &[Event]) -> bool {
    let (messages, end) = split(reference);
    let status = ours.fault.map(|fault| fault.status());
    let ends_alike = match end {
        Some(Event::Refused(statuses)) => status.is_some_and(|status| statuses.contains(&status)),
        Some(Event::Incomplete(part)) => {
            status.is_none() && ours.unfinished && ours.in_body == (*part == Part::Body)
        }
        _ => status.is_none() && !ours.unfinished,
    };
    let closes = messages.last().is_some_and(|last| !last.meaning.keep_alive);
    ends_alike && ours.closed == closes && are_same(&ours.requests, &messages)
}

/// The requests, and what is behind them.
pub(crate) fn split(events: &[Event]) -> (Vec<&Message>, Option<&Event>) {
    let messages = events.iter().filter_map(|event| match event {
        Event::Request(message) => Some(&**message),
        _ => None,
    });
    let end = events.last();
    (
        messages.collect(),
        end.filter(|event| !matches!(event, Event::Request(_))),
    )
}

/// Request for request, part for part.
pub(crate) fn are_same(ours: &[Seen], reference: &[&Message]) -> bool {
    ours.len() == reference.len()
        && ours.iter().zip(reference).all(|(seen, message)| {
            let head = &message.head;
            seen.method == head.method
                && seen.target == head.target
                && seen.path == head.path
                && seen.query == head.query
                && seen.version == head.version
                && seen.fields == head.fields
                && seen.body == message.body
                && seen.keep_alive == message.meaning.keep_alive
        })
}
