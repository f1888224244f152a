//! A client that speaks bytes, and waits for nothing longer than its deadline.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::server::{Server, wait_until};
use crate::net::connection::tests::reader::{Response, read_one};

/// No event of a test takes longer, nor does a machine stand still for so long that others use too.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A connection and what was read of it but not yet used.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(server: &Server) -> Self {
        Self::to(server.address)
    }

    pub(crate) fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        Self {
            stream,
            read: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    pub(crate) fn ask(&mut self, path: &str) {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.ask(path);
        self.response()
    }

    /// The next response.
    pub(crate) fn response(&mut self) -> Response {
        self.response_within(DEADLINE).expect("a response in time")
    }

    /// The next response, if it comes in time.
    pub(crate) fn response_within(&mut self, limit: Duration) -> Option<Response> {
        self.stream.set_read_timeout(Some(limit)).unwrap();
        loop {
            if let Some((response, len)) = read_one(&self.read, false) {
                self.read.drain(..len);
                return Some(response);
            }
            if !self.fill() {
                return None;
            }
        }
    }

    /// Waits until the other side's kernel has what was sent. Only Linux says so; elsewhere it has it at once.
    pub(crate) fn wait_until_it_has_come(&self) {
        let port = self.stream.local_addr().unwrap().port();
        let own = format!(":{port:04X}");
        wait_until(|| {
            let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
            let mut rows = table
                .lines()
                .map(|row| row.split_whitespace().collect::<Vec<_>>());
            let row = rows.find(|row| row.get(1).is_some_and(|local| local.ends_with(&own)));
            row.is_none_or(|row| row[4].starts_with("00000000:"))
        });
    }

    /// Waits for the first byte that is not yet read.
    pub(crate) fn wait(&mut self) {
        self.stream.peek(&mut [0]).unwrap();
    }

    /// Everything up to the end of the connection.
    pub(crate) fn rest(mut self) -> Vec<u8> {
        self.stream.set_read_timeout(Some(DEADLINE)).unwrap();
        self.stream.read_to_end(&mut self.read).unwrap();
        self.read
    }

    /// The server closes, without a byte and without a reset.
    pub(crate) fn end(mut self) {
        self.stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let n = self.stream.read(&mut [0; 64]).unwrap();
        assert_eq!((n, self.read.len()), (0, 0));
    }

    pub(crate) fn finish(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Closes so that the server gets RST.
    pub(crate) fn reset(self) {
        let socket = socket2::SockRef::from(&self.stream);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }

    fn fill(&mut self) -> bool {
        let mut buf = [0; 64 << 10];
        match self.stream.read(&mut buf) {
            Ok(0) => panic!("closed behind {} bytes", self.read.len()),
            Ok(n) => {
                self.read.extend_from_slice(&buf[..n]);
                true
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => panic!("{error}"),
        }
    }
}
