//! Byte classes of RFC 9110 §5.6 and RFC 3986 §2, and the scanners that walk over them.
//!
//! There is one definition of each class; head, trailers, chunk extensions and responses all use
//! it. The scanners look at 8 bytes a step: each lane of a little-endian word gets its high bit
//! set when the byte is outside the class, so the lowest set bit is the first such byte.

const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const VALUE: u8 = 4;
const HOST: u8 = 8;
const QUOTED: u8 = 16;

const CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        table[index] = classes_of(index as u8);
        index += 1;
    }
    table
};

const fn classes_of(byte: u8) -> u8 {
    let mut classes = 0;
    if byte.is_ascii_alphanumeric() || in_set(byte, b"!#$%&'*+-.^_`|~") {
        classes |= TOKEN;
    }
    if byte.is_ascii_graphic() && byte != b'#' {
        classes |= TARGET;
    }
    if byte == b'\t' || (byte >= 0x20 && byte != 0x7f) {
        classes |= VALUE;
    }
    if classes & VALUE != 0 && byte != b'"' && byte != b'\\' {
        classes |= QUOTED;
    }
    if byte.is_ascii_alphanumeric() || in_set(byte, b"-._~!$&'()*+,;=") {
        classes |= HOST;
    }
    classes
}

const fn in_set(byte: u8, set: &[u8]) -> bool {
    let mut index = 0;
    while index < set.len() {
        if set[index] == byte {
            return true;
        }
        index += 1;
    }
    false
}

/// Is this a `tchar` (RFC 9110 §5.6.2)?
#[inline]
pub fn is_token(byte: u8) -> bool {
    CLASSES[byte as usize] & TOKEN != 0
}

/// May a request target contain this byte?
///
/// Wider than RFC 3986 by the visible bytes that browsers send unescaped (`"<>\^{|}` and the
/// backtick); never `#`, never a space, a control or a byte over 0x7e.
#[inline]
pub fn is_target(byte: u8) -> bool {
    CLASSES[byte as usize] & TARGET != 0
}

/// May a field value contain this byte: HTAB, SP, VCHAR or obs-text (RFC 9110 §5.5)?
#[inline]
pub fn is_value(byte: u8) -> bool {
    CLASSES[byte as usize] & VALUE != 0
}

/// Is this a `qdtext`, which stands for itself in a quoted string (RFC 9110 §5.6.4)?
#[inline]
pub fn is_quoted_text(byte: u8) -> bool {
    CLASSES[byte as usize] & QUOTED != 0
}

/// Is this an unreserved byte or a sub-delim of RFC 3986 §2, as in a `reg-name`?
#[inline]
pub fn is_host(byte: u8) -> bool {
    CLASSES[byte as usize] & HOST != 0
}

/// Is this optional whitespace, SP or HTAB (RFC 9110 §5.6.3)?
#[inline]
pub fn is_whitespace(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Takes SP and HTAB off both ends, and nothing else: 0x85 and 0xa0 are text.
#[inline]
pub fn trim(mut value: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = value
        && is_whitespace(*first)
    {
        value = rest;
    }
    while let [rest @ .., last] = value
        && is_whitespace(*last)
    {
        value = rest;
    }
    value
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const LOW: u64 = !HIGH;

const fn lanes(byte: u8) -> u64 {
    ONES * byte as u64
}

/// The first index at or after `from` that ends a token, or the length of `bytes`.
#[inline]
pub fn token_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let outside = outside_name(u64::from_le_bytes(*word));
        if outside == 0 {
            at += 8;
            continue;
        }
        // A name of digits or underscores must not cost much more than one of letters.
        let first = (outside.trailing_zeros() / 8) as usize;
        if let Some(len) = word[first..].iter().position(|&byte| !is_token(byte)) {
            return at + first + len;
        }
        at += 8;
    }
    while at < bytes.len() && is_token(bytes[at]) {
        at += 1;
    }
    at
}

/// Marks the lanes that are neither a letter nor `-`: nearly all names have nothing else, and
/// the class itself decides for the rest.
#[inline]
fn outside_name(word: u64) -> u64 {
    let low = (word | lanes(0x20)) & LOW;
    let at_least_a = low + lanes(0x80 - b'a');
    let above_z = low + lanes(0x7f - b'z');
    let letter = at_least_a & !above_z;
    let dash = !(((word ^ lanes(b'-')) & LOW) + LOW);
    (word | !(letter | dash)) & HIGH
}

