//! A second reader of the same headers, written for whole slices and to be obvious.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::http::proxy_protocol::Proxied;

/// What is known of the bytes: nothing yet, a header of so many bytes, or that there is none.
pub(crate) type Verdict = Result<Option<(usize, Proxied)>, ()>;

pub(crate) fn read(bytes: &[u8]) -> Verdict {
    match bytes.first() {
        None => Ok(None),
        Some(b'P') => read_line(bytes),
        Some(_) => read_block(bytes),
    }
}

fn begins_as(bytes: &[u8], expected: &[u8]) -> Result<(), ()> {
    let len = bytes.len().min(expected.len());
    (bytes[..len] == expected[..len]).then_some(()).ok_or(())
}

fn read_line(bytes: &[u8]) -> Verdict {
    begins_as(bytes, b"PROXY ")?;
    let window = &bytes[..bytes.len().min(107)];
    let ends = window.iter().position(|&byte| byte == b'\n');
    let before = &window[..ends.unwrap_or(window.len())];
    // Each CR is followed by the LF, or is the last byte so far.
    let crs = before.iter().filter(|&&byte| byte == b'\r').count();
    let is_last = before.last() == Some(&b'\r');
    if crs > usize::from(is_last) {
        return Err(());
    }
    let Some(end) = ends else {
        return (window.len() < 107).then_some(None).ok_or(());
    };
    if !is_last {
        return Err(());
    }
    let text = &before[6..before.len() - 1];
    let parts: Vec<&[u8]> = text.split(|&byte| byte == b' ').collect();
    if parts[0] == b"UNKNOWN" {
        return Ok(Some((end + 1, Proxied::Direct)));
    }
    let text = String::from_utf8(text.to_vec()).map_err(|_| ())?;
    let parts: Vec<&str> = text.split(' ').collect();
    let [family, from, to, from_port, to_port] = parts[..] else {
        return Err(());
    };
    let ip = |text: &str| -> Result<IpAddr, ()> {
        let ip: IpAddr = text.parse().map_err(|_| ())?;
        let is_meant = family == if ip.is_ipv4() { "TCP4" } else { "TCP6" };
        is_meant.then_some(ip).ok_or(())
    };
    let port = |text: &str| -> Result<u16, ()> {
        let port: u16 = text.parse().map_err(|_| ())?;
        (port.to_string() == text).then_some(port).ok_or(())
    };
    let said = Proxied::Tcp {
        source: SocketAddr::new(ip(from)?, port(from_port)?),
        destination: SocketAddr::new(ip(to)?, port(to_port)?),
    };
    Ok(Some((end + 1, said)))
}

fn read_block(bytes: &[u8]) -> Verdict {
    begins_as(bytes, b"\r\n\r\n\0\r\nQUIT\n")?;
    let Some(command) = bytes.get(12) else {
        return Ok(None);
    };
    if command >> 4 != 2 || command & 15 > 1 {
        return Err(());
    }
    let Some(&[family, high, low]) = bytes.get(13..16) else {
        return Ok(None);
    };
    let end = 16 + usize::from(high) * 256 + usize::from(low);
    let header = &bytes[..bytes.len().min(end)];
    let size = match (command & 15, family) {
        (0, _) | (1, 0x00 | 0x12 | 0x22 | 0x32) => {
            return Ok((header.len() == end).then_some((end, Proxied::Direct)));
        }
        (_, 0x11) => 12,
        (_, 0x21) => 36,
        (_, 0x31) => 216,
        _ => return Err(()),
    };
    if end < 16 + size {
        return Err(());
    }
    let mut zeroed = header.to_vec();
    let (mut at, mut sums) = (16 + size, Vec::new());
    while let Some(&[kind, high, low]) = header.get(at..at + 3) {
        let value = at + 3..at + 3 + usize::from(high) * 256 + usize::from(low);
        if value.end > end || (kind == 3 && (value.len() != 4 || !sums.is_empty())) {
            return Err(());
        }
        if kind == 3 {
            sums.push(header.get(value.clone()).map(<[u8]>::to_vec));
            for place in value.clone().filter(|&place| place < header.len()) {
                zeroed[place] = 0;
            }
        }
        at = value.end;
    }
    if header.len() < end {
        return Ok(None);
    }
    let sum = crc32c(&zeroed).to_be_bytes().to_vec();
    if at != end || sums.into_iter().flatten().any(|sent| sent != sum) {
        return Err(());
    }
    Ok(Some((end, ends(&header[16..16 + size]))))
}

fn ends(addresses: &[u8]) -> Proxied {
    let port = |at: usize| u16::from(addresses[at]) << 8 | u16::from(addresses[at + 1]);
    let v4 = |at: usize| IpAddr::from([0, 1, 2, 3].map(|place| addresses[at + place]));
    let v6 = |at: usize| {
        let groups: [usize; 8] = core::array::from_fn(|group| at + group * 2);
        IpAddr::from(Ipv6Addr::from(groups.map(port)))
    };
    let tcp = |from, to| Proxied::Tcp {
        source: from,
        destination: to,
    };
    match addresses.len() {
        12 => tcp((v4(0), port(8)).into(), (v4(4), port(10)).into()),
        36 => tcp((v6(0), port(32)).into(), (v6(16), port(34)).into()),
        _ => Proxied::Unix,
    }
}

/// Bit by bit.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let is_odd = sum & 1 == 1;
            sum >>= 1;
            if is_odd {
                sum ^= 0x82f6_3b78;
            }
        }
    }
    !sum
}
