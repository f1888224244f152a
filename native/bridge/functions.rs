//! What JavaScript calls without a server.

use napi_derive::napi;

use crate::http::response::RawError;
use crate::net::platform;
use crate::net::stats::Stats;

/// The names of what `stats` returns.
#[napi]
pub fn stat_names() -> Vec<String> {
    Stats::names()
}

/// The abilities of `listen` that this platform lacks: `unixSockets`, `abstractSockets`,
/// `reusePort`.
#[napi]
pub fn lacking() -> Vec<String> {
    platform::lacking().into_iter().map(str::to_owned).collect()
}

/// Says what is wrong with response bytes that were refused, by the number in the record.
#[napi]
pub fn raw_error_message(reason: u32) -> String {
    RawError::ALL
        .get(reason as usize)
        .map_or("malformed response", |error| error.message())
        .into()
}
