//! The connections of a loop: how they come, have their turns, are late, and go.

use mio::Token;

use super::EventLoop;
use crate::net::accepted::Accepted;
use crate::net::config::LiveTimes;
use crate::net::connection::{After, Connection, Overdue, Queued, Turn};
use crate::net::crossing::{Crossing, Withdrawal};
use crate::net::notice::{BodyEnd, Notice, Parting};
use crate::net::remote::Command;
use crate::net::stats::Counter;
use crate::net::stream::Stream;

impl<C: Crossing> EventLoop<C> {
    pub(super) fn adopt(&mut self, accepted: Accepted) {
        match self.peers.proxies {
            None => self.serve(accepted),
            Some(_) => self.adopt_proxied(accepted),
        }
    }

    /// Takes a connection whose ends are known.
    pub(super) fn serve(&mut self, accepted: Accepted) {
        let Accepted {
            mut stream,
            remote,
            local,
            ticket,
        } = accepted;
        self.generation = self.generation.wrapping_add(1);
        if let Some(ticket) = ticket {
            self.announce(self.generation, ticket);
        }
        let entry = self.connections.vacant_entry();
        let (index, generation) = (entry.key() as u32, self.generation);
        let token = Token((u64::from(generation) << 32 | u64::from(index)) as usize);
        let interest = stream.interest();
        if let Stream::Tcp(stream) = &stream
            && self.config.no_delay
        {
            // A client that is gone already is found out by the first read.
            let _ = stream.set_nodelay(true);
        }
        if mio::event::Source::register(&mut stream, self.poll.registry(), token, interest).is_err()
        {
            self.leave((index, generation), false, Parting::Failed);
            self.closed();
            return;
        }
        self.scratch.stats.add(Counter::Connections, 1);
        entry.insert(Box::new(Connection::new(
            stream,
            (index, generation),
            (remote, local),
        )));
        self.introduce(index);
        if self.closing {
            self.look_again(index);
        } else {
            self.advance(index);
        }
    }

    pub(super) fn close(&mut self, timeout: Option<u64>) {
        if self.closing {
            // What an emptied server has waited for may not be worth it any more.
            return self.look_at_all();
        }
        self.closing = true;
        if let Some(timeout) = timeout {
            self.cut_after(timeout);
        }
        self.scratch.keeps_idle = false;
        self.scratch.lingers_idle = self.draining.is_some();
        // Clients whom the kernel has accepted already are served, then the listener goes.
        self.accept_the_rest();
        if self.peers.own == 0 {
            for remote in &self.peers.remotes[1..] {
                remote.send(Command::Close(timeout));
            }
        }
        self.look_at_all();
        self.end_prefaces(true);
    }

    fn look_at_all(&mut self) {
        let all = self.connections.iter().map(|(index, _)| index as u32);
        for index in all.collect::<Vec<_>>() {
            self.look_again(index);
        }
    }

    /// Cuts what is left after so many milliseconds, or sooner if that was asked before.
    pub(super) fn cut_after(&mut self, timeout: u64) {
        let at = self.clock.now_ms() + timeout;
        self.cut_at = Some(self.cut_at.map_or(at, |before| before.min(at)));
    }

    /// Lets a connection read once more: a request that is in the kernel already is answered.
    pub(super) fn look_again(&mut self, index: u32) {
        if let Some(connection) = self.connections.get_mut(index as usize) {
            connection.ready(true, false, false);
            self.advance(index);
        }
    }

    /// Drops who is meant and between two requests. Whose next one is in the kernel is not: closing with
    /// that unread would reset the connection.
    pub(super) fn drop_idle(&mut self, is_meant: impl Fn(&Connection<Stream>) -> bool) {
        // Answers that were given before belong on the wire before; what fails here fails again.
        let _ = self.take_answers();
        let is_idle = |one: &Connection<Stream>| one.is_idle() && is_meant(one);
        let idle = self.connections.iter().filter(|(_, one)| is_idle(one));
        for index in idle.map(|(index, _)| index as u32).collect::<Vec<_>>() {
            self.look_again(index);
        }
        self.drop_where(is_idle);
    }

