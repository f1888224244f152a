//! How quickly a client takes what it is sent: one that reads may have more waiting for it in the kernel.

/// Bytes that nobody takes who does not read, unless he has enlarged the buffers of his end.
const PROVEN: u32 = 1 << 20;
/// Milliseconds for which a socket may be full before its client is a slow one.
const PATIENCE_MS: u32 = 10;

/// The pace of one client.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Bytes that were sent since the client was slow.
    taken: u32,
    /// Since when the socket has been full, and whether something was sent meanwhile.
    full_since: Option<u32>,
    has_sent: bool,
}

impl Pace {
    /// So many bytes were sent.
    pub(super) fn sent(&mut self, bytes: u64) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.taken = self.taken.saturating_add(bytes);
        self.has_sent |= bytes > 0;
    }

    /// Behind a turn: whether the socket takes no more.
    pub(super) fn look(&mut self, is_full: bool, now_ms: u64) {
        // Wrapping: what counts is how far apart two turns are.
        let now_ms = now_ms as u32;
        let has_sent = std::mem::take(&mut self.has_sent);
        if let Some(since) = self.full_since
            && now_ms.wrapping_sub(since) >= PATIENCE_MS
        {
            self.taken = 0;
        }
        let since = self.full_since.filter(|_| !has_sent);
        self.full_since = is_full.then(|| since.unwrap_or(now_ms));
    }

    /// Whether the client is known to read, and has kept up so far.
    pub(super) fn is_quick(&self) -> bool {
        self.taken >= PROVEN
    }
}

#[cfg(test)]
mod tests {
    use super::{PROVEN, Pace};

    /// What happens in turn: bytes sent, whether the socket is full then, and milliseconds until the next.
    type Turns = &'static [(u32, bool, u64)];

    const CASES: [(Turns, bool); 8] = [
        (&[(PROVEN - 1, false, 0)], false),
        (&[(PROVEN, false, 0)], true),
        // It was full, for a moment each time.
        (&[(PROVEN / 2, true, 9), (PROVEN / 2, true, 9)], true),
        (
            &[(PROVEN / 2, true, 9), (0, true, 9), (PROVEN, false, 0)],
            false,
        ),
        (&[(PROVEN / 2, true, 10), (PROVEN / 2, false, 0)], false),
        // Nothing was to be sent for long.
        (&[(PROVEN / 2, false, 60_000), (PROVEN / 2, false, 0)], true),
        // One that was quick stops, and begins again.
        (&[(PROVEN, true, 500), (1000, false, 0)], false),
        (
            &[(PROVEN, true, 500), (1000, false, 0), (PROVEN, false, 0)],
            true,
        ),
    ];

    #[test]
    fn who_keeps_up_for_long_enough_is_quick() {
        for (turns, is_quick) in CASES {
            let (mut pace, mut now) = (Pace::default(), u64::from(u32::MAX) - 5);
            for &(bytes, is_full, passes) in turns {
                pace.sent(bytes.into());
                pace.look(is_full, now);
                now += passes;
            }
            assert_eq!(pace.is_quick(), is_quick, "{turns:?}");
        }
    }
}
