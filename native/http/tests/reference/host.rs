//! `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2).

use std::net::Ipv6Addr;

use super::letters::{digit, hexdig, plain_in_host};

/// A host that is not empty, perhaps a port, which may be empty.
pub(crate) fn is_host_and_port(text: &str) -> bool {
    split(text).is_some_and(|(host, port)| is_uri_host(host) && port.is_none_or(is_port))
}

/// What CONNECT asks for: a host and a port that is not empty (RFC 9112 §3.2.3).
pub(super) fn is_host_with_port(text: &str) -> bool {
    split(text).is_some_and(|(host, port)| {
        is_uri_host(host) && port.is_some_and(|port| !port.is_empty() && is_port(port))
    })
}

/// Host and port around the colon that is not within brackets.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    let host_len = match text.strip_prefix('[') {
        Some(literal) => literal.find(']')? + 2,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, behind) = text.split_at(host_len);
    match behind.strip_prefix(':') {
        _ if behind.is_empty() => Some((host, None)),
        Some(port) => Some((host, Some(port))),
        None => None,
    }
}

fn is_port(port: &str) -> bool {
    let significant = port.trim_start_matches('0');
    port.bytes().all(digit)
        && significant.len() <= 5
        && significant
            .chars()
            .fold(0, |sum, digit| sum * 10 + digit.to_digit(10).unwrap_or(0))
            < 1 << 16
}

fn is_uri_host(host: &str) -> bool {
    match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(literal) if literal.starts_with(['v', 'V']) => is_ip_future(&literal[1..]),
        // The standard library reads the grammar of RFC 4291, which is that of RFC 3986.
        Some(literal) => literal.parse::<Ipv6Addr>().is_ok(),
        None => is_reg_name(host),
    }
}

/// `1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`.
fn is_ip_future(text: &str) -> bool {
    text.split_once('.').is_some_and(|(version, address)| {
        !version.is_empty()
            && version.bytes().all(|octet| hexdig(octet).is_some())
            && !address.is_empty()
            && address
                .bytes()
                .all(|octet| octet == b':' || plain_in_host(octet))
    })
}

/// `*( unreserved / pct-encoded / sub-delims )`, but not nothing. An `IPv4address` is one too.
fn is_reg_name(text: &str) -> bool {
    let mut pieces = text.split('%');
    let plain = |piece: &str| piece.bytes().all(plain_in_host);
    let escaped = |piece: &str| {
        piece.len() >= 2
            && piece.bytes().take(2).all(|octet| hexdig(octet).is_some())
            && piece.bytes().skip(2).all(plain_in_host)
    };
    !text.is_empty() && pieces.next().is_some_and(plain) && pieces.all(escaped)
}