/// The first index at or after `from` that no request target may contain, or the length.
#[inline]
pub fn target_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let outside = outside_target(u64::from_le_bytes(*word));
        if outside != 0 {
            return at + (outside.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < bytes.len() && is_target(bytes[at]) {
        at += 1;
    }
    at
}

#[inline]
fn outside_target(word: u64) -> u64 {
    let low = word & LOW;
    let visible = low + lanes(0x80 - 0x21);
    let delete = low + ONES;
    let hash = !(((word ^ lanes(b'#')) & LOW) + LOW);
    (word | !visible | delete | hash) & HIGH
}

/// The first index at or after `from` that no field value may contain, or the length.
#[inline]
pub fn value_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word);
        let outside = outside_value(word);
        if outside != 0 {
            let control = outside & !tabs(word);
            if control != 0 {
                return at + (control.trailing_zeros() / 8) as usize;
            }
        }
        at += 8;
        // Most values end before; the few that are long are most of the bytes of a large head.
        if at == from + SHORT {
            at = plain_end(bytes, at);
        }
    }
    while at < bytes.len() && is_value(bytes[at]) {
        at += 1;
    }
    at
}

/// Bytes of a value that are looked at word by word before longer steps pay.
const SHORT: usize = 32;
/// Bytes that are looked at together in a long value: two vectors of the least processor.
const BLOCK: usize = 32;

/// An index at or after `from` up to which there is neither a control nor DEL, in steps of `BLOCK`.
#[inline]
fn plain_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        // Without a branch in it the compiler makes vectors of this.
        let is_control = |&byte: &u8| u8::from(byte < b' ') | u8::from(byte == 0x7f);
        if block.iter().map(is_control).fold(0, |all, one| all | one) != 0 {
            break;
        }
        at += BLOCK;
    }
    at
}

/// Where the colon and the CR of the field line at `start` are, if all of it is there and well
/// formed (RFC 9112 §5). What is wrong with any other line is for a slower reader to say.
#[inline]
pub fn field_line(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    if let Some(line) = short_field_line(bytes, start) {
        return Some(line);
    }
    let colon = token_end(bytes, start);
    if colon == start || bytes.get(colon) != Some(&b':') {
        return None;
    }
    let end = value_end(bytes, colon + 1);
    bytes[end..].starts_with(b"\r\n").then_some((colon, end))
}

/// The same for a line whose CR is within 8 bytes, from one word: in two scans one after the
/// other, lines of a few bytes would cost six times as much a byte as ordinary ones.
#[inline]
fn short_field_line(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let line = bytes.get(start..)?;
    let word = u64::from_le_bytes(*line.first_chunk::<8>()?);
    let (colon, end) = (first(equal(word, b':')), first(equal(word, b'\r')));
    let is_text = outside_value(word) & !tabs(word) & end.wrapping_sub(1) == 0;
    if colon >= end || colon == 0 || !is_text {
        return None;
    }
    let (colon, end) = (lane(colon), lane(end));
    let is_name = colon > 0 && line[..colon].iter().all(|&byte| is_token(byte));
    (is_name && line.get(end + 1) == Some(&b'\n')).then_some((start + colon, start + end))
}

/// Marks the lanes that are this ASCII byte.
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    !(((word ^ lanes(byte)) & LOW) + LOW) & !word & HIGH
}

/// The lowest mark; 0 if there is none.
#[inline]
fn first(marks: u64) -> u64 {
    marks & marks.wrapping_neg()
}

/// The lane of a mark.
#[inline]
fn lane(mark: u64) -> usize {
    (mark.trailing_zeros() / 8) as usize
}

/// Marks the lanes of HTAB.
#[inline]
fn tabs(word: u64) -> u64 {
    equal(word, b'\t')
}

/// Marks controls and DEL; HTAB is marked too and left to the caller, it is rare.
#[inline]
fn outside_value(word: u64) -> u64 {
    let low = word & LOW;
    let printable = low + lanes(0x80 - 0x20);
    let delete = low + ONES;
    (!printable | delete) & !word & HIGH
}

#[cfg(test)]
mod tests;
