//! The field lines of a raw response that go out.

use super::RawResponse;

/// Field lines that do not go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Content-Length.
    pub lengths: bool,
    /// Content-Length, but for the first one.
    pub repeated_lengths: bool,
    /// Transfer-Encoding.
    pub codings: bool,
    /// What says that the connection is kept.
    pub persistence: bool,
}

impl RawResponse {
    /// Where the connection ends, nothing says that it is kept. Says whether the head goes out whole.
    pub fn drop_persistence(&mut self, ends: bool) -> bool {
        self.dropped.persistence = ends && !self.says_close;
        self.dropped == Dropped::default()
    }

    /// Appends `head`, with `insert` behind its status line, and without what does not go out.
    pub fn write_head(&self, head: &[u8], insert: &[u8], out: &mut Vec<u8>) {
        let (line, fields) = head.split_at(self.fields_start);
        out.extend_from_slice(line);
        out.extend_from_slice(insert);
        self.dropped.write(fields, out);
    }
}

impl Dropped {
    /// Appends what goes out of `fields`, the blank line behind them included.
    pub(super) fn write(self, fields: &[u8], out: &mut Vec<u8>) {
        if self == Self::default() {
            return out.extend_from_slice(fields);
        }
        let mut has_length = self.lengths;
        for line in fields.split_inclusive(|&byte| byte == b'\n') {
            let mut parts = line.splitn(2, |&byte| byte == b':');
            let name = parts.next().unwrap_or_default();
            let value = parts.next().unwrap_or_default().trim_ascii();
            let is = |text: &str| name.eq_ignore_ascii_case(text.as_bytes());
            let is_dropped = if is("content-length") {
                std::mem::replace(&mut has_length, self.lengths || self.repeated_lengths)
            } else if is("transfer-encoding") {
                self.codings
            } else if is("connection") {
                self.persistence && value.eq_ignore_ascii_case(b"keep-alive")
            } else {
                self.persistence && is("keep-alive")
            };
            if !is_dropped {
                out.extend_from_slice(line);
            }
        }
    }
}
