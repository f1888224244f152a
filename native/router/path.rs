//! Paths in their canonical form.

/// Writes the canonical form of `path` to `out`: it begins with a slash, has no empty elements, no
/// `.`, and no `..`, which removes the element before it and never goes above the root. A final
/// slash stays, and a final `.` leaves one. Escapes are not looked into.
pub fn clean(path: &[u8], out: &mut Vec<u8>) {
    out.clear();
    for element in path.split(|&byte| byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => {
                let parent = out.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
                out.truncate(parent);
            }
            _ => {
                out.push(b'/');
                out.extend_from_slice(element);
            }
        }
    }
    let is_folder = path.ends_with(b"/") || path == b"." || path.ends_with(b"/.");
    if out.is_empty() || is_folder {
        out.push(b'/');
    }
}

/// Whether `clean` would change nothing.
pub fn is_clean(path: &[u8]) -> bool {
    let Some((b'/', rest)) = path.split_first() else {
        return false;
    };
    // Without a way out in the middle, so that many bytes are looked at together.
    let is_odd = |(&one, &next): (&u8, &u8)| (one == b'/') & matches!(next, b'/' | b'.');
    if !std::iter::zip(path, rest).fold(false, |any, pair| any | is_odd(pair)) {
        return true;
    }
    let mut at = 0;
    while let Some(len) = memchr::memchr(b'/', &rest[at..]) {
        if matches!(&rest[at..at + len], b"" | b"." | b"..") {
            return false;
        }
        at += len + 1;
    }
    !matches!(&rest[at..], b"." | b"..")
}

/// Whether an element stands for its folder or the one above (RFC 3986 §5.2.4), escaped or not.
pub fn is_dots(element: &[u8]) -> bool {
    let (mut rest, mut dots) = (element, 0);
    while let Some((&byte, behind)) = rest.split_first() {
        rest = match escaped_byte(byte, behind) {
            Some(b'.') => &behind[2..],
            None if byte == b'.' => behind,
            _ => return false,
        };
        dots += 1;
    }
    matches!(dots, 1 | 2)
}

/// Writes `text` to `out` as it comes over the wire: bytes that the path of no request target may
/// contain are percent-encoded (RFC 3986 §2.1), all others stay.
pub fn encode(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'?' | b'#' => escape(byte, out),
            0x21..=0x7e => out.push(byte),
            _ => escape(byte, out),
        }
    }
}

/// Writes a path to `out` as most clients send it: escapes stand for all bytes that are no `pchar`
/// (RFC 3986 §3.3), and for no others but dots, which would name other elements.
pub fn normalize(path: &[u8], out: &mut Vec<u8>) {
    let mut rest = path;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match escaped_byte(byte, behind) {
            Some(escaped) => {
                rest = &behind[2..];
                if is_pchar(escaped) && escaped != b'.' {
                    out.push(escaped);
                } else {
                    escape(escaped, out);
                }
            }
            None if byte == b'/' || is_pchar(byte) => out.push(byte),
            None => escape(byte, out),
        }
    }
}

/// Writes a path to `out` with the letters of its escapes in lower case (RFC 3986 §6.2.2.1: they mean
/// the same).
pub fn lower_escapes(path: &[u8], out: &mut Vec<u8>) {
    let mut rest = path;
    while let Some((&byte, behind)) = rest.split_first() {
        out.push(byte);
        rest = behind;
        if escaped_byte(byte, behind).is_some() {
            out.extend(behind[..2].iter().map(u8::to_ascii_lowercase));
            rest = &behind[2..];
        }
    }
}

/// The byte that an escape stands for, which begins with `first`.
pub fn escaped_byte(first: u8, behind: &[u8]) -> Option<u8> {
    let (b'%', [high, low, ..]) = (first, behind) else {
        return None;
    };
    let high = char::from(*high).to_digit(16)?;
    let low = char::from(*low).to_digit(16)?;
    Some((high << 4 | low) as u8)
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
    out.extend_from_slice(&[b'%', HEX[high], HEX[low]]);
}

/// Whether a byte needs no escape in an element of a path.
fn is_pchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte)
}
