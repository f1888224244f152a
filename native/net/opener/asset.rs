//! A file below a folder as the answer to a request for it: whether the client has it already, in
//! which coding it goes out, and which parts of it.
//!
//! What is decided is decided of the very file that is sent, which is open by then.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::body_of;
use super::refusal::{failed, plain, take_head, unsatisfiable};
use crate::http::coding::{Coding, preferred};
use crate::http::condition::{Validators, Verdict};
use crate::http::range::{Stretch, Wanted, wanted};
use crate::net::answer::{Answer, AnswerBody, Asset, FileAnswer, Resolved};
use crate::net::file::{
    FileBody, FileParts, FileState, Haste, open, open_at_once, open_beneath, read_unsized,
    state_of, status_of,
};

/// A file that was found, open.
struct Found {
    file: File,
    state: FileState,
    coding: Option<Coding>,
}

/// Looks for the file and makes an answer of it. `None`: that would have to wait for a disk.
pub(super) fn resolve(answer: &mut FileAnswer, is_head: bool, haste: Haste) -> Option<Resolved> {
    let asset = answer.asset.take()?;
    Some(match look(&asset, &answer.path, haste) {
        Ok(Some(found)) if found.state.size == 0 => {
            // It may be one that does not know its size, which has to be read.
            if haste == Haste::AtOnce {
                answer.asset = Some(asset);
                return None;
            }
            match read_unsized(&found.file) {
                Ok(bytes) if bytes.is_empty() => respond(answer, &asset, found, is_head),
                Ok(bytes) => respond_unsized(answer, &asset, bytes),
                Err(error) => failed(answer, &error),
            }
        }
        Ok(Some(found)) => respond(answer, &asset, found, is_head),
        Ok(None) => {
            let mut lines = Vec::new();
            add_line(&mut lines, "Location", &asset.location);
            take_lines(answer);
            answered(answer, asset.moved, &lines, AnswerBody::Borrowed(b""))
        }
        Err(error) if haste == Haste::AtOnce && error.kind() == io::ErrorKind::WouldBlock => {
            answer.asset = Some(asset);
            return None;
        }
        Err(error) => failed(answer, &error),
    })
}

/// `None`: it is a folder, and there is a file that stands for it.
fn look(asset: &Asset, path: &Path, haste: Haste) -> io::Result<Option<Found>> {
    let open = |path: &Path, coding| -> io::Result<Found> {
        let file = match asset.root.as_os_str().is_empty() {
            true => open_anywhere(path, haste)?,
            false => open_beneath(&asset.root, path, haste)?,
        };
        let state = state_of(&file)?;
        Ok(Found {
            file,
            state,
            coding,
        })
    };
    let found = match open(path, None) {
        Err(error) if !asset.index.is_empty() && may_be_folder(&error) => {
            let index = crate::net::platform::path_of(&asset.index);
            return match open(&path.join(index), None) {
                Err(inner) if inner.kind() != io::ErrorKind::NotADirectory => Err(inner),
                Err(_) => Err(error),
                Ok(_) => Ok(None),
            };
        }
        found => found?,
    };
    for coding in preferred(&asset.accept_encoding).into_iter().flatten() {
        let mut name = path.as_os_str().to_owned();
        name.push(coding.suffix());
        match open(Path::new(&name), Some(coding)) {
            Ok(found) => return Ok(Some(found)),
            Err(error) if status_of(&error) < 500 => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(found))
}

/// A file that is no folder's.
fn open_anywhere(path: &Path, haste: Haste) -> io::Result<File> {
    match haste {
        Haste::Patient => open(path),
        Haste::AtOnce => {
            open_at_once(path, &mut true).unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
        }
    }
}

/// Some folders may be entered, but not opened.
fn may_be_folder(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::IsADirectory | io::ErrorKind::PermissionDenied
    )
}

