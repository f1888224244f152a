//! The routes of a server: changed by JavaScript, read by every I/O thread without a lock.
//!
//! A change raises a version, which a thread compares before each request, so that a route which was
//! added before the request was sent is there, and one that was removed is not. The first thread
//! that comes after a change compiles the table, for all of them.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::http::head::RequestHead;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::request::{ROUTE_NOT_ALLOWED, ROUTE_NOT_FOUND, RouteMatch};
use crate::router::compiled::{Compiled, Decision};
use crate::router::escape::Path;
use crate::router::matcher::Matcher;
use crate::router::table::{Options, Table};

const TEXT: &[u8] = b"text/plain; charset=utf-8";
/// Bodies from this size on are sent from where they are.
const SHARE_FROM: usize = 4096;

/// An answer that is the same for every request.
#[derive(Debug)]
pub struct FixedAnswer {
    /// 200 to 999; 0 for a whole response in `body`.
    pub status: u16,
    /// The reason phrase; empty for the standard one.
    pub reason: Box<[u8]>,
    /// Value of Content-Type; empty for none.
    pub content_type: &'static [u8],
    /// Encoded field lines, each with its CRLF.
    pub fields: Box<[u8]>,
    /// The field lines hold a `Date`.
    pub has_date: bool,
    /// The field lines hold the length of a body that is not sent.
    pub has_length: bool,
    /// The connection ends with it.
    pub close: bool,
    /// The body.
    pub body: Box<[u8]>,
}

/// What a route carries: a fixed answer, or nothing if a handler has it.
type Fixed = Option<Arc<FixedAnswer>>;

/// Who answers what no route has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fallbacks {
    /// A handler answers what no route has.
    pub not_found: bool,
    /// A handler answers what only routes of other methods have.
    pub not_allowed: bool,
}

/// The routes as requests are matched by them.
#[derive(Debug)]
pub struct Routes {
    /// The routes; those with a fixed answer carry it.
    pub table: Compiled<Fixed>,
    fallbacks: Fallbacks,
}

/// The routes as they are changed.
#[derive(Debug)]
pub struct Draft {
    /// The routes; those with a fixed answer carry it.
    pub table: Table<Fixed>,
    /// Who answers what none of them has.
    pub fallbacks: Fallbacks,
    /// What it compiles to, if somebody wanted to know since the last change.
    compiled: Option<Arc<Routes>>,
}

/// The routes as all threads see them.
#[derive(Debug)]
pub struct SharedRoutes {
    version: AtomicU32,
    draft: Mutex<Draft>,
}

impl SharedRoutes {
    /// No routes yet.
    pub fn new(options: Options) -> Self {
        let draft = Draft {
            table: Table::new(options),
            fallbacks: Fallbacks::default(),
            compiled: None,
        };
        Self {
            version: AtomicU32::new(0),
            draft: Mutex::new(draft),
        }
    }

