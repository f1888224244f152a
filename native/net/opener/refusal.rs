//! What a client hears when there is nothing to send, unless the handler answers instead.

use std::io;

use crate::http::status;
use crate::net::answer::{Answer, AnswerBody, FileAnswer, Resolved};
use crate::net::file::{errno_of, status_of};
use crate::net::notice::Notice;

/// RFC 9110 §15.5.17.
pub(super) fn unsatisfiable(answer: &mut FileAnswer, size: u64) -> Resolved {
    let fields = format!("Content-Range: bytes */{size}\r\n");
    let found = plain(answer, 416, fields.into_bytes());
    Resolved::new(answer, Some(found))
}

/// What a client hears of a file that cannot be had, unless somebody else answers it.
pub(super) fn failed(answer: &mut FileAnswer, error: &io::Error) -> Resolved {
    let status = status_of(error);
    let errno = errno_of(error);
    if status < 500 && answer.id != 0 {
        let id = answer.id;
        let notice = Some(Notice::FileFailed { id, errno });
        return Resolved {
            notice,
            ..Resolved::new(answer, None)
        };
    }
    let fields: &[u8] = if status == 503 {
        b"Retry-After: 1\r\n"
    } else {
        b""
    };
    let found = plain(answer, status, fields.to_vec());
    Resolved {
        notice: (status >= 500).then_some(Notice::FileFailed { id: 0, errno }),
        ..Resolved::new(answer, Some(found))
    }
}

/// A short text in place of the file, with nothing of the head that the handler meant for it alone.
pub(super) fn plain(answer: &mut FileAnswer, code: u16, mut lines: Vec<u8>) -> Answer<'static> {
    let mut head = take_head(answer);
    lines.extend_from_slice(&answer.always);
    if let Answer::Encoded {
        status,
        reason,
        content_type,
        fields,
        has_date,
        body,
        ..
    } = &mut head
    {
        *status = code;
        *reason = b"".into();
        *content_type = b"text/plain; charset=utf-8";
        *fields = lines.into();
        *has_date = false;
        *body = AnswerBody::Borrowed(status::reason(code).as_bytes());
    }
    head
}

/// The head that the handler meant for the file.
pub(super) fn take_head(answer: &mut FileAnswer) -> Answer<'static> {
    let nothing = Answer::Raw {
        body: AnswerBody::Borrowed(b""),
        close: true,
    };
    std::mem::replace(&mut answer.head, nothing)
}
