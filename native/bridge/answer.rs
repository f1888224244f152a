//! The records of answers: their words, and the answers that they stand for.

mod file;

use std::borrow::Cow;

use crate::net::answer::{Answer, AnswerBody, Part, StreamHead};
use crate::net::request::RequestToken;

/// An answer of which the head is still to be encoded.
pub const KIND_ANSWER: u32 = 1;
/// A complete response as bytes.
pub const KIND_RAW: u32 = 2;
/// Nothing up to the end of the ring.
pub const KIND_SKIP: u32 = 3;
/// A file: an answer whose body is a record of `file`.
pub const KIND_FILE: u32 = 32;
/// A file below a folder, with what the request says of it.
pub const KIND_ASSET: u32 = 33;

/// An interim response: status and field lines.
pub const KIND_INTERIM: u32 = 16;
/// An answer begins whose body follows in pieces.
pub const KIND_OPEN: u32 = 17;
/// A piece of it.
pub const KIND_DATA: u32 = 18;
/// Its end.
pub const KIND_END: u32 = 19;
/// It will never end: the connection is cut.
pub const KIND_CUT: u32 = 20;
/// So many portions more of the request's body are wanted, as its status says.
pub const KIND_PULL: u32 = 21;

/// More of a response that the handler writes itself.
pub const KIND_RAW_DATA: u32 = 22;
/// The end of that response.
pub const KIND_RAW_END: u32 = 23;
/// Bytes that are part of no response.
pub const KIND_ASIDE: u32 = 24;

/// The handler wants the connection closed.
pub const FLAG_CLOSE: u32 = 1 << 8;
/// The field lines hold a `Date`.
pub const FLAG_HAS_DATE: u32 = 1 << 9;

/// The field lines hold the `Content-Length` of a body that is not sent.
pub const FLAG_HAS_LENGTH: u32 = 1 << 10;

/// The field lines hold a `Content-Range`.
pub const FLAG_HAS_RANGE: u32 = 1 << 12;

/// The places of the words of a record. Reason phrase, field lines and body follow them.
pub mod word {
    /// Bytes of the whole record, a multiple of 8.
    pub const SIZE: usize = 0;
    /// Kind in the low byte, flags above it, status in the high half.
    pub const KIND: usize = 1;
    /// Slot of the connection.
    pub const INDEX: usize = 2;
    /// Which connection.
    pub const GENERATION: usize = 3;
    /// Sequence number and flags, as they came up.
    pub const META: usize = 4;
    /// Content type in the low byte, bytes of the reason phrase above it.
    pub const TYPE: usize = 5;
    /// Bytes of the encoded field lines.
    pub const FIELDS_LEN: usize = 6;
    /// Bytes of the body.
    pub const BODY_LEN: usize = 7;
    /// Words of a record.
    pub const COUNT: usize = 8;
}

/// The content types that JavaScript names by number.
pub const CONTENT_TYPES: [&str; 5] = [
    "",
    "text/plain; charset=utf-8",
    "text/html; charset=utf-8",
    "application/json",
    "application/octet-stream",
];

/// Whose answer a record is, by its words.
#[inline]
pub(super) fn token(word: impl Fn(usize) -> u32) -> RequestToken {
    RequestToken {
        index: word(word::INDEX),
        generation: word(word::GENERATION),
        meta: word(word::META),
    }
}

/// Whether there are answers with this kind word.
pub(super) fn is_known(kind: u32) -> bool {
    let status = kind >> 16;
    match kind & 0xff {
        KIND_ANSWER | KIND_OPEN | KIND_FILE | KIND_ASSET => (200..=999).contains(&status),
        KIND_INTERIM => (100..=199).contains(&status),
        KIND_RAW | KIND_RAW_DATA | KIND_RAW_END | KIND_ASIDE => true,
        KIND_DATA | KIND_END | KIND_CUT => true,
        KIND_PULL => status > 0,
        _ => false,
    }
}

/// An answer from the words and bytes of its record; `None` if that is none.
pub fn answer<'a>(
    kind: u32,
    content_type: u32,
    reason: Cow<'a, [u8]>,
    fields: Cow<'a, [u8]>,
    body: AnswerBody<'a>,
) -> Option<Answer<'a>> {
    if !is_known(kind) {
        return None;
    }
    let status = (kind >> 16) as u16;
    let type_code = content_type;
    let content_type = CONTENT_TYPES.get(type_code as usize)?.as_bytes();
    Some(match kind & 0xff {
        KIND_FILE => file::answer(kind, type_code, reason, fields, body.bytes())?,
        KIND_ASSET => file::asset(kind, fields, body.bytes())?,
        KIND_RAW => {
            let close = kind & FLAG_CLOSE != 0;
            Answer::Raw { body, close }
        }
        KIND_INTERIM => Answer::Part(Part::Interim(status, fields)),
        KIND_OPEN => Answer::Part(Part::Open(Box::new(StreamHead {
            status,
            reason: reason.into_owned(),
            content_type,
            fields: fields.into_owned(),
            has_date: kind & FLAG_HAS_DATE != 0,
            has_length: kind & FLAG_HAS_LENGTH != 0,
            close: kind & FLAG_CLOSE != 0,
        }))),
        KIND_DATA => Answer::Part(Part::Data(body.into_box())),
        KIND_END => Answer::Part(Part::End),
        KIND_CUT => Answer::Part(Part::Cut),
        KIND_PULL => Answer::Part(Part::Pull(status)),
        KIND_RAW_DATA => Answer::Part(Part::Raw(body)),
        KIND_RAW_END => Answer::Part(Part::RawEnd),
        KIND_ASIDE => Answer::Part(Part::Aside(body.into_box())),
        _ => encoded(
            kind,
            CONTENT_TYPES.get(type_code as usize)?,
            reason,
            fields,
            body,
        ),
    })
}

/// An answer of which the head is still to be encoded, from a kind word that is known.
#[inline]
pub(super) fn encoded<'a>(
    kind: u32,
    content_type: &'static str,
    reason: Cow<'a, [u8]>,
    fields: Cow<'a, [u8]>,
    body: AnswerBody<'a>,
) -> Answer<'a> {
    Answer::Encoded {
        status: (kind >> 16) as u16,
        reason,
        content_type: content_type.as_bytes(),
        fields,
        has_date: kind & FLAG_HAS_DATE != 0,
        has_length: kind & FLAG_HAS_LENGTH != 0,
        close: kind & FLAG_CLOSE != 0,
        body,
    }
}
