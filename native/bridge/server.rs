//! What JavaScript sees: one class, made per server and per environment.

mod connections;

use std::cell::RefMut;
use std::sync::Arc;

use napi::bindgen_prelude::{Env, Function, Int32Array, Uint8Array, Unknown};
use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::bridge::driver::Driver;
use crate::bridge::handshake::must_wake;
use crate::bridge::lane::{Lane, LaneMemory};
use crate::bridge::listen::{ListenOptions, ListenResult};
use crate::bridge::mail::LentBody;
use crate::bridge::memory::{Loan, PassingBytes, StillBytes, Words};
use crate::bridge::options::NativeOptions;
use crate::bridge::parcel;
use crate::bridge::router::NativeRouter;
use crate::bridge::still::StillPieces;
use crate::bridge::takeover::Parked;
use crate::bridge::threads::{Service, Threads};
use crate::bridge::{letter, ring};
use crate::net::answer::AnswerBody;
use crate::net::drain::Drain;
use crate::net::listener::{ListenError, Listener};
use crate::net::probes::{Probe, Question};
use crate::net::routing::SharedRoutes;
use crate::net::stats::Stats;

/// Bytes of a body up to which a copy costs less than a write of its own.
const COPIED_BYTES: usize = 16 << 10;

/// The native half of a server.
#[napi]
#[derive(Debug)]
pub struct NativeServer {
    pub(super) options: NativeOptions,
    routes: Option<Arc<SharedRoutes>>,
    lanes: Vec<Lane>,
    scheduled: Words,
    driver: Driver,
    parked: Parked,
}

#[napi]
impl NativeServer {
    /// Takes the memory of each I/O thread, the word that all of them share, and the function
    /// that drains what they publish; with a router they match its routes. JavaScript keeps all of it until `join`.
    #[napi(constructor)]
    pub fn new(
        env: Env,
        options: NativeOptions,
        mut memory: Vec<LaneMemory>,
        mut scheduled: Int32Array,
        drain: Function<'_, (), ()>,
        router: Option<&NativeRouter>,
    ) -> Result<Self> {
        if scheduled.is_empty() || !memory.iter().all(LaneMemory::is_usable) {
            return Err(Error::new(Status::InvalidArg, "memory of another size"));
        }
        let lanes = memory.iter_mut().map(Lane::new).collect();
        let driver = if options.io_threads == 0 {
            Driver::here(&env, &drain)?
        } else {
            Driver::threads(&env, &drain)?
        };
        let scheduled = Words::of(&mut scheduled);
        Ok(Self {
            options,
            routes: router.map(|router| router.shared.clone()),
            lanes,
            scheduled,
            driver,
            parked: Parked::default(),
        })
    }

    /// Binds, listens and starts the threads.
    #[napi]
    pub fn listen(&self, options: ListenOptions) -> Result<ListenResult> {
        let bound = options.listener()?.and_then(|listener| {
            let listens = ListenResult::from(&listener);
            if options.on_demand {
                self.threads().accept_on_demand();
            }
            let started = self.start(Some(listener));
            started.map(|()| listens)
        });
        Ok(bound.unwrap_or_else(ListenResult::from))
    }

    /// Starts the threads and listens nowhere: clients are brought by `adopt`.
    #[napi]
    pub fn open(&self) -> ListenResult {
        let started = self.start(None).map(|()| ListenResult::default());
        started.unwrap_or_else(ListenResult::from)
    }

    /// Wakes a thread that said that it sleeps. `in_a_hurry`: it gets the processor at once even
    /// where it shares one with JavaScript; else a handler behind could keep it for milliseconds.
    #[napi]
    pub fn wake(&self, lane: u32, in_a_hurry: bool) {
        self.driver.wake(lane as usize, in_a_hurry);
    }

    /// Writes what is published, in case that JavaScript does not return. Threads do so themselves.
    #[napi]
    pub fn flush(&self) {
        self.driver.flush();
    }

    /// Without threads: writes what is published, and says how many bytes of the answer under way a client
    /// has taken since that was told last. 0 with threads, which tell it by a record.
    #[napi]
    pub fn taken(&self, index: u32, generation: u32) -> u32 {
        let taken = self.driver.taken((index, generation));
        u32::try_from(taken).unwrap_or(u32::MAX)
    }

    /// Lends a chunk to a thread. JavaScript keeps it until the thread's end record.
    #[napi]
    pub fn lend(&self, lane: u32, mut chunk: Uint8Array) -> Result<()> {
        self.lane(lane)?.mail.lend(Loan::of(&mut chunk));
        self.nudge(lane)
    }

    /// Brings an answer that does not go through the ring. `words` are those of a ring record.
    /// With `lent` not 0 the body stays where it is until the thread releases that number;
    /// otherwise it is copied. Without threads a large one is sent from where it is, as far as the
    /// client takes it at once.
    #[napi]
    pub fn answer(
        &self,
        lane: u32,
        words: &[i32],
        head: &[u8],
        body: &[u8],
        lent: u32,
    ) -> Result<()> {
        let mail = &self.lane(lane)?.mail;
        let is_large = body.len() > COPIED_BYTES && lent == 0;
        let passing = (is_large && self.driver.is_here()).then(|| PassingBytes::new(body));
        let body: Box<dyn AsRef<[u8]> + Send> = match &passing {
            Some(passing) => Box::new(passing.clone()),
            None if lent == 0 => mail.copy(body),
            None => Box::new(LentBody::new(
                StillBytes::new(body),
                Arc::new(mail.lease(lent)),
            )),
        };
        let body = AnswerBody::Owned(body);
        let Some((token, answer)) = letter::open(words, head, body) else {
            return Err(Error::new(
                Status::InvalidArg,
                "words are those of a record",
            ));
        };
        mail.answer(token, answer.into_owned());
        let Some(passing) = passing else {
            return self.nudge(lane);
        };
        self.driver.flush();
        passing.keep();
        Ok(())
    }

