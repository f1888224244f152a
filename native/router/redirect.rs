//! Where a path without a route is sent instead.
//!
//! A target is a path on this server and nothing else, so it never begins with `//` and holds no
//! backslash, which browsers take for a slash: both would name another host (RFC 3986 §4.2). Nor has
//! it an element that is a dot or two, which clients resolve before they ask (§5.2.4).

use crate::router::pattern::Part;
use crate::router::span::Span;

/// Whether `target` may be the value of `Location`.
pub fn is_safe(target: &[u8]) -> bool {
    if !target.starts_with(b"/") || target.starts_with(b"//") {
        return false;
    }
    // Without a way out in the middle, so that many bytes are looked at together.
    let is_odd = |byte: &u8| matches!(byte, b'\\' | b'.');
    let may_be_odd = target.iter().fold(false, |any, byte| any | is_odd(byte));
    !may_be_odd || (!target.contains(&b'\\') && !target.split(|&byte| byte == b'/').any(is_dots))
}

fn is_dots(element: &[u8]) -> bool {
    matches!(element, b"." | b"..")
}

/// Writes the path with its final slash taken away, or with one added.
pub fn toggle_slash(path: &[u8], out: &mut Vec<u8>) {
    out.clear();
    match path {
        [rest @ .., b'/'] => out.extend_from_slice(rest),
        _ => {
            out.extend_from_slice(path);
            out.push(b'/');
        }
    }
}

/// Writes a path that `pattern`, as it is sent, matches: its own text, and the values that its wildcards have in
/// `path`. Those that are missing at the end are empty.
pub fn fill(pattern: &[Part], path: &[u8], values: impl Iterator<Item = Span>, out: &mut Vec<u8>) {
    out.clear();
    let mut values = values;
    for part in pattern {
        match part {
            Part::Text(text) => out.extend_from_slice(text),
            Part::Param(_) => out.extend_from_slice(values.next().unwrap_or_default().of(path)),
            Part::CatchAll(_) => {
                let value = values
                    .next()
                    .map_or(path.len(), |value| value.start as usize);
                // The pattern's text ends with the slash that the value begins with.
                let value = &path[value..];
                out.extend_from_slice(value.strip_prefix(b"/").unwrap_or(value));
            }
        }
    }
}

/// The status of a redirect: that of `code`, or if it is 0 the reference's choice, 301 for GET and
/// for all others 307, which keeps method and body (RFC 9110 §15.4).
pub fn status(method: &[u8], code: u16) -> u16 {
    match code {
        0 if method == b"GET" => 301,
        0 => 307,
        code => code,
    }
}
