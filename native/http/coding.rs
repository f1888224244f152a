//! Content codings that a client takes (RFC 9110 §12.5.3).

use crate::http::byte;
use crate::http::list::elements;

/// A coding in which a representation may be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Brotli (RFC 7932).
    Brotli,
    /// RFC 9110 §8.4.1.3.
    Gzip,
}

impl Coding {
    /// Those there are, the smallest representation first.
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What a file in it is called behind the name of the file.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }

    fn is_named(self, name: &[u8]) -> bool {
        name.eq_ignore_ascii_case(self.name().as_bytes())
            || (self == Self::Gzip && name.eq_ignore_ascii_case(b"x-gzip"))
    }
}

/// The codings that a client prefers to none, the one it likes best first; among equals the smaller
/// representation. `None` of them is acceptable always: a client that refuses it gets it
/// nevertheless if there is nothing else (§12.5.3).
pub fn preferred(accept_encoding: &[u8]) -> [Option<Coding>; 2] {
    if accept_encoding.is_empty() {
        return [None; 2];
    }
    let is_identity = |name: &[u8]| name.eq_ignore_ascii_case(b"identity");
    let least = weight_of(accept_encoding, is_identity).unwrap_or(0);
    let others = weight_of(accept_encoding, |name| name == b"*").unwrap_or(0);
    let [first, second] = Coding::ALL.map(|coding| {
        let named = weight_of(accept_encoding, |name| coding.is_named(name));
        let weight = named.unwrap_or(others);
        (weight > 0 && weight >= least).then_some((weight, coding))
    });
    let wins = matches!((first, second), (Some((one, _)), Some((other, _))) if other > one);
    let order = if wins || first.is_none() {
        [second, first]
    } else {
        [first, second]
    };
    order.map(|found| found.map(|(_, coding)| coding))
}

/// The weight of the first element with such a name, in thousandths; one that is malformed counts
/// as 0, as its client may not know it.
fn weight_of(field: &[u8], is_named: impl Fn(&[u8]) -> bool) -> Option<u16> {
    elements(field).find_map(|element| {
        let mut parts = element.split(|&byte| byte == b';').map(byte::trim);
        let name = parts.next().unwrap_or_default();
        is_named(name).then(|| parts.next().map_or(Some(1000), weight).unwrap_or(0))
    })
}

/// `q=` and a `qvalue` (§12.4.2), in thousandths.
fn weight(parameter: &[u8]) -> Option<u16> {
    let [b'q' | b'Q', b'=', whole @ (b'0' | b'1'), rest @ ..] = parameter else {
        return None;
    };
    let mut thousandths = u16::from(whole - b'0') * 1000;
    let fraction = match rest {
        [] => rest,
        [b'.', fraction @ ..] if fraction.len() <= 3 => fraction,
        _ => return None,
    };
    for (digit, unit) in fraction.iter().zip([100, 10, 1]) {
        thousandths += u16::from(char::from(*digit).to_digit(10)? as u8) * unit;
    }
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::Coding::{Brotli, Gzip};
    use super::{Coding, preferred};

    #[test]
    fn the_client_chooses() {
        let cases: [(&str, &[Coding]); 30] = [
            ("", &[]),
            ("br", &[Brotli]),
            ("gzip", &[Gzip]),
            ("BR", &[Brotli]),
            ("x-gzip", &[Gzip]),
            ("gzip, deflate, br", &[Brotli, Gzip]),
            ("gzip, deflate, br, zstd", &[Brotli, Gzip]),
            ("br;q=0.5, gzip", &[Gzip, Brotli]),
            ("br;q=0.5,gzip;q=0.501", &[Gzip, Brotli]),
            ("br;q=0.5 , gzip;q=0.5", &[Brotli, Gzip]),
            ("br ; q=0.5, gzip ;q=1.000", &[Gzip, Brotli]),
            ("br;Q=0.1, gzip;Q=0.2", &[Gzip, Brotli]),
            ("br;q=0, gzip", &[Gzip]),
            ("br;q=0.000, gzip;q=0", &[]),
            ("*", &[Brotli, Gzip]),
            ("*;q=0", &[]),
            ("*;q=0.5, gzip", &[Gzip, Brotli]),
            ("br;q=0, *", &[Gzip]),
            ("identity", &[]),
            ("identity, gzip", &[Gzip]),
            ("identity, gzip;q=0.9", &[]),
            ("identity;q=0.5, gzip;q=0.9, br;q=0.1", &[Gzip]),
            ("identity;q=0, gzip;q=0.1", &[Gzip]),
            ("deflate", &[]),
            ("brotli, gzipped, xbr", &[]),
            ("br;q=1.001", &[]),
            ("br;q=2", &[]),
            ("br;q=0.1234", &[]),
            ("br;q=.5", &[]),
            ("br;level=5, gzip;q=", &[]),
        ];
        for (field, expected) in cases {
            let found = preferred(field.as_bytes());
            let found: Vec<_> = found.into_iter().flatten().collect();
            assert_eq!(found, expected, "{field}");
        }
    }
}
