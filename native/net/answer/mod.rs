//! An answer to a request, on its way to its connection.

mod file;
mod part;

use std::borrow::Cow;

pub use file::{Asset, FileAnswer, Resolved};
pub use part::{Part, StreamHead};

use crate::net::file::{FileBody, FileParts};

/// A complete answer, on its way to its connection.
#[derive(Debug)]
pub enum Answer<'a> {
    /// A response of which the head is still to be encoded.
    Encoded {
        /// 200 to 999.
        status: u16,
        /// The reason phrase; empty for the standard one.
        reason: Cow<'a, [u8]>,
        /// Value of Content-Type; empty for none.
        content_type: &'static [u8],
        /// Encoded field lines, each with its CRLF.
        fields: Cow<'a, [u8]>,
        /// The field lines hold a `Date`.
        has_date: bool,
        /// The field lines hold the length of a body that is not sent.
        has_length: bool,
        /// The handler wants the connection closed.
        close: bool,
        /// The body.
        body: AnswerBody<'a>,
    },
    /// A response as bytes, not yet trusted.
    Raw {
        /// All of it.
        body: AnswerBody<'a>,
        /// The handler wants the connection closed.
        close: bool,
    },
    /// A file that is still to be opened, which is the event loop's affair.
    File(Box<FileAnswer>),
    /// A step of an answer that comes bit by bit.
    Part(Part<'a>),
}

/// The bytes of an answer.
pub enum AnswerBody<'a> {
    /// In shared memory: to be sent or copied before the call returns.
    Borrowed(&'a [u8]),
    /// Given away: it is freed, or given back, once it is sent or its connection is gone.
    Owned(Box<dyn AsRef<[u8]> + Send>),
    /// In a file: they are read when the socket takes them.
    File(FileBody),
    /// In several places of a file, with other bytes between them.
    Parts(Box<FileParts>),
}

impl Answer<'_> {
    /// The same answer in memory of its own, for one that comes before its turn.
    pub fn into_owned(self) -> Answer<'static> {
        match self {
            Self::Encoded {
                status,
                reason,
                content_type,
                fields,
                has_date,
                has_length,
                close,
                body,
            } => Answer::Encoded {
                status,
                reason: Cow::Owned(reason.into_owned()),
                content_type,
                fields: Cow::Owned(fields.into_owned()),
                has_date,
                has_length,
                close,
                body: body.into_owned(),
            },
            Self::Raw { body, close } => Answer::Raw {
                body: body.into_owned(),
                close,
            },
            Self::File(file) => Answer::File(file),
            Self::Part(part) => Answer::Part(part.into_owned()),
        }
    }
}

impl<'a> AnswerBody<'a> {
    /// The same bytes in memory of their own.
    pub fn into_owned(self) -> AnswerBody<'static> {
        match self {
            Self::Borrowed(bytes) => AnswerBody::Owned(Box::new(bytes.to_vec())),
            Self::Owned(bytes) => AnswerBody::Owned(bytes),
            Self::File(file) => AnswerBody::File(file),
            Self::Parts(parts) => AnswerBody::Parts(parts),
        }
    }

    /// The first `at` bytes, and what is behind them. Of files there is nothing.
    pub fn split_at(self, at: usize) -> (AnswerBody<'a>, AnswerBody<'a>) {
        match self {
            Self::Borrowed(bytes) => {
                let (before, behind) = bytes.split_at(at);
                (Self::Borrowed(before), Self::Borrowed(behind))
            }
            Self::Owned(bytes) => {
                let before = (*bytes).as_ref()[..at].to_vec();
                let behind = Behind { bytes, at };
                (Self::Owned(Box::new(before)), Self::Owned(Box::new(behind)))
            }
            Self::File(_) | Self::Parts(_) => (Self::Borrowed(&[]), Self::Borrowed(&[])),
        }
    }

    /// The bytes in memory of their own.
    pub fn into_box(self) -> Box<dyn AsRef<[u8]> + Send> {
        match self {
            Self::Borrowed(bytes) => Box::new(bytes.to_vec()),
            Self::Owned(bytes) => bytes,
            Self::File(_) | Self::Parts(_) => Box::new([]),
        }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.left(),
            Self::Parts(parts) => parts.len(),
            body => body.bytes().len() as u64,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, if all of them are in memory.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(bytes) => (**bytes).as_ref(),
            Self::File(_) | Self::Parts(_) => &[],
        }
    }
}

/// What is behind the first bytes of others, in the same place.
struct Behind {
    bytes: Box<dyn AsRef<[u8]> + Send>,
    at: usize,
}

impl AsRef<[u8]> for Behind {
    fn as_ref(&self) -> &[u8] {
        &(*self.bytes).as_ref()[self.at..]
    }
}

impl std::fmt::Debug for AnswerBody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AnswerBody").field(&self.len()).finish()
    }
}

#[cfg(test)]
mod tests;
