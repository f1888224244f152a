//! What a simulated client sends, and what must come of it.

use crate::http::tests::seeded::Seeded;
use crate::http::tests::session::{Outcome, run_whole};

/// How a client ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It waits for the server to close.
    Stay,
    /// FIN behind its last byte.
    Fin,
    /// RST behind its last byte.
    Reset,
}

/// A client's whole life, decided beforehand.
#[derive(Debug)]
pub(super) struct Traffic {
    pub(super) bytes: Vec<u8>,
    pub(super) end: End,
    /// What a reader of nothing but these bytes makes of them.
    pub(super) oracle: Outcome,
}

impl Traffic {
    /// Requests of every kind, now and then with a malformed or an unfinished one at the end.
    pub(super) fn new(seeded: &mut Seeded, client: u32) -> Self {
        let mut bytes = Vec::new();
        for number in 0..1 + seeded.below(14) {
            request(seeded, &format!("/{client}/{number}"), &mut bytes);
        }
        match seeded.below(10) {
            0 => bytes.extend_from_slice(b"GET / HTTP/1.1\r\nHost : a\r\n\r\nGET / HTTP/1.1\r\n"),
            1 => bytes.extend_from_slice(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            2 => {
                bytes.extend_from_slice(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
            }
            3 => bytes.truncate(seeded.below(bytes.len() + 1)),
            _ => {}
        }
        let end = *seeded.pick(&[End::Stay, End::Stay, End::Fin, End::Reset]);
        if end == End::Reset {
            bytes.truncate(seeded.below(bytes.len() + 1));
        }
        Self {
            oracle: run_whole(&bytes),
            bytes,
            end,
        }
    }
}

fn request(seeded: &mut Seeded, target: &str, out: &mut Vec<u8>) {
    let len = *seeded.pick(&[1, 1, 10, 10, 300, 300, 3000, 3000, 3000, 300_000]);
    let body = vec![b'a' + (len % 26) as u8; 1 + seeded.below(len)];
    let length = format!("Content-Length: {}\r\n", body.len());
    let (method, fields, body) = match seeded.below(16) {
        0 => ("HEAD", String::new(), Vec::new()),
        1 => ("OPTIONS", String::new(), Vec::new()),
        2 => ("DELETE", String::new(), Vec::new()),
        3 => ("GET", length, body),
        4 => ("POST", length, body),
        5 => ("POST", "Content-Length: 0\r\n".to_owned(), Vec::new()),
        6 => ("PUT", CHUNKED.to_owned(), chunked(seeded, &body)),
        7 => ("GET", CHUNKED.to_owned(), chunked(seeded, &body)),
        8 => ("PUT", format!("{length}Expect: 100-continue\r\n"), body),
        9 => ("GET", UPGRADE.to_owned(), Vec::new()),
        _ => ("GET", String::new(), Vec::new()),
    };
    let many = match seeded.below(8) {
        0 => "X-Padding: a field line that is longer\r\n".repeat(seeded.below(90)),
        _ => String::new(),
    };
    let version = match seeded.below(20) {
        0 => "HTTP/1.0\r\nConnection: keep-alive",
        _ => "HTTP/1.1",
    };
    let fields = if version.starts_with("HTTP/1.0") && fields == CHUNKED {
        String::new()
    } else {
        fields
    };
    let body = if fields.is_empty() { Vec::new() } else { body };
    let head = format!("{method} {target} {version}\r\nHost: a.test\r\n{many}{fields}\r\n");
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(&body);
}

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
const UPGRADE: &str = "Connection: upgrade\r\nUpgrade: websocket\r\n";

fn chunked(seeded: &mut Seeded, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(1 + seeded.below(rest.len()));
        out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        out.extend_from_slice(piece);
        out.extend_from_slice(b"\r\n");
        rest = behind;
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// Whether a request must be alone, read from the request itself.
pub(super) fn is_barrier(seen: &crate::http::tests::session::Seen) -> bool {
    let has = |name: &[u8]| seen.fields.iter().any(|field| field.0 == name);
    let is_safe = matches!(&seen.method[..], b"GET" | b"HEAD" | b"OPTIONS");
    let is_modern = seen.version == b"HTTP/1.1";
    !is_safe || (is_modern && (has(b"Expect") || has(b"Upgrade")))
}
