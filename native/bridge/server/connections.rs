//! What JavaScript has done to connections of its server.

use napi::bindgen_prelude::{BufferSlice, Uint32Array};
use napi::{Error, Result, Status};
use napi_derive::napi;

use super::NativeServer;
use crate::bridge::listen::INVALID;
use crate::bridge::takeover::TakenConnection;
use crate::net::accepted::Accepted;
use crate::net::remote::{Command, End};
use crate::net::request::RequestToken;
use crate::net::stream::SocketOption;

#[napi]
impl NativeServer {
    /// Takes a connection from its thread, for which JavaScript waits: it asks nothing of
    /// JavaScript. Fails if the request is answered or its connection gone.
    #[napi]
    pub fn take_over(
        &self,
        lane: u32,
        index: u32,
        generation: u32,
        meta: u32,
    ) -> Result<TakenConnection, &'static str> {
        let token = RequestToken {
            index,
            generation,
            meta,
        };
        self.driver
            .take_over(lane as usize, token, |reply| self.parked.receive(reply))
    }

    /// Ends the connection of a request behind its answer, given or not.
    #[napi]
    pub fn finish(&self, lane: u32, index: u32, generation: u32, meta: u32) {
        let token = RequestToken {
            index,
            generation,
            meta,
        };
        self.threads().send(lane as usize, Command::Finish(token));
    }

    /// Ends a connection, whatever it is at: 0 behind what is answered, 1 at once, 2 at once with a reset.
    #[napi]
    pub fn cut(&self, lane: u32, index: u32, generation: u32, how: u32) -> Result<()> {
        let how = End::by_number(how);
        let how = how.ok_or_else(|| Error::new(Status::InvalidArg, "no such end"))?;
        self.threads()
            .send(lane as usize, Command::End((index, generation), how));
        Ok(())
    }

    /// Bytes that the client of a connection has not taken of what it is answered; 0 if it is gone. A thread is
    /// waited for, which asks nothing of JavaScript.
    #[napi]
    pub fn unsent(&self, lane: u32, index: u32, generation: u32) -> f64 {
        self.driver.unsent(lane as usize, (index, generation)) as f64
    }

    /// Has the socket of a connection send small packets at once, or not.
    #[napi]
    pub fn set_no_delay(&self, lane: u32, index: u32, generation: u32, is_on: bool) {
        let option = SocketOption::NoDelay(is_on);
        self.set_option(lane, (index, generation), option);
    }

    /// Has the socket of a connection ask a silent peer for a sign of life, first after so many seconds; 0 leaves
    /// that to the kernel.
    #[napi]
    pub fn set_keep_alive(
        &self,
        lane: u32,
        index: u32,
        generation: u32,
        is_on: bool,
        seconds: u32,
    ) {
        let option = SocketOption::KeepAlive(is_on, seconds);
        self.set_option(lane, (index, generation), option);
    }

    fn set_option(&self, lane: u32, id: (u32, u32), option: SocketOption) {
        self.threads()
            .send(lane as usize, Command::SetOption(id, option));
    }

    /// Says that JavaScript has a socket for the descriptor, and closes it. Fills `head` with what was
    /// read behind the request.
    #[napi]
    pub fn claim(&self, fd: i32, mut head: BufferSlice<'_>) {
        self.parked.claim(fd, &mut head);
    }

    /// Says that JavaScript could not make a socket of the descriptor, which is closed.
    #[napi]
    pub fn abandon(&self, fd: i32) {
        self.parked.abandon(fd);
    }

    /// Has a thread serve the connection that this number is, which stays the caller's: it is duplicated. Returns
    /// 0, or the number of the error.
    #[napi]
    pub fn adopt(&self, lane: u32, fd: i32) -> i32 {
        match Accepted::by_another(fd) {
            Ok(accepted) => {
                self.threads().adopt(lane as usize, accepted);
                0
            }
            Err(error) => error.raw_os_error().unwrap_or(INVALID),
        }
    }

    /// Accepts one client of a server that listens on demand. A record says when, under the same
    /// ticket.
    #[napi]
    pub fn accept(&self, ticket: u32) {
        self.threads().send(0, Command::Accept(ticket));
    }

    /// Accepts no more: who is not accepted yet is turned away, and the listener is gone when this returns. Its
    /// thread is waited for, which asks nothing of JavaScript.
    #[napi]
    pub fn accept_no_more(&self) {
        self.driver.accept_no_more();
    }

    /// Connections that are accepted and not gone, as of now.
    #[napi]
    pub fn count(&self) -> u32 {
        u32::try_from(self.threads().open().count()).unwrap_or(u32::MAX)
    }

    /// Drops connections between requests, or all of them.
    #[napi]
    pub fn close_connections(&self, all: bool) {
        self.threads().send_all(|| {
            if all {
                Command::CloseAll
            } else {
                Command::CloseIdle
            }
        });
    }

    /// Drops those of these connections that are between requests when the thread looks, and if that is
    /// asked whoever has said nothing yet. `ids` are index and generation by turns.
    #[napi]
    pub fn close_idle(&self, lane: u32, ids: Uint32Array, and_new: bool) {
        let ids = ids.chunks_exact(2).map(|id| (id[0], id[1])).collect();
        self.threads()
            .send(lane as usize, Command::CloseThose(ids, and_new));
    }
}
