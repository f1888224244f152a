//! The request parser on bytes that JavaScript has.
//!
//! A fault is a number: -2 and below, so that no error object crosses; `faults` gives their names
//! and statuses.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::bridge::record::in_one_piece;
use crate::http::error::ParseError;
use crate::http::head::{HeadParser, Parsed};
use crate::http::limits::Limits;
use crate::http::message::read_head;
use crate::net::endpoint::Endpoint;
use crate::net::request::{Request, RequestBytes, RequestToken, RouteMatch};
use crate::router::escape::normalize;

const INCOMPLETE: f64 = -1.0;

/// The status and the name of each fault, by its place.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct Fault {
    /// The status of the answer.
    pub status: u16,
    /// A stable name.
    pub name: String,
}

/// The faults in the order of their numbers.
#[napi]
pub fn faults() -> Vec<Fault> {
    let fault = |error: &ParseError| Fault {
        status: error.status(),
        name: error.name().to_owned(),
    };
    ParseError::ALL.iter().map(fault).collect()
}

/// The bytes of the head, blank line and empty lines before it included.
#[napi]
pub fn frame_head_length(bytes: &[u8], max_header: f64, max_body: f64) -> f64 {
    let limits = limits(max_header, max_body);
    match HeadParser::default().parse(bytes, &limits, &mut Vec::new()) {
        Ok(Parsed::Complete(head)) => f64::from(head.start) + f64::from(head.len),
        Ok(Parsed::Partial) => INCOMPLETE,
        Err(error) => number(error),
    }
}

/// The bytes of the whole message as far as its head tells; incomplete also for a body in chunks
/// and for none.
#[napi]
pub fn frame_expected_total(bytes: &[u8], max_header: f64, max_body: f64) -> f64 {
    match read_head(bytes, &limits(max_header, max_body), &mut Vec::new()) {
        Ok(Parsed::Complete(head)) => head.declared_len().map_or(INCOMPLETE, |len| len as f64),
        Ok(Parsed::Partial) => INCOMPLETE,
        Err(error) => number(error),
    }
}

/// The bytes of the whole message.
#[napi]
pub fn frame_request_length(bytes: &[u8], max_header: f64, max_body: f64) -> f64 {
    let limits = limits(max_header, max_body);
    let framed = read_head(bytes, &limits, &mut Vec::new()).and_then(|head| match head {
        Parsed::Complete(head) => head.read_body(bytes, &limits, |_| {}),
        Parsed::Partial => Ok(Parsed::Partial),
    });
    match framed {
        Ok(Parsed::Complete(len)) => len as f64,
        Ok(Parsed::Partial) => INCOMPLETE,
        Err(error) => number(error),
    }
}

/// The record of the request, laid out as for `takeLarge`; or why there is none.
#[napi]
pub fn decode_request(bytes: &[u8], max_header: f64, max_body: f64) -> DecodedRequest {
    match decode(bytes, &limits(max_header, max_body)) {
        Ok(Some(record)) => DecodedRequest {
            record: Some(Uint8Array::new(record)),
            fault: 0.0,
        },
        Ok(None) => DecodedRequest {
            record: None,
            fault: INCOMPLETE,
        },
        Err(error) => DecodedRequest {
            record: None,
            fault: number(error),
        },
    }
}

/// A decoded request, or the number of its fault.
#[napi(object, object_from_js = false)]
pub struct DecodedRequest {
    /// Head as sent, decoded body, and the record behind them.
    pub record: Option<Uint8Array>,
    /// -1: incomplete; below: a fault.
    pub fault: f64,
}

impl std::fmt::Debug for DecodedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DecodedRequest")
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

fn decode(bytes: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>, ParseError> {
    let mut fields = Vec::new();
    let Parsed::Complete(message) = read_head(bytes, limits, &mut fields)? else {
        return Ok(None);
    };
    let head = message.head;
    let mut raw = bytes[head.start as usize..message.end].to_vec();
    let whole = message.read_body(bytes, limits, |data| raw.extend_from_slice(data))?;
    if whole == Parsed::Partial {
        return Ok(None);
    }
    let (nobody, mut room) = (Endpoint::default(), Vec::new());
    let request = Request {
        token: RequestToken::default(),
        head: &head,
        fields: &fields,
        bytes: RequestBytes::Owned(Vec::new()),
        normal_path: match head.has_percent {
            true => normalize(head.path.of(&raw), &mut room),
            false => None,
        },
        route: RouteMatch::NONE,
        remote: &nobody,
        local: &nobody,
    };
    Ok(Some(in_one_piece(&request, raw)))
}

/// Limits as JavaScript gives them, in bytes; `Infinity` for none.
fn limits(max_header: f64, max_body: f64) -> Limits {
    Limits {
        header_size: max_header as u32,
        body_size: max_body as u64,
        ..Limits::default()
    }
}

fn number(error: ParseError) -> f64 {
    -2.0 - f64::from(error as u32)
}
