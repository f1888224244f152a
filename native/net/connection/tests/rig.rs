//! A connection on a script, turned by hand.

use std::borrow::Cow;

use super::reader::{Response, read_all};
use super::recorder::Recorder;
use super::script::Script;
use crate::http::tests::session::Seen;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::config::Config;
use crate::net::connection::{After, Connection, Scratch, Turn};
use crate::net::endpoint::Endpoint;
use crate::net::outbox::OutboxPool;
use crate::net::request::RequestToken;

pub(super) const DATE: &[u8; 29] = b"Sun, 06 Nov 1994 08:49:37 GMT";

/// What connections of one thread share.
#[derive(Debug, Default)]
pub(super) struct Bench {
    pub(super) config: Config,
    pub(super) scratch: Scratch,
    pub(super) pool: OutboxPool,
}

impl Bench {
    /// A turn of one of them.
    pub(super) fn turn<'a, D>(&'a mut self, deliver: &'a mut D, closing: bool) -> Turn<'a, D> {
        Turn {
            config: &self.config,
            deliver,
            scratch: &mut self.scratch,
            pool: &mut self.pool,
            date: DATE,
            closing,
        }
    }
}

/// One connection and both its ends.
pub(super) struct Rig<'a> {
    pub(super) bench: &'a mut Bench,
    pub(super) connection: Connection<Script>,
    pub(super) recorder: Recorder,
    pub(super) closing: bool,
    answered: usize,
}

/// When the handler answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Each request as soon as it is there.
    AtOnce,
    /// All of them when nothing else moves, the last one first.
    LateReversed,
    /// Never.
    Never,
}

/// What came of a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) requests: Vec<Seen>,
    pub(super) responses: Vec<Response>,
    /// It is closed, or FIN is sent.
    pub(super) ended: bool,
    pub(super) idle: bool,
}

impl<'a> Rig<'a> {
    pub(super) fn new(bench: &'a mut Bench, script: Script) -> Self {
        let ends = (Endpoint::default(), Endpoint::default());
        Self {
            bench,
            connection: Connection::new(script, (3, 5), ends),
            recorder: Recorder::default(),
            closing: false,
            answered: 0,
        }
    }

    /// What the poll says, and a turn.
    pub(super) fn event(&mut self) -> After {
        let readable = self.connection.stream.is_readable();
        self.connection.ready(readable, true, false);
        self.advance()
    }

    pub(super) fn advance(&mut self) -> After {
        let mut turn = self.bench.turn(&mut self.recorder, self.closing);
        self.connection.advance(&mut turn)
    }

    pub(super) fn answer(&mut self, token: RequestToken, answer: Answer<'_>) {
        let mut deliver = ();
        let mut turn = self.bench.turn(&mut deliver, self.closing);
        self.connection.answer(token, answer, &mut turn);
    }

    /// Answers every request that is not answered; says whether there was one.
    pub(super) fn answer_waiting(&mut self, reversed: bool) -> bool {
        let waiting: Vec<_> = self.recorder.taken[self.answered..].to_vec();
        self.answered += waiting.len();
        let mut tokens: Vec<_> = waiting.iter().collect();
        if reversed {
            tokens.reverse();
        }
        for taken in tokens {
            self.answer(taken.token, ok(&echo(&taken.seen)));
        }
        !waiting.is_empty()
    }

    /// Turns until nothing moves any more.
    pub(super) fn run(&mut self, order: Order) -> After {
        let limit = 1000 + 100 * self.connection.stream.reads.len() + 20_000;
        for _ in 0..limit {
            let calls = self.connection.stream.calls;
            let after = self.event();
            let is_still = calls == self.connection.stream.calls && after != After::Again;
            let has_answered = match order {
                Order::AtOnce => self.answer_waiting(false),
                Order::LateReversed => is_still && self.answer_waiting(true),
                Order::Never => false,
            };
            if after == After::Close || (is_still && !has_answered) {
                return after;
            }
        }
        panic!("it never comes to rest");
    }

    /// The tokens of the requests, in their order.
    pub(super) fn tokens(&self) -> Vec<RequestToken> {
        self.recorder
            .taken
            .iter()
            .map(|taken| taken.token)
            .collect()
    }

    /// The bodies of what was written.
    pub(super) fn bodies(&self) -> Vec<Vec<u8>> {
        let responses = self.responses().into_iter();
        responses.map(|found| found.body).collect()
    }

    /// Reads what was written.
    pub(super) fn responses(&self) -> Vec<Response> {
        let taken = self.recorder.taken.iter();
        let heads: Vec<_> = taken.map(|taken| taken.seen.method == b"HEAD").collect();
        read_all(&self.connection.stream.written, &heads)
    }
}

impl Drop for Rig<'_> {
    fn drop(&mut self) {
        self.connection.release(&mut self.bench.scratch);
    }
}

/// Runs a script to its end.
pub(super) fn run(bench: &mut Bench, script: Script, order: Order) -> Run {
    let mut rig = Rig::new(bench, script);
    let after = rig.run(order);
    let responses = rig.responses();
    let taken = std::mem::take(&mut rig.recorder.taken).into_iter();
    Run {
        requests: taken.map(|taken| taken.seen).collect(),
        responses,
        ended: after == After::Close || rig.connection.stream.is_shut,
        idle: rig.connection.is_idle(),
    }
}

/// What the handler of these tests answers: the request, told back.
pub(super) fn echo(seen: &Seen) -> Vec<u8> {
    [&seen.method[..], b" ", &seen.target, b" ", &seen.body].concat()
}

/// 200 with a body.
pub(crate) fn ok(body: &[u8]) -> Answer<'_> {
    Answer::Encoded {
        status: 200,
        reason: Cow::Borrowed(b""),
        content_type: b"text/plain",
        fields: Cow::Borrowed(b""),
        has_date: false,
        has_length: false,
        close: false,
        body: AnswerBody::Borrowed(body),
    }
}
