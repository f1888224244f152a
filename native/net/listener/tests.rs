//! Listeners of every kind on the real kernel.

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use mio::event::Source;
use mio::{Events, Interest, Poll, Token};

use super::{ListenAddress, Listener};
use crate::net::endpoint::Endpoint;
use crate::net::event_loop::tests::client::DEADLINE;
use crate::net::stream::{Socket, Stream};

fn tcp(address: impl Into<IpAddr>, port: u16, reuse_port: bool) -> ListenAddress {
    ListenAddress::Tcp {
        address: (address.into(), port).into(),
        ipv6_only: true,
        reuse_port,
        reuse_address: true,
    }
}

/// A path of this process alone.
fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("fasthttp-{}-{name}", std::process::id()))
}

/// Accepts the next client, which the poll must report.
fn accept(listener: &mut Listener, poll: &mut Poll) -> (Stream, Endpoint, Endpoint) {
    wait(poll, Token(7));
    listener.accept().unwrap()
}

/// Waits until `token` is reported.
fn wait(poll: &mut Poll, token: Token) {
    let mut events = Events::with_capacity(8);
    poll.poll(&mut events, Some(DEADLINE)).unwrap();
    assert!(events.iter().any(|event| event.token() == token));
}

/// Reads what the client has sent, answers in pieces, and says FIN.
fn serve(stream: &mut Stream, poll: &mut Poll) {
    let registry = poll.registry();
    stream
        .register(registry, Token(1), Interest::WRITABLE)
        .unwrap();
    stream
        .reregister(registry, Token(2), Interest::READABLE)
        .unwrap();
    wait(poll, Token(2));
    let mut buf = [0; 16];
    assert_eq!(stream.read(&mut buf).unwrap(), 4);
    assert_eq!(&buf[..4], b"ping");
    let blocked = stream.read(&mut buf).map_err(|error| error.kind());
    assert_eq!(blocked, Err(ErrorKind::WouldBlock));
    stream.write_all(b"p").unwrap();
    let pieces = [IoSlice::new(b"on"), IoSlice::new(b"g")];
    assert_eq!(stream.write_vectored(&pieces).unwrap(), 3);
    stream.flush().unwrap();
    stream.shutdown_write().unwrap();
    stream.deregister(poll.registry()).unwrap();
}

fn ask(mut client: impl Read + Write) {
    client.write_all(b"ping").unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"pong");
}

#[test]
fn serves_tcp_clients_and_knows_both_ends() {
    let addresses: [(IpAddr, IpAddr); 3] = [
        (Ipv4Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()),
        (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::LOCALHOST.into()),
        (Ipv6Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()),
    ];
    for (bound, to) in addresses {
        let mut listener = Listener::bind(&tcp(bound, 0, false), 16).unwrap();
        let mut poll = Poll::new().unwrap();
        listener.register(poll.registry(), Token(7)).unwrap();
        let at = SocketAddr::new(to, listener.address().unwrap().port());
        let client = TcpStream::connect(at).unwrap();
        let from = client.local_addr().unwrap();
        let (mut stream, remote, local) = accept(&mut listener, &mut poll);
        assert_eq!((remote, local), (from.into(), at.into()), "{bound}");
        let asking = std::thread::spawn(move || ask(client));
        serve(&mut stream, &mut poll);
        asking.join().unwrap();
        listener.deregister(poll.registry()).unwrap();
        let blocked = listener.accept().map_err(|error| error.kind());
        assert_eq!(blocked.err(), Some(ErrorKind::WouldBlock));
    }
}

#[test]
fn an_end_is_its_address_in_words_of_four_bytes() {
    let v6 = SocketAddr::new("2001:db8::ff:2".parse().unwrap(), 443);
    let expected = Endpoint {
        ip: [0x2001_0db8, 0, 0, 0x00ff_0002],
        port: 443,
        family: 6,
        scope: 0,
    };
    assert_eq!(Endpoint::from(v6), expected);
    let v4 = SocketAddr::new(Ipv4Addr::new(192, 0, 2, 7).into(), 80);
    let expected = Endpoint {
        ip: [0xc000_0207, 0, 0, 0],
        port: 80,
        family: 4,
        scope: 0,
    };
    assert_eq!(Endpoint::from(v4), expected);
}

#[test]
fn serves_unix_clients_and_removes_its_file() {
    let path = path("served");
    let mut listener = Listener::bind(&ListenAddress::Unix(path.clone()), 16).unwrap();
    assert_eq!(listener.address(), None);
    let mut poll = Poll::new().unwrap();
    listener.register(poll.registry(), Token(7)).unwrap();
    let client = UnixStream::connect(&path).unwrap();
    let (mut stream, remote, local) = accept(&mut listener, &mut poll);
    assert_eq!((remote, local), Default::default());
    let asking = std::thread::spawn(move || ask(client));
    serve(&mut stream, &mut poll);
    asking.join().unwrap();
    assert!(path.exists());
    drop(listener);
    assert!(!path.exists());
}

#[test]
fn leaves_the_socket_of_a_successor_and_nothing_else() {
    let folder = path("successor");
    std::fs::create_dir(&folder).unwrap();
    let bind = |name: &str| Listener::bind(&ListenAddress::Unix(folder.join(name)), 16);
    let first = bind("socket").unwrap();
    let taken = bind("socket").unwrap_err();
    assert_eq!(taken.error.kind(), ErrorKind::AddrInUse);
    let second = bind("next").unwrap();
    std::fs::rename(folder.join("next"), folder.join("socket")).unwrap();
    drop(first);
    UnixStream::connect(folder.join("socket")).unwrap();
    // Its own path is no longer where it was bound: whoever moved it looks after it.
    drop(second);
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn serves_an_abstract_name_that_is_no_file() {
    use std::os::linux::net::SocketAddrExt;
    let name = format!("fasthttp-{}", std::process::id());
    let address = ListenAddress::Unix(format!("\0{name}").into());
    let mut listener = Listener::bind(&address, 16).unwrap();
    let mut poll = Poll::new().unwrap();
    listener.register(poll.registry(), Token(7)).unwrap();
    let to = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let _client = UnixStream::connect_addr(&to).unwrap();
    accept(&mut listener, &mut poll);
    drop(listener);
    assert!(UnixStream::connect_addr(&to).is_err());
}

#[test]
fn shares_a_port_only_if_all_agree() {
    let first = Listener::bind(&tcp(Ipv4Addr::LOCALHOST, 0, true), 16).unwrap();
    let port = first.address().unwrap().port();
    for (reuse, is_free) in [(true, true), (false, false)] {
        let second = Listener::bind(&tcp(Ipv4Addr::LOCALHOST, port, reuse), 16);
        assert_eq!(second.is_ok(), is_free, "{reuse}");
        if let Err(failed) = second {
            assert_eq!(
                (failed.syscall, failed.error.kind()),
                ("bind", ErrorKind::AddrInUse)
            );
        }
    }
}

#[test]
fn names_the_call_that_failed() {
    let taken = path("taken");
    let _holder = Listener::bind(&ListenAddress::Unix(taken.clone()), 16).unwrap();
    for (place, kind) in [
        (taken, ErrorKind::AddrInUse),
        ("/nonexistent/socket".into(), ErrorKind::NotFound),
        ("x".repeat(200).into(), ErrorKind::InvalidInput),
    ] {
        let failed = Listener::bind(&ListenAddress::Unix(place), 16).unwrap_err();
        assert_eq!((failed.syscall, failed.error.kind()), ("bind", kind));
    }
}
