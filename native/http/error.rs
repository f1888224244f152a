//! Why a request is refused.

/// A fault in the bytes of a request, one noun each.
///
/// After any of them the connection is answered once and closed: nothing behind the fault can be
/// trusted (RFC 9112 §2.2, §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// A CR without LF, or too many empty lines, before the request line.
    EmptyLine,
    /// A method that is no token.
    Method,
    /// A method longer than any that is served.
    MethodLength,
    /// A request target of no valid form, or with a byte that none may have.
    Target,
    /// A target over `Limits::request_line`.
    TargetLength,
    /// A version word that is not `HTTP/` DIGIT `.` DIGIT.
    Version,
    /// A well-formed version whose major number is not 1.
    UnsupportedVersion,
    /// A line that does not end with CR LF.
    LineEnd,
    /// A field name that is no token, or is not followed by a colon at once.
    FieldName,
    /// A control byte in a field value.
    FieldValue,
    /// More field lines than `Limits::headers_count`.
    FieldCount,
    /// A head over `Limits::header_size`.
    HeadSize,
    /// An HTTP/1.1 request without Host.
    MissingHost,
    /// More than one Host.
    DuplicateHost,
    /// A Host that is no `uri-host [ ":" port ]`, or an empty one.
    Host,
    /// A Content-Length that is not digits only.
    ContentLength,
    /// More than one Content-Length, equal or not.
    DuplicateContentLength,
    /// Content-Length and Transfer-Encoding in one message.
    ConflictingLength,
    /// A Transfer-Encoding that does not end in exactly one `chunked`, or more than one field.
    TransferEncoding,
    /// Transfer-Encoding in an HTTP/1.0 request.
    TransferEncodingVersion,
    /// A transfer coding before `chunked`.
    TransferCoding,
    /// A CONNECT request.
    Connect,
    /// An Expect other than `100-continue`.
    Expectation,
    /// A body over `Limits::body_size`, declared or received.
    BodySize,
    /// A chunk size that is not 1 to 16 hexadecimal digits.
    ChunkSize,
    /// A chunk extension outside the grammar.
    ChunkExtension,
    /// A chunk-size line over `Limits::chunk_extensions`.
    ChunkLineLength,
    /// More framing than `Limits::chunk_framing` allows for the data.
    ChunkFraming,
    /// Chunk data not followed by CR LF.
    ChunkEnd,
    /// A trailer section over `Limits::trailer_size`.
    TrailerSize,
    /// More trailer lines than `Limits::trailers_count`.
    TrailerCount,
    /// The end of what the client sends, within a request.
    Truncated,
}

impl ParseError {
    /// Every fault, in the order of declaration: `ALL[fault as usize] == fault`.
    pub const ALL: [Self; 32] = [
        Self::EmptyLine,
        Self::Method,
        Self::MethodLength,
        Self::Target,
        Self::TargetLength,
        Self::Version,
        Self::UnsupportedVersion,
        Self::LineEnd,
        Self::FieldName,
        Self::FieldValue,
        Self::FieldCount,
        Self::HeadSize,
        Self::MissingHost,
        Self::DuplicateHost,
        Self::Host,
        Self::ContentLength,
        Self::DuplicateContentLength,
        Self::ConflictingLength,
        Self::TransferEncoding,
        Self::TransferEncodingVersion,
        Self::TransferCoding,
        Self::Connect,
        Self::Expectation,
        Self::BodySize,
        Self::ChunkSize,
        Self::ChunkExtension,
        Self::ChunkLineLength,
        Self::ChunkFraming,
        Self::ChunkEnd,
        Self::TrailerSize,
        Self::TrailerCount,
        Self::Truncated,
    ];

    /// The status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::BodySize => 413,
            Self::TargetLength => 414,
            Self::Expectation => 417,
            Self::FieldCount | Self::HeadSize | Self::TrailerSize | Self::TrailerCount => 431,
            // RFC 9112 §3: a method longer than any that is implemented should get a 501.
            Self::MethodLength | Self::TransferCoding | Self::Connect => 501,
            Self::UnsupportedVersion => 505,
            _ => 400,
        }
    }

    /// The status that node's server answers with.
    pub fn node_status(self) -> u16 {
        match self {
            Self::ChunkLineLength | Self::ChunkFraming => 413,
            Self::TargetLength
            | Self::FieldCount
            | Self::HeadSize
            | Self::TrailerSize
            | Self::TrailerCount => 431,
            _ => 400,
        }
    }

    /// A stable kebab-case name for counters and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::EmptyLine => "empty-line",
            Self::Method => "method",
            Self::MethodLength => "method-length",
            Self::Target => "target",
            Self::TargetLength => "target-length",
            Self::Version => "version",
            Self::UnsupportedVersion => "unsupported-version",
            Self::LineEnd => "line-end",
            Self::FieldName => "field-name",
            Self::FieldValue => "field-value",
            Self::FieldCount => "field-count",
            Self::HeadSize => "head-size",
            Self::MissingHost => "missing-host",
            Self::DuplicateHost => "duplicate-host",
            Self::Host => "host",
            Self::ContentLength => "content-length",
            Self::DuplicateContentLength => "duplicate-content-length",
            Self::ConflictingLength => "conflicting-length",
            Self::TransferEncoding => "transfer-encoding",
            Self::TransferEncodingVersion => "transfer-encoding-version",
            Self::TransferCoding => "transfer-coding",
            Self::Connect => "connect",
            Self::Expectation => "expectation",
            Self::BodySize => "body-size",
            Self::ChunkSize => "chunk-size",
            Self::ChunkExtension => "chunk-extension",
            Self::ChunkLineLength => "chunk-line-length",
            Self::ChunkFraming => "chunk-framing",
            Self::ChunkEnd => "chunk-end",
            Self::TrailerSize => "trailer-size",
            Self::TrailerCount => "trailer-count",
            Self::Truncated => "truncated",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ParseError;

    #[test]
    fn lists_every_fault_once_in_order_of_declaration() {
        for (index, fault) in ParseError::ALL.into_iter().enumerate() {
            assert_eq!(fault as usize, index);
        }
        let mut names: Vec<_> = ParseError::ALL.map(ParseError::name).into();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ParseError::ALL.len());
    }

    #[test]
    fn answers_with_a_client_or_server_error() {
        for fault in ParseError::ALL {
            assert!([400, 413, 414, 417, 431, 501, 505].contains(&fault.status()));
            assert!([400, 413, 431].contains(&fault.node_status()));
            assert!(!fault.name().is_empty());
        }
    }
}
