//! Limits for an input: the defaults, or such as it just meets, just misses, or far exceeds.

use crate::http::limits::Limits;
use crate::http::tests::seeded::Seeded;

/// Limits of a server that the requests in `bytes` meet.
pub(crate) fn around(seeded: &mut Seeded, bytes: &[u8]) -> Limits {
    let mut limits = Limits::default();
    if seeded.below(2) == 0 {
        return limits;
    }
    let start = bytes
        .iter()
        .take_while(|byte| b"\r\n".contains(byte))
        .count();
    let text = &bytes[start..];
    let head_len = memchr::memmem::find(text, b"\r\n\r\n").map_or(text.len(), |at| at + 4);
    let mut words = text.split(|&byte| byte == b' ');
    let target_len = words.nth(1).map_or(1, <[u8]>::len);
    let lines = memchr::memchr_iter(b'\n', &text[..head_len]).count();
    for _ in 0..=seeded.below(3) {
        let small = seeded.below(40);
        match seeded.below(8) {
            0 => limits.request_line = near(seeded, target_len, small).max(1),
            1 => limits.header_size = near(seeded, head_len, small).max(1),
            2 => limits.headers_count = near(seeded, lines.saturating_sub(2), small),
            3 => limits.body_size = small as u64,
            4 => limits.chunk_extensions = small as u32,
            5 => limits.chunk_framing = small as u32,
            6 => limits.trailer_size = small as u32,
            _ => limits.trailers_count = small as u32 % 4,
        }
    }
    limits
}

/// One below, at, or one above what is there, or any small number.
fn near(seeded: &mut Seeded, size: usize, small: usize) -> u32 {
    match seeded.below(4) {
        0 => size.saturating_sub(1) as u32,
        1 => size as u32,
        2 => size as u32 + 1,
        _ => small as u32,
    }
}

/// Limits of a body in `bytes`.
pub(super) fn around_body(seeded: &mut Seeded, bytes: &[u8]) -> Limits {
    let mut limits = Limits::default();
    if seeded.below(3) == 0 {
        return limits;
    }
    let line_len = memchr::memchr(b'\r', bytes).unwrap_or(bytes.len());
    for _ in 0..=seeded.below(3) {
        let small = seeded.below(40);
        match seeded.below(5) {
            0 => limits.body_size = u64::from(near(seeded, bytes.len() / 2, small)),
            1 => limits.chunk_extensions = near(seeded, line_len, small),
            2 => limits.chunk_framing = small as u32,
            3 => limits.trailer_size = small as u32,
            _ => limits.trailers_count = small as u32 % 4,
        }
    }
    if seeded.below(16) == 0 {
        limits.body_size = u64::MAX;
    }
    limits
}
