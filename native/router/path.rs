//! Paths in their canonical form.

/// Writes the canonical form of `path` to `out`: it begins with a slash, has no empty elements, no
/// `.`, and no `..`, which removes the element before it and never goes above the root. A final
/// slash stays, and a final `.` leaves one. Escapes are not looked into: in its normal form a path has
/// none of a dot.
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
