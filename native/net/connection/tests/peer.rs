//! One simulated client with its connection: what each of them knows, and what must agree.

use super::kernel::KernelSocket;
use super::reader::read_all;
use super::recorder::Taken;
use super::traffic::{End, Traffic, is_barrier};
use crate::net::config::Config;
use crate::net::connection::Connection;
use crate::net::request::{FLAG_LAST, RequestToken, SEQUENCE};

/// An answer as it was given to the connection.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) close: bool,
}

/// A request that was handed over.
#[derive(Debug)]
pub(super) struct Delivered {
    pub(super) token: RequestToken,
    is_barrier: bool,
    is_head: bool,
    is_aborted: bool,
    pub(super) given: Option<Given>,
}

/// A client and the server's connection to it.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) traffic: Traffic,
    pub(super) sent: usize,
    pub(super) got: Vec<u8>,
    pub(super) connection: Connection<KernelSocket>,
    pub(super) requests: Vec<Delivered>,
    pub(super) is_reset: bool,
    pub(super) again: bool,
    pub(super) starved: bool,
}

impl Peer {
    pub(super) fn new(traffic: Traffic, connection: Connection<KernelSocket>) -> Self {
        Self {
            traffic,
            connection,
            sent: 0,
            got: Vec::new(),
            requests: Vec::new(),
            is_reset: false,
            again: false,
            starved: false,
        }
    }

    /// Sends up to `most` bytes, and the end behind the last one.
    pub(super) fn send(&mut self, most: usize) -> bool {
        let rest = &self.traffic.bytes[self.sent..];
        let piece = &rest[..rest.len().min(most)];
        let socket = &mut self.connection.stream;
        if self.is_reset || socket.has_fin() {
            return false;
        }
        socket.arrive(piece);
        self.sent += piece.len();
        let is_over = self.sent == self.traffic.bytes.len();
        match self.traffic.end {
            End::Fin if is_over => socket.arrive_fin(),
            End::Reset if is_over => {
                socket.arrive_reset();
                self.is_reset = true;
            }
            // The server's FIN is answered by the client's.
            _ if socket.is_shut && socket.is_sent() => socket.arrive_fin(),
            _ => return !piece.is_empty(),
        }
        true
    }

    fn heads(&self) -> Vec<bool> {
        let requests = self.requests.iter();
        requests.map(|request| request.is_head).collect()
    }

    /// A client that waited with part of a request is told so; any other hears nothing more.
    pub(super) fn check_timed_out(&self, closing: bool) {
        let heads = self.heads();
        let responses = read_all(&self.got, &heads);
        let last = responses.get(self.requests.len()).map(|last| last.status);
        let stays = self.traffic.end == End::Stay && !self.due().1;
        let is_late = self.traffic.oracle.unfinished && stays;
        assert!(closing || !is_late || last == Some(408), "{}", self.shown());
    }

    /// The client dies although it has said goodbye.
    pub(super) fn die(&mut self) {
        self.connection.stream.arrive_reset();
        self.is_reset = true;
    }

    /// The client that has sent everything sends FIN.
    pub(super) fn leave(&mut self) {
        if self.traffic.end == End::Stay {
            self.traffic.end = End::Fin;
            self.send(0);
        }
    }

    /// A request arrived at the handler: the next one, once, and alone if it has to be.
    pub(super) fn deliver(&mut self, taken: &Taken, config: &Config) {
        let number = self.requests.len();
        let context = || format!("{:?}", taken.seen);
        assert_eq!(
            (taken.token.index, taken.token.generation),
            self.connection.id()
        );
        assert_eq!((taken.token.meta & SEQUENCE) as usize, number);
        let is_last = taken.token.meta & FLAG_LAST != 0;
        let mut expected = self.traffic.oracle.requests[number].clone();
        expected.keep_alive &=
            config.max_requests == 0 || number + 1 < config.max_requests as usize;
        assert_eq!(taken.seen, expected, "{}", self.shown());
        assert_eq!(is_last, !expected.keep_alive);
        let open = self
            .requests
            .iter()
            .filter(|request| request.given.is_none());
        let is_barrier = is_barrier(&taken.seen);
        assert!(
            !is_barrier || open.clone().count() == 0,
            "behind another: {}",
            context()
        );
        assert!(
            !open.clone().any(|open| open.is_barrier),
            "behind a barrier: {}",
            context()
        );
        let has_last = |request: &Delivered| request.token.meta & FLAG_LAST != 0;
        let is_over = self.due().1 || self.requests.iter().any(has_last);
        assert!(!is_over, "behind the last: {}", context());
        self.requests.push(Delivered {
            token: taken.token,
            is_barrier,
            is_head: taken.seen.method == b"HEAD",
            is_aborted: false,
            given: None,
        });
    }

