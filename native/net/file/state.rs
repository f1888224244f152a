//! What is known of an open file, and that it is one that can be sent.

use std::fs::File;
use std::io;

/// What is known of a file when it is opened.
#[derive(Clone, Copy, Debug)]
pub struct FileState {
    /// Bytes.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970; anybody may set that.
    pub modified_ns: i128,
    /// What else tells one state from another: when anything of it was last changed, by the system's
    /// own clock, and which of all files it is. 0 where the system does not say.
    pub mark: u64,
}

/// The state of a regular file; an error for anything else.
#[cfg(unix)]
pub fn state_of(file: &File) -> io::Result<FileState> {
    use rustix::fs::{FileType, fstat};
    // The standard library asks by `statx`, which takes longer.
    let stat = fstat(file)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(FileState {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified_ns: nanoseconds(stat.st_mtime.into(), stat.st_mtime_nsec.into()),
            mark: mark(
                nanoseconds(stat.st_ctime.into(), stat.st_ctime_nsec.into()),
                stat.st_ino,
            ),
        }),
        FileType::Directory => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Mixed, for the number of a file is nobody else's business.
#[cfg(unix)]
fn mark(changed_ns: i128, number: u64) -> u64 {
    (changed_ns as u64) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(unix)]
fn nanoseconds(seconds: i128, rest: i128) -> i128 {
    seconds * 1_000_000_000 + rest
}

/// The state of a regular file; an error for anything else.
#[cfg(not(unix))]
pub fn state_of(file: &File) -> io::Result<FileState> {
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let modified = metadata.modified()?.duration_since(std::time::UNIX_EPOCH);
    Ok(FileState {
        size: metadata.len(),
        modified_ns: modified.map_or(0, |since| since.as_nanos() as i128),
        mark: 0,
    })
}
