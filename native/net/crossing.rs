//! The seam between the I/O thread and whoever answers: requests leave through it, answers arrive.
//!
//! `bridge` implements it over memory shared with JavaScript; tests implement it over a `Vec`.

use std::io;
use std::time::Duration;

use crate::net::answer::Answer;
use crate::net::notice::Notice;
use crate::net::refused::Refused;
use crate::net::request::{Request, RequestToken};

/// Which requests of a connection are withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// All that are not begun: none will be answered.
    All,
    /// All, if the oldest one is not begun; else none.
    IfNotBegun,
}

/// Bytes of a body that go up at a time, and of a trailer section behind it: there is room for both where there is
/// room for a request.
pub const MOST_PIECE: usize = 15 << 10;
pub const MOST_TRAILERS: usize = 16 << 10;

/// Takes requests and notices. A request may only be handed over after `has_room` said so.
pub trait Deliver {
    /// Whether one more request can be taken now, of whatever size.
    fn has_room(&mut self) -> bool;
    /// Takes one request.
    fn request(&mut self, request: Request<'_>);
    /// Takes a piece of a streamed body, of at most `MOST_PIECE`, after `has_room` said so.
    fn body(&mut self, token: RequestToken, data: &[u8]);
    /// Takes the trailer section of a streamed body, its field lines as they came, of at most `MOST_TRAILERS`.
    /// There is room behind a piece.
    fn trailers(&mut self, token: RequestToken, lines: &[u8]);
    /// Takes what is said of a refused request, after `has_room` said so.
    fn refused(&mut self, refused: &Refused<'_>);
    /// Takes one notice; it is never refused.
    fn notice(&mut self, notice: Notice);
    /// Sees to it that requests of a connection never run, as far as they are not begun; says
    /// whether that holds for the oldest unanswered one, which has the sequence number `next`.
    fn withdraw(&mut self, id: (u32, u32), next: u32, how: Withdrawal) -> bool;
}

/// Both directions, and the rules of going to sleep.
pub trait Crossing: Deliver {
    /// Hands everything taken so far over, with at most one wake-up.
    fn publish(&mut self);
    /// Gives every answer published so far to `sink`. Fails, now and ever after, if the other side
    /// has published what is none.
    fn answers(&mut self, sink: &mut dyn FnMut(RequestToken, Answer<'_>)) -> io::Result<()>;
    /// Announces that the thread is about to sleep. `Some(limit)`: it may, for at most so long;
    /// `None`: something arrived meanwhile and it must not.
    fn before_sleep(&mut self) -> Option<Option<Duration>>;
    /// The thread is awake.
    fn after_sleep(&mut self);
    /// Whether the other side shows no life although it has been called, at `now_ms`.
    fn is_stuck(&mut self, now_ms: u64) -> bool;
    /// Requests and notices handed over since the beginning, wrapping.
    fn handed_over(&self) -> u32;
    /// How many of them the other side has taken up.
    fn taken_up(&self) -> u32;
    /// A number that changes whenever the other side has shown life.
    fn pulse(&self) -> u32;
    /// Calls the other side, so that `is_stuck` can tell.
    fn probe(&mut self);
}
