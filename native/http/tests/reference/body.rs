//! `message-body`, by length or by chunks (RFC 9112 §6, §7.1).

use super::head::{Field, field_line};
use super::letters::{blank, hexdig, tchar, text};
use super::message::Delimiter;
use super::reader::{BAD, Reader, Stop};
use crate::http::limits::Limits;

/// A whole body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) data: Vec<u8>,
    pub(crate) trailers: Vec<Field>,
    /// Octets on the wire.
    pub(crate) len: usize,
}

pub(super) fn read_body(input: &[u8], delimiter: Delimiter, limits: &Limits) -> Result<Body, Stop> {
    let len = match delimiter {
        Delimiter::Nothing => 0,
        Delimiter::Length(len) => len,
        Delimiter::Chunks => return read_chunked(input, limits),
    };
    let data = Reader::new(input).take_many(len.into())?.to_vec();
    Ok(Body {
        len: data.len(),
        data,
        ..Body::default()
    })
}

/// `chunked-body`.
pub(crate) fn read_chunked(input: &[u8], limits: &Limits) -> Result<Body, Stop> {
    let mut reader = Reader::new(input);
    let mut body = Body::default();
    // Octets that are neither data nor trailers.
    let mut overhead = 0;
    loop {
        let start = reader.place();
        let size = chunk_line(&mut reader, limits, body.data.len())?;
        overhead += reader.place() - start;
        // Twice the data is free, that of the chunk just announced included.
        let data = body.data.len() as u128 + size;
        if overhead as u128 > u128::from(limits.chunk_framing) + 2 * data {
            return Err(BAD);
        }
        if size == 0 {
            break;
        }
        body.data.extend_from_slice(reader.take_many(size)?);
        reader.end_of_line()?;
        overhead += 2;
    }
    body.trailers = trailer_section(&mut reader, limits)?;
    body.len = reader.place();
    Ok(body)
}

/// `chunk-size [ chunk-ext ] CRLF`, of limited length.
fn chunk_line(reader: &mut Reader<'_>, limits: &Limits, data_len: usize) -> Result<u128, Stop> {
    let mut line = Line {
        reader,
        left: limits.chunk_extensions,
    };
    let mut size = 0;
    let mut digits = 0;
    while let Some(digit) = hexdig(line.look()?) {
        line.take()?;
        digits += 1;
        if digits > 16 {
            return Err(BAD);
        }
        size = size * 16 + u128::from(digit);
    }
    // Only what may follow a size ends it; then the size can be judged.
    let behind = line.look()?;
    if digits == 0 || !(behind == b'\r' || behind == b';' || blank(behind)) {
        return Err(BAD);
    }
    if data_len as u128 + size > u128::from(limits.body_size) {
        return Err(Stop::Refused(&[413]));
    }
    chunk_ext(&mut line)?;
    line.reader.end_of_line()?;
    Ok(size)
}

/// A line that may not become too long; its CR is not counted.
struct Line<'a, 'b> {
    reader: &'a mut Reader<'b>,
    left: u32,
}

impl Line<'_, '_> {
    fn look(&self) -> Result<u8, Stop> {
        match self.reader.look()? {
            octet if octet != b'\r' && self.left == 0 => Err(BAD),
            octet => Ok(octet),
        }
    }

    fn take(&mut self) -> Result<u8, Stop> {
        let octet = self.look()?;
        self.left -= u32::from(octet != b'\r');
        self.reader.take()
    }

    fn skip_blanks(&mut self) -> Result<(), Stop> {
        while blank(self.look()?) {
            self.take()?;
        }
        Ok(())
    }

    fn token(&mut self) -> Result<(), Stop> {
        if !tchar(self.take()?) {
            return Err(BAD);
        }
        while tchar(self.look()?) {
            self.take()?;
        }
        Ok(())
    }
}

/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`; stays in front of the CR.
/// Blanks before the CR belong to no rule.
fn chunk_ext(line: &mut Line<'_, '_>) -> Result<(), Stop> {
    while line.look()? != b'\r' {
        line.skip_blanks()?;
        if line.take()? != b';' {
            return Err(BAD);
        }
        line.skip_blanks()?;
        line.token()?;
        if line.look()? == b'\r' {
            return Ok(());
        }
        let has_blank = blank(line.look()?);
        line.skip_blanks()?;
        match line.look()? {
            b'=' => {
                line.take()?;
                line.skip_blanks()?;
                chunk_ext_val(line)?;
            }
            b';' => {}
            _ if has_blank => return Err(BAD),
            _ => {}
        }
    }
    Ok(())
}

/// `token / quoted-string`.
fn chunk_ext_val(line: &mut Line<'_, '_>) -> Result<(), Stop> {
    if line.look()? != b'"' {
        return line.token();
    }
    line.take()?;
    loop {
        match line.take()? {
            b'"' => return Ok(()),
            b'\\' if !text(line.take()?) => return Err(BAD),
            octet if !text(octet) => return Err(BAD),
            _ => {}
        }
    }
}

/// `trailer-section CRLF`, of limited size and number.
fn trailer_section(reader: &mut Reader<'_>, limits: &Limits) -> Result<Vec<Field>, Stop> {
    let too_large = Stop::Refused(&[431]);
    let mut trailers = Vec::new();
    let start = reader.place();
    while reader.look()? != b'\r' {
        let used = reader.place() - start;
        reader.allow(limits.trailer_size as usize - used, too_large);
        // Both limits have one status, and their faults come before what is wrong with the octet.
        if trailers.len() == limits.trailers_count as usize {
            return Err(too_large);
        }
        trailers.push(field_line(reader)?);
        reader.allow(usize::MAX / 2, too_large);
    }
    reader.end_of_line()?;
    Ok(trailers)
}
