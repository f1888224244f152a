//! A handler that answers in one of all manners, early or late, step by step.

use std::collections::VecDeque;

use super::parts::{data, head, open, step};
use super::rig::ok;
use crate::http::tests::seeded::Seeded;
use crate::net::answer::{Answer, AnswerBody, Part, StreamHead};
use crate::net::request::RequestToken;

/// The manners.
pub(super) const MANNERS: [&str; 13] = [
    "text",
    "text and close",
    "raw",
    "raw without a length",
    "refused raw",
    "stream",
    "stream without a body",
    "stream of a length",
    "cut stream",
    "cut at once",
    "by hand",
    "by hand, refused",
    "interim first",
];

/// A handler at work.
#[derive(Debug)]
pub(super) struct Answering {
    token: RequestToken,
    pub(super) manner: usize,
    steps: VecDeque<Answer<'static>>,
    pulls: usize,
}

impl Answering {
    pub(super) fn new(seeded: &mut Seeded, token: RequestToken) -> Self {
        let manner = seeded.below(MANNERS.len());
        Self {
            token,
            manner,
            steps: steps(MANNERS[manner], seeded).into(),
            pulls: *seeded.pick(&[0, 0, 1, 5, 200]),
        }
    }

    /// Pulls, or answers a bit more; says whether more is to come.
    pub(super) fn step(
        &mut self,
        seeded: &mut Seeded,
        mut give: impl FnMut(RequestToken, Answer<'_>),
    ) -> bool {
        // Now and then the answer begins while the body is still pulled.
        if self.pulls > 0 && seeded.below(20) > 0 {
            self.pulls -= 1;
            give(self.token, step(Part::Pull(1)));
        } else if let Some(answer) = self.steps.pop_front() {
            give(self.token, answer);
        }
        !self.steps.is_empty()
    }
}

fn raw(bytes: &'static [u8]) -> Answer<'static> {
    let body = AnswerBody::Borrowed(bytes);
    Answer::Raw { body, close: false }
}

fn by_hand(bytes: &[u8]) -> Answer<'static> {
    step(Part::Raw(AnswerBody::Owned(Box::new(bytes.to_vec()))))
}

fn steps(manner: &str, seeded: &mut Seeded) -> Vec<Answer<'static>> {
    match manner {
        "text" => vec![ok(b"done")],
        "text and close" => {
            let mut last = ok(b"done");
            if let Answer::Encoded { close, .. } = &mut last {
                *close = true;
            }
            vec![last]
        }
        "raw" => vec![raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")],
        "raw without a length" => vec![raw(b"HTTP/1.1 200 OK\r\n\r\nhi")],
        "refused raw" => vec![raw(b"no response")],
        "stream" => vec![open(head()), data(b"one"), data(b"two"), step(Part::End)],
        "stream without a body" => {
            let status = *seeded.pick(&[204, 205, 304]);
            vec![open(StreamHead { status, ..head() })]
        }
        "stream of a length" => {
            let sized = open(StreamHead {
                has_length: true,
                fields: b"Content-Length: 3\r\n".to_vec(),
                ..head()
            });
            vec![sized, data(b"one"), step(Part::End)]
        }
        "cut stream" => vec![open(head()), data(b"one"), step(Part::Cut)],
        "cut at once" => vec![by_hand(b""), step(Part::Cut)],
        "by hand" => vec![
            by_hand(b"HTTP/1.1 200 OK\r\nContent-"),
            by_hand(b"Length: 2\r\n\r\nh"),
            by_hand(b"i"),
            step(Part::RawEnd),
        ],
        "by hand, refused" => vec![by_hand(b"HTTP/1.1 200 OK\r\nContent-"), step(Part::RawEnd)],
        _ => {
            let fields = b"Link: </a>\r\n".to_vec().into();
            vec![step(Part::Interim(103, fields)), ok(b"done")]
        }
    }
}
