//! The chunk-size line (RFC 9112 §7.1): size, extensions, CR LF.
//!
//! Extensions are parsed and dropped, never skipped unread: where two readers disagree about the
//! end of this line, a request can be smuggled (CVE-2025-55315, CVE-2025-22871).

use crate::http::error::ParseError;
use crate::http::{byte, number};

/// Enough for every `u64`, and so no sum of digits can overflow.
const MAX_DIGITS: u8 = 16;

/// Reads one chunk-size line, a byte at a time.
#[derive(Clone, Debug, Default)]
pub struct ChunkLine {
    place: Place,
    digits: u8,
    size: u64,
    len: u32,
}

/// Where in the line the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Size,
    /// In whitespace that only `;` may follow.
    BeforeSemicolon,
    BeforeName,
    Name,
    /// In whitespace behind a name, that only `;` or `=` may follow.
    AfterName,
    BeforeValue,
    Value,
    Quoted,
    Escaped,
    AfterQuoted,
    LineFeed,
}

impl ChunkLine {
    /// Takes the next byte; returns whether it ended the line. `max_len` bounds the line without
    /// its CR LF, in bytes.
    pub fn push(&mut self, next: u8, max_len: u32) -> Result<bool, ParseError> {
        if self.place == Place::LineFeed {
            return match next {
                b'\n' => Ok(true),
                _ => Err(ParseError::LineEnd),
            };
        }
        if next != b'\r' {
            self.len += 1;
            if self.len > max_len {
                return Err(ParseError::ChunkLineLength);
            }
        }
        self.place = match self.place {
            Place::Size => self.push_size(next)?,
            place => extension_place(place, next).ok_or(ParseError::ChunkExtension)?,
        };
        Ok(false)
    }

    /// The size read, in bytes of data.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Are all digits of the size read?
    pub fn has_size(&self) -> bool {
        self.place != Place::Size
    }

    fn push_size(&mut self, next: u8) -> Result<Place, ParseError> {
        if let Some(digit) = number::hex_digit(next) {
            self.digits += 1;
            if self.digits > MAX_DIGITS {
                return Err(ParseError::ChunkSize);
            }
            self.size = self.size << 4 | u64::from(digit);
            return Ok(Place::Size);
        }
        if self.digits == 0 {
            return Err(ParseError::ChunkSize);
        }
        after_element(next).ok_or(ParseError::ChunkSize)
    }
}

/// `chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, so that
/// whitespace is bad but readable (RFC 9112 §7.1.1), except in front of the CR.
fn extension_place(place: Place, next: u8) -> Option<Place> {
    let is_blank = byte::is_whitespace(next);
    match place {
        Place::BeforeSemicolon => after_element(next).filter(|_| next != b'\r'),
        Place::BeforeName if byte::is_token(next) => Some(Place::Name),
        Place::Name if byte::is_token(next) => Some(Place::Name),
        Place::Name | Place::AfterName if is_blank => Some(Place::AfterName),
        Place::Name | Place::AfterName if next == b'=' => Some(Place::BeforeValue),
        Place::Name => after_element(next),
        Place::AfterName if next == b';' => Some(Place::BeforeName),
        Place::BeforeValue if next == b'"' => Some(Place::Quoted),
        Place::BeforeValue | Place::Value if byte::is_token(next) => Some(Place::Value),
        Place::BeforeName | Place::BeforeValue if is_blank => Some(place),
        Place::Quoted if next == b'"' => Some(Place::AfterQuoted),
        Place::Quoted if next == b'\\' => Some(Place::Escaped),
        Place::Quoted | Place::Escaped if byte::is_value(next) => Some(Place::Quoted),
        Place::Value | Place::AfterQuoted => after_element(next),
        _ => None,
    }
}

/// What may follow a size, a name or a value.
fn after_element(next: u8) -> Option<Place> {
    match next {
        b'\r' => Some(Place::LineFeed),
        b';' => Some(Place::BeforeName),
        b' ' | b'\t' => Some(Place::BeforeSemicolon),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
