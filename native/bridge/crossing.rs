//! Both directions of one I/O thread, over memory shared with JavaScript.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::bridge::batch::Batch;
use crate::bridge::claims::Claims;
use crate::bridge::handshake::{Word, fall_asleep, publish_up};
use crate::bridge::mail::MailBox;
use crate::bridge::memory::Words;
use crate::bridge::ring::{Ring, control};
use crate::net::answer::Answer;
use crate::net::crossing::{Crossing, Deliver, Withdrawal};
use crate::net::notice::Notice;
use crate::net::refused::Refused;
use crate::net::request::{Request, RequestToken};

/// How long the thread sleeps at most while a batch is in JavaScript's hands: answers that are
/// ready must not wait for a slow handler behind them.
const BATCH_POLL: Duration = Duration::from_millis(1);
/// The same while that is one record: no answer waits behind it. Shorter than JavaScript takes to be stuck.
const SINGLE_POLL: Duration = Duration::from_millis(STUCK_MS / 2);

/// Without a sign of life for so long JavaScript is stuck, and no client is to blame for it.
const STUCK_MS: u64 = 100;

/// What the thread shares with the JavaScript side of its server.
#[derive(Debug)]
pub struct SharedCrossing<F> {
    /// The thread's control words.
    pub words: Words,
    /// The server's word that says that a call into JavaScript is due or under way.
    pub scheduled: Words,
    /// Chunks and large answers.
    pub mail: Arc<MailBox>,
    batch: Batch,
    claims: Claims,
    ring: Ring,
    published: u32,
    /// What was published before JavaScript was called last.
    called_at: u32,
    pulse: u32,
    alive_ms: u64,
    /// JavaScript has a thread of its own.
    is_apart: bool,
    call: F,
}

impl<F: FnMut()> SharedCrossing<F> {
    /// A crossing whose `call` makes JavaScript drain what is published.
    pub fn new(
        words: Words,
        scheduled: Words,
        claims: Claims,
        ring: Ring,
        mail: Arc<MailBox>,
        call: F,
    ) -> Self {
        let batch = Batch::new(mail.clone());
        Self {
            words,
            scheduled,
            mail,
            batch,
            claims,
            ring,
            published: 0,
            called_at: 0,
            pulse: 0,
            alive_ms: 0,
            is_apart: true,
            call,
        }
    }

    /// The same on JavaScript's own thread: while JavaScript runs nothing else does, so nobody has to
    /// look whether it has got anywhere.
    pub fn on_its_thread(mut self) -> Self {
        self.is_apart = false;
        self
    }

    fn tell_released(&mut self) {
        for id in self.mail.take_released() {
            self.batch.notice(Notice::Released { id });
        }
    }

    fn batch_is_out(&self) -> bool {
        self.scheduled.at(0).get() != 0
    }
}

impl<F: FnMut()> Deliver for SharedCrossing<F> {
    fn has_room(&mut self) -> bool {
        self.batch.has_room()
    }

    fn request(&mut self, request: Request<'_>) {
        let (token, before) = (request.token, self.batch.count);
        self.batch.request(request);
        if self.batch.count != before {
            self.claims.add(self.batch.count, token);
        }
    }

    fn body(&mut self, token: RequestToken, data: &[u8]) {
        self.batch.body(token, data);
    }

    fn trailers(&mut self, token: RequestToken, lines: &[u8]) {
        self.batch.trailers(token, lines);
    }

    fn refused(&mut self, refused: &Refused<'_>) {
        self.batch.refused(refused);
    }

    fn notice(&mut self, notice: Notice) {
        if matches!(notice, Notice::Left { .. }) {
            // Whoever lent something to a connection has it back before he hears of its end.
            self.tell_released();
        }
        self.batch.notice(notice);
    }

    fn withdraw(&mut self, id: (u32, u32), next: u32, how: Withdrawal) -> bool {
        self.claims.withdraw(id, next, how)
    }
}

impl<F> Drop for SharedCrossing<F> {
    fn drop(&mut self) {
        self.mail.close();
    }
}

impl<F: FnMut()> Crossing for SharedCrossing<F> {
    fn publish(&mut self) {
        self.claims.settle();
        self.tell_released();
        if self.batch.count == self.published {
            return;
        }
        let before = std::mem::replace(&mut self.published, self.batch.count);
        let published = self.words.at(control::PUBLISHED);
        if publish_up(published, self.scheduled.at(0), self.published) {
            self.called_at = before;
            (self.call)();
        }
    }

    fn answers(&mut self, sink: &mut dyn FnMut(RequestToken, Answer<'_>)) -> io::Result<()> {
        let mail = &self.mail;
        let mut chunks = Vec::new();
        // Taken first: what JavaScript had put into the ring before is there then. Given last.
        let brought = mail.has_mail().then(|| mail.take_mail(&mut chunks));
        self.ring
            .take(&mut |token, answer| sink(token, mail.guarded(answer)))?;
        let Some(brought) = brought else {
            return Ok(());
        };
        for (token, answer) in brought {
            sink(token, mail.guarded(answer));
        }
        self.batch.lend(chunks);
        Ok(())
    }

    fn before_sleep(&mut self) -> Option<Option<Duration>> {
        let (ring, mail) = (&self.ring, &self.mail);
        let sleeps = fall_asleep(self.words.at(control::SLEEPING), || {
            ring.has_answers() || mail.has_mail()
        });
        let polls = self.is_apart && self.batch_is_out();
        let limit = match self.published.wrapping_sub(self.called_at) {
            0 | 1 => SINGLE_POLL,
            _ => BATCH_POLL,
        };
        sleeps.then(|| polls.then_some(limit))
    }

    fn after_sleep(&mut self) {
        self.words.at(control::SLEEPING).set(0);
    }

    fn is_stuck(&mut self, now_ms: u64) -> bool {
        let pulse = self.words.at(control::PULSE).get();
        if pulse != self.pulse || !self.batch_is_out() {
            (self.pulse, self.alive_ms) = (pulse, now_ms);
        }
        self.is_apart && now_ms - self.alive_ms > STUCK_MS
    }

    fn handed_over(&self) -> u32 {
        self.batch.count
    }

    fn taken_up(&self) -> u32 {
        self.words.at(control::READ).get()
    }

    fn pulse(&self) -> u32 {
        self.words.at(control::PULSE).get()
    }

    fn probe(&mut self) {
        if self.scheduled.at(0).exchange(1) == 0 {
            (self.call)();
        }
    }
}

#[cfg(test)]
mod tests;
