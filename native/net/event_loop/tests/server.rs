//! A server whose handler runs on the I/O threads.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use super::client::DEADLINE;
use super::handler::{Desk, Handler};
use crate::net::config::Config;
use crate::net::event_loop::EventLoop;
use crate::net::listener::{ListenAddress, Listener};
use crate::net::open::Open;
use crate::net::preface::ProxyRule;
use crate::net::remote::{Command, Peers, Remote, Seat};
use crate::net::request::RequestToken;
use crate::net::takeover::{Handover, TakeError};

/// A listener on a port that the kernel chooses.
pub(crate) fn loopback() -> (Listener, SocketAddr) {
    let address = ListenAddress::Tcp {
        address: (Ipv4Addr::LOCALHOST, 0).into(),
        ipv6_only: false,
        reuse_port: false,
        reuse_address: true,
    };
    let listener = Listener::bind(&address, 1024).unwrap();
    let address = listener.address().unwrap();
    (listener, address)
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) open: Arc<Open>,
    pub(crate) desk: Arc<Desk>,
    remotes: Vec<Remote>,
    ended: Receiver<()>,
}

impl Server {
    pub(crate) fn start(threads: usize, config: Config) -> Self {
        Self::start_with(Arc::default(), threads, config, None)
    }

    /// Proxies say whose connections they bring.
    pub(crate) fn start_proxied(threads: usize, rule: ProxyRule) -> Self {
        let open = Arc::new(Open::default());
        open.set_connections(true);
        Self::start_with(open, threads, Config::default(), Some(&Arc::new(rule)))
    }

    /// Nobody is accepted before the test asks for it.
    pub(crate) fn start_on_demand(threads: usize) -> Self {
        let open = Arc::new(Open::default());
        open.accept_on_demand();
        Self::start_with(open, threads, Config::default(), None)
    }

    fn start_with(
        open: Arc<Open>,
        threads: usize,
        config: Config,
        proxies: Option<&Arc<ProxyRule>>,
    ) -> Self {
        let config = Config {
            max_connections: 10_000,
            ..config
        };
        let (listener, address) = loopback();
        let desk = Arc::new(Desk::default());
        let seats = (0..threads).map(|_| Seat::new().unwrap());
        let (seats, remotes): (Vec<_>, Vec<_>) = seats.unzip();
        let (end, ended) = channel();
        let mut listener = Some(listener);
        for (own, seat) in seats.into_iter().enumerate() {
            let peers = Peers {
                remotes: remotes.clone(),
                own,
                stats: Arc::default(),
                routes: None,
                proxies: proxies.cloned(),
                open: open.clone(),
            };
            let crossing = Handler::new(own, desk.clone());
            let event_loop = EventLoop::new(seat, crossing, config, peers, listener.take());
            let (event_loop, end) = (event_loop.unwrap(), End(end.clone()));
            std::thread::spawn(move || {
                let _end = end;
                event_loop.run().unwrap();
            });
        }
        Self {
            address,
            open,
            desk,
            remotes,
            ended,
        }
    }

    pub(crate) fn send_all(&self, command: impl Fn() -> Command) {
        for remote in &self.remotes {
            remote.send(command());
        }
    }

    /// Asks for one client.
    pub(crate) fn accept(&self, ticket: u32) {
        self.remotes[0].send(Command::Accept(ticket));
    }

    /// Asks the server to close.
    pub(crate) fn close(&self, timeout: Option<u64>) {
        self.remotes[0].send(Command::Close(timeout));
    }

    /// Every thread ends.
    pub(crate) fn join(self) {
        for _ in &self.remotes {
            self.ended.recv_timeout(DEADLINE).expect("it ends in time");
        }
        assert_eq!(self.open.count(), 0);
    }

    /// Closes at once.
    pub(crate) fn end(self) {
        self.close(Some(0));
        self.join();
    }

    /// Waits until so many requests are held.
    pub(crate) fn wait_for_held(&self, count: usize) {
        wait_until(|| self.desk.held.lock().unwrap().len() == count);
    }

    /// The requests that are held, with the numbers of their threads.
    pub(crate) fn held(&self) -> Vec<(usize, RequestToken)> {
        self.desk.held.lock().unwrap().clone()
    }

    /// Writes to a connection of the first thread, in its next turn.
    pub(crate) fn say(&self, (index, generation): (u32, u32), bytes: &'static [u8]) {
        let token = RequestToken {
            index,
            generation,
            meta: 0,
        };
        self.desk.asides.lock().unwrap().push((token, bytes));
    }

    /// Takes the connection of a request over.
    pub(crate) fn take(&self, held: (usize, RequestToken)) -> Result<Handover, TakeError> {
        let (reply, taken) = channel();
        self.remotes[held.0].send(Command::Take(held.1, reply));
        taken.recv_timeout(DEADLINE).expect("a reply in time")
    }

    /// Answers every request that is held.
    pub(crate) fn release(&self) {
        let held = std::mem::take(&mut *self.desk.held.lock().unwrap());
        self.desk.released.lock().unwrap().extend(held);
        for remote in &self.remotes {
            remote.wake();
        }
    }
}

/// Waits for what no event tells.
pub(crate) fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "it never came to be");
        std::thread::yield_now();
    }
}

/// Tells that a thread has ended, however it ended.
struct End(Sender<()>);

impl Drop for End {
    fn drop(&mut self) {
        // The only failure is that the test is over.
        let _ = self.0.send(());
    }
}
