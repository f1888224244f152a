//! Pieces of an answer that go past the ring together.
//!
//! JavaScript lays them out in memory of the thread's: the words of a record, of which the size is the
//! number of pieces, the length of each, and the pieces themselves. Large ones are not among them: they
//! stay where they are until they are sent. It writes there only outside of our calls.

use std::borrow::Cow;
use std::sync::Arc;

use crate::bridge::answer::{self, KIND_ASIDE, KIND_RAW_DATA, word as record};
use crate::bridge::mail::{Lease, LentBody, MailBox};
use crate::bridge::memory::{Loan, StillBytes};
use crate::net::answer::{Answer, AnswerBody, Part};
use crate::net::request::RequestToken;

/// Pieces of a parcel at most.
pub const MOST: usize = 56;
/// The length of a piece that is a large one.
pub const LARGE: u32 = u32::MAX >> 1;
/// Where the pieces are.
pub const BYTES_AT: usize = (word::LENGTHS + MOST) * 4;

/// The places of the words of a parcel, behind those of a record.
pub mod word {
    /// The lengths of the pieces.
    pub const LENGTHS: usize = super::record::COUNT;
}

/// What a parcel answers and the steps of it, and their end if it is the last one. `large` gives the
/// large pieces one by one. `None` if it is no parcel; then the lease is not released, but void.
pub fn open(
    memory: &Loan,
    mail: &Arc<MailBox>,
    lease: Option<Lease>,
    large: impl FnMut() -> Option<StillBytes>,
    is_last: bool,
) -> Option<(RequestToken, Vec<Answer<'static>>)> {
    let mut lease = lease.map(Arc::new);
    let opened = open_with(memory, mail, lease.as_ref(), large, is_last);
    if opened.is_none()
        && let Some(lease) = lease.as_mut().and_then(Arc::get_mut)
    {
        lease.forget();
    }
    opened
}

fn open_with(
    memory: &Loan,
    mail: &Arc<MailBox>,
    lease: Option<&Arc<Lease>>,
    large: impl FnMut() -> Option<StillBytes>,
    is_last: bool,
) -> Option<(RequestToken, Vec<Answer<'static>>)> {
    let word = |place: usize| memory.word(place * 4);
    let (count, kind) = (word(record::SIZE) as usize, word(record::KIND));
    if count > MOST || !matches!(kind & 0xff, KIND_RAW_DATA | KIND_ASIDE) {
        return None;
    }
    let token = answer::token(word);
    let mut pieces = Pieces {
        memory,
        mail,
        at: BYTES_AT,
        lease,
        large,
    };
    let mut steps = Vec::with_capacity(count + 1);
    for place in 0..count {
        let body = AnswerBody::Owned(pieces.next(word(word::LENGTHS + place))?);
        let (reason, fields) = (Cow::Borrowed(&[][..]), Cow::Borrowed(&[][..]));
        steps.push(answer::answer(kind, 0, reason, fields, body)?);
    }
    if is_last {
        steps.push(Answer::Part(Part::RawEnd));
    }
    Some((token, steps))
}

/// Those of a parcel that are still to be taken.
struct Pieces<'a, F> {
    memory: &'a Loan,
    mail: &'a Arc<MailBox>,
    at: usize,
    lease: Option<&'a Arc<Lease>>,
    large: F,
}

impl<F: FnMut() -> Option<StillBytes>> Pieces<'_, F> {
    fn next(&mut self, length: u32) -> Option<Box<dyn AsRef<[u8]> + Send>> {
        if length == LARGE {
            let (bytes, lease) = ((self.large)()?, self.lease?.clone());
            return Some(Box::new(LentBody::new(bytes, lease)));
        }
        let (at, length) = (self.at, length as usize);
        if length > self.memory.len().saturating_sub(at) {
            return None;
        }
        self.at += length;
        Some(self.mail.copy(self.memory.bytes(at, length)))
    }
}

#[cfg(test)]
mod tests;
