//! The Date field's value, rendered once a second.

use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

use httpdate::HttpDate;

/// 9999-12-31T23:59:59Z: an IMF-fixdate has four digits for the year.
const LAST_SECOND: u64 = 253_402_300_799;

/// Keeps the IMF-fixdate (RFC 9110 §5.6.7) of the last second asked for.
#[derive(Clone, Debug)]
pub struct DateCache {
    /// `u64::MAX` before the first rendering.
    second: u64,
    text: [u8; 29],
}

impl DateCache {
    /// Makes a cache that has rendered nothing yet.
    pub fn new() -> Self {
        Self {
            second: u64::MAX,
            text: [0; 29],
        }
    }

    /// The date of a time in seconds since 1970; rendered anew only when the second changes.
    pub fn render(&mut self, unix_seconds: u64) -> &[u8; 29] {
        let second = unix_seconds.min(LAST_SECOND);
        if second != self.second {
            self.second = second;
            let date = HttpDate::from(UNIX_EPOCH + Duration::from_secs(second));
            write!(&mut self.text[..], "{date}").expect("an IMF-fixdate has 29 bytes");
        }
        &self.text
    }
}

impl Default for DateCache {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::DateCache;

    #[test]
    fn renders_an_imf_fixdate() {
        let mut cache = DateCache::default();
        assert_eq!(cache.render(784_111_777), b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(cache.render(784_111_777), b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(cache.render(784_111_778), b"Sun, 06 Nov 1994 08:49:38 GMT");
        assert_eq!(cache.render(0), b"Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn stays_in_four_digit_years() {
        let mut cache = DateCache::new();
        assert_eq!(cache.render(u64::MAX), b"Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(
            cache.render(1_700_000_000),
            b"Tue, 14 Nov 2023 22:13:20 GMT"
        );
    }
}
