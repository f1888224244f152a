//! The request target (RFC 9112 §3.2): which form it has, and where its path and query lie.

use crate::http::error::ParseError;
use crate::http::host;
use crate::http::method::Method;
use crate::http::span::Span;

/// The forms of RFC 9112 §3.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetForm {
    /// `/path?query`, what nearly every request has.
    #[default]
    Origin,
    /// `http://host/path?query`; its authority wins over the Host field.
    Absolute,
    /// `*`, only for OPTIONS.
    Asterisk,
    /// `host:port`, only for CONNECT.
    Authority,
}

/// A target taken apart; the spans have the base of the target's own span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetParts {
    /// The path without the query; empty when an absolute target has none, and the whole target
    /// for the two forms without a path.
    pub path: Span,
    /// What follows the first `?`; empty and at the target's end when there is none.
    pub query: Span,
    /// There is a percent sign in the path.
    pub has_percent: bool,
}

/// Tells the form from the first byte, so that a hopeless target is refused there; `any_absolute` is that of
/// the limits.
pub fn form_of(first: u8, method: Method, any_absolute: bool) -> Result<TargetForm, ParseError> {
    match (first, method) {
        (_, Method::Connect) => Ok(TargetForm::Authority),
        (b'/', _) => Ok(TargetForm::Origin),
        (b'*', Method::Options) => Ok(TargetForm::Asterisk),
        (b'h' | b'H', _) => Ok(TargetForm::Absolute),
        _ if any_absolute && first.is_ascii_alphabetic() => Ok(TargetForm::Absolute),
        _ => Err(ParseError::Target),
    }
}

/// Checks a whole target of the given form; `text` is what `span` covers, and is not empty. `any_absolute` is
/// that of the limits.
pub fn take_apart(
    text: &[u8],
    span: Span,
    form: TargetForm,
    any_absolute: bool,
) -> Result<TargetParts, ParseError> {
    let path_start = match form {
        TargetForm::Origin => 0,
        TargetForm::Absolute => {
            let (start, len) = authority_of(text).ok_or(ParseError::Target)?;
            if !any_absolute && !is_http(&text[..start], &text[start..start + len]) {
                return Err(ParseError::Target);
            }
            start + len
        }
        TargetForm::Asterisk if text == b"*" => return Ok(whole(span)),
        TargetForm::Authority if host::is_valid_authority(text) => return Ok(whole(span)),
        TargetForm::Asterisk | TargetForm::Authority => return Err(ParseError::Target),
    };
    let rest = &text[path_start..];
    let start = span.start + path_start as u32;
    let mut path_len = memchr::memchr2(b'?', b'%', rest).unwrap_or(rest.len());
    let has_percent = rest.get(path_len) == Some(&b'%');
    if has_percent {
        path_len = memchr::memchr(b'?', rest).unwrap_or(rest.len());
    }
    let path_len = path_len as u32;
    let query_start = (start + path_len + 1).min(span.end());
    Ok(TargetParts {
        path: Span {
            start,
            len: path_len,
        },
        query: Span {
            start: query_start,
            len: span.end() - query_start,
        },
        has_percent,
    })
}

/// The authority of an absolute target, whatever it is: offset and length. `None` without a scheme and `//`
/// (RFC 3986 §3).
pub fn authority_of(text: &[u8]) -> Option<(usize, usize)> {
    let colon = memchr::memchr(b':', text)?;
    let is_scheme = text[..colon].iter().enumerate().all(|(at, &next)| {
        next.is_ascii_alphabetic() || at > 0 && (next.is_ascii_digit() || b"+-.".contains(&next))
    });
    let rest = text[colon + 1..].strip_prefix(b"//")?;
    let len = rest
        .iter()
        .position(|&next| next == b'/' || next == b'?')
        .unwrap_or(rest.len());
    (colon > 0 && is_scheme).then_some((colon + 3, len))
}

/// Whether an absolute target is one that we serve: no other scheme, no userinfo, and no bad or empty authority
/// (RFC 9110 §4.2.1, §4.2.4). `scheme` ends with `://`.
fn is_http(scheme: &[u8], authority: &[u8]) -> bool {
    [&b"http://"[..], b"https://"]
        .into_iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
        && host::is_valid_host(authority)
}

fn whole(span: Span) -> TargetParts {
    TargetParts {
        path: span,
        query: Span {
            start: span.end(),
            len: 0,
        },
        // None of an element: there is no path.
        has_percent: false,
    }
}

#[cfg(test)]
mod tests;
