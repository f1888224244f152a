//! What operating systems do differently. Outside `net` nothing asks which one it is built for, and
//! in it only this file, what sends and opens files, and what hands descriptors over.
//!
//! | | Linux | macOS | FreeBSD | Windows |
//! | --- | --- | --- | --- | --- |
//! | readiness, by mio | epoll | kqueue | kqueue | AFD |
//! | accepted sockets, by mio | `accept4` | `accept`, `fcntl` | `accept4` | `accept` |
//! | a write after RST | `MSG_NOSIGNAL` | `SO_NOSIGPIPE` | `MSG_NOSIGNAL` | no signals |
//! | a short read ends a read | yes | yes | yes | no |
//! | urgent data is told of | `EPOLLPRI` | no | no | no |
//! | `SO_REUSEADDR` | set | set | set | steals ports |
//! | a port shared by processes | `SO_REUSEPORT` | no | `SO_REUSEPORT_LB` | no |
//! | Unix sockets | yes | yes | yes | no |
//! | abstract names of those | yes | no | no | no |
//! | a connection as a descriptor for node | yes | yes | yes | no |
//! | a file to a socket (`sendfile.rs`) | `sendfile` | `sendfile` | `sendfile` | read, write |
//! | a file in the cache (`open.rs`) | `RESOLVE_CACHED`, `RWF_NOWAIT` | unknown | unknown | unknown |
//! | a file below a folder (`beneath.rs`) | `openat2` | by element | by element | canonical path |
//! | a poll that another one watches | yes | yes | yes | no |
//! | descriptors are limited | yes | yes | yes | no |
//!
//! mio's poll is edge-triggered on all of them, so the event loop is one.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use mio::Interest;
use socket2::Socket;

#[cfg(unix)]
pub use mio::net::{UnixListener, UnixStream};
#[cfg(windows)]
pub use no_unix_sockets::{UnixListener, UnixStream};

#[cfg(windows)]
mod no_unix_sockets;

/// A descriptor that somebody else is to have; there is none on Windows.
#[cfg(unix)]
pub type Descriptor = std::os::fd::OwnedFd;
/// A descriptor that somebody else is to have; there is none on Windows.
#[cfg(windows)]
pub type Descriptor = std::convert::Infallible;

/// Whether the kernel deals clients out over the sockets of one port. macOS has the option, but
/// there the last socket bound gets them all.
const SHARED_PORTS: bool = cfg!(any(target_os = "linux", target_os = "freebsd"));
const UNIX_SOCKETS: bool = cfg!(unix);
const ABSTRACT_SOCKETS: bool = cfg!(target_os = "linux");
/// Whether node makes a socket of a descriptor, which it does not of a handle.
const TAKEOVER: bool = cfg!(unix);
/// Whether somebody else can watch our poll, so that a loop needs no thread of its own.
const SHARED_THREAD: bool = cfg!(unix);

/// What this platform lacks and JavaScript has to refuse, under the names that it knows. `sendfile` is
/// not among them: files are read and written where there is none.
pub fn lacking() -> Vec<&'static str> {
    let abilities = [
        ("unixSockets", UNIX_SOCKETS),
        ("abstractSockets", ABSTRACT_SOCKETS),
        ("reusePort", SHARED_PORTS),
        ("takeover", TAKEOVER),
        ("inherited", TAKEOVER),
        ("sharedThread", SHARED_THREAD),
    ];
    let lacking = abilities.iter().filter(|(_, has)| !has);
    lacking.map(|&(name, _)| name).collect()
}

/// What another poll watches to know that ours has something.
#[cfg(unix)]
pub fn descriptor_of(poll: &mio::Poll) -> Option<i32> {
    Some(std::os::fd::AsRawFd::as_raw_fd(poll))
}

/// There is no such thing here.
#[cfg(not(unix))]
pub fn descriptor_of(_poll: &mio::Poll) -> Option<i32> {
    None
}

/// A listener over a bound Unix socket.
#[cfg(unix)]
pub fn unix_listener(socket: Socket) -> io::Result<UnixListener> {
    Ok(UnixListener::from_std(socket.into()))
}

/// Fails: there are no Unix sockets here.
#[cfg(windows)]
pub fn unix_listener(_socket: Socket) -> io::Result<UnixListener> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Reads what has come to a Unix socket without taking it.
#[cfg(unix)]
pub fn peek_unix(stream: &UnixStream, buf: &mut [u8]) -> io::Result<usize> {
    let (_, len) = rustix::net::recv(stream, buf, rustix::net::RecvFlags::PEEK)?;
    Ok(len)
}

