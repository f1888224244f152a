//! Questions of those who watch over a server, answered without a handler: is it ready, is it alive.

use std::borrow::Cow;

use crate::http::head::RequestHead;
use crate::http::method::Method;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::open::Open;

/// Nobody may keep the answer, which is about now.
const FIELDS: &[u8] = b"Cache-Control: no-store\r\n";
/// The times that are looked at are true to this part of them.
const PARTS: u64 = 4;
/// Milliseconds between two looks, whatever the times.
const LEAST_MS: u64 = 10;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether clients are to be sent to it.
    Ready,
    /// Whether it will go on by itself.
    Alive,
}

/// A path at which that is asked.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The path, in its normal form.
    pub path: Box<[u8]>,
    /// What is asked there.
    pub question: Question,
    /// How long JavaScript may show no life until it is no, in milliseconds.
    pub limit_ms: u64,
}

/// How often it has to be looked whether JavaScript shows life, in milliseconds.
pub fn interval_ms(probes: &[Probe]) -> Option<u64> {
    let least = probes.iter().map(|probe| probe.limit_ms).min()?;
    Some((least / PARTS).max(LEAST_MS))
}

/// Whether a request is such a question; `path` is the normal form of its path.
pub fn find<'a>(probes: &'a [Probe], head: &RequestHead, path: &[u8]) -> Option<&'a Probe> {
    let is_asked = matches!(head.method_kind, Method::Get | Method::Head);
    let found = probes.iter().find(|probe| *probe.path == *path);
    found.filter(|_| is_asked)
}

/// What is answered now.
pub fn answer(probe: &Probe, open: &Open) -> Answer<'static> {
    let health = &open.health;
    let is_ready = probe.question == Question::Ready;
    let (status, body): (u16, &'static [u8]) = if is_ready && open.is_ending() {
        (503, b"draining")
    } else if is_ready && !health.is_ready() {
        (503, b"not ready")
    } else if health.stuck_ms() >= probe.limit_ms {
        (503, b"stuck")
    } else {
        (200, b"ok")
    };
    Answer::Encoded {
        status,
        reason: Cow::Borrowed(b""),
        content_type: b"text/plain; charset=utf-8",
        fields: Cow::Borrowed(FIELDS),
        has_date: false,
        has_length: false,
        close: false,
        body: AnswerBody::Borrowed(body),
    }
}
