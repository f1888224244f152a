//! The I/O threads of one server: started, reached, joined.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::bridge::claims::Claims;
use crate::bridge::crossing::SharedCrossing;
use crate::bridge::ending::{Ending, Failure, stop};
use crate::bridge::lane::Lane;
use crate::bridge::local::Local;
use crate::bridge::memory::Words;
use crate::bridge::options::NativeOptions;
use crate::bridge::ring::Ring;
use crate::bridge::wake::Wake;
use crate::net::accepted::Accepted;
use crate::net::config::Config;
use crate::net::drain::Drain;
use crate::net::event_loop::EventLoop;
use crate::net::listener::Listener;
use crate::net::open::Open;
use crate::net::preface::ProxyRule;
use crate::net::probes::Probe;
use crate::net::remote::{Command, Peers, Remote, Seat};
use crate::net::routing::SharedRoutes;

/// How long an exiting process waits for a thread that is busy.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);

/// The threads of a server, or its loop on this one; none before `start` and after `join`.
#[derive(Debug, Default)]
pub struct Threads {
    remotes: Vec<Remote>,
    handles: Vec<JoinHandle<()>>,
    /// What drives the loop of a server that has no threads.
    local: Option<Rc<Local>>,
    failure: Failure,
    open: Arc<Open>,
    probes: Vec<Probe>,
}

/// What the threads of a server serve it with.
#[derive(Debug)]
pub struct Service<'a> {
    /// The options of the server.
    pub options: &'a NativeOptions,
    /// What is served without a handler, if there is a router.
    pub routes: Option<&'a Arc<SharedRoutes>>,
    /// One for each thread.
    pub lanes: &'a [Lane],
    /// The word that says that a call is due.
    pub scheduled: Words,
}

impl Threads {
    /// Starts one thread for each lane; the first one accepts, if there is a listener. If one cannot start, none
    /// is left.
    pub fn start(
        &mut self,
        listener: Option<Listener>,
        service: &Service<'_>,
        wake: &Arc<Wake>,
    ) -> io::Result<()> {
        let started = self.start_all(listener, service, wake);
        if started.is_err() {
            self.stop();
        }
        self.tell_probes();
        started
    }

    fn start_all(
        &mut self,
        listener: Option<Listener>,
        service: &Service<'_>,
        wake: &Arc<Wake>,
    ) -> io::Result<()> {
        let call = || {
            let wake = wake.clone();
            move || wake.call()
        };
        let loops = self.make(listener, service, call)?;
        for (own, (event_loop, ending)) in loops.into_iter().enumerate() {
            let wake = wake.clone();
            let builder = std::thread::Builder::new().name(format!("fasthttp-io-{own}"));
            let handle = builder.spawn(move || run(event_loop, &ending, &wake))?;
            self.handles.push(handle);
        }
        Ok(())
    }

    /// Has the only loop run on this thread.
    pub fn start_here(
        &mut self,
        listener: Option<Listener>,
        service: &Service<'_>,
        local: &Rc<Local>,
    ) -> io::Result<()> {
        let call = || -> Box<dyn FnMut()> {
            let local = Rc::downgrade(local);
            Box::new(move || {
                if let Some(local) = local.upgrade() {
                    local.call();
                }
            })
        };
        for (event_loop, ending) in self.make(listener, service, call)? {
            local.start(event_loop, ending)?;
        }
        self.local = Some(local.clone());
        self.tell_probes();
        Ok(())
    }

    /// Answers one more question about the server, or another one at the same path.
    pub fn add_probe(&mut self, probe: Probe) {
        self.probes.retain(|known| known.path != probe.path);
        self.probes.push(probe);
        self.tell_probes();
    }

    fn tell_probes(&self) {
        if !self.probes.is_empty() {
            let probes: Arc<[Probe]> = self.probes.clone().into();
            self.send_all(|| Command::SetProbes(probes.clone()));
        }
    }

