//! Requests by the grammar, mostly valid ones.

use super::words::{
    CODINGS, CONNECTIONS, EXPECTS, HOSTS, LENGTHS, METHODS, NAMES, TARGETS, VALUES, VERSIONS, word,
};
use crate::http::tests::seeded::Seeded;

/// One request, or part of what a row of them consists of.
pub(super) fn request(seeded: &mut Seeded, out: &mut Vec<u8>) {
    if seeded.below(16) == 0 {
        out.extend(b"\r\n".repeat(seeded.below(7)));
    }
    request_line(seeded, out);
    let len = seeded.below(12);
    if seeded.below(32) != 0 {
        line(seeded, &["Host"], HOSTS, out);
    }
    some_fields(seeded, out);
    let framing = seeded.below(8);
    match framing {
        0..=2 => out.extend(format!("Content-Length: {len}\r\n").into_bytes()),
        3 | 4 => line(seeded, &["Transfer-Encoding"], CODINGS, out),
        5 => line(seeded, &["Content-Length"], LENGTHS, out),
        _ => {}
    }
    some_fields(seeded, out);
    out.extend_from_slice(b"\r\n");
    match framing {
        0..=2 => out.extend((0..len).map(|place| b"\r\n0;GET /xy"[place % 11])),
        3 | 4 => super::chunks::chunked_body(seeded, out),
        5 => out.extend_from_slice(b"hello"),
        _ => {}
    }
}

/// A head with many fields that concern framing.
pub(super) fn framing_head(seeded: &mut Seeded, out: &mut Vec<u8>) {
    request_line(seeded, out);
    for _ in 0..1 + seeded.below(6) {
        match seeded.below(8) {
            0 | 1 => line(seeded, &["Host"], HOSTS, out),
            2 => line(seeded, &["Content-Length"], LENGTHS, out),
            3 => line(seeded, &["Transfer-Encoding"], CODINGS, out),
            4 => line(seeded, &["Connection"], CONNECTIONS, out),
            5 => line(seeded, &["Expect"], EXPECTS, out),
            6 => line(seeded, &["Upgrade"], VALUES, out),
            _ => line(seeded, NAMES, VALUES, out),
        }
    }
    out.extend_from_slice(b"\r\n");
}

fn request_line(seeded: &mut Seeded, out: &mut Vec<u8>) {
    let (method, target) = match seeded.below(3) {
        0 => (word(seeded, METHODS), word(seeded, TARGETS)),
        1 => (METHODS[seeded.below(8)], TARGETS[seeded.below(7)]),
        _ => ("GET", "/"),
    };
    let version = word(seeded, VERSIONS);
    out.extend(format!("{method} {target} {version}\r\n").into_bytes());
}

fn some_fields(seeded: &mut Seeded, out: &mut Vec<u8>) {
    for _ in 0..seeded.below(3) {
        match seeded.below(8) {
            0 => line(seeded, &["Connection"], CONNECTIONS, out),
            1 => line(seeded, &["Expect"], &EXPECTS[..2], out),
            2 => line(seeded, &["Upgrade"], &["websocket"], out),
            _ => line(seeded, &NAMES[..5], &VALUES[..9], out),
        }
    }
}

/// A field line; its name in any case, as many blanks around the value as are allowed. Letters up
/// to U+00FF stand for one byte.
pub(super) fn line(seeded: &mut Seeded, names: &[&str], values: &[&str], out: &mut Vec<u8>) {
    let start = out.len();
    let (name, value) = (word(seeded, names), word(seeded, values));
    out.extend(name.chars().map(|letter| letter as u8));
    match seeded.below(8) {
        0 => out[start..].make_ascii_lowercase(),
        1 => out[start..].make_ascii_uppercase(),
        _ => {}
    }
    let (before, behind) = *seeded.pick(&[(": ", ""), (": ", ""), (":", ""), (":\t ", " \t")]);
    out.extend_from_slice(before.as_bytes());
    out.extend(value.chars().map(|letter| letter as u8));
    out.extend_from_slice(behind.as_bytes());
    out.extend_from_slice(b"\r\n");
}
