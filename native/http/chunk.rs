//! The chunk-size line (RFC 9112 §7.1): size, extensions, CR LF.
//!
//! Extensions are parsed and dropped, never skipped unread: where two readers disagree about the
//! end of this line, a request can be smuggled (CVE-2025-55315, CVE-2025-22871).

use crate::http::error::ParseError;
use crate::http::{byte, number};

/// Enough for every `u64`, and so no sum of digits can overflow.
const MAX_DIGITS: u8 = 16;

/// Reads one chunk-size line over as many calls as its bytes need.
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
    /// Behind a size or a quoted value.
    AfterElement,
    LineFeed,
}

impl ChunkLine {
    /// Reads on. Returns how many of `bytes` it took if the line has ended there, and `None` if
    /// it took all and needs more. `max_len` bounds the line without its CR LF, in bytes, and
    /// `max_size` the size that it names.
    pub fn read(
        &mut self,
        bytes: &[u8],
        max_len: u32,
        max_size: u64,
    ) -> Result<Option<usize>, ParseError> {
        // What is beyond it must be the CR.
        let room = max_len.saturating_sub(self.len) as usize;
        let window = &bytes[..bytes.len().min(room)];
        let mut at = 0;
        if self.place == Place::Size {
            at = self.read_size(bytes, room, max_size)?;
            // Whole extensions at once; the rest, and whatever is wrong, byte by byte.
            while self.place != Place::Size
                && let Some((end, place)) = extension_end(window, at)
            {
                (at, self.place) = (end, place);
            }
        }
        while let Some(&next) = bytes.get(at) {
            if self.place == Place::LineFeed {
                return match next {
                    b'\n' => Ok(Some(at + 1)),
                    _ => Err(ParseError::LineEnd),
                };
            }
            if at >= room && next != b'\r' {
                return Err(ParseError::ChunkLineLength);
            }
            self.place = extension_place(self.place, next).ok_or(ParseError::ChunkExtension)?;
            at += 1;
        }
        self.len = self.len.saturating_add(at as u32);
        Ok(None)
    }

    /// Has nothing of the line been read?
    pub fn is_fresh(&self) -> bool {
        self.place == Place::Size && self.len == 0
    }

    /// The size read, in bytes of data.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads the digits, and looks at the byte behind them: only it says that the size is one.
    fn read_size(&mut self, bytes: &[u8], room: usize, max_size: u64) -> Result<usize, ParseError> {
        for (at, &next) in bytes.iter().enumerate() {
            if at >= room && next != b'\r' {
                return Err(ParseError::ChunkLineLength);
            }
            if let Some(digit) = number::hex_digit(next) {
                self.digits += 1;
                if self.digits > MAX_DIGITS {
                    return Err(ParseError::ChunkSize);
                }
                self.size = self.size << 4 | u64::from(digit);
                continue;
            }
            if self.digits == 0 || after_element(next).is_none() {
                return Err(ParseError::ChunkSize);
            }
            if self.size > max_size {
                return Err(ParseError::BodySize);
            }
            self.place = Place::AfterElement;
            return Ok(at);
        }
        Ok(bytes.len())
    }
}

/// The end of the extension at `at`, and the place that is, if all of it and what follows it is
/// there and well formed.
fn extension_end(bytes: &[u8], at: usize) -> Option<(usize, Place)> {
    let skip_blanks = |at| while_in(bytes, at, byte::is_whitespace);
    let token_end = |at| Some(while_in(bytes, at, byte::is_token)).filter(|&end| end > at);
    let semicolon = skip_blanks(at);
    if bytes.get(semicolon) != Some(&b';') {
        return None;
    }
    let mut end = token_end(skip_blanks(semicolon + 1))?;
    let mut place = Place::Name;
    let equals = skip_blanks(end);
    if bytes.get(equals) == Some(&b'=') {
        let value = skip_blanks(equals + 1);
        (end, place) = match bytes.get(value)? {
            b'"' => (quoted_end(bytes, value + 1)?, Place::AfterElement),
            _ => (token_end(value)?, Place::Value),
        };
    }
    let behind = *bytes.get(end)?;
    after_element(behind).map(|_| (end, place))
}

/// The end behind the closing quote.
fn quoted_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = while_in(bytes, at, byte::is_quoted_text);
        match bytes[at..] {
            [b'"', ..] => return Some(at + 1),
            [b'\\', next, ..] if byte::is_value(next) => at += 2,
            _ => return None,
        }
    }
}

#[inline]
fn while_in(bytes: &[u8], mut at: usize, is_in: impl Fn(u8) -> bool) -> usize {
    while bytes.get(at).is_some_and(|&next| is_in(next)) {
        at += 1;
    }
    at
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
        Place::Quoted if next == b'"' => Some(Place::AfterElement),
        Place::Quoted if next == b'\\' => Some(Place::Escaped),
        Place::Quoted | Place::Escaped if byte::is_value(next) => Some(Place::Quoted),
        Place::Value | Place::AfterElement => after_element(next),
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
