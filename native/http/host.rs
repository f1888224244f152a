//! The grammar of a host (RFC 3986 §3.2.2), shared by the Host field and the target's authority.

use crate::http::byte;

/// Is this `uri-host [ ":" port ]` with a non-empty host and a port of at most 65535?
///
/// RFC 9112 §3.2 asks for a 400 when it is not. A port may be empty, as the grammar allows.
pub fn is_valid_host(value: &[u8]) -> bool {
    match host_end(value) {
        Some(end) => match &value[end..] {
            [] => true,
            [b':', port @ ..] => is_port(port),
            _ => false,
        },
        None => false,
    }
}

/// Is this `uri-host ":" port` with a port that is not empty, as CONNECT demands (RFC 9112 §3.2.3)?
pub fn is_valid_authority(value: &[u8]) -> bool {
    is_valid_host(value) && value.last().is_some_and(u8::is_ascii_digit) && {
        let end = host_end(value).unwrap_or(value.len());
        end < value.len()
    }
}

/// The length of the host in front of any port, `None` when there is no valid one.
fn host_end(value: &[u8]) -> Option<usize> {
    if value.first() == Some(&b'[') {
        let close = memchr::memchr(b']', value)?;
        return is_ip_literal(&value[1..close]).then_some(close + 1);
    }
    let mut at = 0;
    while let Some(&next) = value.get(at) {
        if byte::is_host(next) {
            at += 1;
        } else if next == b'%'
            && value.len() - at > 2
            && value[at + 1..at + 3].iter().all(u8::is_ascii_hexdigit)
        {
            at += 3;
        } else {
            break;
        }
    }
    (at > 0).then_some(at)
}

fn is_port(port: &[u8]) -> bool {
    let mut value = 0u32;
    for &digit in port {
        if !digit.is_ascii_digit() {
            return false;
        }
        value = value * 10 + u32::from(digit - b'0');
        if value > 65535 {
            return false;
        }
    }
    true
}

fn is_ip_literal(text: &[u8]) -> bool {
    match text {
        [b'v' | b'V', future @ ..] => is_ip_future(future),
        _ => is_ipv6(text),
    }
}

fn is_ip_future(text: &[u8]) -> bool {
    let Some(dot) = memchr::memchr(b'.', text) else {
        return false;
    };
    let (version, address) = (&text[..dot], &text[dot + 1..]);
    !version.is_empty()
        && version.iter().all(u8::is_ascii_hexdigit)
        && !address.is_empty()
        && address
            .iter()
            .all(|&next| byte::is_host(next) || next == b':')
}

fn is_ipv6(text: &[u8]) -> bool {
    let Some(gap) = text.windows(2).position(|pair| pair == b"::") else {
        return groups(text, true) == Some(8);
    };
    let (left, right) = (&text[..gap], &text[gap + 2..]);
    let left = if left.is_empty() {
        Some(0)
    } else {
        groups(left, false)
    };
    let right = if right.is_empty() {
        Some(0)
    } else {
        groups(right, true)
    };
    // The `::` stands for one group at least.
    matches!((left, right), (Some(left), Some(right)) if left + right <= 7)
}

/// Counts the 16-bit groups of a piece of an IPv6 address; an IPv4 tail counts for two.
fn groups(text: &[u8], may_end_in_ipv4: bool) -> Option<usize> {
    let mut count = 0;
    let mut pieces = text.split(|&next| next == b':').peekable();
    while let Some(piece) = pieces.next() {
        if (1..=4).contains(&piece.len()) && piece.iter().all(u8::is_ascii_hexdigit) {
            count += 1;
        } else if may_end_in_ipv4 && pieces.peek().is_none() && is_ipv4(piece) {
            count += 2;
        } else {
            return None;
        }
    }
    Some(count)
}

fn is_ipv4(text: &[u8]) -> bool {
    let mut count = 0;
    for octet in text.split(|&next| next == b'.') {
        count += 1;
        let valid = match octet {
            [digit] => digit.is_ascii_digit(),
            [b'1'..=b'9', digit] => digit.is_ascii_digit(),
            [b'1', rest @ ..] => rest.len() == 2 && rest.iter().all(u8::is_ascii_digit),
            [b'2', b'0'..=b'4', digit] => digit.is_ascii_digit(),
            [b'2', b'5', b'0'..=b'5'] => true,
            _ => false,
        };
        if !valid {
            return false;
        }
    }
    count == 4
}

#[cfg(test)]
mod tests;
