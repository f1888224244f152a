//! Memory for requests: how much of it is in use, and who may have more.
//!
//! Counted is what is really kept, over all connections and threads of a server: a client that only
//! announces a large body takes nothing from others. Over the limit small requests are served as
//! ever, and a larger one goes on only with the right of way, which one connection of a thread has
//! at a time: so one after the other is finished, and connections that each hold a part never wait
//! for each other. As long as JavaScript has not fetched what is finished nobody has it: what is
//! finished next would only lie beside it.
//!
//! The right of way is paid for by bytes that come. Whoever has none left to read hands it on, and
//! comes behind all who wait when there are more.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::net::line::Line;

/// Bytes that are worth a millisecond of the right of way: 256 KiB are worth a second.
const WORTH: u64 = 256;
/// Milliseconds for which it is kept at most when no more comes: a client may be far away.
const PATIENCE_MS: u64 = 250;
/// Bytes over the limit, and the part of it, up to which those who lost the right of way keep what
/// they have sent.
const SLACK: usize = 4 << 20;
const SLACK_PART: usize = 4;

/// Bytes that requests take which are unfinished, or finished and not fetched.
#[derive(Debug, Default)]
pub struct Budget {
    held: AtomicUsize,
    finished: AtomicUsize,
}

/// Whether there is memory for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Yes.
    Enough,
    /// For one at a time.
    Short,
    /// Not before JavaScript has gone on, for which no client is to blame.
    Owed,
}

impl Budget {
    /// Changes what one connection holds from `before` to `after`.
    pub fn change(&self, before: usize, after: usize) {
        if after > before {
            self.held.fetch_add(after - before, Ordering::Relaxed);
        } else if before > after {
            self.held.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    /// A finished request of `len` bytes waits for JavaScript.
    pub fn finish(&self, len: usize) {
        self.finished.fetch_add(len, Ordering::Relaxed);
    }

    /// JavaScript has it, or nobody will.
    pub fn fetch(&self, len: usize) {
        self.finished.fetch_sub(len, Ordering::Relaxed);
    }

    /// Whether something finished waits for JavaScript.
    pub fn has_finished(&self) -> bool {
        self.finished.load(Ordering::Relaxed) > 0
    }

    /// Whether more than `max` is taken.
    pub fn is_over(&self, max: usize) -> bool {
        let finished = self.finished.load(Ordering::Relaxed);
        self.held.load(Ordering::Relaxed).saturating_add(finished) > max
    }

    /// Whether so much more than `max` is unfinished that some of it has to go.
    pub fn is_far_over(&self, max: usize) -> bool {
        let slack = SLACK.max(max / SLACK_PART);
        self.held.load(Ordering::Relaxed) > max.saturating_add(slack)
    }
}

/// Who may go on reading although the budget is used up: one connection of a thread.
#[derive(Debug, Default)]
pub struct RightOfWay {
    holder: Option<Holder>,
    line: Line,
    /// Who had it, and has not finished; whoever lost it first comes first.
    lost: Line,
}

#[derive(Debug)]
struct Holder {
    id: (u32, u32),
    /// Bytes since the last look.
    moved: usize,
    until_ms: u64,
    /// It has more to read, and waits until somebody else has memory back.
    waits: bool,
}

impl Holder {
    fn new(id: (u32, u32), until_ms: u64) -> Self {
        Self {
            id,
            moved: 0,
            until_ms,
            waits: false,
        }
    }
}

impl RightOfWay {
    /// Whether `id` has it or could have it.
    pub fn is_open_to(&self, id: (u32, u32)) -> bool {
        match &self.holder {
            Some(holder) => holder.id == id,
            None => self.line.first().is_none_or(|first| first == id),
        }
    }

    /// Gives it to `id`, which is about to read.
    pub fn take(&mut self, id: (u32, u32)) {
        match &mut self.holder {
            Some(holder) if holder.id == id => holder.waits = false,
            _ => self.give(id, 0),
        }
    }

    /// Its holder, if `id` is the one, has read so many bytes.
    pub fn advance(&mut self, id: (u32, u32), bytes: usize) {
        if let Some(holder) = self.holder.as_mut().filter(|holder| holder.id == id) {
            holder.moved = holder.moved.saturating_add(bytes);
        }
    }

    /// Notes that `id` has something to read and may not: `look` says when it may.
    pub fn wait(&mut self, id: (u32, u32)) {
        match &mut self.holder {
            Some(holder) if holder.id == id => holder.waits = true,
            _ => self.line.join(id),
        }
    }

    /// Whether `id` is among those of whom `look` tells.
    pub fn is_waiting(&self, id: (u32, u32)) -> bool {
        self.line.has(id) || matches!(&self.holder, Some(holder) if holder.id == id && holder.waits)
    }

    /// Whether anybody waits.
    pub fn has_waiting(&self) -> bool {
        !self.line.is_empty() || self.holder.as_ref().is_some_and(|holder| holder.waits)
    }

    /// Takes it back from `id`, which has finished a request or is gone.
    pub fn give_back(&mut self, id: (u32, u32)) {
        if self.holder.as_ref().is_some_and(|holder| holder.id == id) {
            self.holder = None;
        }
        self.line.leave(id);
        self.lost.leave(id);
    }

    /// Takes it from a holder that has not paid for it; says who is to have a turn.
    pub fn look(&mut self, now_ms: u64, memory: Memory) -> Option<(u32, u32)> {
        if let Some(holder) = &mut self.holder {
            let paid = std::mem::take(&mut holder.moved) as u64 / WORTH;
            let until_ms = holder.until_ms.max(now_ms) + paid;
            holder.until_ms = until_ms.min(now_ms + PATIENCE_MS);
            if memory != Memory::Owed && std::mem::take(&mut holder.waits) {
                return Some(holder.id);
            }
        }
        match memory {
            Memory::Owed => None,
            Memory::Enough => {
                self.holder = None;
                let first = self.line.first()?;
                self.line.leave(first);
                Some(first)
            }
            Memory::Short => {
                if let Some(holder) = self.holder.take_if(|holder| holder.until_ms <= now_ms) {
                    self.lost.join(holder.id);
                }
                let first = self.line.first().filter(|_| self.holder.is_none())?;
                self.give(first, now_ms);
                Some(first)
            }
        }
    }

    /// Who is to go if there is by far too little memory, and others wait for it.
    pub fn give_up(&mut self) -> Option<(u32, u32)> {
        let first = self.lost.first().filter(|_| self.has_waiting())?;
        self.line.leave(first);
        self.lost.leave(first);
        Some(first)
    }

    fn give(&mut self, id: (u32, u32), until_ms: u64) {
        self.line.leave(id);
        self.lost.leave(id);
        self.holder = Some(Holder::new(id, until_ms));
    }
}

#[cfg(test)]
mod tests;
