//! What JavaScript gets of a connection that it takes over.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use napi::Error;
use napi_derive::napi;

use crate::net::fd::Lent;
use crate::net::takeover::{Handover, TakeError};

/// How long an I/O thread may take to answer. A turn of it is bounded and takes milliseconds at
/// most; whoever waits longer would wait for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that now belongs to JavaScript.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct TakenConnection {
    /// Its descriptor, to be claimed by whoever closes it.
    pub fd: i32,
    /// How many bytes were read behind the request; `claim` gives them.
    pub length: u32,
    /// Whether JavaScript may write at once, or has to wait for a record that says so.
    pub is_free: bool,
}

/// Sockets between the thread and JavaScript. A worker may be terminated while it waits for one, or
/// with no more than its number in hand: what nobody has claimed is closed with the server, and the
/// bytes that came with it are freed.
#[derive(Debug, Default)]
pub struct Parked {
    sockets: Mutex<HashMap<i32, (Lent, Vec<u8>)>>,
}

impl Parked {
    /// Waits for the thread's answer. Fails with the reason why the connection cannot be had.
    pub fn receive(
        &self,
        reply: &Receiver<Result<Handover, TakeError>>,
    ) -> napi::Result<TakenConnection, &'static str> {
        // No answer at all: the thread has ended, and its connections with it.
        let handover = reply.recv_timeout(PATIENCE).unwrap_or(Err(TakeError::Gone));
        let handover = handover.map_err(|error| Error::new(error.code(), error.message()))?;
        Ok(self.park(handover))
    }

    fn park(&self, handover: Handover) -> TakenConnection {
        let fd = handover.socket.number();
        let length = handover.bytes.len() as u32;
        let parked = (handover.socket, handover.bytes);
        self.lock().insert(fd, parked);
        TakenConnection {
            fd,
            length,
            is_free: handover.is_free,
        }
    }

    /// From here on JavaScript has to close the descriptor. The bytes that were read behind the request
    /// go to `head`, which has their length.
    pub fn claim(&self, fd: i32, head: &mut [u8]) {
        if let Some((lent, bytes)) = self.lock().remove(&fd) {
            lent.claim();
            let length = bytes.len().min(head.len());
            head[..length].copy_from_slice(&bytes[..length]);
        }
    }

    /// Nobody will claim it: it is closed.
    pub fn abandon(&self, fd: i32) {
        drop(self.lock().remove(&fd));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i32, (Lent, Vec<u8>)>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
