//! A server's loop on JavaScript's own thread, driven by node's.
//!
//! Node's loop watches the descriptor of the loop's poll and gives it turns. A turn reads and parses,
//! then calls JavaScript with nothing of the loop in its hands, then writes what that has answered.
//! So nobody is woken and nobody waits for another thread; nothing happens while JavaScript is busy.
//!
//! JavaScript may ask for something at any time. Within a call of ours it is done when the call
//! returns; else the next turn does it, but for answers: these are written at once. JavaScript is
//! only ever entered from a callback of libuv.

use std::cell::{Cell, RefCell};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use crate::bridge::crossing::SharedCrossing;
use crate::bridge::ending::Ending;
use crate::bridge::entry::Entry;
use crate::bridge::uv::Functions;
use crate::bridge::watch::{Turns, Watch};
use crate::net::event_loop::EventLoop;
use crate::net::request::RequestToken;
use crate::net::takeover::{Handover, TakeError};

/// Requests that are handed over in one turn, and milliseconds of handlers in it.
const TURN_REQUESTS: u32 = 256;
const TURN_MS: u64 = 1;

/// A loop whose crossing says that a call is due instead of calling.
pub type LocalLoop = EventLoop<SharedCrossing<Box<dyn FnMut()>>>;

/// What drives the loop of one server.
pub struct Local {
    entry: Entry,
    uv: &'static Functions,
    event_loop: RefCell<Option<LocalLoop>>,
    watch: RefCell<Option<Watch>>,
    ending: RefCell<Option<Ending>>,
    /// A loop that has ended: its descriptors stay open as long as node's loop watches one of them.
    ended: RefCell<Option<LocalLoop>>,
    /// How the loop has ended, until JavaScript is told.
    outcome: Cell<Option<std::thread::Result<io::Result<()>>>>,
    is_due: Cell<bool>,
    is_inside: Cell<bool>,
    is_kept: Cell<bool>,
    is_released: Cell<bool>,
    /// When the alarm goes off, in the loop's time.
    alarm_at: Cell<Option<u64>>,
}

impl std::fmt::Debug for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Local")
            .field("is_due", &self.is_due)
            .finish_non_exhaustive()
    }
}

impl Local {
    /// One that has JavaScript called by `entry`. `None`: the runtime has no libuv that we know.
    pub fn new(entry: Entry) -> Option<Rc<Self>> {
        Some(Rc::new(Self {
            entry,
            uv: Functions::get()?,
            event_loop: RefCell::default(),
            watch: RefCell::default(),
            ending: RefCell::default(),
            ended: RefCell::default(),
            outcome: Cell::new(None),
            is_due: Cell::new(false),
            is_inside: Cell::new(false),
            is_kept: Cell::new(true),
            is_released: Cell::new(false),
            alarm_at: Cell::new(None),
        }))
    }

    /// Notes that JavaScript has to be called.
    pub fn call(&self) {
        self.is_due.set(true);
    }

    /// Has node's loop drive this one.
    pub fn start(self: &Rc<Self>, mut event_loop: LocalLoop, ending: Ending) -> io::Result<()> {
        event_loop.share_thread();
        let fd = event_loop.descriptor();
        let fd = fd.ok_or(io::ErrorKind::Unsupported)?;
        let watch = Watch::start(self.uv, &self.entry.env(), fd, self.clone())?;
        watch.set_ref(self.is_kept.get());
        // What was lent before is there, and clients may be.
        watch.set_busy(true);
        *self.watch.borrow_mut() = Some(watch);
        *self.event_loop.borrow_mut() = Some(event_loop);
        *self.ending.borrow_mut() = Some(ending);
        Ok(())
    }

    /// JavaScript has published answers outside of a call of ours: they are written.
    pub fn wake(&self) {
        if !self.is_inside.get() {
            self.flush();
        }
    }

    /// Writes what JavaScript has published, though it may not return: the process exits.
    pub fn flush(&self) {
        let outcome = self.guarded(|| self.with_loop(LocalLoop::follow_up));
        self.settle(outcome);
    }

    /// Writes what JavaScript has published, and says how many bytes a client has taken since.
    pub fn taken(&self, id: (u32, u32)) -> u64 {
        let (mut taken, is_inside) = (0, self.is_inside.get());
        let outcome = self.guarded(|| {
            self.with_loop(|event_loop| {
                taken = event_loop.follow_up_for(id, is_inside)?;
                Ok(())
            })
        });
        // Behind a call of ours a turn comes, and settles this.
        if !is_inside || !matches!(outcome, Ok(Ok(()))) {
            self.settle(outcome);
        }
        taken
    }

    /// Bytes that a client has not taken.
    pub fn unsent(&self, id: (u32, u32)) -> u64 {
        let mut event_loop = self.event_loop.borrow_mut();
        event_loop
            .as_mut()
            .map_or(0, |event_loop| event_loop.unsent(id))
    }

    /// There is something for the next turn.
    pub fn soon(&self) {
        if !self.is_inside.get() {
            self.set_busy(true);
        }
    }

    /// Gives a connection to the handler of one of its requests.
    pub fn take_over(&self, token: RequestToken) -> Result<Handover, TakeError> {
        let taken = catch_unwind(AssertUnwindSafe(|| {
            let mut event_loop = self.event_loop.borrow_mut();
            let event_loop = event_loop.as_mut().ok_or(TakeError::Gone)?;
            event_loop.take_over(token)
        }));
        self.soon();
        match taken {
            Ok(taken) => taken,
            Err(panic) => {
                self.end(Err(panic));
                Err(TakeError::Gone)
            }
        }
    }

