//! What JavaScript gets of a connection that it takes over.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use napi::bindgen_prelude::Uint8Array;
use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::net::platform::descriptor_number;
use crate::net::takeover::{Handover, TakeError};

/// How long an I/O thread may take to answer. A turn of it is bounded and takes milliseconds at
/// most; whoever waits longer would wait for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that now belongs to JavaScript.
#[napi(object, object_from_js = false)]
pub struct TakenConnection {
    /// Its descriptor, which JavaScript has to close.
    pub fd: i32,
    /// What was read behind the request.
    pub bytes: Uint8Array,
    /// Whether JavaScript may write at once, or has to wait for a record that says so.
    pub is_free: bool,
}

impl std::fmt::Debug for TakenConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TakenConnection")
            .field("fd", &self.fd)
            .field("is_free", &self.is_free)
            .finish_non_exhaustive()
    }
}

/// Waits for the thread's answer. Fails with the reason why the connection cannot be had.
pub fn receive(
    reply: &Receiver<std::result::Result<Handover, TakeError>>,
) -> Result<TakenConnection> {
    // No answer at all: the thread has ended, and its connections with it.
    let handover = reply.recv_timeout(PATIENCE).unwrap_or(Err(TakeError::Gone));
    let handover = handover.map_err(|error| Error::new(Status::GenericFailure, error.message()))?;
    Ok(TakenConnection {
        is_free: handover.is_free,
        bytes: Uint8Array::new(handover.bytes),
        fd: descriptor_number(handover.socket),
    })
}
