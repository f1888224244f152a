//! What a server was told, as numbers: read by every I/O thread, changed by none.

use crate::http::error::ParseError;
use crate::http::framing::HostRule;
use crate::http::limits::Limits;
use crate::http::response::{KeepAliveLine, RawRules};

/// The options that the I/O threads obey. Sizes in bytes, times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Limits of one request's head and body.
    pub limits: Limits,
    /// Bytes of a body that is collected: it has to fit into one record.
    pub max_collected: u64,
    /// Requests of one connection that may be unanswered at a time.
    pub max_pipelined: u32,
    /// Unsent response bytes of one connection above which it is no longer read.
    pub max_unsent: usize,
    /// Bytes of unfinished requests, over all connections, above which reading pauses.
    pub max_buffered: usize,
    /// Open connections above which the listener rests.
    pub max_connections: usize,
    /// Requests of one connection after which it closes, or by node's rules says so; 0 for no limit.
    pub max_requests: u32,
    /// Whether responses carry `Date` (RFC 9110 §6.6.1).
    pub date: bool,
    /// Whether `TCP_NODELAY` is set on accepted connections.
    pub no_delay: bool,
    /// Whether the body of a request goes up in pieces, behind its head.
    pub stream_bodies: bool,
    /// What Host may be.
    pub host_rule: HostRule,
    /// Whether the trailer sections of such bodies go up.
    pub keeps_trailers: bool,
    /// By whose rules the responses are judged that handlers write themselves, and requests are refused.
    pub raw_rules: RawRules,
    /// Whether JavaScript hears of the end of each connection that has brought it a request.
    pub tells_ends: bool,
    /// How long a request may wait for JavaScript before further ones are answered 503; 0 for ever.
    pub max_queue_delay_ms: u64,
    /// What is said of how long connections are kept.
    pub keep_alive: KeepAliveLine,
    /// How long each phase may last.
    pub times: Times,
    /// How long a closed connection is read and dropped, so that its last response arrives.
    pub linger_ms: u64,
    /// How many bytes are read and dropped meanwhile, or of a body whose request was answered.
    pub linger_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_collected: 1 << 30,
            max_pipelined: 16,
            max_unsent: 64 << 10,
            max_buffered: 256 << 20,
            max_connections: 16,
            max_requests: 0,
            date: true,
            no_delay: true,
            stream_bodies: false,
            host_rule: HostRule::Valid,
            keeps_trailers: false,
            raw_rules: RawRules::Strict,
            tells_ends: false,
            max_queue_delay_ms: 0,
            keep_alive: KeepAliveLine::NONE,
            times: Times::default(),
            linger_ms: 2000,
            linger_bytes: 256 << 10,
        }
    }
}

impl Config {
    /// The status of the reply to a faulty request.
    pub fn status_of(&self, fault: ParseError) -> u16 {
        match self.raw_rules {
            RawRules::Strict => fault.status(),
            RawRules::Node => fault.node_status(),
        }
    }

    /// Whether the server does to its connections what node's does.
    pub fn follows_node(&self) -> bool {
        self.raw_rules == RawRules::Node
    }

    /// Whether connections end with their last answer, given whether the server closes. Those of node's go
    /// on until they are idle.
    pub fn ends_connections(&self, closes: bool) -> bool {
        closes && !self.follows_node()
    }

    /// The bounds of a request whose body is collected.
    pub fn collected(&self) -> Limits {
        Limits {
            body_size: self.limits.body_size.min(self.max_collected),
            ..self.limits
        }
    }
}

/// How long each phase of a connection may last, in milliseconds; 0 for ever.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From the accept to the first byte, and from there to the end of the head.
    pub headers_ms: u64,
    /// Between two reads of a body.
    pub body_ms: u64,
    /// Bytes per second that a body must have reached after 10 s.
    pub body_rate: u64,
    /// Head and body.
    pub request_ms: u64,
    /// From handing a request up to its answer.
    pub handler_ms: u64,
    /// Without progress of what is sent.
    pub write_ms: u64,
    /// Between an answer and the next request.
    pub keep_alive_ms: u64,
}

/// The limits that may change while a server runs, in milliseconds; 0 for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveTimes {
    /// Between an answer and the next request.
    pub keep_alive_ms: u64,
    /// For a head.
    pub headers_ms: u64,
    /// For a head and its body.
    pub request_ms: u64,
}

impl Times {
    /// Takes new limits.
    pub fn change(&mut self, live: LiveTimes) {
        self.keep_alive_ms = live.keep_alive_ms;
        self.headers_ms = live.headers_ms;
        self.request_ms = live.request_ms;
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            headers_ms: 10_000,
            body_ms: 10_000,
            body_rate: 1024,
            request_ms: 300_000,
            handler_ms: 0,
            write_ms: 30_000,
            keep_alive_ms: 65_000,
        }
    }
}