    /// Drops everybody, behind the answers that were given before.
    pub(super) fn drop_all(&mut self) {
        let _ = self.take_answers();
        self.drop_where(|_| true);
    }

    pub(super) fn drop_where(&mut self, is_meant: impl Fn(&Connection<Stream>) -> bool) {
        let meant = self
            .connections
            .iter()
            .filter(|(_, connection)| is_meant(connection));
        let meant: Vec<u32> = meant.map(|(index, _)| index as u32).collect();
        for index in meant {
            self.drop_connection(index);
        }
        // Of these nothing has come that could be lost.
        self.end_prefaces(false);
    }

    pub(super) fn advance(&mut self, index: u32) {
        let closing = self.config.ends_connections(self.is_ending());
        let Some(connection) = self.connections.get_mut(index as usize) else {
            return;
        };
        let mut turn = Turn {
            config: &self.config,
            deliver: &mut self.crossing,
            scratch: &mut self.scratch,
            pool: &mut self.pool,
            date: self.clock.date(),
            closing,
        };
        let (before, handed) = (connection.taken(), turn.deliver.handed_over());
        let after = connection.advance(&mut turn);
        let count = self.crossing.handed_over();
        if connection.taken() != before && count != handed && self.config.max_queue_delay_ms > 0 {
            // Those before them are answered, and so may be some of them, without a handler.
            let is_alone =
                (1..=connection.taken().wrapping_sub(before)).contains(&connection.in_flight());
            let now = self.clock.now_ms();
            self.waiting
                .add(count, is_alone.then(|| connection.id()), now);
        }
        if !matches!(after, After::Close | After::Free) {
            let now = self.clock.patient_ms();
            connection.keep_time(after, &self.config, now, &mut self.wheel);
        }
        let leaves = after != After::Close && connection.leaves(&self.config);
        match after {
            After::Wait => {}
            After::Again => line_up(connection, &mut self.again),
            // Told by `share_memory`; there may be many, which must not have a turn each time.
            After::Starved if self.scratch.right_of_way.is_waiting(connection.id()) => {}
            After::Starved => line_up(connection, &mut self.starved),
            After::Close => return self.drop_connection(index),
            After::Free => return self.let_go(index),
        }
        if leaves {
            return self.part(index);
        }
        self.open_next(index);
    }

    /// A connection is over, though it is still read: nobody waits for its end but its client.
    fn part(&mut self, index: u32) {
        if let Some(connection) = self.connections.get_mut(index as usize) {
            let (id, is_known) = (connection.id(), connection.is_known());
            let how = connection.parting();
            self.scratch.stats.add(Counter::Closed, 1);
            self.parted += 1;
            self.leave(id, is_known, how);
        }
    }

    /// Says once that nobody is left who is served.
    pub(super) fn tell_quiet(&mut self) {
        let is_quiet = self.parted > 0
            && self.is_last_call()
            && self.connections.len() == self.parted
            && self.prefaces.is_empty();
        if is_quiet && !self.is_quiet {
            self.is_quiet = true;
            self.crossing.notice(Notice::Quiet);
        }
    }

    pub(super) fn fire_timers(&mut self) {
        let mut fired = std::mem::take(&mut self.fired);
        self.wheel.advance(self.clock.patient_ms(), &mut fired);
        for id in fired.drain(..) {
            self.fire(id);
        }
        self.fired = fired;
        if self.cut_at.is_some_and(|at| at <= self.clock.now_ms()) {
            if self.draining.is_some() && self.peers.own == 0 {
                // Nobody is let in any more, and those who were last go as well, on all threads.
                self.close(Some(0));
            }
            self.cut_at = None;
            let undone = self.connections.iter().filter(|(_, one)| !one.is_done());
            let undone = undone.count() as u64;
            self.scratch.stats.add(Counter::Cut, undone);
            self.drop_where(|_| true);
        }
    }

