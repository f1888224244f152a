//! Descriptors by their numbers: how many this process may open, and has open, and one more of them.

use crate::net::platform::{descriptor_limit, is_exhausted};

/// Connections that leave room for the rest of the process: the descriptor limit, less what is
/// open, less 64; at least 16.
pub fn connection_limit() -> usize {
    let limit = descriptor_limit().saturating_sub(open_descriptors());
    limit.saturating_sub(64).max(16)
}

/// How many are open. Linux lists them in /proc, the BSDs in /dev/fd; nothing is counted where
/// neither is there. Where not even one is left to list them with, all that are allowed.
pub fn open_descriptors() -> usize {
    // Since Linux 6.2 the folder's size is their number, which saves the listing.
    let counted = std::fs::metadata("/proc/self/fd").map_or(0, |folder| folder.len());
    if counted > 0 {
        return usize::try_from(counted).unwrap_or(usize::MAX);
    }
    match std::fs::read_dir("/proc/self/fd").or_else(|_| std::fs::read_dir("/dev/fd")) {
        // The one that lists them is among them.
        Ok(listed) => listed.count().saturating_sub(1),
        Err(error) if is_exhausted(&error) => descriptor_limit(),
        Err(_) => 0,
    }
}

/// The number of another descriptor for what this one is, for whoever takes it.
#[cfg(unix)]
pub fn duplicate(number: i32) -> Option<i32> {
    use std::os::fd::IntoRawFd;
    Some(crate::net::fd::duplicate(number).ok()?.into_raw_fd())
}

/// There are no such numbers here.
#[cfg(windows)]
pub fn duplicate(_number: i32) -> Option<i32> {
    None
}

#[cfg(test)]
mod tests {
    use super::{connection_limit, descriptor_limit, open_descriptors};

    #[test]
    fn leaves_room_for_what_is_open_and_more() {
        let limit = connection_limit();
        assert!(limit >= 16);
        assert!(limit == 16 || limit + 64 <= descriptor_limit());
        assert!(cfg!(not(target_os = "linux")) || open_descriptors() >= 3);
    }
}
