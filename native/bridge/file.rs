//! File answers down: where the file is, which part of it, and who is to hear that it is missing.
//!
//! The body of a file's record is text: the first byte, the last byte or nothing, the number of whoever
//! is to hear, each with a space behind it, then the path. That of an asset's record is what
//! `asset` reads, with NULs between.

use std::borrow::Cow;

use crate::bridge::ring::{self, FLAG_HAS_RANGE, KIND_ANSWER};
use crate::http::number::decimal;
use crate::net::asset::Asset;
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
    let head = head(kind, content_type, reason, fields);
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
        asset: None,
    }))
}

/// A file below a folder from the words and bytes of its record.
pub fn asset(kind: u32, fields: Cow<'_, [u8]>, body: &[u8]) -> Answer<'static> {
    let head = head(kind, 0, Cow::Borrowed(b""), fields);
    let mut parts = body.split(|&byte| byte == 0);
    let mut next = || parts.next().unwrap_or_default();
    let (id, moved) = (decimal(next()), decimal(next()));
    let (root, path) = (path_of(next()), path_of(next()));
    let mut next = || next().to_vec();
    let asset = Asset {
        root,
        moved: moved.map_or(0, |moved| moved as u16),
        media_type: next(),
        index: next(),
        location: next(),
        accept_encoding: next(),
        if_match: next(),
        if_none_match: next(),
        if_modified_since: next(),
        if_unmodified_since: next(),
        range: next(),
        if_range: next(),
    };
    Answer::File(Box::new(FileAnswer {
        head,
        path,
        start: 0,
        end: u64::MAX,
        has_range: false,
        id: id.map_or(0, |id| id as u32),
        guard: None,
        asset: Some(Box::new(asset)),
    }))
}

/// The head of the answer, which is in memory of its own.
fn head(
    kind: u32,
    content_type: u32,
    reason: Cow<'_, [u8]>,
    fields: Cow<'_, [u8]>,
) -> Answer<'static> {
    let nothing = AnswerBody::Borrowed(b"");
    let kind = kind & !0xff | KIND_ANSWER;
    ring::answer(kind, content_type, reason, fields, nothing).into_owned()
}
