//! A server whose handler runs on the I/O threads.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::client::DEADLINE;
use crate::net::accept::Open;
use crate::net::answer::Answer;
use crate::net::config::Config;
use crate::net::connection::tests::recorder::seen;
use crate::net::connection::tests::rig::ok;
use crate::net::crossing::{Crossing, Deliver, Withdrawal};
use crate::net::event_loop::EventLoop;
use crate::net::listener::{ListenAddress, Listener};
use crate::net::notice::Notice;
use crate::net::remote::{Command, Peers, Remote, Seat};
use crate::net::request::{Request, RequestToken};
use crate::net::takeover::{Handover, TakeError};

/// What the test and the handler share.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// Requests that are answered when the test says so.
    held: Mutex<Vec<(usize, RequestToken)>>,
    released: Mutex<Vec<(usize, RequestToken)>>,
    pub(crate) notices: Mutex<Vec<Notice>>,
    /// Descriptors that are closed at the request of a client.
    pub(crate) spare: Mutex<Vec<File>>,
    /// Answers that the test has made, each for one request with this path.
    pub(crate) prepared: Mutex<Vec<(&'static str, Answer<'static>)>>,
    /// The handler has no room.
    pub(crate) is_full: AtomicBool,
    /// The handler shows no life.
    pub(crate) is_stuck: AtomicBool,
    /// How often it was asked for a sign of life.
    pub(crate) probes: AtomicU64,
    pub(crate) turns: AtomicU64,
}

/// A listener on a port that the kernel chooses.
pub(crate) fn loopback() -> (Listener, SocketAddr) {
    let address = ListenAddress::Tcp {
        address: (Ipv4Addr::LOCALHOST, 0).into(),
        ipv6_only: false,
        reuse_port: false,
        reuse_address: true,
    };
    let listener = Listener::bind(&address, 1024).unwrap();
    let address = listener.address().unwrap();
    (listener, address)
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) open: Arc<Open>,
    pub(crate) desk: Arc<Desk>,
    remotes: Vec<Remote>,
    ended: Receiver<()>,
}

impl Server {
    pub(crate) fn start(threads: usize, config: Config) -> Self {
        Self::start_with(Arc::default(), threads, config)
    }

    /// Nobody is accepted before the test asks for it.
    pub(crate) fn start_on_demand(threads: usize) -> Self {
        let open = Arc::new(Open::default());
        open.accept_on_demand();
        Self::start_with(open, threads, Config::default())
    }

    fn start_with(open: Arc<Open>, threads: usize, config: Config) -> Self {
        let config = Config {
            max_connections: 10_000,
            ..config
        };
        let (listener, address) = loopback();
        let desk = Arc::new(Desk::default());
        let seats = (0..threads).map(|_| Seat::new().unwrap());
        let (seats, remotes): (Vec<_>, Vec<_>) = seats.unzip();
        let (end, ended) = channel();
        let mut listener = Some(listener);
        for (own, seat) in seats.into_iter().enumerate() {
            let peers = Peers {
                remotes: remotes.clone(),
                own,
                stats: Arc::default(),
                routes: None,
                open: open.clone(),
            };
            let crossing = Handler {
                own,
                desk: desk.clone(),
                due: Vec::new(),
                handed: 0,
                held_from: 0,
            };
            let event_loop = EventLoop::new(seat, crossing, config, peers, listener.take());
            let (event_loop, end) = (event_loop.unwrap(), End(end.clone()));
            std::thread::spawn(move || {
                let _end = end;
                event_loop.run().unwrap();
            });
        }
        Self {
            address,
            open,
            desk,
            remotes,
            ended,
        }
    }

    pub(crate) fn send_all(&self, command: impl Fn() -> Command) {
        for remote in &self.remotes {
            remote.send(command());
        }
    }

    /// Asks for one client.
    pub(crate) fn accept(&self, ticket: u32) {
        self.remotes[0].send(Command::Accept(ticket));
    }

    /// Asks the server to close.
    pub(crate) fn close(&self, timeout: Option<u64>) {
        self.remotes[0].send(Command::Close(timeout));
    }

    /// Every thread ends.
    pub(crate) fn join(self) {
        for _ in &self.remotes {
            self.ended.recv_timeout(DEADLINE).expect("it ends in time");
        }
        assert_eq!(self.open.count(), 0);
    }

    /// Closes at once.
    pub(crate) fn end(self) {
        self.close(Some(0));
        self.join();
    }

    /// Waits until so many requests are held.
    pub(crate) fn wait_for_held(&self, count: usize) {
        wait_until(|| self.desk.held.lock().unwrap().len() == count);
    }

    /// The requests that are held, with the numbers of their threads.
    pub(crate) fn held(&self) -> Vec<(usize, RequestToken)> {
        self.desk.held.lock().unwrap().clone()
    }

    /// Takes the connection of a request over.
    pub(crate) fn take(&self, held: (usize, RequestToken)) -> Result<Handover, TakeError> {
        let (reply, taken) = channel();
        self.remotes[held.0].send(Command::Take(held.1, reply));
        taken.recv_timeout(DEADLINE).expect("a reply in time")
    }

