//! Percent-escapes of paths (RFC 3986 §2.1): which spellings of a path mean the same.
//!
//! A path has one normal form (§6.2.2), which everybody sees: escapes of unreserved characters are
//! decoded, the digits of all others are in upper case. An escape that is malformed stays as it is.
//! Routes are matched by what is left when the others are decoded as well, as values are: all but
//! those of a slash, which would cut an element in two, so that two paths with the same values never
//! have different routes.

use crate::router::span::Span;

/// One character of a path as it was sent.
#[derive(Clone, Copy, Debug)]
struct Character {
    byte: u8,
    is_escaped: bool,
}

impl Character {
    /// What it stands for: an escaped slash is something else than a slash.
    fn meaning(self) -> (u8, bool) {
        (self.byte, self.is_escaped && self.byte == b'/')
    }

    /// How many bytes were sent.
    fn len(self) -> usize {
        if self.is_escaped { 3 } else { 1 }
    }
}

/// The characters of a path. A percent sign that begins no escape stands for itself.
fn characters(path: &[u8]) -> impl Iterator<Item = Character> {
    let mut rest = path;
    std::iter::from_fn(move || {
        let (&byte, behind) = rest.split_first()?;
        let escaped = escaped_byte(byte, behind);
        let character = Character {
            byte: escaped.unwrap_or(byte),
            is_escaped: escaped.is_some(),
        };
        rest = &rest[character.len()..];
        Some(character)
    })
}

/// The byte that an escape stands for, which begins with `first`.
fn escaped_byte(first: u8, behind: &[u8]) -> Option<u8> {
    let (b'%', [high, low, ..]) = (first, behind) else {
        return None;
    };
    let high = char::from(*high).to_digit(16)?;
    let low = char::from(*low).to_digit(16)?;
    Some((high << 4 | low) as u8)
}

/// A path in its normal form, in which it is matched.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    /// The path.
    pub text: &'a [u8],
    /// There may be a percent sign in it.
    pub has_percent: bool,
}

impl<'a> Path<'a> {
    /// The normal form of a path as it was sent. `room` is where it is written to, if there is a
    /// percent sign in the path.
    pub fn of(sent: &'a [u8], room: &'a mut Vec<u8>) -> Self {
        let has_percent = memchr::memchr(b'%', sent).is_some();
        let text = match has_percent {
            true => normalize(sent, room).unwrap_or(sent),
            false => sent,
        };
        Self { text, has_percent }
    }

    /// The path as it is matched.
    #[inline]
    pub(super) fn decoded(self, room: &'a mut Decoded) -> &'a [u8] {
        if !self.has_percent {
            return self.text;
        }
        room.decode(self.text);
        &room.text
    }
}

/// Writes the normal form of `path` to `out`, where it is never longer; `None` if it is the path
/// itself.
pub fn normalize<'a>(path: &[u8], out: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    out.clear();
    // Hexadecimal digits right behind a percent sign that begins no escape, and the sign itself.
    let mut open = 0;
    for character in characters(path) {
        let Character { byte, is_escaped } = character;
        if is_escaped && !is_unreserved(byte) {
            escape(byte, out);
            open = 0;
        } else if byte == b'%' {
            out.push(byte);
            open = 1;
        } else if open == 2 && byte.is_ascii_hexdigit() {
            // They would be an escape together, which nobody has sent.
            escape(byte, out);
            open = 0;
        } else {
            out.push(byte);
            open = if open == 1 && byte.is_ascii_hexdigit() {
                2
            } else {
                0
            };
        }
    }
    (*out != path).then_some(out)
}

/// Whether two paths mean the same.
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    let meanings = |path| characters(path).map(Character::meaning);
    one == other
        || ((one.contains(&b'%') || other.contains(&b'%')) && meanings(one).eq(meanings(other)))
}

/// A path as it is matched, and where each byte of it came from. No escapes are left but that of a
/// slash, `%2F`, and `%25` for every percent sign, so that it is no other's beginning.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// The path.
    pub text: Vec<u8>,
    origins: Vec<u32>,
}

impl Decoded {
    /// Decodes a path.
    #[cold]
    pub fn decode(&mut self, path: &[u8]) {
        self.text.clear();
        self.origins.clear();
        let mut at = 0;
        for character in characters(path) {
            match character.meaning() {
                (byte @ b'/', true) | (byte @ b'%', _) => escape(byte, &mut self.text),
                (byte, _) => self.text.push(byte),
            }
            self.origins.resize(self.text.len(), at);
            at += character.len() as u32;
        }
        self.origins.push(at);
    }

    /// Takes a path that is decoded already.
    pub fn keep(&mut self, text: &[u8]) {
        self.text.clear();
        self.text.extend_from_slice(text);
        self.origins.clear();
        self.origins.extend(0..=text.len() as u32);
    }

    /// Where the byte at `place`, or the end, was in the path.
    pub fn origin(&self, place: u32) -> u32 {
        self.origins[place as usize]
    }

    /// Makes of stretches of the text those that they were in the path.
    #[cold]
    pub fn restore(&self, spans: &mut [Span]) {
        for span in spans {
            let start = self.origin(span.start);
            let len = self.origin(span.start + span.len) - start;
            *span = Span { start, len };
        }
    }
}

/// Writes a decoded path to `out` as it is sent: escapes stand for all bytes that are no `pchar`
/// (RFC 3986 §3.3).
pub fn encode(decoded: &[u8], out: &mut Vec<u8>) {
    for &byte in decoded {
        // Percent signs only begin the escapes that were left.
        if is_pchar(byte) || matches!(byte, b'/' | b'%') {
            out.push(byte);
        } else {
            escape(byte, out);
        }
    }
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
    out.extend_from_slice(&[b'%', HEX[high], HEX[low]]);
}

/// RFC 3986 §2.3: an escape of it means the same.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Whether a byte needs no escape in an element of a path.
fn is_pchar(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte)
}
