//! A client that uploads: bodies that are made of requests, framed well or not.

use crate::http::tests::seeded::Seeded;

/// What a body says again and again.
const SMUGGLED: &[u8] = b"\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

/// One request.
#[derive(Debug)]
pub(super) struct Upload {
    head: Vec<u8>,
    body: Vec<u8>,
    /// The client waits for a 100 before it sends the body.
    expects: bool,
    /// Whether the body keeps to the rules.
    pub(super) is_good: bool,
}

impl Upload {
    pub(super) fn new(seeded: &mut Seeded, number: usize) -> Self {
        let most = *seeded.pick(&[1, 300, 9000, 70_000, 1 << 20]);
        let data: Vec<u8> = SMUGGLED
            .iter()
            .copied()
            .cycle()
            .skip(seeded.below(SMUGGLED.len()))
            .take(seeded.below(most + 1))
            .collect();
        let is_good = seeded.below(4) > 0;
        let (framing, body) = match seeded.below(5) {
            0 => (String::new(), Vec::new()),
            1 | 2 => (format!("Content-Length: {}\r\n", data.len()), data),
            _ => (
                "Transfer-Encoding: chunked\r\n".to_owned(),
                chunked(seeded, &data, is_good),
            ),
        };
        let expects = !body.is_empty() && seeded.below(4) == 0;
        let method = seeded.pick(&["POST", "PUT", "GET", "HEAD", "DELETE"]);
        let expect = if expects {
            "Expect: 100-continue\r\n"
        } else {
            ""
        };
        let head = format!("{method} /{number} HTTP/1.1\r\nHost: a\r\n{framing}{expect}\r\n");
        Self {
            head: head.into_bytes(),
            is_good: is_good || !framing.starts_with('T'),
            body,
            expects,
        }
    }
}

/// Chunks of many sizes; a bad one has one fault, and goes on as if nothing had happened.
fn chunked(seeded: &mut Seeded, data: &[u8], is_good: bool) -> Vec<u8> {
    let most = *seeded.pick(&[20, 2000, 60_000]);
    let (mut out, mut rest) = (Vec::new(), data);
    let mut fault = match is_good {
        true => usize::MAX,
        false => seeded.below(data.len() + 1),
    };
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(1 + seeded.below(most.min(rest.len())));
        let is_faulty = data.len() - behind.len() > fault;
        let line = match is_faulty.then(|| seeded.below(4)) {
            Some(0) => format!("{:x} \r\n", piece.len()),
            Some(1) => format!("{:x}\n", piece.len()),
            Some(2) => "-1\r\n".to_owned(),
            _ => format!("{:x}\r\n", piece.len()),
        };
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(piece);
        out.extend_from_slice(if is_faulty { b"\nx" } else { b"\r\n" });
        if is_faulty {
            fault = usize::MAX;
        }
        rest = behind;
    }
    let end: &[u8] = match !is_good && fault != usize::MAX {
        true => b"0\r\nA : b\r\n\r\n",
        false => b"0\r\n\r\n",
    };
    out.extend_from_slice(end);
    out
}

/// Sends its uploads one behind the other.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) uploads: Vec<Upload>,
    current: usize,
    at: usize,
    /// Bytes received when the last head was sent.
    heard: usize,
}

impl Sender {
    pub(super) fn new(uploads: Vec<Upload>) -> Self {
        Self {
            uploads,
            current: 0,
            at: 0,
            heard: 0,
        }
    }

    /// Requests of which something was sent.
    pub(super) fn begun(&self) -> usize {
        self.current + usize::from(self.at > 0)
    }

    /// Whether everything was sent.
    pub(super) fn is_done(&self) -> bool {
        self.current == self.uploads.len()
    }

    /// Up to `most` bytes that may be sent now, by what was received. A client that has its answer
    /// instead of the 100 that it waits for sends no body, and goes on (RFC 9110 §10.1.1).
    pub(super) fn next(&mut self, got: &[u8], most: usize) -> &[u8] {
        let Some(upload) = self.uploads.get(self.current) else {
            return &[];
        };
        let (head, whole) = (upload.head.len(), upload.head.len() + upload.body.len());
        if !upload.expects || self.at > head {
            return self.take(whole.min(self.at + most), whole);
        }
        if self.at < head {
            self.heard = got.len();
            return self.take(head.min(self.at + most), whole);
        }
        let finals = memchr::memmem::find_iter(got, b"HTTP/1.1 ").filter(|at| got[at + 9] != b'1');
        if memchr::memmem::find(&got[self.heard..], b"HTTP/1.1 100 ").is_some() {
            self.take(whole.min(self.at + most), whole)
        } else if finals.count() > self.current {
            self.take(head, head)
        } else {
            &[]
        }
    }

    /// The bytes up to `end`, or to the end of the head; `len` is all that is sent of the upload.
    fn take(&mut self, end: usize, len: usize) -> &[u8] {
        let upload = &self.uploads[self.current];
        let (at, head) = (self.at, upload.head.len());
        let end = if at < head { end.min(head) } else { end };
        self.at = end;
        if end >= len {
            self.current += 1;
            self.at = 0;
        }
        match at < head {
            true => &upload.head[at..end],
            false => &upload.body[at - head..end - head],
        }
    }
}
