//! File answers down: where the file is, which part of it, and who is to hear that it is missing.
//!
//! The body of the record is text: the first byte, the last byte or nothing, the number of whoever is
//! to hear, each with a space behind it, then the path.

use std::borrow::Cow;

use crate::bridge::ring::{self, FLAG_HAS_RANGE, KIND_ANSWER};
use crate::http::number::decimal;
use crate::net::crossing::{Answer, AnswerBody};
use crate::net::file::FileAnswer;
use crate::net::platform::path_of;

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
    let mut parts = body.splitn(4, |&byte| byte == b' ');
    let mut next = || parts.next().unwrap_or_default();
    let (start, end, id) = (decimal(next()), decimal(next()), decimal(next()));
    Answer::File(Box::new(FileAnswer {
        head,
        path: path_of(next()),
        start: start.unwrap_or(0),
        end: end.unwrap_or(u64::MAX),
        has_range: kind & FLAG_HAS_RANGE != 0,
        id: id.map_or(0, |id| id as u32),
        guard: None,
    }))
}
