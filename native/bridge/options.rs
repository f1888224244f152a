//! Options as JavaScript passes them: already checked there, with every default filled in.

use napi_derive::napi;

use crate::http::framing::HostRule;
use crate::http::limits::Limits;
use crate::http::response::{KeepAliveLine, RawRules};
use crate::net::config::{Config, Times};
use crate::net::crossing::MOST_TRAILERS;
use crate::net::networks::Networks;
use crate::net::preface::ProxyRule;

/// The options of a server. Sizes in bytes, times in milliseconds.
#[napi(object, object_to_js = false)]
#[derive(Clone, Debug)]
pub struct NativeOptions {
    /// Number of I/O threads.
    pub io_threads: u32,
    /// `TCP_NODELAY` on accepted connections.
    pub no_delay: bool,
    /// Send `Date`.
    pub date: bool,
    /// Bytes of the request target.
    pub max_request_line: u32,
    /// Bytes of the head.
    pub max_header_size: u32,
    /// Field lines.
    pub max_headers_count: u32,
    /// Bytes of the decoded body.
    pub max_body_size: f64,
    /// The same for a body that is collected, whatever the other limit.
    pub max_collected_body: f64,
    /// Bytes of the trailer section.
    pub max_trailer_size: u32,
    /// Bytes of one chunk-size line.
    pub max_chunk_extensions: u32,
    /// Unanswered requests of one connection.
    pub max_pipelined: u32,
    /// Unsent bytes of one connection.
    pub max_unsent_bytes: f64,
    /// Bytes of unfinished requests in all.
    pub max_buffered_bytes: f64,
    /// Open connections; 0: as many as descriptors allow.
    pub max_connections: u32,
    /// Requests of one connection; 0: no limit.
    pub max_requests_per_socket: u32,
    /// Hand bodies up in pieces.
    pub stream_bodies: bool,
    /// Judge the responses that handlers write themselves as node does.
    pub node_answers: bool,
    /// What Host may be: 0 valid, and there in HTTP/1.1; 1 valid or missing; 2 of any value or missing;
    /// 3 valid, empty or missing.
    pub host_rule: u32,
    /// How long a request may wait for JavaScript.
    pub max_queue_delay: u32,
    /// Time for a whole head.
    pub headers_timeout: u32,
    /// Time between two reads of a body.
    pub body_timeout: u32,
    /// Bytes per second of a body after 10 s.
    pub min_body_rate: u32,
    /// Time for a whole request.
    pub request_timeout: u32,
    /// Time for a handler.
    pub handler_timeout: u32,
    /// Time without progress of a response.
    pub write_timeout: u32,
    /// Time between requests.
    pub keep_alive_timeout: u32,
    /// Tell clients how long connections are kept.
    pub keep_alive_header: bool,
    /// How long a closed connection is drained.
    pub linger_timeout: u32,
    /// Bytes that are read and dropped meanwhile.
    pub linger_bytes: f64,
    /// Which proxies say whose connections they bring.
    pub proxy_protocol: Option<ProxyOptions>,
}

/// The option `proxyProtocol`.
#[napi(object, object_to_js = false)]
#[derive(Clone, Debug)]
pub struct ProxyOptions {
    /// Five words for each block of addresses; see `Networks`.
    pub from: Vec<u32>,
    /// Whether whoever connects to a Unix socket is one.
    pub from_unix: bool,
    /// Close all others.
    pub required: bool,
    /// Time for a whole header.
    pub timeout: u32,
}

impl From<&ProxyOptions> for ProxyRule {
    fn from(options: &ProxyOptions) -> Self {
        Self {
            from: Networks::of(&options.from, options.from_unix),
            required: options.required,
            timeout_ms: u64::from(options.timeout),
        }
    }
}

/// Bytes of a body without a bound: as many as can be counted in hexadecimal digits, one more of which
/// still fits into the number, so that a longer one is never taken for a shorter one.
const ENDLESS: u64 = 1 << 59;

impl From<&NativeOptions> for Config {
    fn from(options: &NativeOptions) -> Self {
        let defaults = Self::default();
        let host_rule = match options.host_rule {
            0 => HostRule::Valid,
            1 => HostRule::ValidOrNone,
            3 => HostRule::ValidEmptyOrNone,
            _ => HostRule::Optional,
        };
        let limits = Limits {
            request_line: options.max_request_line,
            header_size: options.max_header_size,
            headers_count: options.max_headers_count,
            body_size: (options.max_body_size as u64).min(ENDLESS),
            trailer_size: match options.node_answers {
                false => options.max_trailer_size,
                true => options.max_trailer_size.min(MOST_TRAILERS as u32),
            },
            chunk_extensions: options.max_chunk_extensions,
            any_absolute: host_rule == HostRule::Optional,
            ..defaults.limits
        };
        let max_connections = match options.max_connections {
            0 => crate::net::descriptors::connection_limit(),
            limit => limit as usize,
        };
        Self {
            limits,
            max_collected: options.max_collected_body as u64,
            max_pipelined: options.max_pipelined,
            max_unsent: options.max_unsent_bytes as usize,
            max_buffered: options.max_buffered_bytes as usize,
            max_connections,
            max_requests: options.max_requests_per_socket,
            date: options.date,
            no_delay: options.no_delay,
            stream_bodies: options.stream_bodies,
            max_queue_delay_ms: u64::from(options.max_queue_delay),
            raw_rules: match options.node_answers {
                false => RawRules::Strict,
                true => RawRules::Node,
            },
            keeps_trailers: options.node_answers && options.stream_bodies,
            host_rule,
            tells_ends: options.node_answers,
            // Node's classes write that field themselves.
            keep_alive: if options.keep_alive_header && !options.node_answers {
                KeepAliveLine::new(options.keep_alive_timeout)
            } else {
                KeepAliveLine::NONE
            },
            times: Times {
                headers_ms: u64::from(options.headers_timeout),
                body_ms: u64::from(options.body_timeout),
                body_rate: u64::from(options.min_body_rate),
                request_ms: u64::from(options.request_timeout),
                handler_ms: u64::from(options.handler_timeout),
                write_ms: u64::from(options.write_timeout),
                keep_alive_ms: u64::from(options.keep_alive_timeout),
            },
            linger_ms: u64::from(options.linger_timeout),
            linger_bytes: options.linger_bytes as usize,
        }
    }
}
