//! Reads the head of a request: bytes in, spans out, nothing copied.
//!
//! One pass, resumable at any byte. A head is judged as if its bytes came one by one: the first
//! bad byte or passed limit in stream order decides, however the bytes were cut into reads, and
//! nothing behind a limit is looked at. Only CR LF ends a line (RFC 9112 §2.2 allows that), and a
//! folded line is refused (§5.2).

use crate::http::error::ParseError;
use crate::http::head::{FieldLine, Parsed, RequestHead, Version};
use crate::http::limits::Limits;
use crate::http::method::Method;
use crate::http::span::Span;
use crate::http::{byte, target};

/// Empty lines that are skipped before a request; RFC 9112 §2.2 asks for one, a bound keeps a
/// client from feeding them for ever.
const MAX_EMPTY_LINES: usize = 4;
/// Twice the longest registered method, and more: `UPDATEREDIRECTREF` has 17 bytes.
const MAX_METHOD: usize = 64;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    EmptyLines,
    Method,
    Target,
    Version,
    FieldName,
    FieldValue,
    FieldLineEnd,
    HeadEnd,
}

/// Reads one head over as many calls as its bytes need.
#[derive(Clone, Debug, Default)]
pub struct HeadParser {
    stage: Stage,
    /// The next byte to look at, from `head.start`.
    position: usize,
    /// Where the element being read began: method, target, version or field line.
    mark: usize,
    /// The colon of the field line being read.
    colon: usize,
    /// Field lines read so far.
    count: u32,
    head: RequestHead,
}

impl HeadParser {
    /// Reads on. `buf` begins at the same byte in every call and only grows; each call adds the
    /// lines that it has read to `fields`. No byte is scanned more than twice.
    pub fn parse(
        &mut self,
        buf: &[u8],
        limits: &Limits,
        fields: &mut Vec<FieldLine>,
    ) -> Result<Parsed<RequestHead>, ParseError> {
        if self.stage == Stage::EmptyLines && !self.skip_empty_lines(buf)? {
            return Ok(Parsed::Partial);
        }
        let rest = &buf[self.head.start as usize..];
        let size = limits.header_size as usize;
        let window = &rest[..rest.len().min(size)];
        if self.read_request_line(window, limits)? && self.read_fields(window, limits, fields)? {
            self.head.len = self.position as u32;
            return Ok(Parsed::Complete(self.head));
        }
        if window.len() < size {
            return Ok(Parsed::Partial);
        }
        Err(match self.stage {
            Stage::Method | Stage::Target => ParseError::TargetLength,
            _ => ParseError::HeadSize,
        })
    }

    /// Whether nothing of a request is there: nothing at all, or empty lines.
    pub fn is_blank(&self) -> bool {
        self.stage == Stage::EmptyLines
    }

    /// How many bytes were read without a fault.
    pub fn reach(&self) -> usize {
        self.head.start as usize + self.position
    }

    /// Returns whether the first byte of the request line is there.
    fn skip_empty_lines(&mut self, buf: &[u8]) -> Result<bool, ParseError> {
        let mut start = self.head.start as usize;
        let found = loop {
            match buf[start..] {
                [b'\r', ..] if start == 2 * MAX_EMPTY_LINES => return Err(ParseError::EmptyLine),
                [b'\r', b'\n', ..] => start += 2,
                [] | [b'\r'] => break false,
                [b'\r', ..] => return Err(ParseError::EmptyLine),
                _ => break true,
            }
        };
        self.head.start = start as u32;
        if found {
            self.stage = Stage::Method;
        }
        Ok(found)
    }

    fn read_request_line(&mut self, window: &[u8], limits: &Limits) -> Result<bool, ParseError> {
        Ok((self.stage != Stage::Method || self.read_method(window)?)
            && (self.stage != Stage::Target || self.read_target(window, limits)?)
            && (self.stage != Stage::Version || self.read_version(window)?))
    }

    fn read_method(&mut self, window: &[u8]) -> Result<bool, ParseError> {
        let reach = &window[..window.len().min(MAX_METHOD + 1)];
        let end = byte::token_end(reach, self.position);
        self.position = end;
        if end > MAX_METHOD {
            return Err(ParseError::MethodLength);
        }
        match window.get(end) {
            None => return Ok(false),
            Some(b' ') if end > 0 => {}
            Some(_) => return Err(ParseError::Method),
        }
        self.head.method = Span::between(0, end);
        self.head.method_kind = Method::of(&window[..end]);
        self.enter(Stage::Target, end + 1);
        Ok(true)
    }

    fn read_target(&mut self, window: &[u8], limits: &Limits) -> Result<bool, ParseError> {
        let start = self.mark;
        if self.position == start {
            match window.get(start) {
                None => return Ok(false),
                Some(&first) => {
                    self.head.form =
                        target::form_of(first, self.head.method_kind, limits.any_absolute)?;
                }
            }
        }
        let limit = start + limits.request_line as usize;
        let end = byte::target_end(&window[..window.len().min(limit)], self.position);
        self.position = end;
        match window.get(end) {
            None => return Ok(false),
            Some(b' ') if end > start => {}
            Some(_) if end == limit => return Err(ParseError::TargetLength),
            Some(_) => return Err(ParseError::Target),
        }
        self.head.target = Span::between(start, end);
        let parts = target::take_apart(
            &window[start..end],
            self.head.target,
            self.head.form,
            limits.any_absolute,
        )?;
        self.head.path = parts.path;
        self.head.query = parts.query;
        self.head.has_percent = parts.has_percent;
        self.enter(Stage::Version, end + 1);
        Ok(true)
    }

