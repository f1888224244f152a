//! The path of a listening Unix socket: how it comes to be there, and goes without taking another's.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io};

use socket2::{SockAddr, Socket};

use crate::net::platform::{address_in_use, file_id, rename_new};

/// A path that a socket listens at; removed when it is dropped, if that socket is still there.
#[derive(Debug)]
pub struct SocketPath {
    path: PathBuf,
    /// Device and inode; none of an abstract name, which ends with its socket, and of what is not ours to
    /// remove.
    id: Option<(u64, u64)>,
}

impl SocketPath {
    /// Binds `socket` to `path` and listens. It is bound beside and moved there: so nobody finds a
    /// socket that does not listen yet, and what is known of the file is known of ours. Fails with
    /// `bind` and `AddrInUse` if anything is at the path.
    pub fn listen(
        socket: &Socket,
        path: &Path,
        backlog: i32,
    ) -> Result<Self, (&'static str, io::Error)> {
        let address = SockAddr::unix(path).map_err(in_bind)?;
        if !is_abstract(path) {
            if path.symlink_metadata().is_ok() {
                return Err(in_bind(io::ErrorKind::AlreadyExists.into()));
            }
            let beside = beside(path);
            // The name beside may be too long where the path is just short enough.
            if let Ok(address) = SockAddr::unix(&beside) {
                socket.bind(&address).map_err(in_bind)?;
                let mut bound = Self::at(beside);
                socket.listen(backlog).map_err(in_listen)?;
                rename_new(&bound.path, path).map_err(in_bind)?;
                path.clone_into(&mut bound.path);
                return Ok(bound);
            }
        }
        socket.bind(&address).map_err(in_bind)?;
        let bound = Self::at(path.to_owned());
        socket.listen(backlog).map_err(in_listen)?;
        Ok(bound)
    }

    /// The path of a socket that another process has made.
    pub fn of_another(path: PathBuf) -> Self {
        Self { path, id: None }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// It is not removed: somebody else listens at it.
    pub fn leave(&mut self) {
        self.id = None;
    }

    fn at(path: PathBuf) -> Self {
        let id = file_id(&path);
        Self { path, id }
    }
}

impl Drop for SocketPath {
    fn drop(&mut self) {
        // A successor may have put its own socket there, or someone may have removed ours.
        if self.id.is_some() && file_id(&self.path) == self.id {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{:x}-{count:x}", std::process::id()))
}

fn is_abstract(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().first() == Some(&0)
}

fn in_bind(error: io::Error) -> (&'static str, io::Error) {
    // What is moved finds by another name that something is there.
    match error.kind() {
        io::ErrorKind::AlreadyExists => ("bind", address_in_use()),
        _ => ("bind", error),
    }
}

fn in_listen(error: io::Error) -> (&'static str, io::Error) {
    ("listen", error)
}
