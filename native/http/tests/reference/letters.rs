//! The letters of the grammar, spelled out.

/// `tchar` of RFC 9110 §5.6.2.
pub(super) fn tchar(octet: u8) -> bool {
    letter(octet)
        || digit(octet)
        || matches!(
            char::from(octet),
            '!' | '#'
                | '$'
                | '%'
                | '&'
                | '\''
                | '*'
                | '+'
                | '-'
                | '.'
                | '^'
                | '_'
                | '`'
                | '|'
                | '~'
        )
}

/// `ALPHA`.
pub(super) fn letter(octet: u8) -> bool {
    matches!(octet, 0x41..=0x5a | 0x61..=0x7a)
}

/// `DIGIT`.
pub(super) fn digit(octet: u8) -> bool {
    matches!(octet, 0x30..=0x39)
}

/// The value of a `HEXDIG`, of either case (RFC 5234 §2.3).
pub(super) fn hexdig(octet: u8) -> Option<u32> {
    char::from(octet).to_digit(16)
}

/// SP or HTAB, which `OWS`, `RWS` and `BWS` consist of.
pub(super) fn blank(octet: u8) -> bool {
    octet == 0x20 || octet == 0x09
}

/// What lies within a field line: `field-vchar`, SP, HTAB (RFC 9110 §5.5).
pub(super) fn text(octet: u8) -> bool {
    blank(octet) || matches!(octet, 0x21..=0x7e | 0x80..=0xff)
}

/// What a target may consist of: all that is visible but `#`, for browsers leave more unescaped
/// than RFC 3986 allows; what it means is the handler's affair.
pub(super) fn visible_in_target(octet: u8) -> bool {
    matches!(octet, 0x21 | 0x22 | 0x24..=0x7e)
}

/// `unreserved / sub-delims` of RFC 3986.
pub(super) fn plain_in_host(octet: u8) -> bool {
    letter(octet)
        || digit(octet)
        || matches!(char::from(octet), '-' | '.' | '_' | '~')
        || matches!(
            char::from(octet),
            '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '='
        )
}

/// Without the blanks around it.
pub(super) fn without_blanks(value: &[u8]) -> Vec<u8> {
    let first = value.iter().position(|&octet| !blank(octet));
    let last = value.iter().rposition(|&octet| !blank(octet));
    match (first, last) {
        (Some(first), Some(last)) => value[first..=last].to_vec(),
        _ => Vec::new(),
    }
}

/// Case-insensitive comparison with a word that is written in lower case.
pub(super) fn same_word(value: &[u8], word: &str) -> bool {
    let lower: Vec<u8> = value
        .iter()
        .map(|&octet| match octet {
            0x41..=0x5a => octet + 0x20,
            _ => octet,
        })
        .collect();
    lower == word.as_bytes()
}
