//! Requests to be written, and what must be read.

use crate::http::head::{FieldLine, HeadParser, Parsed, RequestHead, Version};
use crate::http::limits::Limits;
use crate::http::method::Method;
use crate::http::tests::seeded::Seeded;
use crate::net::endpoint::Endpoint;
use crate::net::request::{Request, RequestBytes, RequestToken, RouteMatch};
use crate::router::span::Span;

/// A parsed request with its body.
#[derive(Debug)]
pub(in crate::bridge) struct Sample {
    pub(in crate::bridge) token: RequestToken,
    head: RequestHead,
    fields: Vec<FieldLine>,
    bytes: Vec<u8>,
    remote: Endpoint,
    local: Endpoint,
    route: u32,
    params: Vec<Span>,
}

/// A request as the reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bridge) struct Expected {
    pub(in crate::bridge) token: RequestToken,
    /// Method code, and the minor version above it.
    pub(in crate::bridge) kind: u32,
    pub(in crate::bridge) method: Vec<u8>,
    pub(in crate::bridge) target: Vec<u8>,
    pub(in crate::bridge) path: Vec<u8>,
    pub(in crate::bridge) query: Vec<u8>,
    pub(in crate::bridge) fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub(in crate::bridge) body: Vec<u8>,
    pub(in crate::bridge) ports: u32,
    pub(in crate::bridge) family: u32,
    pub(in crate::bridge) addresses: [u32; 8],
    pub(in crate::bridge) route: u32,
    pub(in crate::bridge) params: Vec<Vec<u8>>,
}

/// A request with `size` bytes besides those that every one has, in its fields or in its body.
pub(in crate::bridge) fn sample(seeded: &mut Seeded, size: usize) -> Sample {
    let method = *seeded.pick(&[
        "GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW",
    ]);
    let path = *seeded.pick(&["/p", "/p%20", "/%70ath", "/a%2fb%7Ecd"]);
    let query = *seeded.pick(&["", "?", "?a=b", "?a?b"]);
    let minor = seeded.below(2);
    let (in_fields, in_body) = match seeded.below(3) {
        0 if size < 8000 => (size, 0),
        1 if size < 8000 => (size / 2, size - size / 2),
        _ => (0, size),
    };
    let mut text = format!("{method} {path}{query} HTTP/1.{minor}\r\nHost: a\r\n");
    let mut left = in_fields;
    while left > 0 {
        let len = left.min(100 + seeded.below(100));
        text.push_str(&format!("X: {}\r\n", "v".repeat(len)));
        left -= len;
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    let mut fields = Vec::new();
    let head = HeadParser::default().parse(&bytes, &Limits::default(), &mut fields);
    let Ok(Parsed::Complete(head)) = head else {
        panic!("{head:?}: {}", bytes.escape_ascii());
    };
    bytes.extend((0..in_body).map(|_| seeded.next() as u8));
    let mut end = |family| Endpoint {
        ip: std::array::from_fn(|_| seeded.next() as u32),
        port: seeded.next() as u16,
        family,
        scope: 0,
    };
    let (remote, local) = (end(4), end(6));
    Sample {
        token: RequestToken {
            index: seeded.next() as u32,
            generation: seeded.next() as u32,
            meta: seeded.next() as u32,
        },
        head,
        fields,
        bytes,
        remote,
        local,
        route: seeded.next() as u32,
        params: (0..seeded.below(4))
            .map(|start| param(start as u32))
            .collect(),
    }
}

/// Of the path `/p` and what follows.
fn param(start: u32) -> Span {
    let len = start % 3;
    Span { start, len }
}

impl Sample {
    pub(in crate::bridge) fn request(&self, is_owned: bool) -> Request<'_> {
        let (head, body) = self.bytes.split_at(self.head.len as usize);
        let bytes = if is_owned {
            RequestBytes::Owned(self.bytes.clone())
        } else {
            RequestBytes::Borrowed { head, body }
        };
        Request {
            token: self.token,
            head: &self.head,
            fields: &self.fields,
            bytes,
            normal_path: self.normal_path(),
            route: RouteMatch {
                id: self.route,
                base: self.head.path.start,
                params: &self.params,
            },
            remote: &self.remote,
            local: &self.local,
        }
    }

    fn normal_path(&self) -> Option<&[u8]> {
        match self.head.path.of(&self.bytes) {
            b"/%70ath" => Some(b"/path"),
            b"/a%2fb%7Ecd" => Some(b"/a%2Fb~cd"),
            _ => None,
        }
    }

    pub(in crate::bridge) fn expected(&self) -> Expected {
        let (bytes, head) = (&self.bytes[..], &self.head);
        let fields = self.fields.iter();
        let codes = [
            Method::Get,
            Method::Post,
            Method::Head,
            Method::Put,
            Method::Delete,
            Method::Patch,
            Method::Options,
            Method::Trace,
        ];
        let code = codes.iter().position(|code| *code == head.method_kind);
        let minor = u32::from(head.version == Version::Http11);
        let addresses = [self.remote.ip, self.local.ip].concat();
        let from = self.normal_path();
        let from = from.unwrap_or(&bytes[head.path.start as usize..]);
        Expected {
            token: self.token,
            kind: code.map_or(0, |code| code as u32 + 1) | minor << 8,
            method: head.method.of(bytes).to_vec(),
            target: head.target.of(bytes).to_vec(),
            path: self.normal_path().unwrap_or(head.path.of(bytes)).to_vec(),
            query: head.query.of(bytes).to_vec(),
            fields: fields
                .map(|line| (line.name.of(bytes).to_vec(), line.value.of(bytes).to_vec()))
                .collect(),
            body: bytes[head.len as usize..].to_vec(),
            ports: u32::from(self.remote.port) | u32::from(self.local.port) << 16,
            family: 4 | 6 << 8,
            addresses: addresses.try_into().unwrap(),
            route: self.route,
            params: self
                .params
                .iter()
                .map(|span| span.of(from).to_vec())
                .collect(),
        }
    }
}
