//! Numbers of the protocol. Never `str::parse`: it takes `+5` (CVE-2021-32715).

/// Digits of `u64::MAX`.
const MAX_DIGITS: usize = 20;

/// Reads `1*DIGIT`; `None` when that is not all there is. A number over `u64::MAX` reads as
/// `u64::MAX`, which every limit refuses.
pub fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = text.iter().take_while(|&&digit| digit == b'0').count();
    let digits = &text[zeros..];
    if digits.len() > MAX_DIGITS {
        return Some(u64::MAX);
    }
    let mut value = 0u64;
    for &digit in digits {
        value = value
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'));
    }
    Some(value)
}

/// The value of one hexadecimal digit, 0 to 15.
#[inline]
pub fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{decimal, hex_digit};

    #[test]
    fn reads_digits_and_nothing_else() {
        assert_eq!(decimal(b"0"), Some(0));
        assert_eq!(decimal(b"0010"), Some(10));
        assert_eq!(decimal(b"18446744073709551615"), Some(u64::MAX));
        for text in [
            &b""[..],
            b"+5",
            b"-1",
            b"5 ",
            b" 5",
            b"0x5",
            b"1_0",
            b"5.0",
            b"\xd9\xa5",
        ] {
            assert_eq!(decimal(text), None, "{text:?}");
        }
    }

    #[test]
    fn saturates_instead_of_wrapping() {
        assert_eq!(decimal(b"18446744073709551616"), Some(u64::MAX));
        assert_eq!(decimal(&[b'9'; 500]), Some(u64::MAX));
    }

    #[test]
    fn reads_hexadecimal_digits_like_the_standard_library() {
        for byte in 0..=255u8 {
            let expected = char::from(byte).to_digit(16).map(|value| value as u8);
            assert_eq!(hex_digit(byte), expected);
        }
    }
}
