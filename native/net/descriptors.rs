//! How many descriptors this process may open, and has open.

use crate::net::platform::descriptor_limit;

/// Connections that leave room for the rest of the process: the descriptor limit, less what is
/// open, less 64; at least 16.
pub fn connection_limit() -> usize {
    let limit = descriptor_limit().saturating_sub(open_descriptors());
    limit.saturating_sub(64).max(16)
}

/// Linux lists them in /proc, the BSDs in /dev/fd; nothing is counted where neither is there.
fn open_descriptors() -> usize {
    let listed = std::fs::read_dir("/proc/self/fd").or_else(|_| std::fs::read_dir("/dev/fd"));
    listed.map_or(0, Iterator::count)
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