    /// Changes the routes for every request that arrives from now on.
    pub fn change<T>(&self, change: impl FnOnce(&mut Draft) -> T) -> T {
        let mut draft = self.draft.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut draft);
        draft.compiled = None;
        self.version.fetch_add(1, Ordering::SeqCst);
        changed
    }

    fn current(&self) -> (u32, Arc<Routes>) {
        let mut draft = self.draft.lock().unwrap_or_else(PoisonError::into_inner);
        let Draft {
            table,
            fallbacks,
            compiled,
        } = &mut *draft;
        let routes = compiled.get_or_insert_with(|| {
            Arc::new(Routes {
                table: table.compile(),
                fallbacks: *fallbacks,
            })
        });
        (self.version.load(Ordering::SeqCst), routes.clone())
    }
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Routed<'a> {
    /// A handler has it.
    Handler(RouteMatch<'a>),
    /// It is answered here.
    Answer(Answer<'a>),
}

/// One thread's view of the routes.
#[derive(Debug)]
pub struct Routing {
    shared: Arc<SharedRoutes>,
    version: u32,
    routes: Arc<Routes>,
    /// What the last decision found.
    pub matcher: Matcher,
    fields: Vec<u8>,
}

impl Routing {
    /// A view that follows every change.
    pub fn new(shared: Arc<SharedRoutes>) -> Self {
        let (version, routes) = shared.current();
        Self {
            shared,
            version,
            routes,
            matcher: Matcher::default(),
            fields: Vec::new(),
        }
    }

    /// The routes as they are now, by which requests are matched from here on.
    pub fn routes(&mut self) -> (&Routes, &mut Matcher) {
        if self.shared.version.load(Ordering::SeqCst) != self.version {
            (self.version, self.routes) = self.shared.current();
            self.matcher.forget();
        }
        (&self.routes, &mut self.matcher)
    }

    /// Says what becomes of a request with this head, by the routes as they were looked at last: so
    /// it says the same twice. `normal` is the normal form of its path, if that is another one.
    pub fn route(&mut self, head: &RequestHead, bytes: &[u8], normal: Option<&[u8]>) -> Routed<'_> {
        let Self {
            routes,
            matcher,
            fields,
            ..
        } = self;
        let routes = &**routes;
        let text = |start: u32, len: u32| &bytes[start as usize..][..len as usize];
        let method = text(head.method.start, head.method.len);
        let target = text(head.target.start, head.target.len);
        let (base, sent) = match text(head.path.start, head.path.len) {
            // `http://host` means `http://host/` (RFC 9112 §3.2.1): one of its slashes will do.
            b"" => {
                let slash = memchr::memchr(b'/', target).unwrap_or(0) as u32;
                (head.target.start + slash, &b"/"[..])
            }
            sent => (head.path.start, sent),
        };
        let path = Path {
            text: normal.unwrap_or(sent),
            has_percent: head.has_percent,
        };
        let handler = |id: u32, params| Routed::Handler(RouteMatch { id, base, params });
        match routes.table.decide(method, path, matcher) {
            Decision::Route(route) => match &route.payload {
                None => handler(route.id, matcher.spans()),
                Some(fixed) => Routed::Answer(fixed_answer(fixed)),
            },
            Decision::Redirect(status) => {
                fields.clear();
                fields.extend_from_slice(b"Location: ");
                fields.extend_from_slice(&matcher.target);
                if head.query.start > base + sent.len() as u32 && head.query.len > 0 {
                    fields.push(b'?');
                    fields.extend_from_slice(text(head.query.start, head.query.len));
                }
                fields.extend_from_slice(b"\r\n");
                Routed::Answer(answer(status, b"", fields, b""))
            }
            Decision::NotFound if routes.fallbacks.not_found => handler(ROUTE_NOT_FOUND, &[]),
            Decision::NotFound => Routed::Answer(answer(404, TEXT, b"", b"Not Found")),
            Decision::MethodNotAllowed if routes.fallbacks.not_allowed => {
                handler(ROUTE_NOT_ALLOWED, &[])
            }
            Decision::MethodNotAllowed => {
                allow_field(matcher, fields);
                Routed::Answer(answer(405, TEXT, fields, b"Method Not Allowed"))
            }
            Decision::Options => {
                allow_field(matcher, fields);
                Routed::Answer(answer(200, b"", fields, b""))
            }
        }
    }
}

fn allow_field(matcher: &Matcher, fields: &mut Vec<u8>) {
    fields.clear();
    fields.extend_from_slice(b"Allow: ");
    fields.extend_from_slice(matcher.allow());
    fields.extend_from_slice(b"\r\n");
}

fn answer<'a>(
    status: u16,
    content_type: &'static [u8],
    fields: &'a [u8],
    body: &'a [u8],
) -> Answer<'a> {
    Answer::Encoded {
        status,
        reason: Cow::Borrowed(b""),
        content_type,
        fields: Cow::Borrowed(fields),
        has_date: false,
        has_length: false,
        close: false,
        body: AnswerBody::Borrowed(body),
    }
}

/// The body of a fixed answer, as long as somebody sends it.
struct SharedBody(Arc<FixedAnswer>);

impl AsRef<[u8]> for SharedBody {
    fn as_ref(&self) -> &[u8] {
        &self.0.body
    }
}

fn fixed_answer(fixed: &Arc<FixedAnswer>) -> Answer<'_> {
    let body = if fixed.body.len() < SHARE_FROM {
        AnswerBody::Borrowed(&fixed.body)
    } else {
        AnswerBody::Owned(Box::new(SharedBody(fixed.clone())))
    };
    if fixed.status == 0 {
        let close = fixed.close;
        return Answer::Raw { body, close };
    }
    Answer::Encoded {
        status: fixed.status,
        reason: Cow::Borrowed(&fixed.reason),
        content_type: fixed.content_type,
        fields: Cow::Borrowed(&fixed.fields),
        has_date: fixed.has_date,
        has_length: fixed.has_length,
        close: fixed.close,
        body,
    }
}
