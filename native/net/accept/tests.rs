//! A listener that has to rest.

mod exhausted;

use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;

use mio::{Events, Poll, Token};

use super::{ACCEPT_BUDGET, Acceptor, LAST_BUDGET, Open, REST_MS};
use crate::net::event_loop::tests::client::DEADLINE;
use crate::net::event_loop::tests::server::loopback;
use crate::net::listener::Listener;

struct Rig {
    acceptor: Acceptor,
    open: Arc<Open>,
    poll: Poll,
    clients: Vec<TcpStream>,
    address: std::net::SocketAddr,
}

impl Rig {
    fn new(max_open: usize) -> Self {
        let (listener, address) = loopback();
        let (poll, open) = (Poll::new().unwrap(), Arc::new(Open::default()));
        let acceptor =
            Acceptor::new(listener, open.clone(), max_open, poll.registry(), Token(0)).unwrap();
        Self {
            acceptor,
            open,
            poll,
            clients: Vec::new(),
            address,
        }
    }

    fn connect(&mut self, count: usize) {
        let address = self.address;
        let clients = (0..count).map(|_| TcpStream::connect(address).unwrap());
        self.clients.extend(clients);
    }

    /// Whether the poll reports somebody.
    fn is_reported(&mut self) -> bool {
        let mut events = Events::with_capacity(8);
        self.poll
            .poll(&mut events, Some(std::time::Duration::ZERO))
            .unwrap();
        !events.is_empty()
    }

    fn accept(&mut self, now: u64) -> usize {
        let mut accepted = Vec::new();
        self.acceptor
            .accept(now, self.poll.registry(), ACCEPT_BUDGET, &mut accepted);
        accepted.len()
    }
}

#[test]
fn accepts_one_budget_in_a_turn() {
    let mut rig = Rig::new(1000);
    rig.connect(ACCEPT_BUDGET + 10);
    let mut events = Events::with_capacity(8);
    rig.poll.poll(&mut events, Some(DEADLINE)).unwrap();
    rig.acceptor.ready();
    assert_eq!(
        (rig.accept(0), rig.acceptor.is_ready()),
        (ACCEPT_BUDGET, true)
    );
    assert_eq!((rig.accept(0), rig.acceptor.is_ready()), (10, false));
    assert_eq!(rig.open.count(), ACCEPT_BUDGET + 10);
}

#[test]
fn rests_out_of_the_poll_while_too_many_are_open() {
    let mut rig = Rig::new(3);
    rig.connect(5);
    rig.acceptor.ready();
    assert_eq!(
        (rig.accept(1000), rig.acceptor.rests_until()),
        (3, Some(1000 + REST_MS))
    );
    assert!(!rig.acceptor.is_ready());
    rig.is_reported();
    rig.connect(1);
    assert!(!rig.is_reported(), "a resting listener costs wake-ups");
    // The first connection that closes is told that the listener waits, the second one is not.
    assert!(rig.open.closed());
    assert!(!rig.open.closed());
    rig.acceptor.resume(1001, rig.poll.registry());
    assert!(
        rig.acceptor.is_ready() && rig.is_reported(),
        "who waited is reported again"
    );
    assert_eq!((rig.accept(1001), rig.open.count()), (2, 3));
    assert_eq!(rig.acceptor.rests_until(), Some(1001 + REST_MS));
    assert_eq!(rig.acceptor.rests, 2);
    rig.open.closed();
    rig.acceptor.resume(1002, rig.poll.registry());
    assert_eq!((rig.accept(1002), rig.acceptor.is_ready()), (1, false));
}

#[test]
fn rests_again_when_the_poll_does_not_take_it_back() {
    let mut rig = Rig::new(1);
    rig.connect(2);
    rig.acceptor.ready();
    assert_eq!(rig.accept(1000), 1);
    rig.open.closed();
    // What is in the poll already cannot be put into it.
    let registry = rig.poll.registry();
    rig.acceptor.listener.register(registry, Token(0)).unwrap();
    rig.acceptor.resume(1100, registry);
    assert_eq!(rig.acceptor.rests_until(), Some(1100 + REST_MS));
    assert!(!rig.acceptor.is_ready());
    rig.acceptor.resume(1200, rig.poll.registry());
    assert!(rig.acceptor.is_ready() && rig.is_reported());
    assert_eq!(rig.accept(1200), 1);
}

#[test]
fn accepts_all_for_the_last_time_but_not_for_ever() {
    let waiting = 3 * ACCEPT_BUDGET;
    for (budget, count) in [(LAST_BUDGET, waiting), (waiting - 1, waiting - 1)] {
        let mut rig = Rig::new(1000);
        rig.connect(waiting);
        rig.acceptor.ready();
        let mut accepted = Vec::new();
        rig.acceptor
            .accept(0, rig.poll.registry(), budget, &mut accepted);
        assert_eq!(accepted.len(), count);
    }
}

#[test]
fn rests_when_an_error_stays() {
    let mut rig = Rig::new(10);
    rig.connect(1);
    let Listener::Tcp(listener, _) = &rig.acceptor.listener else {
        panic!("it is bound to a port");
    };
    // From now on accepting is EINVAL for ever.
    let socket = socket2::SockRef::from(listener);
    socket.shutdown(std::net::Shutdown::Both).unwrap();
    rig.acceptor.ready();
    assert_eq!(rig.accept(1000), 0);
    assert_eq!(rig.acceptor.rests_until(), Some(1000 + REST_MS));
}

#[test]
fn knows_that_the_server_closes() {
    let open = Open::default();
    assert!(!open.is_closing());
    open.set_closing();
    assert!(open.is_closing());
}

#[test]
fn drops_who_is_too_many_by_the_number_that_counts_now() {
    let mut rig = Rig::new(1000);
    let step = |rig: &mut Rig, most| {
        rig.open.set_most(most);
        rig.connect(3);
        let mut events = Events::with_capacity(8);
        rig.poll.poll(&mut events, Some(DEADLINE)).unwrap();
        rig.acceptor.ready();
        let accepted = rig.accept(0);
        (accepted, std::mem::take(&mut rig.acceptor.dropped))
    };
    let (accepted, dropped) = step(&mut rig, Some(2));
    let third = rig.clients[2].local_addr().unwrap();
    assert_eq!(
        (accepted, dropped),
        (2, vec![(third.into(), rig.address.into())])
    );
    let mut rest = Vec::new();
    assert_eq!(rig.clients[2].read_to_end(&mut rest).unwrap(), 0);
    assert_eq!(rig.open.count(), 2);
    for (most, accepted) in [(Some(0), 0), (Some(1), 0), (Some(4), 2), (None, 3)] {
        let (got, dropped) = step(&mut rig, most);
        assert_eq!((got, dropped.len()), (accepted, 3 - accepted), "{most:?}");
    }
    assert_eq!(rig.acceptor.rests, 0);
}
