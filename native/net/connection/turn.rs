//! A turn: what the event loop lends to a connection, and what it has to do afterwards.

use std::sync::Arc;

use crate::http::head::{FieldLine, RequestHead};
use crate::net::answer::Answer;
use crate::net::budget::RightOfWay;
use crate::net::config::Config;
use crate::net::file::{ColdRead, FILE_TURN};
use crate::net::notice::Notice;
use crate::net::open::Open;
use crate::net::outbox::OutboxPool;
use crate::net::probes::{self, Probe};
use crate::net::routing::{Routed, Routing};
use crate::net::stats::Stats;
use crate::router::escape::normalize;

/// Bytes that one connection may read in one turn of the loop.
pub(super) const READ_BUDGET: usize = 64 << 10;

/// Bytes that one connection may write in one turn of the loop, from memory or files.
pub(super) const WRITE_BUDGET: usize = FILE_TURN;

/// What a turn of the event loop lends to a connection.
#[derive(Debug)]
pub struct Turn<'a, D> {
    /// The server's options.
    pub config: &'a Config,
    /// Where requests go.
    pub deliver: &'a mut D,
    /// Buffers shared by all connections of the thread.
    pub scratch: &'a mut Scratch,
    /// Empty outboxes.
    pub pool: &'a mut OutboxPool,
    /// The value of `Date`.
    pub date: &'a [u8; 29],
    /// The server is closing or emptied: every connection ends with its last answer.
    pub closing: bool,
}

/// Buffers of one thread, so that a connection needs none of its own while it is idle.
#[derive(Debug)]
pub struct Scratch {
    /// What the threads of the server know of each other.
    pub open: Arc<Open>,
    /// Requests wait too long: further ones are answered 503, with no room needed for them.
    pub overloaded: bool,
    /// JavaScript has taken up nothing for a while: what no handler sees is looked for without it.
    pub is_behind: bool,
    /// What the thread counts.
    pub stats: Arc<Stats>,
    /// Who of the thread may go on when memory is short.
    pub right_of_way: RightOfWay,
    /// The thread's view of the router's routes, if there is one.
    pub routing: Option<Box<Routing>>,
    /// What is answered at some paths, of the server itself.
    pub probes: Option<Arc<[Probe]>>,
    /// What is to be said of answers that were refused.
    pub notices: Vec<Notice>,
    /// The server is emptied, and idle connections may still bring a request.
    pub keeps_idle: bool,
    /// Who is idle when the server closes gets FIN, and what it sends then is dropped.
    pub lingers_idle: bool,
    /// The connection whose handler asks what was taken, which nothing else has to tell.
    pub asking: Option<(u32, u32)>,
    /// How many connections have the kernel take as much of an answer as it likes.
    pub wide: u32,
    /// What has to be read from disks before connections can go on sending.
    pub cold: Vec<((u32, u32), ColdRead)>,
    pub(super) input: Vec<u8>,
    pub(super) fields: Vec<FieldLine>,
    path: Vec<u8>,
    pub(super) body: Vec<u8>,
}

impl Scratch {
    /// Buffers for a thread of the server that `open` belongs to.
    pub fn new(open: Arc<Open>, stats: Arc<Stats>) -> Self {
        Self {
            open,
            overloaded: false,
            is_behind: false,
            stats,
            right_of_way: RightOfWay::default(),
            routing: None,
            probes: None,
            notices: Vec::new(),
            keeps_idle: false,
            lingers_idle: false,
            asking: None,
            wide: 0,
            cold: Vec::new(),
            input: vec![0; READ_BUDGET],
            fields: Vec::new(),
            path: Vec::new(),
            body: Vec::new(),
        }
    }
}

impl Scratch {
    /// Whether half a head is waited for at the end: of a server that is emptied it is a request under way, which
    /// `close` is not to wait for.
    pub(super) fn keeps_heads(&self) -> bool {
        self.lingers_idle && !self.open.is_closing()
    }

    /// Whether requests are looked at without room for them. As long as JavaScript goes on they wait,
    /// for there is room soon, and each look costs as much as their heads.
    pub(super) fn looks_ahead(&self) -> bool {
        self.is_behind && self.answers_some()
    }

    /// Whether some requests are answered that no handler sees.
    pub(super) fn answers_some(&self) -> bool {
        self.routing.is_some() || self.probes.is_some()
    }

    /// The answer to a question about the server itself, if this is one. Its path was normalised.
    pub(super) fn answer_of_probe(
        &self,
        head: &RequestHead,
        bytes: &[u8],
    ) -> Option<Answer<'static>> {
        let all = self.probes.as_deref()?;
        let path = self.normal_path().unwrap_or_else(|| head.path.of(bytes));
        let probe = probes::find(all, head, path)?;
        Some(probes::answer(probe, &self.open))
    }

    /// Looks whether the path of a request has another normal form.
    pub(super) fn normalize(&mut self, head: &RequestHead, bytes: &[u8]) {
        self.path.clear();
        if head.has_percent && normalize(head.path.of(bytes), &mut self.path).is_none() {
            self.path.clear();
        }
    }

    /// The normal form of that path, if it is another one.
    pub(super) fn normal_path(&self) -> Option<&[u8]> {
        (!self.path.is_empty()).then_some(&self.path)
    }

    /// Whether the router answers a request with this head, so that no handler sees it.
    pub(super) fn is_answered(&mut self, head: &RequestHead, bytes: &[u8]) -> bool {
        self.normalize(head, bytes);
        if self.answer_of_probe(head, bytes).is_some() {
            return true;
        }
        let Self { routing, path, .. } = self;
        let normal = (!path.is_empty()).then_some(&**path);
        let routed = routing
            .as_mut()
            .map(|routing| routing.route(head, bytes, normal));
        matches!(routed, Some(Routed::Answer(_)))
    }

    /// Notes what has become of the routes: from here on requests are matched by them.
    pub(super) fn follow_routes(&mut self) {
        if let Some(routing) = &mut self.routing {
            routing.routes();
        }
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new(Arc::default(), Arc::default())
    }
}

/// What the event loop has to do with a connection after it had its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Wait for readiness or an answer.
    Wait,
    /// There is more to read, but its budget is used up: another turn soon.
    Again,
    /// No room for its requests: another turn when there is.
    Starved,
    /// Drop it now.
    Close,
    /// It was taken over, and what was due before is written.
    Free,
}

/// Whether the event loop will give a connection a turn anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// Only if something happens.
    No,
    /// When there is room for its requests, or in the next turn.
    Later,
    /// In this turn.
    Soon,
}
