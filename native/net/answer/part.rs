//! What is said of an answer bit by bit: interim responses, and answers whose body is a stream.

use std::borrow::Cow;

use super::AnswerBody;

/// The head of an answer whose body follows in pieces.
#[derive(Debug)]
pub struct StreamHead {
    /// 200 to 999.
    pub status: u16,
    /// The reason phrase; empty for the standard one.
    pub reason: Vec<u8>,
    /// Value of Content-Type; empty for none.
    pub content_type: &'static [u8],
    /// Encoded field lines, each with its CRLF.
    pub fields: Vec<u8>,
    /// The field lines hold a `Date`.
    pub has_date: bool,
    /// The field lines hold the length of the body.
    pub has_length: bool,
    /// The handler wants the connection closed.
    pub close: bool,
}

/// One of the steps of an answer.
pub enum Part<'a> {
    /// An interim response with these field lines (RFC 9110 §15.2); 1xx.
    Interim(u16, Cow<'a, [u8]>),
    /// The answer begins.
    Open(Box<StreamHead>),
    /// More of its body.
    Data(Box<dyn AsRef<[u8]> + Send>),
    /// Its body is complete.
    End,
    /// Its body will never be complete, and the client must see that.
    Cut,
    /// More of a response that the handler writes itself, from its first byte on.
    Raw(AnswerBody<'a>),
    /// That response is complete.
    RawEnd,
    /// So many portions more of the request's body are wanted.
    Pull(u16),
    /// Bytes that are part of no answer, written where none is begun.
    Aside(Box<dyn AsRef<[u8]> + Send>),
}

impl Part<'_> {
    /// The same in memory of its own.
    pub fn into_owned(self) -> Part<'static> {
        match self {
            Self::Interim(status, fields) => Part::Interim(status, Cow::Owned(fields.into_owned())),
            Self::Open(head) => Part::Open(head),
            Self::Data(bytes) => Part::Data(bytes),
            Self::End => Part::End,
            Self::Cut => Part::Cut,
            Self::Raw(bytes) => Part::Raw(bytes.into_owned()),
            Self::RawEnd => Part::RawEnd,
            Self::Pull(portions) => Part::Pull(portions),
            Self::Aside(bytes) => Part::Aside(bytes),
        }
    }
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Interim(status, _) => f.debug_tuple("Interim").field(status).finish(),
            Self::Open(head) => f.debug_tuple("Open").field(head).finish(),
            Self::Data(bytes) => {
                let len = (**bytes).as_ref().len();
                f.debug_tuple("Data").field(&len).finish()
            }
            Self::Raw(bytes) => f.debug_tuple("Raw").field(&bytes.len()).finish(),
            Self::Aside(bytes) => {
                let len = (**bytes).as_ref().len();
                f.debug_tuple("Aside").field(&len).finish()
            }
            Self::RawEnd => f.write_str("RawEnd"),
            Self::End => f.write_str("End"),
            Self::Cut => f.write_str("Cut"),
            Self::Pull(portions) => f.debug_tuple("Pull").field(portions).finish(),
        }
    }
}
