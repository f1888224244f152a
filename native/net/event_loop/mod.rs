//! One I/O thread: wait, take answers, read requests, hand them over, write, wait.
//!
//! A turn never blocks and every part of it is bounded, so no connection starves another. A
//! connection is dropped at one place only, and an event that comes late for it finds another
//! generation in its slot and is ignored.

mod accepting;
mod beat;
mod connections;
mod drain;
mod files;
mod memory;
mod prefaces;
mod sleep;
mod takeover;
mod turn;
mod wishes;

use std::collections::HashSet;
use std::io;
use std::sync::mpsc::Receiver;

use mio::event::Event;
use mio::{Events, Poll, Token};
use slab::Slab;

use beat::Beat;
use drain::Draining;

use crate::net::accept::Acceptor;
use crate::net::accepted::Accepted;
use crate::net::answer::Answer;
use crate::net::clock::Clock;
use crate::net::config::Config;
use crate::net::connection::{Connection, Queued, Scratch, Turn, note_late};
use crate::net::crossing::Crossing;
use crate::net::listener::Listener;
use crate::net::opener::Opener;
use crate::net::outbox::OutboxPool;
use crate::net::remote::{Command, Peers, Seat, WAKER};
use crate::net::routing::Routing;
use crate::net::stream::Stream;
use crate::net::timer::Wheel;
use crate::net::waiting::Waiting;

const LISTENER: Token = Token(usize::MAX);
/// Events that are taken in one turn.
const EVENTS: usize = 512;

/// The state of one I/O thread.
#[derive(Debug)]
pub struct EventLoop<C> {
    poll: Poll,
    events: Events,
    commands: Receiver<Command>,
    crossing: C,
    config: Config,
    peers: Peers,
    acceptor: Option<Acceptor>,
    accepted: Vec<Accepted>,
    next_peer: usize,
    /// Boxed: what grows by doubling are pointers, and no connection is ever moved.
    connections: Slab<Box<Connection<Stream>>>,
    prefaces: Slab<Box<prefaces::Waiting>>,
    generation: u32,
    queue: Vec<u32>,
    again: Vec<u32>,
    starved: Vec<u32>,
    fired: Vec<(u32, u32)>,
    scratch: Scratch,
    pool: OutboxPool,
    opener: Opener,
    wheel: Wheel,
    clock: Clock,
    closing: bool,
    draining: Option<Draining>,
    beat: Option<Beat>,
    cut_at: Option<u64>,
    is_stuck: bool,
    stalls: u32,
    waiting: Waiting,
    /// Connections that are over, and still read.
    parted: usize,
    is_quiet: bool,
    /// Generations of the connections that were accepted for a ticket.
    asked: HashSet<u32>,
    taken_at: (u32, u64),
}

impl<C: Crossing> EventLoop<C> {
    /// A loop that serves what its peers adopt to it and, with a listener, what it accepts.
    pub fn new(
        seat: Seat,
        crossing: C,
        config: Config,
        peers: Peers,
        listener: Option<Listener>,
    ) -> io::Result<Self> {
        let Seat { poll, commands } = seat;
        let opener = Opener::new(peers.remotes[peers.own].clone());
        let mut scratch = Scratch::new(peers.open.clone(), peers.stats.clone());
        scratch.routing = peers.routes.clone().map(Routing::new).map(Box::new);
        let acceptor = listener.map(|listener| {
            let (open, max) = (peers.open.clone(), config.max_connections);
            Acceptor::new(listener, open, max, poll.registry(), LISTENER)
        });
        Ok(Self {
            acceptor: acceptor.transpose()?,
            poll,
            events: Events::with_capacity(EVENTS),
            commands,
            crossing,
            config,
            peers,
            accepted: Vec::new(),
            next_peer: 0,
            connections: Slab::new(),
            prefaces: Slab::new(),
            generation: 0,
            queue: Vec::new(),
            again: Vec::new(),
            starved: Vec::new(),
            fired: Vec::new(),
            scratch,
            pool: OutboxPool::default(),
            opener,
            wheel: Wheel::default(),
            clock: Clock::start(),
            closing: false,
            draining: None,
            beat: None,
            cut_at: None,
            is_stuck: false,
            stalls: 0,
            waiting: Waiting::default(),
            parted: 0,
            is_quiet: false,
            asked: HashSet::new(),
            taken_at: (0, 0),
        })
    }