    /// Answers every request that is held.
    pub(crate) fn release(&self) {
        let held = std::mem::take(&mut *self.desk.held.lock().unwrap());
        self.desk.released.lock().unwrap().extend(held);
        for remote in &self.remotes {
            remote.wake();
        }
    }
}

/// Waits for what no event tells.
pub(crate) fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "it never came to be");
        std::thread::yield_now();
    }
}

/// Tells that a thread has ended, however it ended.
struct End(Sender<()>);

impl Drop for End {
    fn drop(&mut self) {
        // The only failure is that the test is over.
        let _ = self.0.send(());
    }
}

/// Answers by the path: `/hold` when told to, with the connection's generation, `/thread` with the
/// thread's number, `/turns` with the turns so far, `/large/N` with N bytes, `/free` with a
/// descriptor less, `/panic` by the end of its thread, any other with itself; a body is answered with its length. What the test has
/// prepared goes before.
#[derive(Debug)]
struct Handler {
    own: usize,
    desk: Arc<Desk>,
    due: Vec<(RequestToken, Answer<'static>)>,
    handed: u32,
    /// How many there were when the first of those that are held came.
    held_from: u32,
}

impl Handler {
    /// What the test has made for this path.
    fn prepared(&self, path: &str) -> Option<Answer<'static>> {
        let mut prepared = self.desk.prepared.lock().unwrap();
        let place = prepared.iter().position(|(of, _)| *of == path)?;
        Some(prepared.remove(place).1)
    }

    fn answer(&self, path: &str, body: &[u8]) -> Vec<u8> {
        if let Some(len) = path.strip_prefix("/large/") {
            return (0..len.parse().unwrap())
                .map(|place: usize| (place % 251) as u8)
                .collect();
        }
        match path {
            _ if !body.is_empty() => body.len().to_string(),
            "/thread" => self.own.to_string(),
            "/turns" => self.desk.turns.load(Ordering::Relaxed).to_string(),
            // Without a word on the terminal.
            "/panic" => std::panic::resume_unwind(Box::new("asked for")),
            "/free" => {
                let freed = self.desk.spare.lock().unwrap().pop();
                freed.is_some().to_string()
            }
            path => path.to_owned(),
        }
        .into_bytes()
    }
}

impl Handler {
    /// Whether a request of this thread is held.
    fn is_held(&self) -> bool {
        let held = self.desk.held.lock().unwrap();
        held.iter().any(|&(own, _)| own == self.own)
    }
}

impl Deliver for Handler {
    fn has_room(&mut self) -> bool {
        !self.desk.is_full.load(Ordering::Relaxed)
    }

    fn request(&mut self, request: Request<'_>) {
        let (token, seen) = (request.token, seen(&request));
        let path = String::from_utf8(seen.target).unwrap();
        let prepared = self.prepared(&path);
        // Who is asked for an answer in place of a file gives it when the test says so.
        let asks = matches!(&prepared, Some(Answer::File(file)) if file.id != 0);
        if path == "/hold" || asks {
            if !self.is_held() {
                self.held_from = self.handed;
            }
            self.desk.held.lock().unwrap().push((self.own, token));
        }
        if let Some(answer) = prepared {
            self.due.push((token, answer));
        } else if path != "/hold" {
            let body = self.answer(&path, &seen.body);
            self.due.push((token, ok(&body).into_owned()));
        }
        self.handed += 1;
    }

    fn body(&mut self, _token: RequestToken, _data: &[u8]) {}

    fn withdraw(&mut self, _id: (u32, u32), _next: u32, _how: Withdrawal) -> bool {
        true
    }

    fn notice(&mut self, notice: Notice) {
        self.desk.notices.lock().unwrap().push(notice);
    }
}

impl Crossing for Handler {
    fn publish(&mut self) {}

    fn answers(&mut self, sink: &mut dyn FnMut(RequestToken, Answer<'_>)) -> std::io::Result<()> {
        let own = self.own;
        let mut released = self.desk.released.lock().unwrap();
        let ours = released.extract_if(.., |held| held.0 == own);
        let ours = ours.map(|(_, token)| (token, format!("released {}", token.generation)));
        let ours = ours.map(|(token, body)| (token, ok(body.as_bytes()).into_owned()));
        self.due.extend(ours);
        drop(released);
        for (token, answer) in self.due.drain(..) {
            sink(token, answer);
        }
        Ok(())
    }

    fn before_sleep(&mut self) -> Option<Option<Duration>> {
        self.desk.turns.fetch_add(1, Ordering::Relaxed);
        self.due.is_empty().then_some(None)
    }

    fn after_sleep(&mut self) {}

    fn is_stuck(&mut self, _now_ms: u64) -> bool {
        self.desk.is_stuck.load(Ordering::Relaxed)
    }

    fn probe(&mut self) {
        self.desk.probes.fetch_add(1, Ordering::Relaxed);
    }

    fn handed_over(&self) -> u32 {
        self.handed
    }

    /// A handler takes nothing up while it holds something.
    fn taken_up(&self) -> u32 {
        if self.is_held() {
            self.held_from
        } else {
            self.handed
        }
    }
}
