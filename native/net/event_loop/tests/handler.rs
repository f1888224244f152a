//! A handler on an I/O thread, and the desk over which a test tells it what to do.

use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::net::answer::{Answer, Part};
use crate::net::connection::tests::recorder::seen;
use crate::net::connection::tests::rig::ok;
use crate::net::crossing::{Crossing, Deliver, Withdrawal};
use crate::net::notice::Notice;
use crate::net::refused::Refused;
use crate::net::request::{Request, RequestToken};

/// What the test and the handler share.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// Requests that are answered when the test says so.
    pub(super) held: Mutex<Vec<(usize, RequestToken)>>,
    pub(super) released: Mutex<Vec<(usize, RequestToken)>>,
    pub(crate) notices: Mutex<Vec<Notice>>,
    /// Index, generation and bytes of requests that were refused.
    pub(crate) refused: Mutex<Vec<(u32, u32, Vec<u8>)>>,
    /// Descriptors that are closed at the request of a client.
    pub(crate) spare: Mutex<Vec<File>>,
    /// What is said next to a connection, without a request.
    pub(crate) asides: Mutex<Vec<(RequestToken, &'static [u8])>>,
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

/// Answers by the path: `/hold` when told to, with the connection's generation, `/thread` with the
/// thread's number, `/turns` with the turns so far, `/large/N` with N bytes, `/free` with a
/// descriptor less, `/panic` by the end of its thread, any other with itself; a body is answered with its length. What the test has
/// prepared goes before.
#[derive(Debug)]
pub(super) struct Handler {
    own: usize,
    desk: Arc<Desk>,
    due: Vec<(RequestToken, Answer<'static>)>,
    handed: u32,
    /// How many there were when the first of those that are held came.
    held_from: u32,
}

impl Handler {
    /// The handler of one thread.
    pub(super) fn new(own: usize, desk: Arc<Desk>) -> Self {
        Self {
            own,
            desk,
            due: Vec::new(),
            handed: 0,
            held_from: 0,
        }
    }

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

    fn trailers(&mut self, _token: RequestToken, _lines: &[u8]) {}

    fn refused(&mut self, refused: &Refused<'_>) {
        let told = (refused.index, refused.generation, refused.bytes.to_vec());
        self.desk.refused.lock().unwrap().push(told);
    }

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
        for (token, bytes) in self.desk.asides.lock().unwrap().drain(..) {
            sink(token, Answer::Part(Part::Aside(Box::new(bytes))));
        }
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

    fn pulse(&self) -> u32 {
        self.desk.probes.load(Ordering::Relaxed) as u32
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