    fn take_answers(&mut self) -> io::Result<()> {
        let closing = self.config.ends_connections(self.is_ending());
        let Self {
            crossing,
            connections,
            queue,
            opener,
            ..
        } = self;
        let open = &self.peers.open;
        let mut turn = Turn {
            config: &self.config,
            deliver: &mut (),
            scratch: &mut self.scratch,
            pool: &mut self.pool,
            date: self.clock.date(),
            closing,
        };
        let taken = crossing.answers(&mut |token, answer| {
            if let Some(connection) = connections.get_mut(token.index as usize)
                && connection.id().1 == token.generation
            {
                // Looked at behind the answer: one given after `close` is always the last.
                turn.closing = turn.closing || turn.config.ends_connections(open.is_ending());
                let answer = match answer {
                    Answer::File(file) if connection.may_open(token) => {
                        opener.open(token, file, &mut turn.scratch.notices)
                    }
                    answer => Some(answer),
                };
                let Some(answer) = answer else { return };
                connection.answer(token, answer, &mut turn);
                if connection.queued != Queued::Soon {
                    connection.queued = Queued::Soon;
                    queue.push(token.index);
                }
            } else {
                note_late(token, &answer, turn.scratch);
            }
        });
        if open.is_ending() && !self.is_ending() {
            // What goes on behind these answers is to know which one is the last.
            self.take_commands();
        }
        self.advance_queued();
        taken
    }

    fn take_commands(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Adopt(accepted) => self.adopt(accepted),
                Command::Accept(ticket) => self.ask(ticket),
                Command::Resume => {
                    if let Some(acceptor) = &mut self.acceptor {
                        acceptor.resume(self.clock.now_ms(), self.poll.registry());
                    }
                }
                Command::SetProbes(probes) => {
                    self.scratch.probes = Some(probes);
                    self.set_probes();
                }
                Command::Drain(drain) => self.drain(drain),
                Command::LastCall(grace_ms) => self.last_call(grace_ms),
                Command::AcceptNoMore(reply) => {
                    self.accept_no_more();
                    let _ = reply.send(());
                }
                Command::Close(timeout) => self.close(timeout),
                Command::Cut(timeout) => self.cut_after(timeout),
                Command::Opened(token, resolved) => self.take_file(token, *resolved),
                Command::Warmed(id) => self.take_warmed(id),
                Command::IntroduceAll(reply) => {
                    self.introduce_all();
                    let _ = reply.send(());
                }
                Command::CloseIdle => self.drop_idle(|_| true),
                Command::CloseThose(ids, and_new) => {
                    let ids: HashSet<_> = ids.into_iter().collect();
                    self.drop_idle(|one| ids.contains(&one.id()) || (and_new && one.taken() == 0));
                    self.end_answered(&ids);
                    self.finish_those(&ids);
                }
                Command::CloseAll => self.drop_all(),
                Command::SetTimes(times) => self.change_times(times),
                Command::SetMaxRequests(most) => self.config.max_requests = most,
                Command::Flush(reply) => {
                    // What fails here fails again.
                    let _ = self.take_answers();
                    let _ = reply.send(());
                }
                Command::End(id, how) => self.end(id, how),
                Command::SetOption(id, option) => self.set_option(id, option),
                Command::Unsent(id, reply) => {
                    let _ = reply.send(self.unsent(id));
                }
                Command::Finish(token) => self.finish(token),
                Command::Take(token, reply) => {
                    // Whoever asked may have given up; then the descriptor is closed with the reply.
                    let _ = reply.send(self.take_over(token));
                }
            }
        }
    }

    fn take_event(&mut self, event: &Event) {
        match event.token() {
            WAKER => {}
            LISTENER => {
                if let Some(acceptor) = &mut self.acceptor {
                    acceptor.ready();
                }
            }
            Token(token) => {
                let (index, generation) = (token as u32, (token as u64 >> 32) as u32);
                let Some(connection) = self.connections.get_mut(index as usize) else {
                    return self.take_preface_event((index, generation), event);
                };
                if connection.id().1 != generation {
                    return;
                }
                connection.ready(
                    event.is_readable(),
                    event.is_writable(),
                    event.is_read_closed(),
                );
                if event.is_priority() {
                    connection.note_urgent();
                }
                if event.is_error() {
                    connection.fail();
                    self.drop_connection(index);
                } else {
                    self.advance(index);
                }
            }
        }
    }

    fn advance_queued(&mut self) {
        let has_room = self.scratch.overloaded || self.crossing.has_room();
        if !self.starved.is_empty() && has_room {
            self.queue.append(&mut self.starved);
        }
        let mut queue = std::mem::take(&mut self.queue);
        for index in queue.drain(..) {
            if let Some(connection) = self.connections.get_mut(index as usize) {
                connection.queued = Queued::No;
                self.advance(index);
            }
        }
        self.queue = queue;
        self.queue.append(&mut self.again);
    }
}

impl<C> Drop for EventLoop<C> {
    /// Also when the thread panics: its connections count as closed.
    fn drop(&mut self) {
        for _ in 0..self.connections.len() + self.prefaces.len() {
            self.peers.open.closed();
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
