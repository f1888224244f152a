//! The routes as JavaScript changes them and asks for them.

use std::sync::Arc;

use napi::bindgen_prelude::{Int32Array, Uint8Array};
use napi_derive::napi;

use crate::bridge::fixed::fixed;
use crate::bridge::handshake::Word;
use crate::bridge::memory::{Loan, Words};
use crate::bridge::router_options::{Added, RouterOptions};
use crate::net::routing::{Fallbacks, FixedAnswer, Routing, SharedRoutes};
use crate::router::allow::MethodSet;
use crate::router::compiled::Decision;
use crate::router::path;
use crate::router::pattern::Pattern;
use crate::router::table::{AddError, Options};

/// `find` found nothing.
const NOTHING: i32 = -1;
/// Nor is there a route, but there is one for the path with or without its final slash.
const OTHER_SLASH: i32 = -2;
/// The path only has routes of other methods.
const NOT_ALLOWED: i32 = -3;
/// Which methods does the path have?
const OPTIONS: i32 = -4;

/// The routes of a router.
#[napi]
#[derive(Debug)]
pub struct NativeRouter {
    pub(super) shared: Arc<SharedRoutes>,
    routing: Option<Routing>,
    next: u32,
    methods: Vec<Arc<[u8]>>,
    path: Loan,
    spans: Words,
    room: usize,
}

#[napi]
impl NativeRouter {
    /// A router without routes. JavaScript writes paths to `path` and reads offsets and lengths of
    /// parameters in `spans`; it keeps both.
    #[napi(constructor)]
    pub fn new(options: RouterOptions, path: Uint8Array, spans: Int32Array) -> Self {
        let options = Options::from(options);
        Self {
            shared: Arc::new(SharedRoutes::new(options)),
            routing: None,
            next: 0,
            methods: Vec::new(),
            path: Loan::new(&path),
            room: spans.len() / 2,
            spans: Words::new(&spans),
        }
    }

    /// A number for a method, by which `find` and `decide` know it.
    #[napi]
    pub fn number_method(&mut self, method: String) -> u32 {
        self.methods.push(method.into_bytes().into());
        (self.methods.len() - 1) as u32
    }

    /// Adds a route for a handler.
    #[napi]
    pub fn add(&mut self, method: String, pattern: String) -> Added {
        self.add_route(&method, &pattern, None)
    }

    /// Adds a route with a fixed answer: the words of a ring record, reason and field lines, body.
    #[napi]
    pub fn add_fixed(
        &mut self,
        method: String,
        pattern: String,
        words: Int32Array,
        head: Uint8Array,
        body: Uint8Array,
    ) -> Added {
        match fixed(&words, &head, &body) {
            Ok(answer) => self.add_route(&method, &pattern, Some(Arc::new(answer))),
            Err(problem) => Added {
                problem: Some(problem),
                ..Added::default()
            },
        }
    }

    /// Removes the route that was added with this method and pattern; says whether it was there.
    #[napi]
    pub fn remove(&mut self, method: String, pattern: String) -> Option<u32> {
        let pattern = Pattern::parse(&pattern).ok()?;
        let removed = self
            .shared
            .change(|draft| draft.table.remove(method.as_bytes(), &pattern));
        removed.map(|route| route.id)
    }

    /// Says whether handlers answer what no route has, and what only other methods have.
    #[napi]
    pub fn set_handlers(&mut self, not_found: bool, not_allowed: bool) {
        self.shared.change(|draft| {
            draft.fallbacks = Fallbacks {
                not_found,
                not_allowed,
            };
        });
    }

    /// The number of the route that matches, with its parameters in `spans`; or -1, or -2 if the
    /// path with or without its final slash has one. The path is in `path`.
    #[napi]
    pub fn find(&mut self, method: u32, len: u32) -> i32 {
        self.with_path(method, len, Self::find_route)
    }

    /// As `find`, for a method without a number or a path that is too long for `path`.
    #[napi]
    pub fn find_text(&mut self, method: String, path: String) -> i32 {
        self.find_route(method.as_bytes(), path.as_bytes())
    }

    /// What becomes of a request: the number of a route, -1 not found, -3 not allowed, -4 OPTIONS,
    /// or the negative status of a redirect.
    #[napi]
    pub fn decide(&mut self, method: u32, len: u32) -> i32 {
        self.with_path(method, len, Self::decide_route)
    }

