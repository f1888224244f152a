//! Time: which phase a connection is in, and what happens when it lasts too long.
//!
//! One deadline each, set when the phase begins and never moved by single bytes, except where a
//! limit counts from the last read or write. The time is that of `Clock::patient_ms`, which stands
//! still while JavaScript is stuck; a connection that we do not read has no deadline at all.

use super::course::Course;
use super::parking::PARK_MS;
use super::{After, Connection};
use crate::http::response::RawRules;
use crate::net::config::{Config, Times};
use crate::net::inbox::{BodyTimes, Inbox, Stage};
use crate::net::phase::Phase;
use crate::net::stream::Socket;
use crate::net::timer::{NEVER, TICK_MS, Wheel};

/// Milliseconds after which the rate of a body counts.
const RATE_AFTER: u64 = 10_000;
/// Milliseconds for which JavaScript is given the chance to show that it is alive, before a client
/// is told that it was too slow.
const PROBE_MS: u64 = 3 * TICK_MS;

/// What to do about a connection whose deadline is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// Nothing; the deadline moves.
    Wait,
    /// Ask JavaScript whether it is alive: if it is not, the client is not to blame.
    Probe,
    /// Reply with this status and close.
    Refuse(u16),
    /// JavaScript has not replied to a refusal: the client gets ours.
    Reply,
    /// Close without a word.
    Close,
}

impl<S: Socket> Connection<S> {
    /// What the connection is waiting for after it had its turn.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Notes the pace of the client, and sets the deadline of the phase that the connection is in after its turn.
    pub fn keep_time(&mut self, after: After, config: &Config, now: u64, wheel: &mut Wheel) {
        self.pace.look(!self.writable, now);
        let phase = self.phase_after(after);
        let is_new = phase != self.phase;
        if !is_new && !self.progressed {
            return;
        }
        self.progressed = false;
        if !is_new && phase == Phase::Body {
            // Noted only: what comes byte by byte must not move the deadline.
            if let Some(times) = self.body_times() {
                times.read_ms = now;
            }
            return;
        }
        self.time_body(phase == Phase::Body, self.phase == Phase::Body, now);
        let was_unfinished = matches!(self.phase, Phase::Head | Phase::Body | Phase::Stalled);
        if matches!(phase, Phase::Head | Phase::Body) && !was_unfinished && !self.wants_body() {
            self.begun_ms = now;
        }
        if let Some(Inbox { body, .. }) = self.inbox.as_deref_mut().filter(|_| phase == Phase::Body)
        {
            body.read_ms = now;
            if is_new && self.phase != Phase::Stalled {
                body.begun_ms = now;
            }
        }
        self.phase = phase;
        self.probed = None;
        self.arm(self.limit(&config.times, config.linger_ms, now), now, wheel);
    }

    /// The limits are no longer those of `before`: a clock that has started with them goes on by the new ones.
    pub fn keep_new_time(&mut self, before: &Times, config: &Config, now: u64, wheel: &mut Wheel) {
        let old = self.limit(before, config.linger_ms, now);
        let new = self.limit(&config.times, config.linger_ms, now);
        // Who is asked about already is late by the old ones.
        if old == new || self.probed.is_some() {
            return;
        }
        let due_ms = u64::from(self.deadline.due) * TICK_MS;
        let left = match (old, new) {
            // That of a body is counted from its beginning anyway.
            (Some(old), Some(new)) if self.phase != Phase::Body => {
                Some((due_ms + new).saturating_sub(old + now).max(1))
            }
            _ => new,
        };
        self.arm(left, now, wheel);
    }

    /// The deadline is over: whose fault is it? `stalls` counts the times that JavaScript was
    /// found to be stuck.
    pub fn overdue(
        &mut self,
        config: &Config,
        now: u64,
        stalls: u32,
        wheel: &mut Wheel,
    ) -> Overdue {
        if self.phase == Phase::Linger && self.unpark() {
            return Overdue::Reply;
        }
        match self.phase {
            // Others were always before it; it has been handed to nobody.
            Phase::Stalled if self.is_collecting() => Overdue::Refuse(503),
            Phase::Stalled => Overdue::Wait,
            Phase::FirstByte if config.raw_rules == RawRules::Strict => Overdue::Close,
            Phase::Idle | Phase::Write | Phase::Linger => Overdue::Close,
            Phase::Handler => Overdue::Refuse(503),
            Phase::FirstByte | Phase::Head | Phase::Body
                if !self.is_overdue(&config.times, now) =>
            {
                self.probed = None;
                self.arm(self.limit(&config.times, config.linger_ms, now), now, wheel);
                Overdue::Wait
            }
            Phase::FirstByte | Phase::Head | Phase::Body => match self.probed {
                None => {
                    self.probed = Some(stalls);
                    self.arm(Some(PROBE_MS), now, wheel);
                    Overdue::Probe
                }
                Some(before) if before == stalls => Overdue::Refuse(408),
                Some(_) => {
                    // We were the slow ones: the phase begins again.
                    (self.progressed, self.phase) = (true, Phase::Idle);
                    self.keep_time(After::Wait, config, now, wheel);
                    Overdue::Wait
                }
            },
        }
    }

