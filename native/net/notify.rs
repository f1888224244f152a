//! Words for the service manager (sd_notify(3)).

use std::io;

/// Sends `state` to the datagram socket at `path`, where a first `@` stands for an abstract name. Never
/// waits: a manager that does not listen misses it.
#[cfg(unix)]
pub fn notify(path: &str, state: &str) -> io::Result<()> {
    use std::os::unix::net::UnixDatagram;
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    #[cfg(target_os = "linux")]
    if let Some(name) = path.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt;
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
        return socket.send_to_addr(state.as_bytes(), &address).map(drop);
    }
    socket.send_to(state.as_bytes(), path).map(drop)
}

/// Fails: there is no such manager here.
#[cfg(windows)]
pub fn notify(_path: &str, _state: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
