use super::{
    CLASSES, classes_of, is_host, is_target, is_token, is_value, is_whitespace, target_end,
    token_end, trim, value_end,
};

type Scan = fn(&[u8], usize) -> usize;
type Class = fn(u8) -> bool;

/// Checks a scanner against its class: every byte value at every place of every short length.
fn agrees(scan: Scan, class: Class) {
    let inside = (0..=255u8)
        .find(|&byte| class(byte) && byte != b'-')
        .expect("a class has bytes");
    for len in 0..=100 {
        let mut bytes = vec![inside; len];
        assert_eq!(scan(&bytes, 0), len);
        for at in 0..len {
            for byte in 0..=255u8 {
                bytes[at] = byte;
                let expected = if class(byte) { len } else { at };
                assert_eq!(scan(&bytes, 0), expected, "{byte:#x} at {at} of {len}");
                assert_eq!(scan(&bytes, at), expected, "{byte:#x} at {at} of {len}");
                assert_eq!(scan(&bytes, at + 1), len);
            }
            bytes[at] = inside;
        }
    }
}

#[test]
fn scans_tokens_as_the_class_says() {
    agrees(token_end, is_token);
}

#[test]
fn scans_targets_as_the_class_says() {
    agrees(target_end, is_target);
}

#[test]
fn scans_values_as_the_class_says() {
    agrees(value_end, is_value);
}

#[test]
fn scans_pairs_of_neighbours_without_borrowing() {
    let scanners: [(Scan, Class); 3] = [
        (token_end, is_token),
        (target_end, is_target),
        (value_end, is_value),
    ];
    for (scan, class) in scanners {
        for first in 0..=255u8 {
            for second in 0..=255u8 {
                let bytes = [b'a', b'a', first, second, b'a', b'a', b'a', b'a'];
                let expected = bytes.iter().position(|&byte| !class(byte)).unwrap_or(8);
                assert_eq!(scan(&bytes, 0), expected, "{first:#x} {second:#x}");
            }
        }
    }
}

#[test]
fn sorts_bytes_into_classes() {
    for byte in b"!#$%&'*+-.^_`|~09azAZ" {
        assert!(is_token(*byte));
    }
    for byte in b"\"(),/:;<=>?@[\\]{} \t\r\n\0\x7f\x80\xff" {
        assert!(!is_token(*byte));
    }
    assert!(is_target(b'"') && is_target(b'\\') && is_target(b'~') && is_target(b'?'));
    assert!(!is_target(b'#') && !is_target(b' ') && !is_target(0x7f) && !is_target(0x80));
    assert!(is_value(b'\t') && is_value(b' ') && is_value(0x80) && is_value(0xff));
    assert!(!is_value(b'\r') && !is_value(b'\n') && !is_value(0) && !is_value(0x7f));
    assert!(is_host(b'_') && is_host(b',') && !is_host(b'%') && !is_host(b':') && !is_host(b'/'));
    assert!(is_whitespace(b' ') && is_whitespace(b'\t') && !is_whitespace(0x0b));
}

#[test]
fn trims_blanks_and_nothing_else() {
    assert_eq!(trim(b" \t a b\t "), b"a b");
    assert_eq!(trim(b"\t \t"), b"");
    assert_eq!(trim(b"\xa0x\x85"), b"\xa0x\x85");
    assert_eq!(trim(b"\x0bx\r"), b"\x0bx\r");
}

/// The grammar once more, as a list of what is in each class.
#[test]
fn the_table_is_what_the_grammar_says() {
    let alphanumeric = |byte: u8| byte.is_ascii_alphanumeric();
    for byte in 0..=255u8 {
        assert_eq!(CLASSES[usize::from(byte)], classes_of(byte));
        let tchar = alphanumeric(byte) || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert_eq!(is_token(byte), tchar, "{byte:#x}");
        let unreserved_or_delimiter = alphanumeric(byte) || b"-._~!$&'()*+,;=".contains(&byte);
        assert_eq!(is_host(byte), unreserved_or_delimiter, "{byte:#x}");
        assert_eq!(
            is_target(byte),
            (0x21..0x7f).contains(&byte) && byte != b'#'
        );
        let text = byte == b'\t' || (byte >= 0x20 && byte != 0x7f);
        assert_eq!(is_value(byte), text, "{byte:#x}");
    }
}

#[test]
fn trims_spaces_and_tabs_at_both_ends() {
    for (value, trimmed) in [
        (&b""[..], &b""[..]),
        (b" \t ", b""),
        (b"a", b"a"),
        (b" a", b"a"),
        (b"a\t", b"a"),
        (b"\t a b \t", b"a b"),
        (b"\ra\n", b"\ra\n"),
    ] {
        assert_eq!(trim(value), trimmed, "{}", value.escape_ascii());
    }
}
