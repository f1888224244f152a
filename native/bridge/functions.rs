//! What JavaScript calls without a server.

use napi_derive::napi;

use crate::bridge::uv::Functions;
use crate::http::response::RawError;
use crate::net::descriptors::{duplicate as duplicate_of, open_descriptors};
use crate::net::platform;
use crate::net::stats::Stats;

/// The names of what `stats` returns.
#[napi]
pub fn stat_names() -> Vec<String> {
    Stats::names()
}

/// What this platform lacks of `unixSockets`, `abstractSockets`, `reusePort`, `takeover`, `inherited`, `sharedThread`.
#[napi]
pub fn lacking() -> Vec<String> {
    platform::lacking().into_iter().map(str::to_owned).collect()
}

/// Whether the process has what a server without threads needs of libuv. Only asked where the runtime
/// is Node.
#[napi]
pub fn has_libuv() -> bool {
    Functions::get().is_some()
}

/// Tells the service manager at this socket; says whether it was sent.
#[napi]
pub fn notify(path: String, state: String) -> bool {
    crate::net::notify::notify(&path, &state).is_ok()
}

/// How many descriptors are open, and how many may be.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct Descriptors {
    /// Open in this process; 0 where they cannot be counted.
    pub open: f64,
    /// The soft limit, `RLIMIT_NOFILE`; infinite where there is none.
    pub limit: f64,
}

/// Counts the descriptors of this process.
#[napi]
pub fn descriptors() -> Descriptors {
    let limit = platform::descriptor_limit();
    Descriptors {
        open: open_descriptors() as f64,
        limit: if limit == usize::MAX {
            f64::INFINITY
        } else {
            limit as f64
        },
    }
}

/// Another descriptor for what this number is, which is the caller's; -1 if there can be none.
#[napi]
pub fn duplicate(fd: i32) -> i32 {
    duplicate_of(fd).unwrap_or(-1)
}

/// Says what is wrong with response bytes that were refused, by the number in the record.
#[napi]
pub fn raw_error_message(reason: u32) -> String {
    RawError::ALL
        .get(reason as usize)
        .map_or("malformed response", |error| error.message())
        .into()
}