    /// Takes new limits of time for everybody.
    pub(super) fn change_times(&mut self, times: LiveTimes) {
        let before = self.config.times;
        self.config.times.change(times);
        let now = self.clock.patient_ms();
        for (_, connection) in &mut self.connections {
            connection.keep_new_time(&before, &self.config, now, &mut self.wheel);
        }
    }

    pub(super) fn fire(&mut self, id: (u32, u32)) {
        let connection = self.connections.get_mut(id.0 as usize);
        let Some(connection) = connection.filter(|connection| connection.id() == id) else {
            return self.fire_preface(id);
        };
        if !self.wheel.is_due(&mut connection.deadline, id) {
            return;
        }
        let now = self.clock.patient_ms();
        match connection.overdue(&self.config, now, self.stalls, &mut self.wheel) {
            Overdue::Wait => {}
            Overdue::Probe => self.crossing.probe(),
            Overdue::Close => {
                self.scratch.stats.timed_out(connection.phase());
                self.drop_connection(id.0);
            }
            Overdue::Reply => self.advance(id.0),
            Overdue::Refuse(status) => {
                self.scratch.stats.timed_out(connection.phase());
                if status == 408 && connection.tells_refusals(&self.peers.open) {
                    connection.keep_late(&self.config);
                }
                connection.gone(&mut self.crossing);
                connection.give_up(status, &mut self.crossing);
                self.advance(id.0);
            }
        }
    }

    /// When JavaScript falls behind, whoever has waited too long gets 503, and so do further
    /// requests until it has caught up.
    pub(super) fn shed(&mut self) {
        let limit = self.config.max_queue_delay_ms;
        if limit == 0 {
            return;
        }
        let (taken, now) = (self.crossing.taken_up(), self.clock.now_ms());
        if let Some(delay) = self.waiting.look(taken, now, limit) {
            let delay_ms = u32::try_from(delay).unwrap_or(u32::MAX);
            self.crossing.notice(Notice::Overload { delay_ms });
        }
        self.scratch.overloaded = self.waiting.is_overloaded();
        while let Some(id) = self.waiting.next_overdue(now, limit) {
            let connection = self.connections.get_mut(id.0 as usize);
            let Some(connection) = connection.filter(|connection| connection.id() == id) else {
                continue;
            };
            // Unless its handler has just begun: then it is answered after all.
            if connection.turn_back(&mut self.crossing) {
                self.scratch.stats.add(Counter::Refused, 1);
                self.advance(id.0);
            }
        }
    }

    pub(super) fn drop_connection(&mut self, index: u32) {
        if let Some(mut connection) = self.connections.try_remove(index as usize) {
            let lost = u64::from(connection.in_flight());
            self.scratch.stats.add(Counter::Aborted, lost);
            connection.withdraw(Withdrawal::All, &mut self.crossing);
            connection.gone(&mut self.crossing);
            connection.lose_body(BodyEnd::Lost, &mut self.crossing);
            if connection.is_taking() {
                self.part_with(&mut connection, true);
            }
            connection.release(&mut self.scratch);
            let is_known = connection.is_known() && !connection.is_taking();
            let (id, how) = (connection.id(), connection.parting());
            let has_left = connection.has_left();
            drop(connection);
            if has_left {
                self.parted -= 1;
            } else {
                // Whoever hears of it finds it counted.
                self.scratch.stats.add(Counter::Closed, 1);
                self.leave(id, is_known, how);
            }
            self.closed();
        }
    }

    pub(super) fn closed(&mut self) {
        if self.peers.open.closed() {
            self.peers.remotes[0].send(Command::Resume);
        }
    }
}

/// Gives a connection its place in a queue, if it has none.
pub(super) fn line_up(connection: &mut Connection<Stream>, queue: &mut Vec<u32>) {
    if connection.queued == Queued::No {
        connection.queued = Queued::Later;
        queue.push(connection.id().0);
    }
}
