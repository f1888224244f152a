//! Byte ranges of a representation (RFC 9110 §14).

use crate::http::list::elements;
use crate::http::number::decimal;

/// Ranges of one request that are looked at; a request for more gets everything.
const MOST: usize = 16;

/// A stretch of bytes, of one at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first byte.
    pub start: u64,
    /// How many.
    pub len: u64,
}

/// What of a representation is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These parts in this order, one at least.
    Parts(Vec<Stretch>),
    /// No byte that there is.
    Nothing,
}

/// What a `Range` field asks for of a representation of `size` bytes. A field in another unit, or
/// one that is malformed, is ignored (§14.2), and so is one that asks for more than everything or
/// for more than 16 parts: it comes of a broken client, or of one that means harm (§17.15).
pub fn wanted(field: &[u8], size: u64) -> Wanted {
    let Some(set) = range_set(field) else {
        return Wanted::Whole;
    };
    let (mut parts, mut count) = (Vec::new(), 0);
    for spec in elements(set) {
        count += 1;
        match stretch(spec, size) {
            Some(Some(part)) if count <= MOST => parts.push(part),
            Some(None) if count <= MOST => {}
            _ => return Wanted::Whole,
        }
    }
    let sum = parts
        .iter()
        .fold(0u64, |sum, part| sum.saturating_add(part.len));
    match parts.len() {
        _ if count == 0 || sum > size => Wanted::Whole,
        0 if size == 0 && elements(set).any(is_suffix) => Wanted::Whole,
        0 => Wanted::Nothing,
        _ => Wanted::Parts(parts),
    }
}

/// What follows `bytes=`; names of units are case-insensitive (§14.1).
fn range_set(field: &[u8]) -> Option<&[u8]> {
    let equals = memchr::memchr(b'=', field)?;
    let (unit, set) = (&field[..equals], &field[equals + 1..]);
    unit.eq_ignore_ascii_case(b"bytes").then_some(set)
}

/// The last bytes, whatever their number: §14.1.2 calls that satisfiable even where there are none.
fn is_suffix(spec: &[u8]) -> bool {
    spec.strip_prefix(b"-").and_then(decimal) > Some(0)
}

/// `None`: malformed; `Some(None)`: well-formed, but no such byte (§14.1.2).
fn stretch(spec: &[u8], size: u64) -> Option<Option<Stretch>> {
    let dash = memchr::memchr(b'-', spec)?;
    let (first, last) = (&spec[..dash], &spec[dash + 1..]);
    if first.is_empty() {
        let len = decimal(last)?.min(size);
        let start = size - len;
        return Some((len > 0).then_some(Stretch { start, len }));
    }
    let start = decimal(first)?;
    let end = match last {
        b"" => u64::MAX,
        last => decimal(last)?,
    };
    if end < start {
        return None;
    }
    let len = end.saturating_add(1).min(size).checked_sub(start);
    let len = len.filter(|&len| len > 0);
    Some(len.map(|len| Stretch { start, len }))
}

#[cfg(test)]
mod tests;
