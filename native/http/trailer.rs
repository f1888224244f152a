//! The trailer section (RFC 9112 §7.1.2): checked by the rules of header fields, and dropped.
//!
//! Dropping is what RFC 9110 §6.5.1 asks of a recipient that does not know a field to be safe in
//! a trailer; so `Host` or `Transfer-Encoding` down here changes nothing.

use crate::http::byte;
use crate::http::error::ParseError;
use crate::http::limits::Limits;

/// Reads the trailer section and the blank line behind it, a byte at a time.
#[derive(Clone, Debug, Default)]
pub struct TrailerSection {
    place: Place,
    len: u32,
    count: u32,
}

#[derive(Clone, Copy, Debug, Default)]
enum Place {
    #[default]
    LineStart,
    Name,
    Value,
    LineFeed,
    LastLineFeed,
}

impl TrailerSection {
    /// Takes the next byte; returns whether it ended the section.
    pub fn push(&mut self, next: u8, limits: &Limits) -> Result<bool, ParseError> {
        // The blank line is no part of the section.
        if !matches!(
            (self.place, next),
            (Place::LineStart, b'\r') | (Place::LastLineFeed, _)
        ) {
            self.len += 1;
            if self.len > limits.trailer_size {
                return Err(ParseError::TrailerSize);
            }
        }
        self.place = match self.place {
            Place::LineStart if next == b'\r' => Place::LastLineFeed,
            Place::LineStart => self.start_line(next, limits)?,
            Place::Name if next == b':' => Place::Value,
            Place::Name if byte::is_token(next) => Place::Name,
            Place::Name => return Err(ParseError::FieldName),
            Place::Value if next == b'\r' => Place::LineFeed,
            Place::Value if byte::is_value(next) => Place::Value,
            Place::Value => return Err(ParseError::FieldValue),
            Place::LineFeed if next == b'\n' => Place::LineStart,
            Place::LastLineFeed if next == b'\n' => return Ok(true),
            Place::LineFeed | Place::LastLineFeed => return Err(ParseError::LineEnd),
        };
        Ok(false)
    }

    fn start_line(&mut self, next: u8, limits: &Limits) -> Result<Place, ParseError> {
        self.count += 1;
        if self.count > limits.trailers_count {
            return Err(ParseError::TrailerCount);
        }
        if byte::is_token(next) {
            Ok(Place::Name)
        } else {
            Err(ParseError::FieldName)
        }
    }
}

#[cfg(test)]
mod tests;
