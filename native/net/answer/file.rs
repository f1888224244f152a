//! A file as the answer to a request: what is asked for, and what was found.

use std::any::Any;
use std::path::PathBuf;

use super::Answer;
use crate::http::condition::Conditions;
use crate::net::notice::Notice;

/// A file that is to be opened, and the head of its response.
#[derive(Debug)]
pub struct FileAnswer {
    /// The head: `Answer::Encoded` with no body.
    pub head: Answer<'static>,
    /// Where the file is; from the process's working directory, or below the asset's folder, if it
    /// is relative.
    pub path: PathBuf,
    /// The first byte to send.
    pub start: u64,
    /// The last byte to send; the end of the file if it is behind that.
    pub end: u64,
    /// The field lines hold a `Content-Range`.
    pub has_range: bool,
    /// Field lines of whatever is answered, also in place of the file.
    pub always: Vec<u8>,
    /// Who is to be told when there is no such file, instead of the client; 0 for nobody.
    pub id: u32,
    /// Dropped when nobody needs to be told any more.
    pub guard: Option<Box<dyn Any + Send>>,
    /// What it is as one of the files below a folder; then the request says what is sent of it.
    pub asset: Option<Box<Asset>>,
}

/// What a file is asked for with. Fields that the request does not have are empty; those that it has
/// without a value are a space.
#[derive(Clone, Debug, Default)]
pub struct Asset {
    /// The folder that the path is below; empty for a path of its own.
    pub root: PathBuf,
    /// Value of `Content-Type`.
    pub media_type: Vec<u8>,
    /// The file of a folder that stands for the folder; empty for none.
    pub index: Vec<u8>,
    /// Where the client finds the folder, if the path turns out to be one.
    pub location: Vec<u8>,
    /// The status that sends it there.
    pub moved: u16,
    /// `Accept-Encoding`; empty as well where no coding but the file's own is offered.
    pub accept_encoding: Vec<u8>,
    /// `If-Match`.
    pub if_match: Vec<u8>,
    /// `If-None-Match`.
    pub if_none_match: Vec<u8>,
    /// `If-Modified-Since`.
    pub if_modified_since: Vec<u8>,
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: Vec<u8>,
    /// `Range`.
    pub range: Vec<u8>,
    /// `If-Range`.
    pub if_range: Vec<u8>,
    /// No `ETag` is sent.
    pub no_etag: bool,
    /// No `Last-Modified` is sent.
    pub no_date: bool,
    /// No `Accept-Ranges` is sent.
    pub no_ranges: bool,
}

impl Asset {
    /// What it says about the state that the client knows.
    pub fn conditions(&self) -> Conditions<'_> {
        Conditions {
            if_match: &self.if_match,
            if_none_match: &self.if_none_match,
            if_modified_since: &self.if_modified_since,
            if_unmodified_since: &self.if_unmodified_since,
            if_range: &self.if_range,
        }
    }
}

/// What becomes of a request whose file was looked for.
#[derive(Debug)]
pub struct Resolved {
    /// The answer; `None` if the handler is asked for another one.
    pub answer: Option<Answer<'static>>,
    /// What the handler's side has to hear.
    pub notice: Option<Notice>,
    /// To be dropped behind the notice: nobody is told of a number that was released.
    pub guard: Option<Box<dyn Any + Send>>,
}

impl Resolved {
    /// With an answer, or with none so far.
    pub fn new(answer: &mut FileAnswer, found: Option<Answer<'static>>) -> Self {
        Self {
            answer: found,
            notice: None,
            guard: answer.guard.take(),
        }
    }
}