    /// Brings what is laid out in the parcel of a thread, with its `large` pieces, which stay where they are
    /// until the thread releases `lent`. `is_last`: the answer ends with it. Returns what `taken` does if that
    /// `asks`; with its bits turned over if the large pieces are needed still, of which nothing is told else.
    #[napi]
    pub fn post(
        &self,
        lane: u32,
        large: Unknown<'_>,
        lent: u32,
        is_last: bool,
        asks: bool,
    ) -> Result<i32> {
        let Lane { mail, parcel, .. } = self.lane(lane)?;
        let lease = (lent != 0).then(|| mail.lease(lent));
        let mut large = StillPieces::new(&large);
        let opened = parcel::open(parcel, mail, lease, || large.next(), is_last);
        let Some((token, steps)) = opened else {
            return Err(Error::new(Status::InvalidArg, "the parcel is none"));
        };
        mail.steps(token, steps);
        if !asks || !self.driver.is_here() {
            return self.nudge(lane).map(|()| !0);
        }
        let taken = self.driver.taken((token.index, token.generation));
        let taken = i32::try_from(taken).unwrap_or(i32::MAX);
        Ok(if lent == 0 || mail.take_back(lent) {
            taken
        } else {
            !taken
        })
    }

    /// Fetches a request that no chunk can hold.
    #[napi]
    pub fn take_large(&self, lane: u32, number: u32) -> Result<Uint8Array> {
        let bytes = self.lane(lane)?.mail.take_large(number);
        bytes
            .map(Uint8Array::new)
            .ok_or_else(|| Error::new(Status::InvalidArg, "no such request"))
    }

    /// Forgets a request that no chunk can hold, and that was withdrawn.
    #[napi]
    pub fn drop_large(&self, lane: u32, number: u32) -> Result<()> {
        drop(self.lane(lane)?.mail.take_large(number));
        Ok(())
    }

    /// Accepts no more, answers what was received, then ends; with a time-out in milliseconds
    /// whatever is left then is cut.
    #[napi]
    pub fn close(&self, timeout: Option<u32>) {
        self.threads().close(timeout.map(u64::from));
    }

    /// Answers at a path whether the server is ready, or alive: no as soon as JavaScript has shown no life for so
    /// many milliseconds.
    #[napi]
    pub fn add_probe(&self, path: String, is_ready: bool, limit: u32) {
        self.threads().add_probe(Probe {
            path: path.into_bytes().into(),
            question: match is_ready {
                true => Question::Ready,
                false => Question::Alive,
            },
            limit_ms: u64::from(limit),
        });
    }

    /// Says whether the program is ready.
    #[napi]
    pub fn set_ready(&self, is_ready: bool) {
        self.threads().open().health.set_ready(is_ready);
    }

    /// Says that the listening socket was given to another process.
    #[napi]
    pub fn share_listener(&self) {
        self.threads().open().share_listener();
    }

    /// Serves on, each answer the last one of its connection; accepts no more after `lame_duck`, and lets idle
    /// connections go `grace` later; with a time-out whatever is left then is cut. In milliseconds.
    #[napi]
    pub fn drain(&self, lame_duck: u32, grace: u32, timeout: Option<u32>) {
        self.threads().drain(Drain {
            lame_duck_ms: u64::from(lame_duck),
            grace_ms: u64::from(grace),
            timeout_ms: timeout.map(u64::from),
        });
    }

    /// Waits for threads that have said that they ended, and lets the process go.
    #[napi]
    pub fn join(&mut self) {
        self.driver.join();
    }

    /// Keeps the process alive, or not.
    #[napi]
    pub fn set_ref(&self, env: Env, keep: bool) -> Result<()> {
        self.driver.set_ref(&env, keep)
    }

    /// Why a thread failed, if one did.
    #[napi]
    pub fn failure(&self) -> Option<String> {
        self.threads().failure()
    }

    /// What the threads have counted, summed up, in the order of `stat_names`. Of the queue's delay
    /// the longest.
    #[napi]
    pub fn stats(&self) -> Vec<f64> {
        let names = Stats::names();
        let mut sums = vec![0.0_f64; names.len()];
        for lane in &self.lanes {
            for ((sum, value), name) in sums.iter_mut().zip(lane.stats.values()).zip(&names) {
                let value = value as f64;
                *sum = if name == "queueDelay" {
                    sum.max(value)
                } else {
                    *sum + value
                };
            }
        }
        sums
    }

    fn start(&self, listener: Option<Listener>) -> std::result::Result<(), ListenError> {
        let service = Service {
            options: &self.options,
            routes: self.routes.as_ref(),
            lanes: &self.lanes,
            scheduled: self.scheduled,
        };
        let started = self.driver.start(listener, &service);
        started.map_err(|error| ListenError {
            syscall: "thread",
            error,
        })
    }

    /// Its threads, for as long as the guard lives.
    pub(super) fn threads(&self) -> RefMut<'_, Threads> {
        self.driver.each()
    }

    fn lane(&self, lane: u32) -> Result<&Lane> {
        let lane = self.lanes.get(lane as usize);
        lane.ok_or_else(|| Error::new(Status::InvalidArg, "no such thread"))
    }

    /// Wakes a thread if it sleeps.
    fn nudge(&self, lane: u32) -> Result<()> {
        if must_wake(self.lane(lane)?.words.at(ring::control::SLEEPING)) {
            self.driver.nudge(lane as usize);
        }
        Ok(())
    }
}
