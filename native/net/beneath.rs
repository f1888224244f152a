//! Opening files below a folder and nowhere else, whatever their names and links say.
//!
//! The folder itself may be reached through any links: it was named by whoever runs the server. Below
//! it a link may lead to another place below it; one that leads out, or is absolute, leads nowhere.

use std::fs::File;
use std::io;
use std::path::Path;

/// How long opening may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// No disk is waited for. `WouldBlock`: it would have to be, or the kernel cannot say.
    AtOnce,
    /// As long as it takes.
    Patient,
}

/// A folder that files are opened below.
#[derive(Debug)]
pub struct Folder(kernel::Folder);

impl Folder {
    /// Opens the folder.
    pub fn open(path: &Path, haste: Haste) -> io::Result<Self> {
        kernel::open(path, haste).map(Self)
    }

    /// Opens a file by its path from the folder, which is relative. `CrossesDevices` if that leads out.
    pub fn file(&self, path: &Path, haste: Haste) -> io::Result<File> {
        kernel::file(&self.0, path, haste)
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::path::Path;

    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    use rustix::io::Errno;

    use super::Haste;
    use super::walk::{FOLDER, walk};
    use crate::net::open::FLAGS;

    pub(super) type Folder = OwnedFd;

    pub(super) fn open(path: &Path, haste: Haste) -> io::Result<Folder> {
        match haste {
            Haste::AtOnce => at_once(CWD, path, FOLDER, ResolveFlags::empty()),
            Haste::Patient => Ok(rustix::fs::open(path, FOLDER, Mode::empty())?),
        }
    }

    pub(super) fn file(folder: &Folder, path: &Path, haste: Haste) -> io::Result<File> {
        const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);
        if haste == Haste::AtOnce {
            return Ok(at_once(folder, path, FLAGS, BENEATH)?.into());
        }
        match openat2(folder, path, FLAGS, Mode::empty(), BENEATH) {
            Ok(file) => Ok(file.into()),
            // No such call, or a sandbox that forbids it; something was renamed on the way.
            Err(Errno::NOSYS | Errno::INVAL | Errno::PERM | Errno::AGAIN) => {
                walk(folder.try_clone()?, path)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn at_once(
        folder: impl AsFd,
        path: &Path,
        flags: OFlags,
        resolve: ResolveFlags,
    ) -> io::Result<OwnedFd> {
        let opened = openat2(
            folder,
            path,
            flags,
            Mode::empty(),
            resolve | ResolveFlags::CACHED,
        );
        opened.map_err(|error| match error {
            Errno::NOENT | Errno::NOTDIR | Errno::ACCESS | Errno::XDEV | Errno::LOOP => {
                error.into()
            }
            _ => io::ErrorKind::WouldBlock.into(),
        })
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod kernel {
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use super::Haste;
    use super::walk::{FOLDER, walk};

    pub(super) type Folder = OwnedFd;

    pub(super) fn open(path: &Path, haste: Haste) -> io::Result<Folder> {
        if haste == Haste::AtOnce {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(rustix::fs::open(path, FOLDER, rustix::fs::Mode::empty())?)
    }

    pub(super) fn file(folder: &Folder, path: &Path, _: Haste) -> io::Result<File> {
        walk(folder.try_clone()?, path)
    }
}

/// Element by element, each from the folder before it, so that nothing that is renamed or replaced
/// meanwhile leads elsewhere.
#[cfg(unix)]
mod walk {
    use std::ffi::OsString;
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStringExt;
    use std::path::{Component, Path};

    use rustix::fs::{Mode, OFlags, openat, readlinkat};
    use rustix::io::Errno;

    use crate::net::open::FLAGS;

    /// A folder that is only passed through need not be readable where the system can say that.
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    const PASSING: OFlags = OFlags::PATH;
    #[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
    const PASSING: OFlags = OFlags::RDONLY;
    /// How a folder is opened.
    pub(super) const FOLDER: OFlags = PASSING.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
    /// Links on the way, as many as Linux follows.
    const LINKS: usize = 40;

    pub(super) fn walk(root: OwnedFd, path: &Path) -> io::Result<File> {
        let mut folders = vec![root];
        let mut names = Vec::new();
        let mut links = 0;
        push_elements(&mut names, path)?;
        while let Some(name) = names.pop() {
            let Some(folder) = folders.last() else {
                return Err(Errno::XDEV.into());
            };
            if name == ".." {
                folders.pop();
                continue;
            }
            let flags = if names.is_empty() { FLAGS } else { FOLDER };
            match openat(folder, &name, flags | OFlags::NOFOLLOW, Mode::empty()) {
                Ok(file) if names.is_empty() => return Ok(file.into()),
                Ok(folder) => folders.push(folder),
                Err(error) => {
                    // Systems differ in how they say that it is a link; this says that it is none.
                    let target = readlinkat(folder, &name, Vec::new()).map_err(|_| error)?;
                    links += 1;
                    if links > LINKS {
                        return Err(Errno::LOOP.into());
                    }
                    let target = OsString::from_vec(target.into_bytes());
                    push_elements(&mut names, Path::new(&target))?;
                }
            }
        }
        Err(match folders.is_empty() {
            true => Errno::XDEV.into(),
            false => io::ErrorKind::IsADirectory.into(),
        })
    }

    fn push_elements(names: &mut Vec<OsString>, path: &Path) -> io::Result<()> {
        for element in path.components().rev() {
            match element {
                Component::Normal(name) => names.push(name.to_owned()),
                Component::ParentDir => names.push("..".into()),
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => return Err(Errno::XDEV.into()),
            }
        }
        Ok(())
    }
}

#[cfg(windows)]
mod kernel {
    use std::fs::{File, canonicalize};
    use std::io;
    use std::path::{Path, PathBuf};

    use super::Haste;

    pub(super) type Folder = PathBuf;

    pub(super) fn open(path: &Path, haste: Haste) -> io::Result<Folder> {
        if haste == Haste::AtOnce {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        canonicalize(path)
    }

    pub(super) fn file(folder: &Folder, path: &Path, _: Haste) -> io::Result<File> {
        for name in path {
            if name.to_str().is_none_or(is_odd) {
                return Err(io::ErrorKind::NotFound.into());
            }
        }
        let found = canonicalize(folder.join(path))?;
        if !found.starts_with(folder) {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        File::open(found)
    }

    /// Names that stand for something else: streams, devices, short names, and those that lose
    /// their last characters.
    fn is_odd(name: &str) -> bool {
        const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "COM", "LPT"];
        let stem = name.split('.').next().unwrap_or_default().trim_end();
        let device = stem.trim_end_matches(|end: char| end.is_ascii_digit());
        name.contains([':', '*', '?', '"', '<', '>', '|', '~'])
            || name.ends_with(['.', ' '])
            || DEVICES
                .iter()
                .any(|known| known.eq_ignore_ascii_case(device))
    }
}

#[cfg(test)]
pub(in crate::net) mod tests;