    /// Notes an abort; each request is aborted once at most.
    pub(super) fn abort(&mut self, first: u32, count: u32) {
        assert!(count > 0);
        for request in &mut self.requests[first as usize..(first + count) as usize] {
            assert!(!request.is_aborted, "aborted twice: {request:?}");
            request.is_aborted = true;
        }
    }

    /// Requests that the handler has not answered.
    pub(super) fn open(&self) -> Vec<usize> {
        let requests = self.requests.iter().enumerate();
        let open = requests.filter(|(_, request)| request.given.is_none());
        open.map(|(number, _)| number).collect()
    }

    /// Answers that are due to the client in the order of its requests, and whether the
    /// connection ends with the last of them.
    fn due(&self) -> (Vec<&Given>, bool) {
        let mut due = Vec::new();
        for request in &self.requests {
            let Some(given) = &request.given else { break };
            due.push(given);
            if given.close || request.token.meta & FLAG_LAST != 0 {
                return (due, true);
            }
        }
        (due, false)
    }

    /// The peer in a few lines, for a test that fails.
    fn shown(&self) -> String {
        let connection = &self.connection;
        let (waits, unsent) = (connection.is_waiting(), connection.unsent());
        let flags = (
            connection.readable,
            connection.writable,
            connection.peer_closing,
        );
        let given = self.requests.iter().map(|request| request.given.is_some());
        let (given, end) = (Vec::from_iter(given), self.traffic.end);
        let (bytes, got) = (short(&self.traffic.bytes), short(&self.got));
        format!(
            "waits {waits}, unsent {unsent}, flags {flags:?}, given {given:?}, {:?}, \
             sent {} of {bytes} then {end:?}, got {got}",
            connection.phase(),
            self.sent
        )
    }

    pub(super) fn check_counts(&self, config: &Config) {
        let (due, ends) = self.due();
        let written = if ends { self.requests.len() } else { due.len() };
        assert_eq!(self.connection.next_request as usize, self.requests.len());
        assert_eq!(self.connection.next_answer as usize, written);
        assert!(self.connection.in_flight() <= config.max_pipelined);
    }

    /// The connection is dropped: whoever is unanswered has heard of it.
    pub(super) fn check_aborted(&self) {
        let from = self.connection.next_answer as usize;
        for request in &self.requests[from..] {
            let is_heard = request.given.is_some() || request.is_aborted;
            assert!(
                is_heard,
                "never aborted: {request:?} of {:?}",
                self.requests
            );
        }
    }

    /// Nothing more will come: every request is delivered and answered, unless the client reset
    /// the connection or the server closes. `is_dropped`: the server is through with it.
    pub(super) fn check_end(&self, is_dropped: bool, closing: bool) {
        if self.is_reset {
            return;
        }
        let (due, ends) = self.due();
        let (oracle, all) = (&self.traffic.oracle, self.requests.len());
        let is_complete = all == oracle.requests.len();
        assert!(
            ends || closing || is_complete,
            "dropped: {is_dropped}, {}",
            self.shown()
        );
        assert!(ends || due.len() == all, "unanswered: {:?}", self.requests);
        let heads = self.heads();
        let responses = read_all(&self.got, &heads);
        for ((given, response), is_head) in due.iter().zip(&responses).zip(&heads) {
            let body = if *is_head { b"" } else { &given.body[..] };
            assert_eq!((response.status, &response.body[..]), (given.status, body));
        }
        let status = oracle.fault.map(|fault| fault.status());
        let errors: Vec<_> = responses[due.len()..]
            .iter()
            .map(|error| error.status)
            .collect();
        let last_closes = responses.last().is_some_and(|last| last.closes);
        let is_refused = !ends && is_complete && !(closing && last_closes && errors.is_empty());
        assert_eq!(errors, Vec::from_iter(status.filter(|_| is_refused)));
        let has_said = responses.iter().filter(|response| response.closes).count();
        let is_told = ends || !errors.is_empty();
        assert!(has_said <= 1 && (has_said == 0 || last_closes));
        assert!(closing || is_told == (has_said == 1), "{responses:?}");
        let is_over = is_told || (is_complete && self.traffic.end == End::Fin) || has_said == 1;
        let may_wait = oracle.unfinished && is_complete && self.traffic.end == End::Stay;
        assert!(
            is_dropped == is_over || (closing && (is_dropped || may_wait)),
            "{}",
            self.shown()
        );
        assert!(
            is_dropped || self.connection.is_idle() || may_wait,
            "{}",
            self.shown()
        );
    }
}

fn short(bytes: &[u8]) -> String {
    let end = bytes.len().min(1000);
    format!("{}... ({})", bytes[..end].escape_ascii(), bytes.len())
}
