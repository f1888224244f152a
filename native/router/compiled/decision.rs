//! What becomes of a request.

use super::{Asked, Compiled};
use crate::router::allow::MethodSet;
use crate::router::escape::Path;
use crate::router::matcher::Matcher;
use crate::router::redirect;
use crate::router::table::Route;
use crate::router::tree::NONE;

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

impl<P> Compiled<P> {
    /// Decides what becomes of a request for this path, which is without the query; `*` for
    /// `OPTIONS *`. Only with a route there are parameters.
    pub fn decide(&self, method: &[u8], path: Path<'_>, matcher: &mut Matcher) -> Decision<'_, P> {
        let asked = self.asked(method);
        if let Some(route) = self.find_among(&asked, path, matcher) {
            return Decision::Route(route);
        }
        let options = &self.options;
        let may_move = method != b"CONNECT" && path.text != b"/";
        let movable = if may_move { asked } else { Asked::default() };
        let around = self.look_around(&movable, path, matcher);
        if around.has_target {
            return Decision::Redirect(redirect::status(method, options.redirect_code));
        }
        let (is_asked, answer) = if method == b"OPTIONS" {
            (options.handle_options, Decision::Options)
        } else {
            (
                options.handle_method_not_allowed,
                Decision::MethodNotAllowed,
            )
        };
        if is_asked && self.list(method, path.text, around.allowed, matcher) {
            return answer;
        }
        Decision::NotFound
    }

    /// Finds out which methods have a route for the path, for `Matcher::allow`; says whether any
    /// other than this one and OPTIONS has.
    pub fn list_allowed(&self, method: &[u8], path: Path<'_>, matcher: &mut Matcher) -> bool {
        let having = self.having(path, matcher);
        self.list(method, path.text, having, matcher)
    }

    /// The methods that have a route for the path.
    pub(super) fn having(&self, path: Path<'_>, matcher: &mut Matcher) -> MethodSet {
        let Matcher { trail, decoded, .. } = matcher;
        let text = path.decoded(decoded);
        let mut having = MethodSet::default();
        for (number, method) in self.methods.iter().enumerate() {
            if method.tree.find(text, trail) != NONE {
                having.insert(number);
            }
        }
        trail.spans.clear();
        having
    }

    /// Lists the methods that have a route, for `Matcher::allow`.
    fn list(&self, method: &[u8], path: &[u8], having: MethodSet, matcher: &mut Matcher) -> bool {
        let mut set = having;
        if path == b"*" || (path == b"/*" && method == b"OPTIONS") {
            for (number, other) in self.methods.iter().enumerate() {
                if !other.tree.is_empty() {
                    set.insert(number);
                }
            }
        }
        for unlisted in [self.number_of(method), self.options_number]
            .into_iter()
            .flatten()
        {
            set.remove(unlisted);
        }
        if set.is_empty() {
            return false;
        }
        let has_get = self.get_number.is_some_and(|get| set.contains(get));
        if has_get && self.options.head_from_get && method != b"HEAD" {
            set.unite(MethodSet::HEAD);
        }
        let names = self.methods.iter().map(|method| &*method.name);
        matcher.allow.value(set, names);
        true
    }
}
