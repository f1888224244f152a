//! `HTTP-message` up to its blank line (RFC 9112 §2.1, §3, §5).

use super::host;
use super::letters::{digit, tchar, text, visible_in_target, without_blanks};
use super::reader::{BAD, Reader, Stop};
use crate::http::limits::Limits;

/// A name and a value.
pub(crate) type Field = (Vec<u8>, Vec<u8>);

/// A request's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    /// The target up to its query; without scheme and authority.
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    /// The authority of an absolute target.
    pub(crate) authority: Option<Vec<u8>>,
    /// `HTTP/1.x`.
    pub(crate) version: Vec<u8>,
    pub(crate) fields: Vec<Field>,
}

impl Head {
    /// Every value of a field; `name` is in lower case.
    pub(super) fn values(&self, name: &str) -> Vec<&[u8]> {
        let lines = self.fields.iter();
        lines
            .filter(|line| super::letters::same_word(&line.0, name))
            .map(|line| &line.1[..])
            .collect()
    }

    pub(super) fn is_1_0(&self) -> bool {
        self.version.last() == Some(&b'0')
    }
}

/// The head at the front of a text, and its length with the empty lines before it.
pub(crate) fn read_head(input: &[u8], limits: &Limits) -> Result<(Head, usize), Stop> {
    let mut reader = Reader::new(input);
    empty_lines(&mut reader)?;
    reader.allow_in_all(limits.header_size as usize, Stop::Refused(&[414]));
    let mut head = Head {
        method: method(&mut reader)?,
        ..Head::default()
    };
    head.target = request_target(&mut reader, &head.method, limits.request_line as usize)?;
    take_apart(&mut head)?;
    reader.rename_beyond(Stop::Refused(&[431]));
    head.version = http_version(&mut reader)?;
    while reader.look()? != b'\r' {
        if head.fields.len() >= limits.headers_count as usize {
            return Err(Stop::Refused(&[431]));
        }
        head.fields.push(field_line(&mut reader)?);
    }
    reader.end_of_line()?;
    Ok((head, reader.place()))
}

/// RFC 9112 §2.2 asks for one to be ignored; four are, and a fifth is refused.
fn empty_lines(reader: &mut Reader<'_>) -> Result<(), Stop> {
    for _ in 0..4 {
        if reader.look()? != b'\r' {
            return Ok(());
        }
        reader.end_of_line()?;
    }
    match reader.look()? {
        b'\r' => Err(BAD),
        _ => Ok(()),
    }
}

/// `method SP`, of at most 64 octets.
fn method(reader: &mut Reader<'_>) -> Result<Vec<u8>, Stop> {
    let mut method = Vec::new();
    loop {
        match reader.take()? {
            b' ' if !method.is_empty() => return Ok(method),
            octet if !tchar(octet) => return Err(BAD),
            _ if method.len() == 64 => return Err(Stop::Refused(&[501])),
            octet => method.push(octet),
        }
    }
}

/// `request-target SP`.
fn request_target(reader: &mut Reader<'_>, method: &[u8], most: usize) -> Result<Vec<u8>, Stop> {
    let starts_well = match reader.look()? {
        _ if method == b"CONNECT" => true,
        b'*' => method == b"OPTIONS",
        first => first == b'/' || first == b'h' || first == b'H',
    };
    if !starts_well {
        return Err(BAD);
    }
    let mut target = Vec::new();
    loop {
        match reader.take()? {
            b' ' if !target.is_empty() => return Ok(target),
            _ if target.len() == most => return Err(Stop::Refused(&[414])),
            octet if !visible_in_target(octet) => return Err(BAD),
            octet => target.push(octet),
        }
    }
}

/// The four forms of RFC 9112 §3.2.
fn take_apart(head: &mut Head) -> Result<(), Stop> {
    let target = String::from_utf8(head.target.clone()).expect("a target is ASCII");
    let rest = if head.method == b"CONNECT" {
        if !host::is_host_with_port(&target) {
            return Err(BAD);
        }
        head.path = head.target.clone();
        return Ok(());
    } else if target.starts_with('*') {
        if target != "*" {
            return Err(BAD);
        }
        head.path = head.target.clone();
        return Ok(());
    } else if target.starts_with('/') {
        &target[..]
    } else {
        let (scheme, behind) = target.split_once("://").ok_or(BAD)?;
        if !["http", "https"].contains(&&*scheme.to_lowercase()) {
            return Err(BAD);
        }
        let authority = behind.split(['/', '?']).next().unwrap_or_default();
        if !host::is_host_and_port(authority) {
            return Err(BAD);
        }
        head.authority = Some(authority.into());
        &behind[authority.len()..]
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    head.path = path.into();
    head.query = query.into();
    Ok(())
}

/// `HTTP-version CRLF`. Any 1.x will do (RFC 9110 §2.5), another major number is a 505 once the
/// word has ended.
fn http_version(reader: &mut Reader<'_>) -> Result<Vec<u8>, Stop> {
    let mut version = Vec::new();
    for wanted in "HTTP/#.#".chars() {
        let octet = reader.take()?;
        let fits = match wanted {
            '#' => digit(octet),
            _ => char::from(octet) == wanted,
        };
        if !fits {
            return Err(BAD);
        }
        version.push(octet);
    }
    reader.expect(b'\r', BAD)?;
    if version[5] != b'1' {
        return Err(Stop::Refused(&[505]));
    }
    reader.expect(b'\n', BAD)?;
    Ok(version)
}

/// `field-name ":" OWS field-value OWS CRLF`, on one line.
pub(super) fn field_line(reader: &mut Reader<'_>) -> Result<Field, Stop> {
    let mut name = Vec::new();
    loop {
        match reader.take()? {
            b':' if !name.is_empty() => break,
            octet if tchar(octet) => name.push(octet),
            _ => return Err(BAD),
        }
    }
    let mut value = Vec::new();
    loop {
        match reader.take()? {
            b'\r' => break,
            octet if text(octet) => value.push(octet),
            _ => return Err(BAD),
        }
    }
    reader.expect(b'\n', BAD)?;
    Ok((name, without_blanks(&value)))
}
