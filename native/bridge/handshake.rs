//! The two halves of waking each other up without losing a wake-up and without waking twice.
//!
//! **Up**: the thread publishes, then sets `SCHEDULED`; whoever sets it first owes the call.
//! JavaScript clears it before it looks for the last time, so what is published afterwards brings
//! a new call. **Down**: JavaScript publishes, then takes `SLEEPING` away; whoever takes it owes
//! the wake-up. The thread sets it before it looks for the last time. Every access is sequentially
//! consistent: each side's store must be seen before its own later load (Dekker's pattern).
//!
//! JavaScript's half is in `ts/server/batch.ts` and `ts/crossing/ring.ts`; the test models both.

/// A word that both sides see.
pub trait Word {
    /// Sequentially consistent read.
    fn get(&self) -> u32;
    /// Sequentially consistent write.
    fn set(&self, value: u32);
    /// Sequentially consistent exchange.
    fn exchange(&self, value: u32) -> u32;
}

impl Word for std::sync::atomic::AtomicU32 {
    fn get(&self) -> u32 {
        self.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn set(&self, value: u32) {
        self.store(value, std::sync::atomic::Ordering::SeqCst);
    }

    fn exchange(&self, value: u32) -> u32 {
        self.swap(value, std::sync::atomic::Ordering::SeqCst)
    }
}

/// Publishes `count`; `true`: the caller owes JavaScript a call.
pub fn publish_up<W: Word>(published: &W, scheduled: &W, count: u32) -> bool {
    published.set(count);
    scheduled.exchange(1) == 0
}

/// The thread is about to sleep; `false`: something arrived and it must not.
pub fn fall_asleep<W: Word>(sleeping: &W, has_mail: impl FnOnce() -> bool) -> bool {
    sleeping.set(1);
    if has_mail() {
        sleeping.set(0);
        return false;
    }
    true
}

/// Something was published down; `true`: the caller owes the thread a wake-up.
pub fn must_wake<W: Word>(sleeping: &W) -> bool {
    sleeping.get() == 1 && sleeping.exchange(0) == 1
}

#[cfg(test)]
mod tests;
