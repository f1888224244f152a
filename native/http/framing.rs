//! What a head says about its message: where the body ends, and what becomes of the connection.
//!
//! Every rule against request smuggling lives here (RFC 9112 §6, §3.2, §9.3). Faults are ranked,
//! so that the order of fields does not matter: malformed (400) before unsupported (501) before
//! too large (413) before unmet expectations (417).

use crate::http::error::ParseError;
use crate::http::head::{FieldLine, RequestHead, Version};
use crate::http::limits::Limits;
use crate::http::method::Method;
use crate::http::{byte, host, list, number};

/// How the body is delimited (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// No body.
    None,
    /// This many bytes, one at least.
    Length(u64),
    /// Chunks.
    Chunked,
}

/// What a valid head asks for. It can only be had from a head that obeys the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    /// How the body is delimited.
    pub body: BodyLength,
    /// May another request follow (RFC 9112 §9.3)?
    pub keep_alive: bool,
    /// Does the client wait for a 100 before it sends the body it announced (RFC 9110 §10.1.1)?
    pub expect_continue: bool,
    /// Does it ask to switch protocols: Upgrade named by Connection, HTTP/1.1 (RFC 9110 §7.8)?
    pub upgrade: bool,
}

/// What somebody serves that is refused otherwise. None of it is about where a message ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leniency {
    /// What Host may be.
    pub host: HostRule,
    /// CONNECT, which is 501 otherwise.
    pub tunnels: bool,
    /// Expectations other than `100-continue`, which are 417 otherwise.
    pub expectations: bool,
}

/// What a Host field may be. Two of them are refused by each rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostRule {
    /// RFC 9112 §3.2: one in HTTP/1.1, and a valid one.
    #[default]
    Valid,
    /// A valid one, or none: somebody else looks for it.
    ValidOrNone,
    /// A valid one, or none, for which an empty one stands too: RFC 9112 §3.2 has clients send that for a
    /// target without an authority.
    ValidEmptyOrNone,
    /// One of any value, or none.
    Optional,
}

/// Judges a head; `bytes` begins at `head.start`.
pub fn frame(
    head: &RequestHead,
    bytes: &[u8],
    fields: &[FieldLine],
    limits: &Limits,
) -> Result<Framing, ParseError> {
    frame_leniently(head, bytes, fields, limits, Leniency::default())
}

/// Judges a head where more is served.
#[inline]
pub fn frame_leniently(
    head: &RequestHead,
    bytes: &[u8],
    fields: &[FieldLine],
    limits: &Limits,
    leniency: Leniency,
) -> Result<Framing, ParseError> {
    Noted::all(fields, bytes, leniency.host)?.judge(head, limits, leniency)
}

/// Does a head offer to speak WebSocket (RFC 9110 §7.8: the name of an offer is all before its `/`)?
pub fn offers_web_socket(fields: &[FieldLine], head: &[u8]) -> bool {
    fields.iter().any(|field| {
        field.name.of(head).eq_ignore_ascii_case(b"upgrade")
            && list::elements(field.value.of(head)).any(|offer| {
                let name = offer.split(|&byte| byte == b'/').next();
                name.is_some_and(|name| name.eq_ignore_ascii_case(b"websocket"))
            })
    })
}

/// What the fields said, as far as it concerns framing.
#[derive(Default)]
struct Noted {
    has_host: bool,
    length: Option<u64>,
    coding: Option<Coding>,
    /// An Expect field, and whether all of them were `100-continue`.
    expectation: Option<bool>,
    close: bool,
    keep_alive: bool,
    connection_upgrade: bool,
    upgrade: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Chunked,
    Unsupported,
}

impl Noted {
    #[inline]
    fn all(fields: &[FieldLine], bytes: &[u8], rule: HostRule) -> Result<Self, ParseError> {
        let mut noted = Self::default();
        for field in fields {
            noted.note(field, bytes, rule)?;
        }
        Ok(noted)
    }

    /// The length of the name sorts nearly all fields out with one comparison.
    #[inline]
    fn note(&mut self, field: &FieldLine, bytes: &[u8], rule: HostRule) -> Result<(), ParseError> {
        let is = |name: &[u8]| field.name.of(bytes).eq_ignore_ascii_case(name);
        let value = field.value.of(bytes);
        match field.name.len {
            4 if is(b"host") => self.note_host(value, rule),
            6 if is(b"expect") => {
                for expectation in list::elements(value) {
                    let met = expectation.eq_ignore_ascii_case(b"100-continue");
                    self.expectation = Some(met && self.expectation != Some(false));
                }
                Ok(())
            }
            7 if is(b"upgrade") => {
                self.upgrade |= !value.is_empty();
                Ok(())
            }
            10 if is(b"connection") => {
                self.note_connection(value);
                Ok(())
            }
            14 if is(b"content-length") => self.note_length(value),
            17 if is(b"transfer-encoding") => self.note_coding(value),
            _ => Ok(()),
        }
    }

