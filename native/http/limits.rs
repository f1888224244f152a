//! The bounds of a message: what a peer may make us read, hold or count.

/// Bounds that every reader of this module obeys; each is the largest value still accepted.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the request target; more is 414. RFC 9112 §3 asks for request lines of 8000.
    pub request_line: u32,
    /// Bytes of the whole head, request line and blank line included; more is 431.
    pub header_size: u32,
    /// Field lines of the head; more is 431.
    pub headers_count: u32,
    /// Bytes of the decoded body; more is 413.
    pub body_size: u64,
    /// Bytes of one chunk-size line without its CRLF; more is 400.
    pub chunk_extensions: u32,
    /// Bytes of chunk framing that a message may have on top of twice its data; more is 400.
    pub chunk_framing: u32,
    /// Bytes of the trailer section; more is 431.
    pub trailer_size: u32,
    /// Field lines of the trailer section; more is 431.
    pub trailers_count: u32,
    /// Whether an absolute target may have any scheme and any authority; else it is `http` or `https` with a
    /// valid host and no userinfo (RFC 9110 §4.2.1, §4.2.4).
    pub any_absolute: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_line: 8192,
            header_size: 16 * 1024,
            headers_count: 100,
            body_size: 1024 * 1024,
            chunk_extensions: 4096,
            chunk_framing: 16 * 1024,
            trailer_size: 8192,
            trailers_count: 64,
            any_absolute: false,
        }
    }
}
