//! How a server is, as its threads tell each other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What is known of a server, by all its threads.
#[derive(Debug, Default)]
pub struct Health {
    /// The program says that it is not ready.
    is_unready: AtomicBool,
    /// For how long JavaScript has shown no life.
    stuck_ms: AtomicU64,
}

impl Health {
    /// The program says whether it is ready.
    pub fn set_ready(&self, is_ready: bool) {
        self.is_unready.store(!is_ready, Ordering::Relaxed);
    }

    /// JavaScript has shown no life for so long.
    pub fn set_stuck(&self, stuck_ms: u64) {
        self.stuck_ms.store(stuck_ms, Ordering::Relaxed);
    }

    /// Whether it has not said that it is not.
    pub fn is_ready(&self) -> bool {
        !self.is_unready.load(Ordering::Relaxed)
    }

    /// For how long JavaScript has shown no life, in milliseconds.
    pub fn stuck_ms(&self) -> u64 {
        self.stuck_ms.load(Ordering::Relaxed)
    }
}