    /// Whether its only request is unfinished: nobody has seen it.
    pub fn is_collecting(&self) -> bool {
        self.in_flight() == 0 && self.unsent() == 0 && self.is_unfinished()
    }

    fn body_times(&mut self) -> Option<&mut BodyTimes> {
        match (&mut self.course, &mut self.inbox) {
            (Course::Upload(up), _) => Some(&mut up.times),
            (_, inbox) => inbox.as_deref_mut().map(|inbox| &mut inbox.body),
        }
    }

    fn phase_after(&self, after: After) -> Phase {
        // Behind empty lines nobody waits for an answer: a 408 could be taken for that to the next request.
        let begun = self.inbox.as_deref().filter(|inbox| !inbox.is_blank());
        match begun.map(|inbox| &inbox.stage) {
            _ if self.is_lingering() => Phase::Linger,
            _ if after == After::Starved || self.warming => Phase::Stalled,
            _ if self.unsent() > 0 => Phase::Write,
            _ if self.is_parked() => Phase::Linger,
            _ if self.wants_body() => Phase::Body,
            _ if matches!(self.course, Course::Drop(_)) => Phase::Linger,
            _ if self.has_begun_answer() => Phase::Stalled,
            _ if self.in_flight() > 0 => Phase::Handler,
            Some(Stage::Waiting | Stage::Refused) => Phase::Stalled,
            Some(Stage::Head(_)) => Phase::Head,
            Some(Stage::Body(_)) => Phase::Body,
            None if self.next_request == 0 => Phase::FirstByte,
            None => Phase::Idle,
        }
    }

    fn arm(&mut self, after_ms: Option<u64>, now: u64, wheel: &mut Wheel) {
        let id = self.id();
        match after_ms {
            Some(after_ms) => wheel.arm(&mut self.deadline, id, now, after_ms),
            None => self.deadline.due = NEVER,
        }
    }

    /// Milliseconds until the phase is worth another look; `None` for never.
    fn limit(&self, times: &Times, linger_ms: u64, now: u64) -> Option<u64> {
        let on = |limit: u64| (limit > 0).then_some(limit);
        match self.phase {
            Phase::Stalled if self.is_collecting() => on(times.request_ms),
            Phase::Stalled => None,
            Phase::FirstByte | Phase::Head => {
                let both = [on(times.headers_ms), on(times.request_ms)];
                both.into_iter().flatten().min()
            }
            Phase::Idle => on(times.keep_alive_ms),
            Phase::Handler => on(times.handler_ms),
            Phase::Write => on(times.write_ms),
            Phase::Linger if self.is_parked() => Some(PARK_MS),
            Phase::Linger => Some(linger_ms),
            Phase::Body => {
                let (body, begun_ms) = match (self.upload(), &self.inbox) {
                    (Some(up), _) => (&up.times, up.times.begun_ms),
                    (None, Some(inbox)) => (&inbox.body, self.begun_ms),
                    (None, None) => return None,
                };
                let until = |at: u64| at.saturating_sub(now).max(1);
                let rate_from = body.begun_ms + RATE_AFTER;
                let checks = [
                    on(times.body_ms).map(|limit| until(body.read_ms + limit)),
                    on(times.request_ms).map(|limit| until(begun_ms + limit)),
                    on(times.body_rate).map(|_| until(rate_from.max(now + 1000))),
                ];
                checks.into_iter().flatten().min()
            }
        }
    }

    fn is_overdue(&self, times: &Times, now: u64) -> bool {
        let (body, produced, begun_ms) = match (self.upload(), self.inbox.as_deref()) {
            (Some(up), _) => (&up.times, up.produced(), up.times.begun_ms),
            (
                None,
                Some(Inbox {
                    stage: Stage::Body(decoder),
                    body,
                    ..
                }),
            ) => (body, decoder.produced(), self.begun_ms),
            _ => return true,
        };
        let over = |limit: u64, since: u64| limit > 0 && now.saturating_sub(since) >= limit;
        let lasted = now.saturating_sub(body.begun_ms);
        over(times.body_ms, body.read_ms)
            || over(times.request_ms, begun_ms)
            || (lasted >= RATE_AFTER && produced * 1000 < times.body_rate * lasted)
    }
}