fn respond(answer: &mut FileAnswer, asset: &Asset, found: Found, is_head: bool) -> Resolved {
    let FileState {
        size,
        modified_ns,
        mark,
    } = found.state;
    let coding = found.coding.map_or("", Coding::name);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_secs());
    let validators = Validators::of_file(size, modified_ns, mark, coding, now);
    let conditions = asset.conditions();
    let verdict = conditions.verdict(&validators);
    if verdict == Verdict::Failed {
        let refused = plain(answer, 412, Vec::new());
        return Resolved::new(answer, Some(refused));
    }
    let mut lines = Vec::with_capacity(192);
    if !asset.no_etag {
        add_line(&mut lines, "ETag", validators.etag.as_bytes());
    }
    if let Some(modified) = validators.modified.filter(|_| !asset.no_date) {
        add_line(&mut lines, "Last-Modified", modified.to_string().as_bytes());
    }
    if verdict == Verdict::NotModified {
        return answered(answer, 304, &lines, AnswerBody::Borrowed(b""));
    }
    if !coding.is_empty() {
        add_line(&mut lines, "Content-Encoding", coding.as_bytes());
    }
    if !asset.no_ranges {
        add_line(&mut lines, "Accept-Ranges", b"bytes");
    }
    // RFC 9110 §14.2: a range is defined for GET alone.
    let is_partial = !is_head && !asset.range.is_empty() && conditions.allows_range(&validators);
    let wanted = match is_partial {
        true => wanted(&asset.range, size),
        false => Wanted::Whole,
    };
    match wanted {
        Wanted::Nothing => unsatisfiable(answer, size),
        Wanted::Whole => {
            add_line(&mut lines, "Content-Type", &asset.media_type);
            let body = match is_head {
                true => AnswerBody::File(FileBody::new(found.file, 0, size)),
                false => body_of(found.file, 0, size),
            };
            answered(answer, 200, &lines, body)
        }
        Wanted::Parts(parts) => {
            let body = partial(found.file, size, &parts, &asset.media_type, &mut lines);
            answered(answer, 206, &lines, body)
        }
    }
}

/// What was read of a file that does not know its size: it has no state that a client could name.
fn respond_unsized(answer: &mut FileAnswer, asset: &Asset, bytes: Vec<u8>) -> Resolved {
    let mut lines = Vec::with_capacity(64);
    add_line(&mut lines, "Content-Type", &asset.media_type);
    answered(answer, 200, &lines, AnswerBody::Owned(Box::new(bytes)))
}

/// The body of a 206, and the lines that describe it (RFC 9110 §15.3.7).
fn partial(
    file: File,
    size: u64,
    parts: &[Stretch],
    media_type: &[u8],
    lines: &mut Vec<u8>,
) -> AnswerBody<'static> {
    if let [part] = *parts {
        add_line(lines, "Content-Type", media_type);
        add_line(lines, "Content-Range", content_range(part, size).as_bytes());
        return body_of(file, part.start, part.len);
    }
    let boundary = boundary();
    let kind = format!("multipart/byteranges; boundary={boundary}");
    add_line(lines, "Content-Type", kind.as_bytes());
    let file = Arc::new(file);
    let parts = parts.iter().enumerate().map(|(number, &part)| {
        let line_end = if number == 0 { "" } else { "\r\n" };
        let mut before = format!("{line_end}--{boundary}\r\n").into_bytes();
        add_line(&mut before, "Content-Type", media_type);
        add_line(
            &mut before,
            "Content-Range",
            content_range(part, size).as_bytes(),
        );
        before.extend_from_slice(b"\r\n");
        (before, FileBody::new(file.clone(), part.start, part.len))
    });
    AnswerBody::Parts(Box::new(FileParts {
        parts: parts.collect(),
        end: format!("\r\n--{boundary}--\r\n").into_bytes(),
    }))
}

fn content_range(part: Stretch, size: u64) -> String {
    let Stretch { start, len } = part;
    format!("bytes {start}-{}/{size}", start + len - 1)
}

/// What nobody who writes a file can foresee (RFC 2046 §5.1.1).
fn boundary() -> String {
    let [one, other] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
    format!("{one:016x}{other:016x}")
}

fn add_line(lines: &mut Vec<u8>, name: &str, value: &[u8]) {
    if value.is_empty() {
        return;
    }
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        lines.extend_from_slice(part);
    }
}

/// Drops the lines that were meant for the file alone.
fn take_lines(answer: &mut FileAnswer) {
    if let Answer::Encoded {
        fields, has_date, ..
    } = &mut answer.head
    {
        *fields = answer.always.clone().into();
        *has_date = false;
    }
}

/// The head that was meant for the file, with another status and more lines.
fn answered(
    answer: &mut FileAnswer,
    code: u16,
    lines: &[u8],
    content: AnswerBody<'static>,
) -> Resolved {
    let mut head = take_head(answer);
    if let Answer::Encoded {
        status,
        fields,
        body,
        ..
    } = &mut head
    {
        *status = code;
        fields.to_mut().extend_from_slice(lines);
        *body = content;
    }
    Resolved::new(answer, Some(head))
}

#[cfg(test)]
mod tests;