    /// Reads the version and the end of its line: `HTTP/` DIGIT `.` DIGIT CR LF.
    fn read_version(&mut self, window: &[u8]) -> Result<bool, ParseError> {
        let start = self.mark;
        let line = &window[start..];
        let whole = line.first_chunk::<10>();
        if let Some([b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0', b'\r', b'\n']) = whole {
            self.head.version = Version::Http10;
        } else if whole != Some(b"HTTP/1.1\r\n") {
            for (offset, &next) in line.iter().enumerate().take(10).skip(self.position - start) {
                let fits = match offset {
                    5 | 7 => next.is_ascii_digit(),
                    _ => next == b"HTTP/0.0\r\n"[offset],
                };
                if !fits {
                    return Err(if offset < 9 {
                        ParseError::Version
                    } else {
                        ParseError::LineEnd
                    });
                }
                if offset == 8 && line[5] != b'1' {
                    return Err(ParseError::UnsupportedVersion);
                }
            }
            if line.len() < 10 {
                self.position = window.len();
                return Ok(false);
            }
            if line[7] == b'0' {
                self.head.version = Version::Http10;
            }
        }
        self.head.version_span = Span::between(start, start + 8);
        self.enter(Stage::FieldName, start + 10);
        Ok(true)
    }

    fn enter(&mut self, stage: Stage, position: usize) {
        self.stage = stage;
        self.position = position;
        self.mark = position;
    }

    /// Returns whether the blank line has been read.
    fn read_fields(
        &mut self,
        window: &[u8],
        limits: &Limits,
        fields: &mut Vec<FieldLine>,
    ) -> Result<bool, ParseError> {
        self.read_whole_lines(window, limits, fields);
        loop {
            match self.stage {
                Stage::FieldName => {
                    let start = self.mark;
                    if self.position == start {
                        match window.get(start) {
                            None => return Ok(false),
                            Some(b'\r') => {
                                self.enter(Stage::HeadEnd, start + 1);
                                continue;
                            }
                            Some(_) if self.count >= limits.headers_count => {
                                return Err(ParseError::FieldCount);
                            }
                            Some(_) => {}
                        }
                    }
                    let end = byte::token_end(window, self.position);
                    self.position = end;
                    match window.get(end) {
                        None => return Ok(false),
                        Some(b':') if end > start => {}
                        Some(_) => return Err(ParseError::FieldName),
                    }
                    (self.colon, self.position) = (end, end + 1);
                    self.stage = Stage::FieldValue;
                }
                Stage::FieldValue => {
                    self.position = byte::value_end(window, self.position);
                    match window.get(self.position) {
                        None => return Ok(false),
                        Some(b'\r') => {}
                        Some(_) => return Err(ParseError::FieldValue),
                    }
                    self.position += 1;
                    self.stage = Stage::FieldLineEnd;
                }
                Stage::FieldLineEnd => {
                    match window.get(self.position) {
                        None => return Ok(false),
                        Some(b'\n') => {}
                        Some(_) => return Err(ParseError::LineEnd),
                    }
                    let (mark, end) = (self.mark, self.position - 1);
                    fields.push(Self::field_line(window, mark, self.colon, end));
                    self.count += 1;
                    self.enter(Stage::FieldName, self.position + 1);
                }
                _ => {
                    match window.get(self.position) {
                        None => return Ok(false),
                        Some(b'\n') => {}
                        Some(_) => return Err(ParseError::LineEnd),
                    }
                    self.position += 1;
                    return Ok(true);
                }
            }
        }
    }

    /// Reads the lines that are there whole and well formed, which are nearly all lines.
    fn read_whole_lines(&mut self, window: &[u8], limits: &Limits, fields: &mut Vec<FieldLine>) {
        if self.stage != Stage::FieldName || self.position != self.mark {
            return;
        }
        let mut start = self.mark;
        let mut count = self.count;
        while count < limits.headers_count
            && window.get(start) != Some(&b'\r')
            && let Some((colon, end)) = byte::field_line(window, start)
        {
            fields.push(Self::field_line(window, start, colon, end));
            count += 1;
            start = end + 2;
        }
        self.count = count;
        self.enter(Stage::FieldName, start);
    }

    /// The line from `mark` to the CR at `end`.
    fn field_line(window: &[u8], mark: usize, colon: usize, mut end: usize) -> FieldLine {
        let mut start = colon + 1;
        while start < end && byte::is_whitespace(window[start]) {
            start += 1;
        }
        while start < end && byte::is_whitespace(window[end - 1]) {
            end -= 1;
        }
        FieldLine {
            name: Span::between(mark, colon),
            value: Span::between(start, end),
        }
    }
}
