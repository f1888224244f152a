use std::net::{Ipv4Addr, TcpListener};

use super::*;
use crate::net::event_loop::tests::client::DEADLINE;
use crate::net::event_loop::tests::files::Temp;

/// A stream of ours and its peer, which waits.
fn unix() -> (Stream, std::os::unix::net::UnixStream) {
    let (ours, peer) = std::os::unix::net::UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    peer.set_read_timeout(Some(DEADLINE)).unwrap();
    (Stream::Unix(UnixStream::from_std(ours)), peer)
}

/// The same of the other kind.
fn tcp() -> (Stream, std::net::TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    peer.set_read_timeout(Some(DEADLINE)).unwrap();
    let ours = listener.accept().unwrap().0;
    ours.set_nonblocking(true).unwrap();
    (Stream::Tcp(TcpStream::from_std(ours)), peer)
}

/// Sends a head and a part of a file, by a second descriptor too, and reads all of it.
fn sends((mut stream, mut peer): (Stream, impl Read), file: &File, expected: &[u8]) {
    let pieces = [IoSlice::new(b"he"), IoSlice::new(b"ad")];
    assert_eq!(stream.write_before_file(&pieces).unwrap(), 4);
    assert_eq!(stream.send_file(file, 2, 3).unwrap(), 3);
    assert_eq!(stream.send_file(file, 1 << 20, 3).unwrap(), 0);
    drop(stream.duplicate().unwrap());
    stream.shutdown_write().unwrap();
    let mut got = Vec::new();
    peer.read_to_end(&mut got).unwrap();
    assert_eq!(got, [b"head", expected].concat());
}

#[test]
fn sends_files_over_sockets_of_either_kind() {
    let file = Temp::file(b"0123456789");
    let file = File::open(&file.0).unwrap();
    sends(unix(), &file, b"234");
    sends(tcp(), &file, b"234");
}

/// What `sendfile` cannot read is read and written.
#[test]
#[cfg(target_os = "linux")]
fn copies_files_that_the_kernel_does_not_send() {
    let path = "/proc/self/personality";
    let content = std::fs::read(path).unwrap();
    let file = File::open(path).unwrap();
    sends(unix(), &file, &content[2..5]);
    sends(tcp(), &file, &content[2..5]);
}

#[test]
fn says_why_a_file_cannot_be_sent() {
    let directory = File::open(std::env::temp_dir()).unwrap();
    let failed = unix().0.send_file(&directory, 0, 10);
    assert_eq!(
        failed.map_err(|error| error.kind()).err(),
        Some(io::ErrorKind::IsADirectory)
    );
}

#[test]
fn a_reset_is_seen_by_the_peer() {
    let (mut stream, mut peer) = tcp();
    stream.reset_on_close();
    drop(stream);
    let read = peer.read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(read, Err(io::ErrorKind::ConnectionReset));
}
