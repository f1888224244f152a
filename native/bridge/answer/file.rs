//! File answers down: where the file is, which part of it, and who is to hear that it is missing.
//!
//! The body of a file's record is text: the first byte, the last byte or nothing, the number of whoever
//! is to hear, the length of the field lines of any answer, each with a space behind it, then those
//! lines and the path. That of an asset's record is what `asset` reads, with NULs between.

use std::borrow::Cow;

use super::{FLAG_HAS_RANGE, KIND_ANSWER};
use crate::http::number::decimal;
use crate::net::answer::{Answer, AnswerBody, Asset, FileAnswer};
use crate::net::platform::path_of;

/// A file answer from the words and bytes of its record; `None` if these are none.
pub(super) fn answer(
    kind: u32,
    content_type: u32,
    reason: Cow<'_, [u8]>,
    fields: Cow<'_, [u8]>,
    body: &[u8],
) -> Option<Answer<'static>> {
    let head = head(kind, content_type, reason, fields)?;
    let mut parts = body.splitn(5, |&byte| byte == b' ');
    let start = decimal(parts.next()?)?;
    let end = match parts.next()? {
        b"" => u64::MAX,
        end => decimal(end).filter(|&end| end >= start)?,
    };
    let id = u32::try_from(decimal(parts.next()?)?).ok()?;
    let always = usize::try_from(decimal(parts.next()?)?).ok()?;
    let (always, path) = parts.next()?.split_at_checked(always)?;
    Some(Answer::File(Box::new(FileAnswer {
        head,
        path: path_of(path),
        start,
        end,
        has_range: kind & FLAG_HAS_RANGE != 0,
        always: always.to_vec(),
        id,
        guard: None,
        asset: None,
    })))
}

/// A file below a folder from the words and bytes of its record; `None` if these are none.
pub(super) fn asset(kind: u32, fields: Cow<'_, [u8]>, body: &[u8]) -> Option<Answer<'static>> {
    let head = head(kind, 0, Cow::Borrowed(b""), fields)?;
    let mut parts = body.split(|&byte| byte == 0);
    let id = u32::try_from(decimal(parts.next()?)?).ok()?;
    let moved = decimal(parts.next()?).filter(|moved| (300..=399).contains(moved))?;
    let (root, path) = (path_of(parts.next()?), path_of(parts.next()?));
    let mut next = || parts.next().map(<[u8]>::to_vec);
    let asset = Asset {
        root,
        moved: moved as u16,
        media_type: next()?,
        index: next()?,
        location: next()?,
        accept_encoding: next()?,
        if_match: next()?,
        if_none_match: next()?,
        if_modified_since: next()?,
        if_unmodified_since: next()?,
        range: next()?,
        if_range: next()?,
        ..Asset::default()
    };
    let (always, without) = (next()?, next()?);
    let lacks = |letter| without.contains(&letter);
    let asset = Asset {
        no_etag: lacks(b'e'),
        no_date: lacks(b'l'),
        no_ranges: lacks(b'r'),
        ..asset
    };
    if parts.next().is_some() {
        return None;
    }
    Some(Answer::File(Box::new(FileAnswer {
        head,
        path,
        start: 0,
        end: u64::MAX,
        has_range: false,
        always,
        id,
        guard: None,
        asset: Some(Box::new(asset)),
    })))
}

/// The head of the answer, which is in memory of its own.
fn head(
    kind: u32,
    content_type: u32,
    reason: Cow<'_, [u8]>,
    fields: Cow<'_, [u8]>,
) -> Option<Answer<'static>> {
    let nothing = AnswerBody::Borrowed(b"");
    let kind = kind & !0xff | KIND_ANSWER;
    super::answer(kind, content_type, reason, fields, nothing).map(Answer::into_owned)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{answer, asset};
    use crate::bridge::answer::{KIND_ASSET, KIND_FILE};

    fn is_file(body: &[u8]) -> bool {
        let (reason, fields) = (Cow::Borrowed(&b""[..]), Cow::Borrowed(&b""[..]));
        answer(200 << 16 | KIND_FILE, 0, reason, fields, body).is_some()
    }

    fn is_asset(body: &[u8]) -> bool {
        asset(200 << 16 | KIND_ASSET, Cow::Borrowed(b""), body).is_some()
    }

    #[test]
    fn takes_files_that_are_whole() {
        for body in [
            "0  0 0 /a",
            "5 9 7 0 /a b  c",
            "5 5 4294967295 0 ",
            "0  0 6 A: b\r\n/a",
        ] {
            assert!(is_file(body.as_bytes()), "{body}");
        }
        let broken = [
            "",
            "/a",
            "0",
            "0 ",
            "0  0",
            "0  0 /a",
            "0  0 3 /a",
            " 0 0 0 /a",
            "x  0 0 /a",
            "-1  0 0 /a",
            "0 x 0 0 /a",
            "5 4 0 0 /a",
            "0  x 0 /a",
            "0   0 /a",
            "0  4294967296 0 /a",
        ];
        for body in broken {
            assert!(!is_file(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn takes_assets_of_so_many_parts() {
        const PARTS: [&str; 16] = [
            "0", "301", "/r", "a/b", "text/css", "", "", "gzip", "", "", "", "", "", "",
            "A: b\r\n", "el",
        ];
        let joined = |parts: &[&str]| parts.join("\0").into_bytes();
        assert!(is_asset(&joined(&PARTS)));
        for count in 1..16 {
            assert!(!is_asset(&joined(&PARTS[..count])), "{count}");
        }
        assert!(!is_asset(&joined(&[&PARTS[..], &[""]].concat())));
        for (place, wrong) in [
            (0, ""),
            (0, "x"),
            (0, "4294967296"),
            (1, ""),
            (1, "200"),
            (1, "65837"),
        ] {
            let mut parts = PARTS;
            parts[place] = wrong;
            assert!(!is_asset(&joined(&parts)), "{place} {wrong}");
        }
    }
}
