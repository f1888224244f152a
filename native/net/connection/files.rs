//! Files on their way: what is read ahead by somebody else, and what turns out shorter than it was.

use std::io;

use super::{Connection, Scratch};
use crate::net::answer::{Answer, FileAnswer};
use crate::net::file::FILE_TURN;
use crate::net::notice::Notice;
use crate::net::request::{RequestToken, SEQUENCE};
use crate::net::stream::Socket;

/// So many connections of a thread may have the kernel take as much of their answers as it likes.
const WIDE: u32 = 32;

impl<S: Socket> Connection<S> {
    /// Lets the kernel take more of a large file ahead: that saves half of the system's time for it. For a client that
    /// is known to read it takes more of other large answers too, of which the rest would have to be copied. Only a few
    /// may have that at a time, because a client that does not read holds it.
    pub(super) fn widen(&mut self, scratch: &mut Scratch) {
        let is_quick = self.pace.is_quick();
        let left = self.outbox.as_mut().map_or(0, |outbox| {
            let file = outbox.next_file().map(|file| file.left());
            file.unwrap_or(if is_quick { outbox.len() } else { 0 })
        });
        let is_large = left > FILE_TURN as u64;
        if self.is_unbound || is_large == self.is_wide || (is_large && scratch.wide >= WIDE) {
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

    /// Has the kernel take what it has room for from here on: nobody waits for who does not read.
    pub fn unbind(&mut self) {
        self.is_unbound = true;
        self.stream.bound_unsent(false);
    }
}

impl<S> Connection<S> {
    /// Whether the file of an answer may be opened now. A connection has one open at a time: who asks
    /// for many and reads none must not take the descriptors of all others.
    pub fn may_open(&self, token: RequestToken) -> bool {
        let ahead = token.meta.wrapping_sub(self.next_answer) & SEQUENCE;
        ahead == 0 && !self.outbox.as_ref().is_some_and(|outbox| outbox.has_file())
    }

    /// The file that is to be sent next, if it had to wait and may be opened now.
    pub fn next_file(&mut self) -> Option<(RequestToken, Box<FileAnswer>)> {
        let is_next = |(token, answer): &(RequestToken, Answer<'_>)| {
            matches!(answer, Answer::File(_)) && self.may_open(*token)
        };
        let found = self.early.iter().position(is_next)?;
        match self.early.remove(found)? {
            (token, Answer::File(file)) => Some((token, file)),
            _ => None,
        }
    }

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
