//! A strict reader of responses: whatever it takes, any client takes.

/// A response, with its body decoded from nothing but a length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// `Connection: close`.
    pub(crate) closes: bool,
}

impl Response {
    /// The value of a field that is there once.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut found = self.fields.iter().filter(|field| field.0 == name);
        let value = found.next().map(|field| &field.1[..]);
        assert!(found.next().is_none(), "{name} is there twice: {self:?}");
        value
    }
}

/// Reads every final response; the n-th answers a HEAD if `heads` says so. 1xx are checked and
/// left out. Panics at anything that is not exactly a row of responses.
pub(crate) fn read_all(bytes: &[u8], heads: &[bool]) -> Vec<Response> {
    let (responses, rest) = read_whole(bytes, heads);
    assert!(rest.is_empty(), "unfinished: {}", rest.escape_ascii());
    responses
}

/// Reads every final response that is there whole, and returns the bytes behind them.
pub(crate) fn read_whole<'a>(mut bytes: &'a [u8], heads: &[bool]) -> (Vec<Response>, &'a [u8]) {
    let mut responses = Vec::new();
    loop {
        let is_head = heads.get(responses.len()).copied().unwrap_or(false);
        let Some((response, len)) = read_one(bytes, is_head) else {
            return (responses, bytes);
        };
        bytes = &bytes[len..];
        if response.status >= 200 {
            responses.push(response);
        }
    }
}

/// Reads one response and its length; `None` while it is incomplete.
pub(crate) fn read_one(bytes: &[u8], is_head: bool) -> Option<(Response, usize)> {
    let head_len = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..head_len - 4]).expect("a head is text");
    let mut lines = head.split("\r\n");
    let status_line = lines.next().unwrap_or_default();
    let rest = status_line.strip_prefix("HTTP/1.1 ").expect(status_line);
    let (status, reason) = rest.split_at(3);
    assert!(reason.starts_with(' ') && reason.len() > 1, "{status_line}");
    let status: u16 = status.parse().expect(status_line);
    let fields: Vec<_> = lines.map(read_field).collect();
    let mut response = Response {
        status,
        fields,
        body: Vec::new(),
        closes: false,
    };
    response.closes = response.field("Connection") == Some("close");
    let length = response.field("Content-Length");
    let length = length.map(|length| length.parse::<usize>().expect("a length"));
    assert_eq!(response.field("Transfer-Encoding"), None);
    let body_len = match status {
        100..=199 => {
            assert_eq!(length, None);
            0
        }
        204 | 304 => 0,
        _ if is_head => 0,
        _ => length.expect("a final response has a length"),
    };
    if status >= 200 {
        assert_eq!(response.field("Date").map(str::len), Some(29));
    }
    let body = bytes.get(head_len..head_len + body_len)?;
    response.body = body.to_vec();
    Some((response, head_len + body_len))
}

/// The statuses of some responses.
pub(crate) fn statuses(responses: &[Response]) -> Vec<u16> {
    responses.iter().map(|response| response.status).collect()
}

fn read_field(line: &str) -> (String, String) {
    let (name, value) = line.split_once(": ").expect(line);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    assert!(!name.is_empty() && name.bytes().all(is_name), "{line}");
    assert!(
        value.bytes().all(|byte| (b' '..0x7f).contains(&byte)),
        "{line}"
    );
    assert_eq!(value.trim(), value);
    (name.to_owned(), value.to_owned())
}
