//! A simulated kernel: sockets with bounded buffers, and edges that say when they changed.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, Read, Write};

use crate::net::file::FileSink;
use crate::net::stream::Socket;

/// One end of a connection in the kernel.
#[derive(Debug, Default)]
pub(super) struct KernelSocket {
    inbound: VecDeque<u8>,
    fin: bool,
    reset: bool,
    outbound: VecDeque<u8>,
    capacity: usize,
    /// The server has sent FIN.
    pub(super) is_shut: bool,
    /// Bytes that the server has read.
    pub(super) taken: usize,
    /// Interrupts every so many calls; 0 for never.
    interrupts: usize,
    calls: usize,
    edges: Edges,
}

/// What an edge-triggered poll would report, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edges {
    pub(super) readable: bool,
    pub(super) writable: bool,
    pub(super) peer_closing: bool,
    pub(super) error: bool,
}

impl KernelSocket {
    pub(super) fn new(capacity: usize, interrupts: usize) -> Self {
        Self {
            capacity,
            interrupts,
            ..Self::default()
        }
    }

    /// The client's bytes arrive.
    pub(super) fn arrive(&mut self, bytes: &[u8]) {
        self.inbound.extend(bytes);
        self.edges.readable |= !bytes.is_empty();
    }

    /// The client's FIN arrives.
    pub(super) fn arrive_fin(&mut self) {
        self.fin = true;
        self.edges.readable = true;
        self.edges.peer_closing = true;
    }

    /// The client's RST arrives: whatever was under way is gone.
    pub(super) fn arrive_reset(&mut self) {
        self.reset = true;
        self.inbound.clear();
        self.outbound.clear();
        self.edges = Edges {
            readable: true,
            writable: true,
            peer_closing: true,
            error: true,
        };
    }

    /// The client takes up to `most` bytes.
    pub(super) fn leave(&mut self, most: usize, got: &mut Vec<u8>) {
        let len = most.min(self.outbound.len());
        self.edges.writable |= len > 0 && self.outbound.len() == self.capacity;
        got.extend(self.outbound.drain(..len));
    }

    pub(super) fn take_edges(&mut self) -> Edges {
        std::mem::take(&mut self.edges)
    }

    pub(super) fn has_edges(&self) -> bool {
        self.edges != Edges::default()
    }

    pub(super) fn is_full(&self) -> bool {
        self.outbound.len() >= self.capacity
    }

    pub(super) fn is_read(&self) -> bool {
        self.inbound.is_empty()
    }

    pub(super) fn is_sent(&self) -> bool {
        self.outbound.is_empty()
    }

    pub(super) fn has_fin(&self) -> bool {
        self.fin
    }

    fn enter(&mut self, error: ErrorKind) -> io::Result<()> {
        self.calls += 1;
        if self.reset {
            return Err(error.into());
        }
        if self.interrupts > 0 && self.calls.is_multiple_of(self.interrupts) {
            return Err(ErrorKind::Interrupted.into());
        }
        Ok(())
    }
}

impl Read for KernelSocket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.enter(ErrorKind::ConnectionReset)?;
        if self.inbound.is_empty() {
            return if self.fin {
                Ok(0)
            } else {
                Err(ErrorKind::WouldBlock.into())
            };
        }
        let n = buf.len().min(self.inbound.len());
        for (to, from) in buf.iter_mut().zip(self.inbound.drain(..n)) {
            *to = from;
        }
        self.taken += n;
        Ok(n)
    }
}

impl Write for KernelSocket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.enter(ErrorKind::BrokenPipe)?;
        assert!(!self.is_shut, "a write behind FIN");
        let n = buf.len().min(self.capacity - self.outbound.len());
        if n == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.outbound.extend(&buf[..n]);
        Ok(n)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let space = self.capacity - self.outbound.len();
        let all = bufs.iter().flat_map(|buf| buf.iter().copied());
        self.write(&Vec::from_iter(all.take(space.max(1))))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FileSink for KernelSocket {}

impl Socket for KernelSocket {
    fn reset_on_close(&mut self) {}

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.is_shut = true;
        if self.reset {
            Err(ErrorKind::NotConnected.into())
        } else {
            Ok(())
        }
    }
}
