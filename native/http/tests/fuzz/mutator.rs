//! Small changes to bytes, of the kind that parsers have stumbled over.

use crate::http::tests::seeded::Seeded;

const PIECES: [&[u8]; 56] = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\r\r\n",
    b"\r\n\r\n",
    b"\r\n ",
    b"\r\n\t",
    b" ",
    b"\t",
    b" \t ",
    b":",
    b": ",
    b" :",
    b";",
    b",",
    b", ,",
    b"=",
    b"\"",
    b"\\",
    b"\\\"",
    b"0",
    b"5",
    b"f",
    b"+5",
    b"-1",
    b"0x10",
    b"1e3",
    b"00000000000000000",
    b"18446744073709551615",
    b"18446744073709551616",
    b"FFFFFFFFFFFFFFFF",
    b"10000000000000000",
    b"99999999999999999999999999999999999999999",
    b"\0",
    b"\x0b",
    b"\x7f",
    b"\x80",
    b"\xa0",
    b"\xff",
    b"#",
    b"?",
    b"%",
    b"[",
    b"]",
    b"@",
    b"chunked",
    b", chunked",
    b"close",
    b"Host: a\r\n",
    b"Content-Length: 1\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
];

/// Changes stay below it, so that an execution stays short.
const MOST: usize = 4096;

/// Makes one to four changes; `others` lends pieces.
pub(crate) fn mutate(seeded: &mut Seeded, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    for _ in 0..=seeded.below(4) {
        change(seeded, bytes, others);
    }
    bytes.truncate(MOST);
}

fn change(seeded: &mut Seeded, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    let at = seeded.below(bytes.len() + 1);
    let end = (at + 1 + seeded.below(8)).min(bytes.len());
    match seeded.below(12) {
        0 | 1 => drop(bytes.splice(at..at, seeded.pick(&PIECES).iter().copied())),
        2 => drop(bytes.splice(at..end, seeded.pick(&PIECES).iter().copied())),
        3 => drop(bytes.drain(at..end)),
        4 if at < end => bytes[at] = seeded.next() as u8,
        5 if at < end => bytes[at] ^= 1 << seeded.below(8),
        6 => {
            let copy = bytes[at..end].repeat(1 + seeded.below(20));
            bytes.splice(at..at, copy);
        }
        7 => {
            let line = line_around(bytes, at);
            let copy = bytes[line].to_vec();
            let place = line_around(bytes, seeded.below(bytes.len() + 1)).start;
            bytes.splice(place..place, copy);
        }
        8 => drop(bytes.drain(line_around(bytes, at))),
        9 => {
            let other = seeded.pick(others);
            let from = seeded.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        10 => change_number(seeded, bytes, at),
        _ => bytes.truncate(bytes.len() - seeded.below(bytes.len() + 1).min(12)),
    }
}

/// The line that a byte is in, its LF included.
fn line_around(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |lf| lf + 1);
    let len = memchr::memchr(b'\n', &bytes[start..]);
    start..len.map_or(bytes.len(), |len| start + len + 1)
}

/// One more or one less than the digit at or behind a place.
fn change_number(seeded: &mut Seeded, bytes: &mut [u8], at: usize) {
    if let Some(digit) = bytes[at..].iter_mut().find(|byte| byte.is_ascii_digit()) {
        *digit = match seeded.below(2) {
            0 => digit.wrapping_add(1),
            _ => digit.wrapping_sub(1),
        };
    }
}
