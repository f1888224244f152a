//! What JavaScript hears of a connection besides its requests: that it is there, and how it ends.

use super::Connection;
use crate::net::config::Config;
use crate::net::notice::{Notice, Parting};
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// Whether JavaScript is to hear of its end.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// By node's rules it is over when FIN is sent, though what comes is still read and dropped. Says so once.
    pub fn leaves(&mut self, config: &Config) -> bool {
        let leaves = !self.has_left && config.follows_node() && self.is_lingering();
        self.has_left |= leaves;
        leaves
    }

    /// Whether it has said so.
    pub fn has_left(&self) -> bool {
        self.has_left
    }

    /// Notes that its socket has failed.
    pub fn fail(&mut self) {
        self.has_failed = true;
    }

    /// How it ends, if it ends now.
    pub fn parting(&self) -> Parting {
        match (self.has_failed, self.peer_closed || self.peer_closing) {
            (true, _) => Parting::Failed,
            (false, true) => Parting::Clients,
            (false, false) => Parting::Ours,
        }
    }

    /// What is said of it where everybody is told of.
    pub fn introduce(&mut self) -> Notice {
        self.is_known = true;
        Notice::Connected {
            index: self.index,
            generation: self.generation,
            remote: self.remote,
            local: self.local,
        }
    }
}