    /// As `decide`, for a method without a number or a path that is too long for `path`.
    #[napi]
    pub fn decide_text(&mut self, method: String, path: String) -> i32 {
        self.decide_route(method.as_bytes(), path.as_bytes())
    }

    /// Where the redirect leads that was decided last, without the query.
    #[napi]
    pub fn target(&self) -> String {
        let target = self.routing.as_ref().map(|routing| &routing.matcher.target);
        target.map_or_else(String::new, |target| {
            String::from_utf8_lossy(target).into_owned()
        })
    }

    /// The value of `Allow` for a path; '' if there is no other method.
    #[napi]
    pub fn allow(&mut self, method: String, path: String) -> String {
        let (routes, matcher) = self.routing().routes();
        let table = &routes.table;
        if table.list_allowed(method.as_bytes(), path.as_bytes(), matcher) {
            String::from_utf8_lossy(matcher.allow()).into_owned()
        } else {
            String::new()
        }
    }

    /// Offsets and lengths of more parameters than there is room for in `spans`.
    #[napi]
    pub fn all_spans(&self) -> Vec<u32> {
        let spans = self
            .routing
            .iter()
            .flat_map(|routing| routing.matcher.spans());
        spans.flat_map(|span| [span.start, span.len]).collect()
    }

    fn add_route(&mut self, method: &str, source: &str, answer: Option<Arc<FixedAnswer>>) -> Added {
        let pattern = match Pattern::parse(source) {
            Ok(pattern) => pattern,
            Err(error) => {
                return Added {
                    problem: Some(error.message().to_owned()),
                    ..Added::default()
                };
            }
        };
        let (id, names) = (self.next, pattern.names().map(str::to_owned).collect());
        let added = self
            .shared
            .change(|draft| draft.table.add(method.as_bytes(), pattern, id, answer));
        match added {
            Ok(()) => {
                self.next += 1;
                Added {
                    id: Some(id),
                    names,
                    ..Added::default()
                }
            }
            Err(AddError::Conflict(other)) => Added {
                conflict: Some(other.into()),
                ..Added::default()
            },
            Err(AddError::TooManyMethods) => Added {
                problem: Some(format!(
                    "is one of more than {} methods",
                    MethodSet::MOST - 1
                )),
                ..Added::default()
            },
        }
    }

    fn routing(&mut self) -> &mut Routing {
        self.routing
            .get_or_insert_with(|| Routing::new(self.shared.clone()))
    }

    fn with_path(
        &mut self,
        method: u32,
        len: u32,
        ask: impl FnOnce(&mut Self, &[u8], &[u8]) -> i32,
    ) -> i32 {
        let Some(method) = self.methods.get(method as usize).cloned() else {
            return NOTHING;
        };
        let path = Loan::new(self.path.bytes(0, (len as usize).min(self.path.len())));
        ask(self, &method, path.as_ref())
    }

    fn find_route(&mut self, method: &[u8], path: &[u8]) -> i32 {
        let (routes, matcher) = self.routing().routes();
        match routes.table.find(method, path, matcher) {
            Some(route) => {
                let id = route.id;
                self.write_spans();
                id as i32
            }
            None if routes.table.has_other_slash(method, path, matcher) => OTHER_SLASH,
            None => NOTHING,
        }
    }

    fn decide_route(&mut self, method: &[u8], path: &[u8]) -> i32 {
        let (routes, matcher) = self.routing().routes();
        match routes.table.decide(method, path, matcher) {
            Decision::Route(route) => {
                let id = route.id;
                self.write_spans();
                id as i32
            }
            Decision::Redirect(status) => -i32::from(status),
            Decision::Options => OPTIONS,
            Decision::MethodNotAllowed => NOT_ALLOWED,
            Decision::NotFound => NOTHING,
        }
    }

    fn write_spans(&self) {
        let spans = self
            .routing
            .iter()
            .flat_map(|routing| routing.matcher.spans());
        for (place, span) in spans.take(self.room).enumerate() {
            self.spans.at(place * 2).set(span.start);
            self.spans.at(place * 2 + 1).set(span.len);
        }
    }
}

/// The canonical form of a path: see `router::path::clean`.
#[napi]
pub fn clean_path(path: String) -> String {
    if path::is_clean(path.as_bytes()) {
        return path;
    }
    let mut out = Vec::with_capacity(path.len());
    path::clean(path.as_bytes(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
