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

/// Opens the file at `path`, which is relative, below the folder `root`. `CrossesDevices` if that
/// leads out of it.
pub fn open_beneath(root: &Path, path: &Path, haste: Haste) -> io::Result<File> {
    match haste {
        Haste::AtOnce => kernel::at_once(root, path),
        Haste::Patient => kernel::patiently(root, path),
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::path::{Component, Path};

    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    use rustix::io::Errno;

    use super::super::open::FLAGS;
    use super::walk::{FOLDER, open_folder, walk};

    const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);

    pub(super) fn at_once(root: &Path, path: &Path) -> io::Result<File> {
        // Without any link, what is written below the folder is below it: that takes one call.
        if path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            match cached(CWD, &root.join(path), FLAGS, ResolveFlags::NO_SYMLINKS) {
                Err(Errno::LOOP) => {}
                opened => return opened.map(File::from).map_err(definite),
            }
        }
        let folder = cached(CWD, root, FOLDER, ResolveFlags::empty()).map_err(definite)?;
        Ok(cached(folder, path, FLAGS, BENEATH)
            .map_err(definite)?
            .into())
    }

    pub(super) fn patiently(root: &Path, path: &Path) -> io::Result<File> {
        let folder = open_folder(root)?;
        match openat2(&folder, path, FLAGS, Mode::empty(), BENEATH) {
            Ok(file) => Ok(file.into()),
            // No such call, or a sandbox that forbids it; something was renamed on the way.
            Err(Errno::NOSYS | Errno::INVAL | Errno::PERM | Errno::AGAIN) => walk(folder, path),
            Err(error) => Err(error.into()),
        }
    }

    fn cached(
        folder: impl AsFd,
        path: &Path,
        flags: OFlags,
        resolve: ResolveFlags,
    ) -> Result<OwnedFd, Errno> {
        let resolve = resolve | ResolveFlags::CACHED;
        openat2(folder, path, flags, Mode::empty(), resolve)
    }

    /// What is the same however long one waits.
    fn definite(error: Errno) -> io::Error {
        match error {
            Errno::NOENT | Errno::NOTDIR | Errno::ACCESS | Errno::XDEV | Errno::LOOP => {
                error.into()
            }
            _ => io::ErrorKind::WouldBlock.into(),
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod kernel {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use super::walk::{open_folder, walk};

    pub(super) fn at_once(_: &Path, _: &Path) -> io::Result<File> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    pub(super) fn patiently(root: &Path, path: &Path) -> io::Result<File> {
        walk(open_folder(root)?, path)
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

    use super::super::open::FLAGS;

    /// A folder that is only passed through need not be readable where the system can say that.
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    const PASSING: OFlags = OFlags::PATH;
    #[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
    const PASSING: OFlags = OFlags::RDONLY;
    /// How a folder is opened.
    pub(super) const FOLDER: OFlags = PASSING.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
    /// Links on the way, as many as Linux follows.
    const LINKS: usize = 40;

    pub(super) fn open_folder(path: &Path) -> io::Result<OwnedFd> {
        Ok(rustix::fs::open(path, FOLDER, Mode::empty())?)
    }

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
    use std::path::Path;

    pub(super) fn at_once(_: &Path, _: &Path) -> io::Result<File> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    pub(super) fn patiently(root: &Path, path: &Path) -> io::Result<File> {
        for name in path {
            if name.to_str().is_none_or(is_odd) {
                return Err(io::ErrorKind::NotFound.into());
            }
        }
        let root = canonicalize(root)?;
        let found = canonicalize(root.join(path))?;
        if !found.starts_with(&root) {
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
