//! How a server is emptied without losing a request.

/// How a server is emptied, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    /// For so long clients are still accepted.
    pub lame_duck_ms: u64,
    /// For so long behind that idle connections may bring a request.
    pub grace_ms: u64,
    /// After so long in all whatever is left is cut, if ever.
    pub timeout_ms: Option<u64>,
}
