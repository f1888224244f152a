//! Files on their way: what is read ahead by somebody else, and what turns out shorter than it was.

use std::io;

use super::{Connection, Scratch};
use crate::net::crossing::Notice;
use crate::net::file::FILE_TURN;
use crate::net::stream::Socket;

/// So many connections of a thread may have the kernel take as much of their files as it likes.
const WIDE: u32 = 32;

impl<S: Socket> Connection<S> {
    /// Lets the kernel take more of a large file ahead: that saves half of the system's time for it.
    /// Only a few may at a time, because a client that does not read holds it.
    pub(super) fn widen(&mut self, scratch: &mut Scratch) {
        let next = self.outbox.as_mut().and_then(|outbox| outbox.next_file());
        let is_large = next.is_some_and(|file| file.left() > FILE_TURN as u64);
        if is_large == self.is_wide || (is_large && scratch.wide >= WIDE) {
            return;
        }
        self.is_wide = is_large;
        self.stream.bound_unsent(!is_large);
        if is_large {
            scratch.wide += 1;
        } else {
            scratch.wide -= 1;
        }
    }
}

impl<S> Connection<S> {
    /// Sending would wait for a disk: somebody else waits instead, and nothing is sent meanwhile.
    pub(super) fn warm(&mut self, scratch: &mut Scratch) {
        let id = (self.index, self.generation);
        if let Some(file) = self.outbox.as_mut().and_then(|outbox| outbox.next_file()) {
            self.warming = true;
            scratch.cold.push((id, file.cold_read()));
        }
    }

    /// What was cold can be sent now.
    pub fn warmed(&mut self) {
        self.warming = false;
        if let Some(file) = self.outbox.as_mut().and_then(|outbox| outbox.next_file()) {
            file.set_warm();
        }
    }

    /// The socket may take more of a file, but it is somebody else's turn.
    pub(super) fn has_yielded(&self) -> bool {
        self.writable && self.outbox.is_some() && !self.warming
    }
}

/// The connection ends with too few bytes, which the client can tell; nobody else could.
pub(super) fn note_shrunk(error: &io::Error, scratch: &mut Scratch) {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        scratch.notices.push(Notice::FileFailed { id: 0, errno: 0 });
    }
}
