//! The table of cases: each outcome, and the same outcome for every cut.

use serde_json::Value;

use super::cases::{self, Case, Kind, decode};
use super::seeded::Seeded;
use super::session::{Outcome, Seen, run, run_bytewise, run_whole};

#[test]
fn takes_the_outcome_of_every_case() {
    let faults: Vec<_> = cases::cases()
        .iter()
        .filter_map(|case| check(case).err())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn takes_the_outcome_of_every_family() {
    let faults: Vec<_> = cases::families()
        .iter()
        .filter_map(|case| check(case).err())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn gives_the_same_for_every_cut() {
    for case in cases::cases().iter().chain(&cases::families()) {
        let whole = run_whole(&case.bytes);
        let context = &case.id;
        assert_eq!(run_bytewise(&case.bytes), whole, "{context}: byte by byte");
        for cut in cuts(case.bytes.len()) {
            let (first, second) = case.bytes.split_at(cut);
            assert_eq!(run([first, second]), whole, "{context}: cut at {cut}");
        }
    }
}

#[test]
fn gives_the_same_for_every_pair_of_cuts_of_short_cases() {
    for case in cases::cases().iter().filter(|case| case.bytes.len() <= 64) {
        let (bytes, whole) = (&case.bytes, run_whole(&case.bytes));
        for second in 0..=bytes.len() {
            for first in 0..=second {
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(run(pieces), whole, "{}: {first}, {second}", case.id);
            }
        }
    }
}

/// Every place up to 4 KiB; 64 seeded ones and the last 64 beyond.
pub(crate) fn cuts(len: usize) -> Vec<usize> {
    if len <= 4096 {
        return (0..=len).collect();
    }
    let mut seeded = Seeded::new(len as u64);
    let mut cuts: Vec<_> = (len - 64..=len).collect();
    cuts.extend((0..64).map(|_| seeded.below(len)));
    cuts
}

fn check(case: &Case) -> Result<(), String> {
    let outcome = run_whole(&case.bytes);
    let expect = &case.expect;
    let status = outcome.fault.map(|fault| fault.status());
    let kind = match (outcome.requests.len(), status) {
        (_, None) if expect.outcome == Kind::Wait => Kind::Wait,
        (_, None) if outcome.unfinished => Kind::Wait,
        (_, None) => Kind::Accept,
        (0, Some(_)) => Kind::Refuse,
        (_, Some(_)) => Kind::Mixed,
    };
    let allowed =
        status.is_none_or(|status| expect.statuses.is_empty() || expect.statuses.contains(&status));
    let closes = outcome.closed || status.is_some();
    if kind != expect.outcome
        || outcome.requests.len() != expect.count
        || closes != expect.must_close
        || !allowed
        || !matches_all(&case.requests, &outcome)
    {
        return Err(format!("{}: expected {expect:?}, got {outcome:?}", case.id));
    }
    Ok(())
}

fn matches_all(expected: &[Value], outcome: &Outcome) -> bool {
    expected
        .iter()
        .zip(&outcome.requests)
        .all(|(value, seen)| matches(value, seen))
}

pub(crate) fn matches(expected: &Value, seen: &Seen) -> bool {
    let version = format!("HTTP/{}", expected["version"].as_str().unwrap_or_default());
    is_text(&expected["method"], &seen.method)
        && is_text(&expected["target"], &seen.target)
        && version.as_bytes() == seen.version
        && is_text(&expected["body"], &seen.body)
        && expected["keepAlive"].as_bool() == Some(seen.keep_alive)
        && matches_fields(&expected["headers"], &seen.fields)
}

/// A list of all fields, or the first one and their number.
fn matches_fields(expected: &Value, seen: &[(Vec<u8>, Vec<u8>)]) -> bool {
    let is_field = |field: &Value, (name, value): &(Vec<u8>, Vec<u8>)| {
        is_text(&field[0], name) && is_text(&field[1], value)
    };
    match expected.as_array() {
        Some(fields) => {
            fields.len() == seen.len()
                && fields
                    .iter()
                    .zip(seen)
                    .all(|(field, seen)| is_field(field, seen))
        }
        None => {
            expected["count"].as_u64() == Some(seen.len() as u64)
                && is_field(&expected["first"], &seen[0])
        }
    }
}

/// A string, or only its length where it is long: of the bytes, or of their escaped form.
fn is_text(expected: &Value, seen: &[u8]) -> bool {
    let Some(text) = expected.as_str() else {
        let escaped = seen.escape_ascii().count() as u64;
        return expected["length"]
            .as_u64()
            .is_some_and(|len| len == seen.len() as u64 || len == escaped);
    };
    decode(text) == seen
}
