//! What a head says about its message (RFC 9112 §3.2, §6, §9; RFC 9110 §7.8, §10.1.1).

use super::head::Head;
use super::host;
use super::letters::{digit, same_word, tchar, without_blanks};
use super::reader::Statuses;
use crate::http::limits::Limits;

/// Where the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Nothing,
    Length(u64),
    Chunks,
}

/// What a valid head means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) delimiter: Delimiter,
    pub(crate) keep_alive: bool,
    /// A 100 is waited for.
    pub(crate) expect: bool,
    pub(crate) upgrade: bool,
}

/// Judges a head: what is malformed first, then what is not supported, then what is too large.
pub(crate) fn read_meaning(head: &Head, limits: &Limits) -> Result<Meaning, Statuses> {
    let hosts = head.values("host");
    let lengths = head.values("content-length");
    let codings = head.values("transfer-encoding");
    let well_hosted = match &hosts[..] {
        [] => head.is_1_0(),
        [host] => str::from_utf8(host).is_ok_and(host::is_host_and_port),
        _ => false,
    };
    let well_framed = match (&lengths[..], &codings[..]) {
        ([], []) => true,
        ([length], []) => !length.is_empty() && length.iter().copied().all(digit),
        ([], [_]) => !head.is_1_0(),
        _ => false,
    };
    if !well_hosted || !well_framed {
        return Err(&[400]);
    }
    if let Some(coding) = codings.first() {
        check_coding(coding)?;
    }
    if head.method == b"CONNECT" {
        return Err(&[501]);
    }
    let length = lengths.first().map(|length| number(length));
    if length.is_some_and(|length| length > u128::from(limits.body_size)) {
        return Err(&[413]);
    }
    let expectations = match head.is_1_0() {
        true => Vec::new(),
        false => list(&head.values("expect")),
    };
    if expectations
        .iter()
        .any(|value| !same_word(value, "100-continue"))
    {
        return Err(&[417]);
    }
    let delimiter = match length {
        _ if !codings.is_empty() => Delimiter::Chunks,
        None | Some(0) => Delimiter::Nothing,
        Some(length) => Delimiter::Length(length as u64),
    };
    let options = list(&head.values("connection"));
    let has = |word: &str| options.iter().any(|option| same_word(option, word));
    let upgrades = head.values("upgrade").iter().any(|value| !value.is_empty());
    Ok(Meaning {
        delimiter,
        keep_alive: !has("close") && (!head.is_1_0() || has("keep-alive")),
        expect: !expectations.is_empty() && delimiter != Delimiter::Nothing,
        upgrade: !head.is_1_0() && has("upgrade") && upgrades,
    })
}

/// `1*DIGIT`, with everything over 38 digits as good as endless.
fn number(digits: &[u8]) -> u128 {
    let significant = digits.iter().skip_while(|&&digit| digit == b'0');
    if significant.clone().count() > 38 {
        return u128::MAX;
    }
    significant.fold(0, |sum, digit| sum * 10 + u128::from(digit - b'0'))
}

/// All members of all lines (RFC 9110 §5.3, §5.6.1).
pub(super) fn list(values: &[&[u8]]) -> Vec<Vec<u8>> {
    let joined = values.join(&b","[..]);
    let members = joined.split(|&octet| octet == b',');
    members
        .map(without_blanks)
        .filter(|member| !member.is_empty())
        .collect()
}

/// RFC 9112 §6.1, §6.3: `chunked` alone passes. With something in front of it the end could be
/// known (501), with something behind it or twice it could not (400).
///
/// A broken list that ends in `chunked` is 400 as malformed and 501 as unknown; it is refused
/// either way, and what a coding's parameters are is of no use to a server that has no coding.
fn check_coding(value: &[u8]) -> Result<(), Statuses> {
    if same_word(value, "chunked") {
        return Ok(());
    }
    let members: Vec<_> = value
        .split(|&octet| octet == b',')
        .map(without_blanks)
        .collect();
    let (last, before) = members.split_last().expect("a split gives one piece");
    let is_chunked = |member: &Vec<u8>| same_word(member, "chunked");
    if !is_chunked(last) {
        return Err(&[400]);
    }
    if value.contains(&b'"') {
        return Err(&[400, 501]);
    }
    if before
        .iter()
        .any(|member| is_chunked(member) || member.is_empty())
    {
        return Err(&[400]);
    }
    let is_token = |member: &Vec<u8>| member.iter().copied().all(tchar);
    Err(if before.iter().all(is_token) {
        &[501]
    } else {
        &[400, 501]
    })
}
