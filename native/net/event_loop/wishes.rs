//! What JavaScript asks of one connection, whatever that is at.

use std::collections::HashSet;

use super::EventLoop;
use crate::net::connection::Connection;
use crate::net::crossing::Crossing;
use crate::net::remote::End;
use crate::net::stream::{Socket, SocketOption, Stream};

impl<C: Crossing> EventLoop<C> {
    /// Ends a connection at JavaScript's wish; one that is gone has ended. Of one that was taken over it is the
    /// taker's, who does not wait for what is due before: without a client who reads, that is for ever.
    pub(super) fn end(&mut self, id: (u32, u32), how: End) {
        // Answers that were given before belong on the wire before; what fails here fails again.
        let _ = self.take_answers();
        let connection = self.connections.get_mut(id.0 as usize);
        let Some(connection) = connection.filter(|found| found.id() == id) else {
            return;
        };
        if connection.is_taking() {
            return self.drop_connection(id.0);
        }
        match how {
            End::Reset => {
                connection.stream.reset_on_close();
                self.drop_connection(id.0);
            }
            End::Behind => self.end_behind(id),
            End::AtOnce => {
                self.write_what_fits(id);
                if self.wished(id).is_some() {
                    self.drop_connection(id.0);
                }
            }
        }
    }

    /// Ends those of these connections whose clients have yet to take an answer. The kernel gets as much of it
    /// as it has room for, so that nobody waits for a client who does not read.
    pub(super) fn end_answered(&mut self, ids: &HashSet<(u32, u32)>) {
        let all = self.connections.iter().map(|(_, connection)| connection);
        let meant = all.filter(|one| ids.contains(&one.id()) && one.is_only_sending());
        for id in meant.map(|one| one.id()).collect::<Vec<_>>() {
            self.write_what_fits(id);
        }
    }

    /// Lets those of these connections end behind their answers that have asked meanwhile.
    pub(super) fn finish_those(&mut self, ids: &HashSet<(u32, u32)>) {
        for (_, connection) in &mut self.connections {
            if ids.contains(&connection.id()) && connection.in_flight() > 0 {
                connection.finish();
            }
        }
    }

    /// Sends what the kernel has room for, as much as that may be: more than it had before. Behind what
    /// is left the connection ends.
    fn write_what_fits(&mut self, id: (u32, u32)) {
        if let Some(connection) = self.wished(id) {
            connection.unbind();
            connection.ready(false, true, false);
        }
        let mut before = self.unsent(id);
        if before > 0 {
            self.end_behind(id);
        }
        loop {
            let left = self.unsent(id);
            if left == 0 || left >= before {
                return;
            }
            before = left;
            self.advance(id.0);
        }
    }

    /// Nothing more is read of it.
    fn end_behind(&mut self, (index, generation): (u32, u32)) {
        if let Some(connection) = self.connections.get_mut(index as usize)
            && connection.id() == (index, generation)
        {
            connection.end_now(&mut self.crossing);
            self.advance(index);
        }
    }

    /// Bytes that a client has not taken of what it is answered; 0 if it is gone.
    pub fn unsent(&mut self, id: (u32, u32)) -> u64 {
        self.wished(id).map_or(0, |found| found.unsent())
    }

    /// Sets an option of a connection's socket. A kernel that refuses it is not told of.
    pub(super) fn set_option(&mut self, id: (u32, u32), option: SocketOption) {
        if let Some(connection) = self.wished(id) {
            let _ = connection.stream.set_option(option);
        }
    }

    fn wished(&mut self, id: (u32, u32)) -> Option<&mut Box<Connection<Stream>>> {
        let connection = self.connections.get_mut(id.0 as usize);
        connection.filter(|found| found.id() == id && !found.is_taking())
    }
}
