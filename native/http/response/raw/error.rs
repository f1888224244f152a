//! What can be wrong with response bytes.

/// Why bytes are not exactly one well-framed final response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawError {
    /// No `HTTP/1.1 SP 3DIGIT SP reason CR LF` (or 1.0) at the start.
    StatusLine,
    /// A status outside 200 to 999.
    Status,
    /// A malformed field line.
    Field,
    /// The head has no end.
    UnfinishedHead,
    /// A Content-Length that is not digits.
    ContentLength,
    /// More than one Content-Length.
    DuplicateContentLength,
    /// A Content-Length that differs from the body.
    LengthMismatch,
    /// Content-Length beside Transfer-Encoding.
    ConflictingLength,
    /// Transfer-Encoding other than one `chunked`, or in HTTP/1.0.
    TransferEncoding,
    /// A chunked body that is malformed or has no end.
    Chunks,
    /// Bytes behind the end of the response.
    Surplus,
    /// A body where the status forbids one.
    ForbiddenBody,
    /// A length field in a 204.
    ForbiddenLength,
}

impl RawError {
    /// Every error, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::StatusLine,
        Self::Status,
        Self::Field,
        Self::UnfinishedHead,
        Self::ContentLength,
        Self::DuplicateContentLength,
        Self::LengthMismatch,
        Self::ConflictingLength,
        Self::TransferEncoding,
        Self::Chunks,
        Self::Surplus,
        Self::ForbiddenBody,
        Self::ForbiddenLength,
    ];

    /// Says what is wrong and what to do, for the author of the handler.
    pub fn message(self) -> &'static str {
        match self {
            Self::StatusLine => {
                "response bytes must start with a status line such as \"HTTP/1.1 200 OK\\r\\n\""
            }
            Self::Status => "the status of response bytes must be 200 to 999; 1xx is no answer",
            Self::Field => {
                "a field line of the response bytes is malformed: write \"Name: value\\r\\n\", \
                 without a space before the colon, a bare CR or LF, or a folded line"
            }
            Self::UnfinishedHead => "the head of the response bytes must end with \"\\r\\n\\r\\n\"",
            Self::ContentLength => "the Content-Length of the response bytes must be digits only",
            Self::DuplicateContentLength => "response bytes must have one Content-Length at most",
            Self::LengthMismatch => {
                "the Content-Length of the response bytes must be the number of bytes of the body: \
                 count bytes, not characters"
            }
            Self::ConflictingLength => {
                "response bytes must not have both Content-Length and Transfer-Encoding: leave one out"
            }
            Self::TransferEncoding => {
                "the only Transfer-Encoding of response bytes is \"chunked\", once, in HTTP/1.1"
            }
            Self::Chunks => {
                "the chunked body of the response bytes is malformed or lacks the last chunk \
                 \"0\\r\\n\\r\\n\""
            }
            Self::Surplus => "response bytes must end where the response ends: one response only",
            Self::ForbiddenBody => "a 204, 205 or 304 response must not have a body",
            Self::ForbiddenLength => {
                "a 204 response must not have Content-Length or Transfer-Encoding"
            }
        }
    }
}