/// Fails: there are no Unix sockets here.
#[cfg(windows)]
pub fn peek_unix(_stream: &UnixStream, _buf: &mut [u8]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Flags of a write that keep a client's reset from becoming SIGPIPE. macOS has no such flag;
/// there socket2 sets `SO_NOSIGPIPE` on the listener, and accepted sockets inherit it.
#[cfg(not(any(target_vendor = "apple", windows)))]
pub const NO_SIGNAL: i32 = rustix::net::SendFlags::NOSIGNAL.bits() as i32;
/// Nothing to ask for.
#[cfg(any(target_vendor = "apple", windows))]
pub const NO_SIGNAL: i32 = 0;

/// Flags of a write behind which more follows at once; elsewhere a file goes into packets of its
/// own.
#[cfg(target_os = "linux")]
pub const MORE: i32 = rustix::net::SendFlags::MORE.bits() as i32;
/// Nothing to say.
#[cfg(not(target_os = "linux"))]
pub const MORE: i32 = 0;

/// Whether a read of `n` bytes into a buffer of `len` emptied the socket. A short read does on
/// epoll and kqueue, which saves the `recv` that would say so, unless the peer's FIN is already
/// known: the kernel reports it once, so the read that returns 0 must follow now. On Windows only
/// `WouldBlock` says so.
pub fn drained(n: usize, len: usize, peer_closed: bool) -> bool {
    cfg!(unix) && n < len && !peer_closed
}

/// What a TCP socket is watched for: with urgent data, where the poll tells of it.
#[cfg(target_os = "linux")]
pub const TCP_INTEREST: Interest = Interest::READABLE
    .add(Interest::WRITABLE)
    .add(Interest::PRIORITY);
/// What a TCP socket is watched for.
#[cfg(not(target_os = "linux"))]
pub const TCP_INTEREST: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Whether the poll tells of urgent data, at which a read of TCP ends.
pub const TELLS_OF_URGENT: bool = cfg!(target_os = "linux");

/// Lets a port be bound again while connections of its last owner linger. On Windows that is so
/// anyway, and the option would let others take a port that is in use.
pub fn reuse_address(socket: &Socket) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    socket.set_reuse_address(true)
}

/// Lets several processes bind one port, if the kernel then deals clients out over them.
#[cfg(target_os = "linux")]
pub fn reuse_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

/// Lets several processes bind one port; plain `SO_REUSEPORT` would not share clients out.
#[cfg(target_os = "freebsd")]
pub fn reuse_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port_lb(true)
}

/// Fails: processes cannot share a port here.
#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
pub fn reuse_port(_socket: &Socket) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What the kernel takes of an answer beyond what is on its way. Left to itself it takes up to 4 MiB
/// for a client that does not read, so that a thousand of them exhaust its memory for TCP, and it tells
/// of room only when a third of that is free: a client that reads 40 KB a second makes no progress.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 128 << 10;

/// Bounds what the kernel keeps unsent, or lets it decide. Accepted sockets inherit it, so it costs no call for each.
#[cfg(target_os = "linux")]
pub fn bound_unsent(socket: &Socket, is_bounded: bool) {
    let most = if is_bounded { UNSENT } else { u32::MAX };
    // It is a saving, not a need: a kernel without it serves as well.
    let _ = socket.set_tcp_notsent_lowat(most);
}

/// Elsewhere the kernel decides.
#[cfg(not(target_os = "linux"))]
pub fn bound_unsent(_socket: &Socket, _is_bounded: bool) {}

/// A path in the bytes that JavaScript writes for it.
#[cfg(unix)]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

/// A path in the UTF-8 that JavaScript writes for it.
#[cfg(windows)]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Device and inode of what is at a path itself; `None` for nothing.
#[cfg(unix)]
pub fn file_id(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let found = path.symlink_metadata().ok()?;
    Some((found.dev(), found.ino()))
}

/// Never asked: there are no Unix sockets.
#[cfg(windows)]
pub fn file_id(_path: &Path) -> Option<(u64, u64)> {
    None
}

/// Moves a file to a path where nothing is. Where the system cannot promise that, whoever calls
/// has looked.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {}
            renamed => return Ok(renamed?),
        }
    }
    std::fs::rename(from, to)
}

/// As the kernel says that an address is taken.
#[cfg(unix)]
pub fn address_in_use() -> io::Error {
    rustix::io::Errno::ADDRINUSE.into()
}

/// `WSAEADDRINUSE`.
#[cfg(windows)]
pub fn address_in_use() -> io::Error {
    io::Error::from_raw_os_error(10048)
}

/// The most descriptors that this process may open.
#[cfg(unix)]
pub fn descriptor_limit() -> usize {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile)
        .current
        .map_or(usize::MAX, |limit| limit as usize)
}

/// Handles have no limit but memory.
#[cfg(windows)]
pub fn descriptor_limit() -> usize {
    usize::MAX
}

/// A descriptor to give up when there is no other one; nothing where they do not run out.
pub fn spare_descriptor() -> Option<File> {
    File::open("/dev/null").ok()
}

/// Whether `accept` failed for want of descriptors or of kernel memory.
#[cfg(unix)]
pub fn is_exhausted(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let exhausted = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    Errno::from_io_error(error).is_some_and(|errno| exhausted.contains(&errno))
}

/// `WSAEMFILE` and `WSAENOBUFS`.
#[cfg(windows)]
pub fn is_exhausted(error: &io::Error) -> bool {
    [Some(10024), Some(10055)].contains(&error.raw_os_error())
}

/// The error with the number that Node knows it by, which is the kernel's.
#[cfg(unix)]
pub fn as_node_numbers_it(error: io::Error) -> io::Error {
    error
}

/// The error with the number that Node knows it by: libuv has numbers of its own on Windows.
#[cfg(windows)]
#[expect(clippy::needless_pass_by_value, reason = "it is given on elsewhere")]
pub fn as_node_numbers_it(error: io::Error) -> io::Error {
    let number = match error.kind() {
        io::ErrorKind::PermissionDenied => 4092,
        io::ErrorKind::AddrNotAvailable => 4090,
        io::ErrorKind::AddrInUse => 4091,
        io::ErrorKind::InvalidInput => 4071,
        // WSAEAFNOSUPPORT has no kind.
        _ if error.raw_os_error() == Some(10047) => 4089,
        _ => 4094,
    };
    io::Error::from_raw_os_error(number)
}

#[cfg(test)]
mod tests;
