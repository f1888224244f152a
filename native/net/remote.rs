//! How other threads reach an event loop: commands, and a waker to make it look at them.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use mio::{Poll, Token, Waker};

use crate::net::accepted::Accepted;
use crate::net::answer::Resolved;
use crate::net::config::LiveTimes;
use crate::net::drain::Drain;
use crate::net::open::Open;
use crate::net::preface::ProxyRule;
use crate::net::probes::Probe;
use crate::net::request::RequestToken;
use crate::net::routing::SharedRoutes;
use crate::net::stats::Stats;
use crate::net::stream::SocketOption;
use crate::net::takeover::{Handover, TakeError};

/// The poll's token for the waker.
pub const WAKER: Token = Token(usize::MAX - 1);

/// What other threads ask of a loop.
#[derive(Debug)]
pub enum Command {
    /// Serve this connection.
    Adopt(Accepted),
    /// Accept one client more of those who are only accepted on demand, for this ticket.
    Accept(u32),
    /// A connection was closed somewhere and the listener waits for that.
    Resume,
    /// The listener goes, and with it whoever is not accepted yet; the reply says that it is gone.
    AcceptNoMore(Sender<()>),
    /// Accept no more, answer what was received, then end. After the given milliseconds, if any,
    /// whatever is left is cut.
    Close(Option<u64>),
    /// From here on these are answered without a handler.
    SetProbes(Arc<[Probe]>),
    /// Make each answer the last one of its connection, and end by and by.
    Drain(Drain),
    /// No connection comes any more; those that are idle end after so many milliseconds.
    LastCall(u64),
    /// After the given milliseconds, whatever is left of a server that is closing is cut.
    Cut(u64),
    /// The file of a request was looked for.
    Opened(RequestToken, Box<Resolved>),
    /// What this connection is to send of a file was read from its disk.
    Warmed((u32, u32)),
    /// Tell of those who are accepted and were not told of; the reply says that it is published.
    IntroduceAll(Sender<()>),
    /// Drop connections between requests.
    CloseIdle,
    /// Drop those of these connections that are, and with `true` whoever has said nothing yet.
    CloseThose(Vec<(u32, u32)>, bool),
    /// Drop every connection.
    CloseAll,
    /// From here on clocks run by these limits.
    SetTimes(LiveTimes),
    /// From here on a connection ends with so many requests; 0 for no limit.
    SetMaxRequests(u32),
    /// Write what is answered; the reply says that the kernel has what it takes.
    Flush(Sender<()>),
    /// Set an option of the socket of this connection.
    SetOption((u32, u32), SocketOption),
    /// How many bytes has its client not taken?
    Unsent((u32, u32), Sender<u64>),
    /// End this connection.
    End((u32, u32), End),
    /// End the connection of this request behind its answer.
    Finish(RequestToken),
    /// Hand over the connection of this request.
    Take(RequestToken, Sender<Result<Handover, TakeError>>),
}

/// How a connection ends at JavaScript's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Behind what is written: nothing more is read, and what is unanswered stays so.
    Behind,
    /// At once, without what the kernel has not taken.
    AtOnce,
    /// The same, with a reset.
    Reset,
}

impl End {
    /// By the number that JavaScript has for it.
    pub fn by_number(number: u32) -> Option<Self> {
        let all = [Self::Behind, Self::AtOnce, Self::Reset];
        all.get(number as usize).copied()
    }
}

/// The other end of a loop's command channel.
#[derive(Clone, Debug)]
pub struct Remote {
    commands: Sender<Command>,
    waker: Arc<Waker>,
}

impl Remote {
    /// Asks the loop for something; a loop that has ended does not hear it.
    pub fn send(&self, command: Command) {
        self.leave(command);
        self.wake();
    }

    /// The same, for the loop's next turn, whenever that is.
    pub fn leave(&self, command: Command) {
        // The only failure is that the loop has ended: then there is nothing to do.
        let _ = self.commands.send(command);
    }

    /// Makes the loop take a turn.
    pub fn wake(&self) {
        // A full counter means that a wake-up is pending already.
        let _ = self.waker.wake();
    }
}

/// A loop's place among the threads of its server.
#[derive(Debug)]
pub struct Peers {
    /// All loops of the server by number; this one is `own`.
    pub remotes: Vec<Remote>,
    /// This loop's number.
    pub own: usize,
    /// What this loop counts.
    pub stats: Arc<Stats>,
    /// What is served without a handler, if there is a router.
    pub routes: Option<Arc<SharedRoutes>>,
    /// Which proxies say whose connections they bring, if any do.
    pub proxies: Option<Arc<ProxyRule>>,
    /// Connections of all of them.
    pub open: Arc<Open>,
}

/// A poll and the means to reach it from outside, made before its thread starts.
#[derive(Debug)]
pub struct Seat {
    /// The poll.
    pub poll: Poll,
    /// What was asked.
    pub commands: Receiver<Command>,
}

impl Seat {
    /// A poll with a waker and a command channel.
    pub fn new() -> io::Result<(Self, Remote)> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (sender, commands) = std::sync::mpsc::channel();
        Ok((
            Self { poll, commands },
            Remote {
                commands: sender,
                waker,
            },
        ))
    }
}
