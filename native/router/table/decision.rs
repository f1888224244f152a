//! What becomes of a request.

use super::{Method, Route, Table};
use crate::router::allow::MethodSet;
use crate::router::matcher::{Matcher, Span};
use crate::router::tree::NONE;
use crate::router::{path, redirect};

/// What becomes of a request.
#[derive(Debug)]
pub enum Decision<'t, P> {
    /// A route has it; its parameters are in `Matcher::spans`.
    Route(&'t Route<P>),
    /// It is sent to the path in `Matcher::target` with this status.
    Redirect(u16),
    /// It asks which methods a path has: they are in `Matcher::allow`.
    Options,
    /// The path has other methods: they are in `Matcher::allow`.
    MethodNotAllowed,
    /// Nobody has it.
    NotFound,
}

impl<P> Table<P> {
    /// Decides what becomes of a request for this path, which is as it came over the wire, without
    /// the query; `*` for `OPTIONS *`. Only with a route there are parameters.
    pub fn decide(&self, method: &[u8], path: &[u8], matcher: &mut Matcher) -> Decision<'_, P> {
        if let Some(route) = self.find(method, path, matcher) {
            return Decision::Route(route);
        }
        let options = &self.options;
        if method != b"CONNECT" && path != b"/" && path.starts_with(b"/") {
            let is_elsewhere = (options.redirect_trailing_slash
                && self.find_other_slash(method, path, matcher))
                || (options.redirect_fixed_path && self.find_fixed(method, path, matcher));
            matcher.spans.clear();
            if is_elsewhere {
                return Decision::Redirect(redirect::status(method, options.redirect_code));
            }
        }
        let is_options = method == b"OPTIONS";
        let (is_asked, answer) = if is_options {
            (options.handle_options, Decision::Options)
        } else {
            (
                options.handle_method_not_allowed,
                Decision::MethodNotAllowed,
            )
        };
        if is_asked && self.list_allowed(method, path, matcher) {
            return answer;
        }
        Decision::NotFound
    }

    /// The route that matches: one of the method itself, or for any.
    pub fn find(&self, method: &[u8], path: &[u8], matcher: &mut Matcher) -> Option<&Route<P>> {
        for tree in self.trees(method) {
            let found = tree.exact.find(path, matcher);
            if found != NONE {
                return self.route(found);
            }
        }
        None
    }

    /// Whether the path with its final slash taken away or added has a route, as `find` says.
    pub fn has_other_slash(&self, method: &[u8], path: &[u8], matcher: &mut Matcher) -> bool {
        let found = path != b"/" && self.find_toggled(method, path, matcher);
        matcher.spans.clear();
        found
    }

    /// Finds out which methods have a route for the path, for `Matcher::allow`; says whether any
    /// other than this one and OPTIONS has.
    pub fn list_allowed(&self, method: &[u8], path: &[u8], matcher: &mut Matcher) -> bool {
        let is_server_wide = path == b"*" || (path == b"/*" && method == b"OPTIONS");
        let mut set = MethodSet::default();
        for (number, other) in self.methods.iter().enumerate() {
            let is_other = *other.name != *method && *other.name != *b"OPTIONS";
            let is_allowed = is_other
                && if is_server_wide {
                    !other.exact.is_empty()
                } else {
                    other.exact.find(path, matcher) != NONE
                };
            if is_allowed {
                set.insert(number);
                if self.options.head_from_get && *other.name == *b"GET" && method != b"HEAD" {
                    set.unite(MethodSet::HEAD);
                }
            }
        }
        matcher.spans.clear();
        if set.is_empty() {
            return false;
        }
        let names = self.methods.iter().map(|method| &*method.name);
        matcher.allow.value(set, names);
        true
    }

    /// The trees in which a request's route may be, in order.
    fn trees(&self, method: &[u8]) -> impl Iterator<Item = &Method> {
        let get: &[u8] = if self.options.head_from_get && method == b"HEAD" {
            b"GET"
        } else {
            b""
        };
        let (any, named) = self.methods.split_at(1);
        let by_name = move |name: &[u8]| named.iter().find(|known| *known.name == *name);
        by_name(method)
            .into_iter()
            .chain(by_name(get).filter(|_| !get.is_empty()))
            .chain(any.iter().filter(|any| !any.exact.is_empty()))
    }

    fn find_toggled(&self, method: &[u8], path: &[u8], matcher: &mut Matcher) -> bool {
        let mut target = std::mem::take(&mut matcher.target);
        redirect::toggle_slash(path, &mut target);
        let found = self.find(method, &target, matcher).is_some();
        matcher.target = target;
        found
    }

    /// Makes the path with or without its final slash the target, if it may be one.
    fn find_other_slash(&self, method: &[u8], path: &[u8], matcher: &mut Matcher) -> bool {
        self.find_toggled(method, path, matcher) && redirect::is_safe(&matcher.target)
    }

    /// Makes the path of a route that only differs in case, escapes, slashes or dots the target.
    fn find_fixed(&self, method: &[u8], request: &[u8], matcher: &mut Matcher) -> bool {
        let mut clean = std::mem::take(&mut matcher.clean);
        path::clean(request, &mut clean);
        let found = self.find_folded(method, request, &clean, matcher)
            || (self.options.redirect_trailing_slash && {
                match clean.as_slice() {
                    b"/" => {}
                    [.., b'/'] => clean.truncate(clean.len() - 1),
                    _ => clean.push(b'/'),
                }
                self.find_folded(method, request, &clean, matcher)
            });
        matcher.clean = clean;
        found
    }

    fn find_folded(
        &self,
        method: &[u8],
        request: &[u8],
        clean: &[u8],
        matcher: &mut Matcher,
    ) -> bool {
        let mut folded = std::mem::take(&mut matcher.folded);
        let mut target = std::mem::take(&mut matcher.target);
        folded.fold(clean);
        let mut found = false;
        for tree in self.trees(method) {
            let mut number = tree.folded.find(&folded.text, matcher);
            let values = std::mem::take(&mut matcher.spans);
            while let Some(route) = self.route(number).filter(|_| !found) {
                let values = values.iter().map(|value| {
                    let start = folded.origin(value.start);
                    let len = folded.origin(value.start + value.len) - start;
                    Span { start, len }
                });
                redirect::fill(&route.pattern, clean, values, &mut target);
                found = target != request
                    && redirect::is_safe(&target)
                    && self.find(method, &target, matcher).is_some();
                number = route.twin;
            }
            matcher.spans = values;
            if found {
                break;
            }
        }
        (matcher.folded, matcher.target) = (folded, target);
        found
    }
}
