//! A file that its handler names, with the part of it that is meant: the answer that sends it.

use std::fs::File;
use std::io;

use super::body_of;
use super::refusal::{failed, take_head, unsatisfiable};
use crate::net::answer::{Answer, AnswerBody, FileAnswer, Resolved};
use crate::net::file::{FileState, read_unsized, state_of};

/// Makes an answer of what was opened. `None`: it must be done where it may take its time.
pub(super) fn resolve(
    answer: &mut FileAnswer,
    opened: io::Result<File>,
    quick: bool,
) -> Option<Resolved> {
    let found = opened.and_then(|file| {
        let FileState { size, .. } = state_of(&file)?;
        Ok((file, size))
    });
    Some(match found {
        Ok((_, 0)) if quick => return None,
        Ok((file, 0)) => match read_unsized(&file) {
            Ok(bytes) => with_bytes(answer, bytes),
            Err(error) => failed(answer, &error),
        },
        Ok((file, size)) => match range(answer, size) {
            Some((start, len)) => {
                let body = body_of(file, start, len);
                with_body(answer, body, start, len, size)
            }
            None => unsatisfiable(answer, size),
        },
        Err(error) => failed(answer, &error),
    })
}

/// The first byte and the number of bytes; `None` if no byte of a file of this size is meant.
fn range(answer: &FileAnswer, size: u64) -> Option<(u64, u64)> {
    let is_partial = matches!(answer.head, Answer::Encoded { status: 206, .. });
    if answer.start >= size && (answer.start > 0 || is_partial) {
        return None;
    }
    let len = size.min(answer.end.saturating_add(1)) - answer.start;
    Some((answer.start, len))
}

fn with_bytes(answer: &mut FileAnswer, mut bytes: Vec<u8>) -> Resolved {
    let size = bytes.len() as u64;
    let Some((start, len)) = range(answer, size) else {
        return unsatisfiable(answer, size);
    };
    bytes.drain(..start as usize);
    bytes.truncate(len as usize);
    let body = AnswerBody::Owned(Box::new(bytes));
    with_body(answer, body, start, len, size)
}

fn with_body(
    answer: &mut FileAnswer,
    body: AnswerBody<'static>,
    start: u64,
    len: u64,
    size: u64,
) -> Resolved {
    let mut head = take_head(answer);
    if let Answer::Encoded {
        status,
        fields,
        body: place,
        ..
    } = &mut head
    {
        // RFC 9110 §15.3.7: a 206 says which part it is, and only here is the size known.
        if *status == 206 && !answer.has_range {
            let last = start + len - 1;
            let line = format!("Content-Range: bytes {start}-{last}/{size}\r\n");
            fields.to_mut().extend_from_slice(line.as_bytes());
        }
        *place = body;
    }
    Resolved::new(answer, Some(head))
}

#[cfg(test)]
mod tests;
