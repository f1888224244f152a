//! The phases of a connection, each with a deadline of its own.

/// What a connection is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The first byte after the accept.
    FirstByte,
    /// The next request.
    Idle,
    /// The rest of a head.
    Head,
    /// The rest of a body.
    Body,
    /// The answer of a handler.
    Handler,
    /// The client's taking what is sent.
    Write,
    /// The client's FIN.
    Linger,
    /// Us: there is no room for what it sends.
    Stalled,
}

impl Phase {
    /// Every phase, in the order of declaration.
    pub const ALL: [Self; 8] = [
        Self::FirstByte,
        Self::Idle,
        Self::Head,
        Self::Body,
        Self::Handler,
        Self::Write,
        Self::Linger,
        Self::Stalled,
    ];

    /// A stable name for counters.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstByte => "firstByte",
            Self::Idle => "idle",
            Self::Head => "head",
            Self::Body => "body",
            Self::Handler => "handler",
            Self::Write => "write",
            Self::Linger => "linger",
            Self::Stalled => "stalled",
        }
    }
}