    /// The listener goes.
    pub fn accept_no_more(&self) {
        let gone = catch_unwind(AssertUnwindSafe(|| {
            if let Some(event_loop) = self.event_loop.borrow_mut().as_mut() {
                event_loop.accept_no_more();
            }
        }));
        self.soon();
        if let Err(panic) = gone {
            self.end(Err(panic));
        }
    }

    /// Keeps the process alive, or not.
    pub fn set_ref(&self, keep: bool) {
        self.is_kept.set(keep);
        if let Some(watch) = &*self.watch.borrow() {
            watch.set_ref(keep);
        }
    }

    /// Nothing calls JavaScript any more, but for the call that is under way.
    pub fn release(&self) {
        if !self.is_released.replace(true) && !self.is_inside.get() {
            self.entry.release();
        }
    }

    /// One step of the loop, if it still runs.
    fn with_loop(&self, step: impl FnOnce(&mut LocalLoop) -> io::Result<()>) -> io::Result<()> {
        match &mut *self.event_loop.borrow_mut() {
            Some(event_loop) => step(event_loop),
            None => Ok(()),
        }
    }

    fn turn_now(&self) -> io::Result<()> {
        self.with_loop(|event_loop| {
            if let Some(watch) = &*self.watch.borrow() {
                event_loop.note_idle(watch.idle_ms());
            }
            event_loop.turn(Some(Duration::ZERO))
        })?;
        // A handler may run node's loop: the calls of that are made when it returns.
        if self.is_inside.get() {
            return Ok(());
        }
        let begun = self.progress();
        while self.is_due.take() {
            self.enter();
            self.with_loop(LocalLoop::follow_up)?;
            let now = self.progress();
            if now.0 - begun.0 >= TURN_MS || now.1.wrapping_sub(begun.1) >= TURN_REQUESTS {
                break;
            }
        }
        Ok(())
    }

    fn progress(&self) -> (u64, u32) {
        let event_loop = self.event_loop.borrow();
        event_loop.as_ref().map_or((0, 0), |event_loop| {
            (event_loop.now_ms(), event_loop.handed_over())
        })
    }

    /// Calls JavaScript, which may call us.
    fn enter(&self) {
        if self.is_released.get() {
            return;
        }
        self.is_inside.set(true);
        self.entry.call();
        self.is_inside.set(false);
        if self.is_released.get() {
            self.entry.release();
        }
    }

    fn guarded(
        &self,
        work: impl FnOnce() -> io::Result<()>,
    ) -> std::thread::Result<io::Result<()>> {
        catch_unwind(AssertUnwindSafe(work))
    }

    /// Behind a turn: what is next, and when.
    fn settle(&self, outcome: std::thread::Result<io::Result<()>>) {
        if !matches!(outcome, Ok(Ok(()))) {
            return self.end(outcome);
        }
        let limit = match &mut *self.event_loop.borrow_mut() {
            Some(event_loop) if event_loop.is_over() => None,
            Some(event_loop) => Some((event_loop.rest(), event_loop.now_ms())),
            None => return,
        };
        let Some((limit, now)) = limit else {
            return self.end(Ok(Ok(())));
        };
        self.set_busy(self.is_due.get() || limit == Some(Duration::ZERO));
        if let Some(limit) = limit.filter(|limit| !limit.is_zero()) {
            // Up: what is looked at too early is looked at again at once.
            let after_ms = limit.as_micros().div_ceil(1000) as u64;
            self.set_alarm(now + after_ms, after_ms);
        }
    }

    /// The alarm is not moved away: when it goes off for nothing it is set again.
    fn set_alarm(&self, at: u64, after_ms: u64) {
        if self.alarm_at.get().is_some_and(|before| before <= at) {
            return;
        }
        if let Some(watch) = &*self.watch.borrow() {
            self.alarm_at.set(Some(at));
            watch.set_alarm(after_ms);
        }
    }

    fn set_busy(&self, is_busy: bool) {
        if let Some(watch) = &*self.watch.borrow() {
            watch.set_busy(is_busy);
        }
    }

    /// The loop ends, and JavaScript is told in the next turn.
    fn end(&self, outcome: std::thread::Result<io::Result<()>>) {
        self.outcome.set(Some(outcome));
        self.drop_loop();
        self.set_busy(true);
    }

    /// Its connections count as closed, whatever happens to it.
    fn drop_loop(&self) {
        let Some(mut event_loop) = self.event_loop.take() else {
            return;
        };
        // One that failed may fail again.
        let _ = catch_unwind(AssertUnwindSafe(|| event_loop.hand_over()));
        *self.ended.borrow_mut() = Some(event_loop);
    }

    /// Tells JavaScript that the loop has ended.
    fn tell_end(&self) {
        let (Some(outcome), Some(ending)) = (self.outcome.take(), self.ending.take()) else {
            return;
        };
        self.close_watch();
        if ending.end(outcome) || self.is_due.take() {
            self.enter();
        }
    }

    fn close_watch(&self) {
        if let Some(watch) = self.watch.take() {
            watch.close();
        }
        let ended = self.ended.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(ended)));
    }
}

impl Turns for Local {
    fn turn(&self) {
        if self.event_loop.borrow().is_some() {
            let outcome = self.guarded(|| self.turn_now());
            self.settle(outcome);
        }
        if self.event_loop.borrow().is_none() && !self.is_inside.get() {
            self.tell_end();
        }
    }

    fn alarm(&self) {
        self.alarm_at.set(None);
        self.turn();
    }

    fn stop(&self) {
        // What is published is still written, the rest is dropped.
        let outcome = self.guarded(|| self.with_loop(LocalLoop::follow_up));
        drop(outcome);
        self.drop_loop();
        self.close_watch();
        self.release();
    }
}
