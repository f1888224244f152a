//! The trailer section (RFC 9112 §7.1.2): checked by the rules of header fields, and no more.
//!
//! It is dropped, which is what RFC 9110 §6.5.1 asks of a recipient that does not know a field to be
//! safe in a trailer, or given away apart from the head; so `Host` or `Transfer-Encoding` down here
//! changes nothing.

use crate::http::byte;
use crate::http::error::ParseError;
use crate::http::limits::Limits;

/// Reads the trailer section and the blank line behind it, over as many calls as they need.
#[derive(Clone, Debug, Default)]
pub struct TrailerSection {
    place: Place,
    len: u32,
    count: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    LineStart,
    Name,
    Value,
    LineFeed,
    LastLineFeed,
}

impl TrailerSection {
    /// Reads on. Returns how many of `bytes` it took if the section has ended there, and `None`
    /// if it took all and needs more.
    pub fn read(&mut self, bytes: &[u8], limits: &Limits) -> Result<Option<usize>, ParseError> {
        let room = limits.trailer_size.saturating_sub(self.len) as usize;
        let window = &bytes[..bytes.len().min(room)];
        let mut at = 0;
        // Whole lines at once; the rest, and whatever is wrong, byte by byte.
        while self.place == Place::LineStart
            && self.count < limits.trailers_count
            && let Some((_, end)) = byte::field_line(window, at)
        {
            self.count += 1;
            at = end + 2;
        }
        while let Some(&next) = bytes.get(at) {
            // The blank line is no part of the section.
            let is_blank_line = matches!(
                (self.place, next),
                (Place::LineStart, b'\r') | (Place::LastLineFeed, _)
            );
            if at >= room && !is_blank_line {
                return Err(ParseError::TrailerSize);
            }
            at += 1;
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
                Place::LastLineFeed if next == b'\n' => return Ok(Some(at)),
                Place::LineFeed | Place::LastLineFeed => return Err(ParseError::LineEnd),
            };
            at = match self.place {
                Place::Name => byte::token_end(window, at),
                Place::Value => byte::value_end(window, at),
                _ => at,
            };
        }
        self.len = self.len.saturating_add(at as u32);
        Ok(None)
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
