//! Comma-separated lists (RFC 9110 §5.6.1).

use crate::http::byte;

/// Walks the elements of a `#token` list, whitespace taken off, empty elements left out.
pub fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|&byte| byte == b',')
        .map(byte::trim)
        .filter(|element| !element.is_empty())
}

/// Has the list this token? Tokens of Connection are case-insensitive (RFC 9110 §7.6.1).
pub fn has_token(value: &[u8], token: &[u8]) -> bool {
    elements(value).any(|element| element.eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::has_token;

    #[test]
    fn finds_whole_tokens_only() {
        for value in [
            &b"close"[..],
            b"CLOSE",
            b" , close\t,x",
            b"foo,close",
            b",,,,close",
        ] {
            assert!(has_token(value, b"close"), "{value:?}");
        }
        for value in [
            &b""[..],
            b"closed",
            b"xclose",
            b"clo,se",
            b"close x",
            b"\"close\"",
        ] {
            assert!(!has_token(value, b"close"), "{value:?}");
        }
    }
}
