//! The two halves, over whatever words and whatever ways of waking each other.

use crate::bridge::handshake::{Word, fall_asleep, must_wake, publish_up};

/// The words that both sides see.
#[derive(Debug, Default)]
pub(super) struct Shared<W> {
    pub(super) published: W,
    pub(super) scheduled: W,
    pub(super) sleeping: W,
    pub(super) tail: W,
}

/// The two wake-ups, and the memory behind the words.
pub(super) trait Ways {
    /// The threadsafe function: JavaScript is called once for each call.
    fn call(&self);
    /// Waits for a call; `false`: there will be none any more.
    fn await_call(&self) -> bool;
    /// The poll's waker: the thread wakes once for one call or more.
    fn wake(&self);
    /// Waits for the waker.
    fn sleep(&self);
    /// A record is written or read.
    fn touch(&self, record: Record);
}

/// A record behind the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Record {
    WriteRequest(u32),
    ReadRequest(u32),
    WriteAnswer(u32),
    ReadAnswer(u32),
}

/// What is crossed, and what is done wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Requests in all.
    pub(super) requests: u32,
    /// Requests that may be unanswered at a time.
    pub(super) window: u32,
    /// Requests that JavaScript handles before its event loop gets a turn.
    pub(super) batch: u32,
    /// Every so many answers come after the handler has returned; 0 for none.
    pub(super) late: u32,
    pub(super) fault: Fault,
}

/// A mistake that must be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// JavaScript looks for more before it clears the word.
    LooksBeforeItClears,
    /// JavaScript goes idle without another look.
    NeverLooksAgain,
    /// The thread looks for answers before it says that it sleeps.
    LooksBeforeItSleeps,
    /// JavaScript wakes the thread before it publishes the answer.
    WakesBeforeItPublishes,
    /// JavaScript publishes the answer before it has written it.
    AnnouncesBeforeItWrites,
    /// The thread calls only if nothing was published, whatever the word says.
    CallsByCount,
}

/// The I/O thread: publishes requests and takes answers until all are answered.
pub(super) fn io_thread<W: Word>(shared: &Shared<W>, ways: &impl Ways, plan: Plan) {
    let (mut sent, mut answered) = (0u32, 0);
    while answered < plan.requests {
        let tail = shared.tail.get();
        while answered < tail {
            ways.touch(Record::ReadAnswer(answered));
            answered += 1;
        }
        if sent < plan.requests && sent - answered < plan.window {
            ways.touch(Record::WriteRequest(sent));
            let was_idle = sent == answered;
            sent += 1;
            let owes = publish_up(&shared.published, &shared.scheduled, sent);
            if owes || (plan.fault == Fault::CallsByCount && was_idle) {
                ways.call();
            }
            continue;
        }
        if answered == plan.requests {
            break;
        }
        let has_answers = || shared.tail.get() != answered;
        let sleeps = if plan.fault == Fault::LooksBeforeItSleeps {
            let sleeps = !has_answers();
            shared.sleeping.set(u32::from(sleeps));
            sleeps
        } else {
            fall_asleep(&shared.sleeping, has_answers)
        };
        if sleeps {
            ways.sleep();
        }
        shared.sleeping.set(0);
    }
}

/// JavaScript: an event loop that drains when it is called.
pub(super) fn javascript<W: Word>(shared: &Shared<W>, ways: &impl Ways, plan: Plan) {
    let mut script = Script {
        shared,
        ways,
        plan,
        read: 0,
        tail: 0,
        late: 0,
    };
    let mut is_due = false;
    while is_due || ways.await_call() {
        is_due = script.drain();
        // Promises that were resolved meanwhile: their answers come one by one.
        while script.late > 0 {
            script.late -= 1;
            script.answer();
            script.flush();
        }
    }
}

struct Script<'a, W, M> {
    shared: &'a Shared<W>,
    ways: &'a M,
    plan: Plan,
    read: u32,
    tail: u32,
    late: u32,
}

impl<W: Word, M: Ways> Script<'_, W, M> {
    /// Says whether it must be called again when the event loop had its turn.
    fn drain(&mut self) -> bool {
        let Shared {
            published,
            scheduled,
            ..
        } = self.shared;
        loop {
            if !self.drain_lane() {
                return true;
            }
            let has_more = match self.plan.fault {
                Fault::LooksBeforeItClears => {
                    let has_more = published.get() != self.read;
                    scheduled.set(0);
                    has_more
                }
                Fault::NeverLooksAgain => {
                    scheduled.set(0);
                    false
                }
                _ => {
                    scheduled.set(0);
                    published.get() != self.read
                }
            };
            if !has_more || scheduled.exchange(1) != 0 {
                return false;
            }
        }
    }

    /// Handles what is published; `false`: its share is used up.
    fn drain_lane(&mut self) -> bool {
        let mut left = self.plan.batch;
        let mut published = self.shared.published.get();
        if self.read == published {
            return true;
        }
        while self.read != published && left > 0 {
            self.ways.touch(Record::ReadRequest(self.read));
            self.read += 1;
            left -= 1;
            if self.plan.late > 0 && self.read.is_multiple_of(self.plan.late) {
                self.late += 1;
            } else {
                self.answer();
            }
            if self.read == published {
                published = self.shared.published.get();
            }
        }
        self.flush();
        left > 0
    }

    fn answer(&mut self) {
        let record = Record::WriteAnswer(self.tail);
        let is_early = self.plan.fault == Fault::AnnouncesBeforeItWrites;
        if !is_early {
            self.ways.touch(record);
        }
        self.tail += 1;
        if self.plan.fault == Fault::WakesBeforeItPublishes {
            self.wake();
        }
        self.shared.tail.set(self.tail);
        if is_early {
            self.ways.touch(record);
        }
    }

    fn flush(&self) {
        if self.plan.fault != Fault::WakesBeforeItPublishes {
            self.wake();
        }
    }

    fn wake(&self) {
        if must_wake(&self.shared.sleeping) {
            self.ways.wake();
        }
    }
}