    /// An empty one names nothing we could serve, unless nothing has to be named.
    fn note_host(&mut self, value: &[u8], rule: HostRule) -> Result<(), ParseError> {
        if self.has_host {
            return Err(ParseError::DuplicateHost);
        }
        self.has_host = true;
        let is_taken = match rule {
            HostRule::Optional => true,
            HostRule::ValidEmptyOrNone if value.is_empty() => true,
            _ => host::is_valid_host(value),
        };
        if is_taken {
            Ok(())
        } else {
            Err(ParseError::Host)
        }
    }

    fn note_connection(&mut self, value: &[u8]) {
        for option in list::elements(value) {
            match option.len() {
                5 if option.eq_ignore_ascii_case(b"close") => self.close = true,
                7 if option.eq_ignore_ascii_case(b"upgrade") => self.connection_upgrade = true,
                10 if option.eq_ignore_ascii_case(b"keep-alive") => self.keep_alive = true,
                _ => {}
            }
        }
    }

    /// RFC 9112 §6.3 rule 5 lets equal lengths pass; nothing honest sends them, so they do not.
    fn note_length(&mut self, value: &[u8]) -> Result<(), ParseError> {
        if self.length.is_some() {
            return Err(ParseError::DuplicateContentLength);
        }
        self.length = Some(number::decimal(value).ok_or(ParseError::ContentLength)?);
        Ok(())
    }

    fn note_coding(&mut self, value: &[u8]) -> Result<(), ParseError> {
        if self.coding.is_some() {
            return Err(ParseError::TransferEncoding);
        }
        self.coding = Some(coding_of(value)?);
        Ok(())
    }

    fn judge(
        &self,
        head: &RequestHead,
        limits: &Limits,
        leniency: Leniency,
    ) -> Result<Framing, ParseError> {
        let Leniency {
            host,
            tunnels,
            expectations,
        } = leniency;
        let modern = head.version == Version::Http11;
        if modern && !self.has_host && host == HostRule::Valid {
            return Err(ParseError::MissingHost);
        }
        if self.coding.is_some() && self.length.is_some() {
            return Err(ParseError::ConflictingLength);
        }
        if self.coding.is_some() && !modern {
            return Err(ParseError::TransferEncodingVersion);
        }
        if self.coding == Some(Coding::Unsupported) {
            return Err(ParseError::TransferCoding);
        }
        // RFC 9110 §9.3.6: what follows a CONNECT is the tunnel's, so a length would lie.
        let has_length = self.coding.is_some() || self.length.is_some();
        if head.method_kind == Method::Connect && (has_length || !tunnels) {
            return Err(ParseError::Connect);
        }
        let body = match (self.coding, self.length) {
            (Some(_), _) => BodyLength::Chunked,
            (None, Some(length)) if length > limits.body_size => return Err(ParseError::BodySize),
            (None, None | Some(0)) => BodyLength::None,
            (None, Some(length)) => BodyLength::Length(length),
        };
        // RFC 9110 §10.1.1: an expectation in an HTTP/1.0 request is ignored.
        if modern && self.expectation == Some(false) && !expectations {
            return Err(ParseError::Expectation);
        }
        Ok(Framing {
            body,
            keep_alive: !self.close && (modern || self.keep_alive),
            expect_continue: modern && self.expectation == Some(true) && body != BodyLength::None,
            upgrade: modern && self.connection_upgrade && self.upgrade,
        })
    }
}

/// RFC 9112 §6.1, §6.3 rule 4: `chunked` once and last, or the length cannot be known (400); a
/// coding in front of it could be known, but is not (501).
fn coding_of(value: &[u8]) -> Result<Coding, ParseError> {
    let is_chunked = |element: &[u8]| element.eq_ignore_ascii_case(b"chunked");
    if is_chunked(value) {
        return Ok(Coding::Chunked);
    }
    let mut elements = value.rsplit(|&next| next == b',').map(byte::trim);
    let ends_chunked = elements.next().is_some_and(is_chunked);
    let starts_like_coding =
        |element: &[u8]| element.first().is_some_and(|&next| byte::is_token(next));
    if ends_chunked && elements.all(|element| starts_like_coding(element) && !is_chunked(element)) {
        Ok(Coding::Unsupported)
    } else {
        Err(ParseError::TransferEncoding)
    }
}

#[cfg(test)]
mod tests;
