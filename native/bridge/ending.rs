//! What is left to do when a loop has ended, however it did.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::bridge::handshake::Word;
use crate::bridge::memory::Words;
use crate::bridge::ring::control;
use crate::net::open::Open;
use crate::net::remote::{Command, Remote};

const ENDED: u32 = 1;
const FAILED: u32 = 2;

/// Why a loop of a server failed, if one did.
pub type Failure = Arc<Mutex<Option<String>>>;

/// What ends with a loop.
#[derive(Debug)]
pub struct Ending {
    /// Its control words.
    pub words: Words,
    /// The word that says that a call is due.
    pub scheduled: Words,
    /// Where to leave the reason.
    pub failure: Failure,
    /// All loops of the server.
    pub remotes: Vec<Remote>,
    /// What they know of each other.
    pub open: Arc<Open>,
}

impl Ending {
    /// Says how the loop has ended; `true`: the caller owes JavaScript a call.
    pub fn end(&self, outcome: std::thread::Result<io::Result<()>>) -> bool {
        let failure = failure_of(outcome);
        let state = if failure.is_some() { FAILED } else { ENDED };
        if failure.is_some() {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
            // What it served is lost, and the server with it.
            stop(&self.remotes, &self.open);
        }
        self.words.at(control::ENDED).set(state);
        self.scheduled.at(0).exchange(1) == 0
    }
}

/// Has every loop end at once. Each is told itself: the one that would pass it on may be gone.
pub fn stop(remotes: &[Remote], open: &Open) {
    open.set_closing();
    for remote in remotes {
        remote.send(Command::Close(Some(0)));
        // One that is closing does not look at the time of another close.
        remote.send(Command::Cut(0));
    }
}

fn failure_of(outcome: std::thread::Result<io::Result<()>>) -> Option<String> {
    match outcome {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            Some(format!(
                "an I/O thread panicked: {}",
                text.unwrap_or("no message")
            ))
        }
    }
}
