//! The handler's side of a test: notes what it is given, and has as much room as it is told.

use crate::http::error::ParseError;
use crate::http::tests::session::Seen;
use crate::net::crossing::{Deliver, Withdrawal};
use crate::net::notice::Notice;
use crate::net::refused::Refused;
use crate::net::request::{FLAG_LAST, Request, RequestBytes, RequestToken};

/// A request as it was handed over.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) token: RequestToken,
    pub(crate) seen: Seen,
    pub(crate) normal_path: Option<Vec<u8>>,
    pub(crate) route: u32,
    pub(crate) params: Vec<Vec<u8>>,
}

/// A `Deliver` that keeps everything.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) taken: Vec<Taken>,
    pub(crate) notices: Vec<Notice>,
    /// Pieces of streamed bodies.
    pub(crate) body: Vec<u8>,
    /// Bytes of the largest piece of it.
    pub(crate) largest: usize,
    /// Refused requests: status, fault and bytes.
    pub(crate) refused: Vec<(u16, &'static str, Vec<u8>)>,
    /// Trailer sections.
    pub(crate) trailers: Vec<Vec<u8>>,
    /// Requests that it still takes.
    pub(crate) room: usize,
    /// Whether handlers have begun with whatever was taken, so that it cannot be withdrawn.
    pub(crate) is_begun: bool,
    /// Whether what was withdrawn is passed over at once: asked again, nothing of it is unread.
    pub(crate) passes_over: bool,
    /// Connections of which something was withdrawn.
    pub(crate) withdrawn: Vec<((u32, u32), u32)>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            taken: Vec::new(),
            notices: Vec::new(),
            body: Vec::new(),
            largest: 0,
            refused: Vec::new(),
            trailers: Vec::new(),
            room: usize::MAX,
            is_begun: false,
            passes_over: false,
            withdrawn: Vec::new(),
        }
    }
}

impl Deliver for Recorder {
    fn has_room(&mut self) -> bool {
        self.room > 0
    }

    fn request(&mut self, request: Request<'_>) {
        assert!(self.room > 0, "a request without room for it");
        self.room -= 1;
        self.taken.push(Taken {
            token: request.token,
            seen: seen(&request),
            normal_path: request.normal_path.map(<[u8]>::to_vec),
            route: request.route.id,
            params: params(&request),
        });
    }

    fn body(&mut self, _token: RequestToken, data: &[u8]) {
        self.body.extend_from_slice(data);
        self.largest = self.largest.max(data.len());
    }

    fn trailers(&mut self, _token: RequestToken, lines: &[u8]) {
        assert!(!lines.is_empty());
        self.trailers.push(lines.to_vec());
    }

    fn refused(&mut self, refused: &Refused<'_>) {
        assert!(self.room > 0, "a refusal without room for it");
        let fault = refused.fault.map_or("late", ParseError::name);
        let told = (refused.status, fault, refused.bytes.to_vec());
        self.refused.push(told);
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    fn withdraw(&mut self, id: (u32, u32), next: u32, _how: Withdrawal) -> bool {
        let is_read = self.passes_over && self.withdrawn.contains(&(id, next));
        let is_withdrawn = !self.is_begun && !is_read;
        if is_withdrawn {
            self.withdrawn.push((id, next));
        }
        is_withdrawn
    }
}

/// Reads the parameters of a request's route.
fn params(request: &Request<'_>) -> Vec<Vec<u8>> {
    let route = &request.route;
    let sent = &request.bytes.head()[route.base as usize..];
    let path = request.normal_path.unwrap_or(sent);
    let values = route.params.iter();
    values.map(|span| span.of(path).to_vec()).collect()
}

/// Reads the spans of a request.
pub(crate) fn seen(request: &Request<'_>) -> Seen {
    let len = request.head.len as usize;
    let (head, body) = match &request.bytes {
        RequestBytes::Borrowed { head, body } => (*head, *body),
        RequestBytes::Owned(bytes) => bytes.split_at(len),
    };
    assert_eq!(head.len(), len);
    let fields = request.fields.iter();
    Seen {
        method: request.head.method.of(head).to_vec(),
        target: request.head.target.of(head).to_vec(),
        path: request.head.path.of(head).to_vec(),
        query: request.head.query.of(head).to_vec(),
        version: request.head.version_span.of(head).to_vec(),
        fields: fields
            .map(|line| (line.name.of(head).to_vec(), line.value.of(head).to_vec()))
            .collect(),
        body: body.to_vec(),
        keep_alive: request.token.meta & FLAG_LAST == 0,
    }
}
