//! Types without values that stand where Unix sockets would: mio has none for Windows.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::os::windows::io::{AsSocket, BorrowedSocket};

use mio::event::Source;
use mio::{Interest, Registry, Token};

/// No Unix stream.
#[derive(Debug)]
pub enum UnixStream {}

/// No Unix listener.
#[derive(Debug)]
pub enum UnixListener {}

impl UnixListener {
    /// Never called.
    pub fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        match *self {}
    }
}

impl Read for UnixStream {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
}

impl AsSocket for UnixStream {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        match *self {}
    }
}

macro_rules! never_registered {
    ($($socket:ty),*) => {$(
        impl Source for $socket {
            fn register(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
                match *self {}
            }

            fn reregister(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
                match *self {}
            }

            fn deregister(&mut self, _: &Registry) -> io::Result<()> {
                match *self {}
            }
        }
    )*};
}

never_registered!(UnixStream, UnixListener);
