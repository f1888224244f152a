//! CRC-32C (RFC 9260 appendix A), byte by byte.

/// The polynomial, its bits in the order in which they are sent.
const POLYNOMIAL: u32 = 0x82f6_3b78;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = (value >> 1) ^ (POLYNOMIAL & (value & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

/// A checksum that grows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crc32c(u32);

impl Default for Crc32c {
    fn default() -> Self {
        Self(!0)
    }
}

impl Crc32c {
    pub(super) fn add(&mut self, byte: u8) {
        self.0 = self.0 >> 8 ^ TABLE[usize::from(self.0 as u8 ^ byte)];
    }

    /// The checksum of all that was added.
    pub(super) fn value(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Crc32c;

    #[test]
    fn has_the_check_value_and_those_of_rfc_3720() {
        let rising: Vec<u8> = (0..32).collect();
        let falling: Vec<u8> = (0..32).rev().collect();
        for (bytes, value) in [
            (&b"123456789"[..], 0xe306_9283),
            (b"", 0),
            (&[0; 32], 0x8a91_36aa),
            (&[0xff; 32], 0x62a8_ab43),
            (&rising, 0x46dd_794e),
            (&falling, 0x113f_db5c),
        ] {
            let mut crc = Crc32c::default();
            bytes.iter().for_each(|&byte| crc.add(byte));
            assert_eq!(crc.value(), value, "{bytes:?}");
        }
    }
}