    /// The loop of each lane, and what is to be done when it ends.
    fn make<F: FnMut()>(
        &mut self,
        mut listener: Option<Listener>,
        service: &Service<'_>,
        call: impl Fn() -> F,
    ) -> io::Result<Vec<(EventLoop<SharedCrossing<F>>, Ending)>> {
        let Service {
            options,
            routes,
            lanes,
            scheduled,
        } = *service;
        let config = Config::from(options);
        let proxies = options.proxy_protocol.as_ref().map(ProxyRule::from);
        let proxies = proxies.map(Arc::new);
        let seats: io::Result<Vec<_>> = lanes.iter().map(|_| Seat::new()).collect();
        let (seats, remotes): (Vec<_>, Vec<_>) = seats?.into_iter().unzip();
        self.remotes.clone_from(&remotes);
        let places = seats.into_iter().zip(lanes).enumerate();
        let loops = places.map(|(own, (seat, lane))| {
            let words = lane.words;
            let ring = Ring::new(lane.ring.share(), words);
            let claims = Claims::new(words, lane.claims);
            let mail = lane.mail.clone();
            mail.count_in(self.open.clone());
            let mut crossing = SharedCrossing::new(words, scheduled, claims, ring, mail, call());
            if options.io_threads == 0 {
                crossing = crossing.on_its_thread();
            }
            let peers = Peers {
                remotes: remotes.clone(),
                own,
                stats: lane.stats.clone(),
                routes: routes.cloned(),
                proxies: proxies.clone(),
                open: self.open.clone(),
            };
            let event_loop = EventLoop::new(seat, crossing, config, peers, listener.take())?;
            let ending = Ending {
                words,
                scheduled,
                failure: self.failure.clone(),
                remotes: remotes.clone(),
                open: self.open.clone(),
            };
            Ok((event_loop, ending))
        });
        loops.collect()
    }

    /// Has each thread write what is answered. One that has ended has nothing to write.
    pub fn flush(&self) {
        self.ask_all(Command::Flush);
    }

    /// Has each loop tell of those who were accepted. Threads have published that when this returns.
    pub fn introduce_all(&self) {
        self.ask_all(Command::IntroduceAll);
    }

    /// Asks each loop for something, and waits for threads, which ask nothing of JavaScript.
    fn ask_all(&self, command: impl Fn(mpsc::Sender<()>) -> Command) {
        let (sender, reply) = mpsc::channel();
        self.send_all(|| command(sender.clone()));
        drop(sender);
        if self.local.is_some() {
            // It has its turn when this has returned.
            return;
        }
        for _ in &self.remotes {
            if reply.recv_timeout(FLUSH_LIMIT).is_err() {
                break;
            }
        }
    }

    /// Wakes one thread.
    pub fn wake(&self, own: usize) {
        if let Some(remote) = self.remotes.get(own) {
            remote.wake();
        }
    }

    /// Closes the server by way of the first thread, which passes it on when it has dealt out the
    /// last connection; or hurries up a server that closes already.
    pub fn close(&self, timeout: Option<u64>) {
        if self.open.is_closing() {
            if let Some(timeout) = timeout {
                self.send_all(|| Command::Cut(timeout));
            }
            return;
        }
        self.open.set_closing();
        self.send(0, Command::Close(timeout));
        if self.open.is_last_call() {
            // The first one may have ended. Looked at behind that: else it has heard it.
            self.send_all(|| Command::Close(timeout));
            if let Some(timeout) = timeout {
                // Those that are closing do not look at the time of another close.
                self.send_all(|| Command::Cut(timeout));
            }
        }
    }

    /// Empties the server, by way of the first thread as well.
    pub fn drain(&self, drain: Drain) {
        self.open.set_draining();
        self.send(0, Command::Drain(drain));
    }

    /// From the start nobody is accepted without a ticket.
    pub fn accept_on_demand(&self) {
        self.open.accept_on_demand();
    }

    /// Has one of them serve a connection that somebody else has accepted.
    pub fn adopt(&self, own: usize, accepted: Accepted) {
        self.open.opened();
        self.send(own, Command::Adopt(accepted));
    }

    /// What they know of each other, and of what JavaScript wants.
    pub fn open(&self) -> &Open {
        &self.open
    }

    /// Asks one thread; one that has ended does not hear it.
    pub fn send(&self, own: usize, command: Command) {
        if let Some(remote) = self.remotes.get(own) {
            self.send_to(remote, command);
        }
    }

    /// Asks every thread.
    pub fn send_all(&self, command: impl Fn() -> Command) {
        for remote in &self.remotes {
            self.send_to(remote, command());
        }
    }

    fn send_to(&self, remote: &Remote, command: Command) {
        match &self.local {
            None => remote.send(command),
            Some(local) => {
                remote.leave(command);
                local.soon();
            }
        }
    }

    /// Ends every thread at once: what is published is still written, the rest is dropped.
    pub fn stop(&mut self) {
        stop(&self.remotes, &self.open);
        self.join();
    }

    /// Waits for every thread to end.
    pub fn join(&mut self) {
        for handle in self.handles.drain(..) {
            // A panic was caught and reported on its own thread.
            let _ = handle.join();
        }
        self.remotes.clear();
        self.local = None;
    }

    /// Why a thread failed, if one did.
    pub fn failure(&self) -> Option<String> {
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

fn run(event_loop: EventLoop<SharedCrossing<impl FnMut()>>, ending: &Ending, wake: &Wake) {
    let outcome = catch_unwind(AssertUnwindSafe(|| event_loop.run()));
    if ending.end(outcome) {
        wake.call();
    }
}
