//! File answers down: where the file is, which part of it, and who is to hear that it is missing.
//!
//! The body of the record: the first byte, the last byte, both in 64 bits, the number of whoever is
//! to hear, then the path as bytes.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::bridge::ring::{self, FLAG_HAS_RANGE, KIND_ANSWER};
use crate::net::crossing::{Answer, AnswerBody};
use crate::net::file::FileAnswer;

/// Bytes before the path.
const WORDS: usize = 20;

/// A file answer from the words and bytes of its record.
pub fn answer(
    kind: u32,
    content_type: u32,
    reason: Cow<'_, [u8]>,
    fields: Cow<'_, [u8]>,
    body: &[u8],
) -> Answer<'static> {
    let nothing = AnswerBody::Borrowed(b"");
    let head = kind & !0xff | KIND_ANSWER;
    let head = ring::answer(head, content_type, reason, fields, nothing).into_owned();
    let (words, path) = body.split_at(WORDS.min(body.len()));
    let word = |at: usize| {
        let bytes = words.get(at..at + 4).unwrap_or(&[0; 4]);
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    };
    let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
    Answer::File(Box::new(FileAnswer {
        head,
        path: path_of(path),
        start: long(0),
        end: long(8),
        has_range: kind & FLAG_HAS_RANGE != 0,
        id: word(16),
        guard: None,
    }))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
