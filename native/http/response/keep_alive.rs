//! The field that tells a client how long its connection may wait (RFC 2068 §19.7.1, as node's agent and
//! undici read it): whoever uses one at the last moment meets its end.

/// A line `Keep-Alive: timeout=N`, or none.
#[derive(Clone, Copy, Debug)]
pub struct KeepAliveLine {
    bytes: [u8; 32],
    len: usize,
}

const START: &[u8] = b"Keep-Alive: timeout=";

impl KeepAliveLine {
    /// No line.
    pub const NONE: Self = Self {
        bytes: [0; 32],
        len: 0,
    };

    /// The line for connections that are closed after so many milliseconds between requests: a second
    /// less, in which an answer and the next request may be under way. None for less than 2 s, and for 0,
    /// which is no limit.
    pub fn new(keep_alive_ms: u32) -> Self {
        let seconds = (keep_alive_ms / 1000).saturating_sub(1);
        let mut line = Self::NONE;
        if seconds > 0 {
            let mut digits = itoa::Buffer::new();
            for part in [START, digits.format(seconds).as_bytes(), b"\r\n"] {
                line.bytes[line.len..line.len + part.len()].copy_from_slice(part);
                line.len += part.len();
            }
        }
        line
    }

    /// The line with its CRLF; empty for none, and where `fields` has one.
    #[inline]
    pub fn beside(&self, fields: &[u8]) -> &[u8] {
        if !fields.is_empty() && has_keep_alive(fields) {
            return b"";
        }
        &self.bytes[..self.len]
    }
}

fn has_keep_alive(fields: &[u8]) -> bool {
    let mut rest = fields;
    while let [first, ..] = rest {
        let is_meant = first | 0x20 == b'k'
            && rest
                .get(..11)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"keep-alive:"));
        if is_meant {
            return true;
        }
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        rest = &rest[end..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::KeepAliveLine;

    #[test]
    fn says_a_second_less_than_the_truth() {
        for (ms, line) in [
            (0, ""),
            (999, ""),
            (1999, ""),
            (2000, "Keep-Alive: timeout=1\r\n"),
            (65_999, "Keep-Alive: timeout=64\r\n"),
            (u32::MAX, "Keep-Alive: timeout=4294966\r\n"),
        ] {
            assert_eq!(KeepAliveLine::new(ms).beside(b""), line.as_bytes(), "{ms}");
        }
        let line = KeepAliveLine::new(5000);
        for (fields, is_there) in [
            ("A: b\r\n", true),
            ("A: keep-alive: 1\r\nX-Keep-Alive: 1\r\n", true),
            ("keep-alive: timeout=9\r\n", false),
            ("A: b\r\nKEEP-Alive:x\r\nC: d\r\n", false),
            ("Keep-Aliv", true),
        ] {
            assert_eq!(
                !line.beside(fields.as_bytes()).is_empty(),
                is_there,
                "{fields}"
            );
        }
    }
}
