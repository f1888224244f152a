//! Where the loops of a server run: on threads of their own, or on JavaScript's.

use std::cell::{RefCell, RefMut};
use std::io;
use std::rc::Rc;
use std::sync::{Arc, mpsc};

use napi::bindgen_prelude::{Env, Function};
use napi::{Error, Result, Status};

use crate::bridge::entry::Entry;
use crate::bridge::local::Local;
use crate::bridge::threads::{Service, Threads};
use crate::bridge::wake::{CleanupHook, Wake};
use crate::net::listener::Listener;
use crate::net::remote::Command;
use crate::net::request::RequestToken;
use crate::net::takeover::{Handover, TakeError};

/// What runs the loops, and calls JavaScript for them.
#[derive(Debug)]
pub struct Driver {
    threads: Rc<RefCell<Threads>>,
    caller: Caller,
}

#[derive(Debug)]
enum Caller {
    /// Threads, which call from outside; a hook ends them with the environment.
    Threads {
        wake: Arc<Wake>,
        hook: Option<CleanupHook>,
    },
    Here(Rc<Local>),
}

impl Driver {
    /// Threads that have `drain` called.
    pub fn threads(env: &Env, drain: &Function<'_, (), ()>) -> Result<Self> {
        let wake = Arc::new(Wake::new(env, drain)?);
        let threads = Rc::new(RefCell::new(Threads::default()));
        let stopped = threads.clone();
        let hook = CleanupHook::new(env, Box::new(move || stopped.borrow_mut().stop()))?;
        let hook = Some(hook);
        Ok(Self {
            threads,
            caller: Caller::Threads { wake, hook },
        })
    }

    /// This thread, between whatever else node's loop does. Only for a runtime that is Node.
    pub fn here(env: &Env, drain: &Function<'_, (), ()>) -> Result<Self> {
        let entry = Entry::new(env, drain)?;
        let local = Local::new(entry)
            .ok_or_else(|| Error::new(Status::GenericFailure, "libuv's functions are not there"))?;
        Ok(Self {
            threads: Rc::default(),
            caller: Caller::Here(local),
        })
    }

    /// Starts, without a listener for clients that are brought. If that fails nothing runs.
    pub fn start(&self, listener: Option<Listener>, service: &Service<'_>) -> io::Result<()> {
        let mut threads = self.each();
        match &self.caller {
            Caller::Threads { wake, .. } => threads.start(listener, service, wake),
            Caller::Here(local) => threads.start_here(listener, service, local),
        }
    }

    /// The threads, or the loop on this one, for as long as the guard lives.
    pub fn each(&self) -> RefMut<'_, Threads> {
        self.threads.borrow_mut()
    }

    /// Has a loop that waits take the answers that JavaScript has published. `in_a_hurry`: before
    /// JavaScript goes on.
    pub fn wake(&self, lane: usize, in_a_hurry: bool) {
        match &self.caller {
            Caller::Here(local) => local.wake(),
            Caller::Threads { .. } => {
                self.each().wake(lane);
                if in_a_hurry {
                    std::thread::yield_now();
                }
            }
        }
    }

    /// Writes what JavaScript has published before it goes on: the process may end there. Threads are waited
    /// for, which ask nothing of JavaScript.
    pub fn flush(&self) {
        match &self.caller {
            Caller::Here(local) => local.flush(),
            Caller::Threads { .. } => self.each().flush(),
        }
    }

    /// Writes what JavaScript has published and says how many bytes the client of a connection has taken
    /// since that was told last. Threads tell it by a notice, and this says 0.
    pub fn taken(&self, id: (u32, u32)) -> u64 {
        match &self.caller {
            Caller::Here(local) => local.taken(id),
            Caller::Threads { .. } => 0,
        }
    }

    /// Bytes that the client of a connection has not taken, for which JavaScript waits.
    pub fn unsent(&self, lane: usize, id: (u32, u32)) -> u64 {
        match &self.caller {
            Caller::Here(local) => local.unsent(id),
            Caller::Threads { .. } => {
                let (sender, reply) = mpsc::channel();
                self.each().send(lane, Command::Unsent(id, sender));
                // A thread that has ended has no connection.
                reply.recv().unwrap_or(0)
            }
        }
    }

    /// Whether the loop is on JavaScript's own thread.
    pub fn is_here(&self) -> bool {
        matches!(self.caller, Caller::Here(_))
    }

    /// Has a loop that waits take a turn.
    pub fn nudge(&self, lane: usize) {
        match &self.caller {
            Caller::Here(local) => local.soon(),
            Caller::Threads { .. } => self.each().wake(lane),
        }
    }

    /// Asks a loop for the connection of a request, for which JavaScript waits. `give` waits for a thread's
    /// reply.
    pub fn take_over<T>(
        &self,
        lane: usize,
        token: RequestToken,
        give: impl FnOnce(&mpsc::Receiver<std::result::Result<Handover, TakeError>>) -> T,
    ) -> T {
        let (sender, reply) = mpsc::channel();
        match &self.caller {
            Caller::Here(local) => {
                // Whoever is to receive it is below.
                let _ = sender.send(local.take_over(token));
            }
            Caller::Threads { .. } => self.each().send(lane, Command::Take(token, sender)),
        }
        give(&reply)
    }

    /// Has the listener go, for which JavaScript waits.
    pub fn accept_no_more(&self) {
        match &self.caller {
            Caller::Here(local) => local.accept_no_more(),
            Caller::Threads { .. } => {
                let (sender, reply) = mpsc::channel();
                self.each().send(0, Command::AcceptNoMore(sender));
                // A thread that has ended has no listener.
                let _ = reply.recv();
            }
        }
    }

    /// Waits for loops that have said that they ended, and lets the process go.
    pub fn join(&mut self) {
        self.each().join();
        match &mut self.caller {
            Caller::Here(local) => local.release(),
            Caller::Threads { wake, hook } => {
                if let Some(hook) = hook.take() {
                    hook.remove();
                    wake.release();
                }
            }
        }
    }

    /// Keeps the process alive, or not.
    pub fn set_ref(&self, env: &Env, keep: bool) -> Result<()> {
        match &self.caller {
            Caller::Here(local) => local.set_ref(keep),
            Caller::Threads { hook: None, .. } => {}
            Caller::Threads { wake, .. } if keep => wake.reref(env)?,
            Caller::Threads { wake, .. } => wake.unref(env)?,
        }
        Ok(())
    }
}
