//! What JavaScript calls without a server.

use napi::bindgen_prelude::Uint8Array;
use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::http::head::{HeadParser, Parsed};
use crate::http::limits::Limits;
use crate::http::response::RawError;
use crate::net::stats::Stats;

/// The names of what `stats` returns.
#[napi]
pub fn stat_names() -> Vec<String> {
    Stats::names()
}

/// The bytes of a complete request head under default limits, from the first one on; -1 while it
/// is incomplete. Throws for what no head can begin with.
#[napi]
pub fn head_length(bytes: Uint8Array) -> Result<i32> {
    let mut fields = Vec::new();
    match HeadParser::default().parse(&bytes, &Limits::default(), &mut fields) {
        Ok(Parsed::Complete(head)) => Ok((head.start + head.len) as i32),
        Ok(Parsed::Partial) => Ok(-1),
        Err(error) => Err(Error::new(Status::InvalidArg, error.name())),
    }
}

/// Says what is wrong with response bytes that were refused, by the number in the record.
#[napi]
pub fn raw_error_message(reason: u32) -> String {
    RawError::ALL
        .get(reason as usize)
        .map_or("malformed response", |error| error.message())
        .into()
}
