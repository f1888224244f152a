//! Validators, and requests that depend on them (RFC 9110 §13).

use std::time::{Duration, UNIX_EPOCH};

use httpdate::HttpDate;

use crate::http::byte;

/// What tells one state of a representation from another.
#[derive(Clone, Debug)]
pub struct Validators {
    /// The entity tag with its quotes; a strong one (§8.8.3).
    pub etag: String,
    /// When it was last modified, to the second; `None` for a time that has no HTTP-date, and for the
    /// epoch, which stands for one that nobody knows.
    pub modified: Option<HttpDate>,
    /// It was not modified in this second, so that the date tells this state from later ones (§8.8.2.2).
    pub is_date_strong: bool,
}

/// The fields that make a request depend on a state; empty for those that it does not have, a space
/// for those that it has without a value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'a> {
    /// `If-Match`.
    pub if_match: &'a [u8],
    /// `If-None-Match`.
    pub if_none_match: &'a [u8],
    /// `If-Modified-Since`.
    pub if_modified_since: &'a [u8],
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: &'a [u8],
    /// `If-Range`.
    pub if_range: &'a [u8],
}

/// What becomes of a GET or HEAD with conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is answered as if it had none.
    Perform,
    /// 304: the client has it.
    NotModified,
    /// 412: the client means another state.
    Failed,
}

impl Validators {
    /// Those of a file of `size` bytes that was modified at `modified_ns`, in nanoseconds since 1970,
    /// which tools set to any time; `mark` is what else tells its states apart. `now` is in seconds.
    /// Names of content codings make the tag another one: they are representations of their own
    /// (§8.8.3.3).
    pub fn of_file(size: u64, modified_ns: i128, mark: u64, coding: &str, now: u64) -> Self {
        let dash = if coding.is_empty() { "" } else { "-" };
        let etag = format!("\"{size:x}-{modified_ns:x}-{mark:x}{dash}{coding}\"");
        let seconds = u64::try_from(modified_ns.div_euclid(1_000_000_000));
        let seconds = seconds.ok().filter(|&seconds| seconds > 0);
        Self {
            etag,
            // §8.8.2.1: not later than the clock of the message.
            modified: seconds.map(|seconds| seconds.min(now)).map(at),
            is_date_strong: seconds.is_some_and(|seconds| seconds < now),
        }
    }
}

/// The date of a time in seconds since 1970.
fn at(seconds: u64) -> HttpDate {
    HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds))
}

impl Conditions<'_> {
    /// What becomes of the request, in the order of §13.2.2.
    pub fn verdict(&self, validators: &Validators) -> Verdict {
        let is_meant = if !self.if_match.is_empty() {
            has_tag(self.if_match, &validators.etag, is_same_strong)
        } else if let Some(since) = date(self.if_unmodified_since) {
            validators.modified.is_none_or(|modified| modified <= since)
        } else {
            true
        };
        if !is_meant {
            return Verdict::Failed;
        }
        let is_known = if !self.if_none_match.is_empty() {
            has_tag(self.if_none_match, &validators.etag, is_same_weak)
        } else if let Some(since) = date(self.if_modified_since) {
            validators
                .modified
                .is_some_and(|modified| modified <= since)
        } else {
            false
        };
        match is_known {
            true => Verdict::NotModified,
            false => Verdict::Perform,
        }
    }

    /// Whether a `Range` counts (§13.1.5): the client has a part of this very state.
    pub fn allows_range(&self, validators: &Validators) -> bool {
        match self.if_range {
            b"" => true,
            [.., b'"'] => is_same_strong(self.if_range, validators.etag.as_bytes()),
            field => {
                let is_same = date(field).is_some_and(|date| validators.modified == Some(date));
                is_same && validators.is_date_strong
            }
        }
    }
}

/// `None` for what is no date: the field is ignored then (§13.1.3, §13.1.4).
fn date(field: &[u8]) -> Option<HttpDate> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// §8.8.3.2: neither is weak.
fn is_same_strong(given: &[u8], tag: &[u8]) -> bool {
    given == tag
}

/// §8.8.3.2: whether weak or not.
fn is_same_weak(given: &[u8], tag: &[u8]) -> bool {
    given.strip_prefix(b"W/").unwrap_or(given) == tag
}

/// Whether a list of entity tags, or `*`, has one that is the same. What is none ends the list.
fn has_tag(list: &[u8], tag: &str, is_same: fn(&[u8], &[u8]) -> bool) -> bool {
    let mut rest = byte::trim(list);
    if rest == b"*" {
        return true;
    }
    while !rest.is_empty() {
        if let [b',', next @ ..] = rest {
            rest = byte::trim(next);
            continue;
        }
        let Some(end) = tag_end(rest) else {
            return false;
        };
        if is_same(&rest[..end], tag.as_bytes()) {
            return true;
        }
        rest = byte::trim(&rest[end..]);
        if !rest.is_empty() && rest[0] != b',' {
            return false;
        }
    }
    false
}

/// Where the tag ends that begins here. A comma may stand in it, a quote may not (§8.8.3).
fn tag_end(text: &[u8]) -> Option<usize> {
    let prefix = if text.starts_with(b"W/") { 2 } else { 0 };
    let opaque = text[prefix..].strip_prefix(b"\"")?;
    Some(prefix + 2 + memchr::memchr(b'"', opaque)?)
}

#[cfg(test)]
mod tests;
