//! Which addresses are meant: blocks of them, and Unix sockets.

use crate::net::endpoint::Endpoint;

/// Words of a block: the address, IPv4 as IPv6 has it (RFC 4291 §2.5.5.2), and the bits that count.
pub const WORDS: usize = 5;
/// What precedes an address of IPv4 in one of IPv6.
const MAPPED: [u32; 3] = [0, 0, 0xffff];

/// One block of addresses.
#[derive(Clone, Copy, Debug)]
struct Network {
    first: u128,
    mask: u128,
    /// Of IPv4. Others have none of those, however large they are.
    is_v4: bool,
}

/// A set of addresses, looked at one by one: lists are short.
#[derive(Clone, Debug, Default)]
pub struct Networks {
    networks: Vec<Network>,
    /// Whether the ends of Unix sockets belong to it.
    pub unix: bool,
}

impl Networks {
    /// Out of `WORDS` words for each block; those that are left over count for nothing.
    pub fn of(words: &[u32], unix: bool) -> Self {
        let networks = words.as_chunks::<WORDS>().0.iter().map(|block| {
            let [one, two, three, four, bits] = *block;
            let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
            let first = number([one, two, three, four]) & mask;
            let is_v4 = bits >= 96 && is_mapped(first);
            Network { first, mask, is_v4 }
        });
        Self {
            networks: networks.collect(),
            unix,
        }
    }

    /// Whether an end belongs to it. An address of IPv4 is the same whichever socket has accepted it.
    pub fn contains(&self, end: &Endpoint) -> bool {
        let ip = match end.family {
            0 => return self.unix,
            4 => number([MAPPED[0], MAPPED[1], MAPPED[2], end.ip[0]]),
            _ => number(end.ip),
        };
        let of_family = |network: &&Network| network.is_v4 == is_mapped(ip);
        let mut networks = self.networks.iter().filter(of_family);
        networks.any(|network| ip & network.mask == network.first)
    }
}

fn is_mapped(ip: u128) -> bool {
    ip >> 32 == 0xffff
}

fn number(words: [u32; 4]) -> u128 {
    words
        .iter()
        .fold(0, |number, &word| number << 32 | u128::from(word))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{MAPPED, Networks};
    use crate::net::endpoint::Endpoint;

    fn v4(ip: u32, bits: u32) -> [u32; 5] {
        [MAPPED[0], MAPPED[1], MAPPED[2], ip, 96 + bits]
    }

    #[test]
    fn knows_addresses_by_their_first_bits() {
        let networks = [
            v4(0x0a00_0000, 8),
            v4(0xc000_0207, 32),
            [0xfc00_0000, 0, 0, 0, 7],
            [0, 0, 0, 1, 128],
        ];
        let networks = Networks::of(networks.as_flattened(), false);
        for (address, is_in) in [
            ("10.0.0.0:1", true),
            ("10.255.255.255:1", true),
            ("[::ffff:10.1.2.3]:1", true),
            ("9.255.255.255:1", false),
            ("11.0.0.0:1", false),
            ("192.0.2.7:1", true),
            ("192.0.2.6:1", false),
            ("[::ffff:192.0.2.7]:1", true),
            ("[fdff::1]:1", true),
            ("[fe00::1]:1", false),
            ("[::1]:1", true),
            ("[::2]:1", false),
            ("0.0.0.1:1", false),
        ] {
            let end = Endpoint::from(address.parse::<SocketAddr>().unwrap());
            assert_eq!(networks.contains(&end), is_in, "{address}");
        }
    }

    #[test]
    fn may_be_all_none_and_unix_sockets() {
        let end = Endpoint::from("[2001:db8::1]:1".parse::<SocketAddr>().unwrap());
        assert!(Networks::of(&[0; 5], false).contains(&end));
        let v4_end = Endpoint::from("192.0.2.1:1".parse::<SocketAddr>().unwrap());
        assert!(!Networks::of(&[0; 5], false).contains(&v4_end));
        assert!(Networks::of(&v4(0, 0), false).contains(&v4_end));
        assert!(!Networks::of(&[], true).contains(&end));
        assert!(!Networks::of(&v4(0, 0), false).contains(&end));
        for unix in [false, true] {
            assert_eq!(
                Networks::of(&[0; 5], unix).contains(&Endpoint::default()),
                unix
            );
        }
    }
}
