//! What is around a path without a route: other methods that have it, other paths that have one.

use super::near::Neighbour;
use super::{Asked, Compiled};
use crate::router::allow::MethodSet;
use crate::router::escape::{self, Path};
use crate::router::fold::{self, Folded};
use crate::router::matcher::Matcher;
use crate::router::span::Span;
use crate::router::{path, redirect};

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    /// The methods that have a route for the path.
    pub(super) allowed: MethodSet,
    /// `Matcher::target` is where the request may be redirected to.
    pub(super) has_target: bool,
}

/// How much of the path a redirect changes: the least is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Slash,
    Form,
    FormAndSlash,
}

/// A path that is looked around, and what was found so far.
struct Search<'a, P> {
    routes: &'a Compiled<P>,
    asked: &'a Asked,
    /// In its normal form.
    request: &'a [u8],
    has_percent: bool,
    clean: &'a [u8],
    /// The clean path folded, if that makes a difference.
    folded: Option<&'a Folded>,
    has_slash: bool,
    is_clean: bool,
    target: &'a mut Vec<u8>,
    other: &'a mut Vec<u8>,
    /// Neither `request` nor `other` holds an escape, so that they mean the same only if they are.
    is_exact: bool,
    allowed: MethodSet,
    best: Option<(Change, usize)>,
}

impl<P> Compiled<P> {
    /// Looks around a path that has no route, for other paths with one of the methods `asked`.
    pub(super) fn look_around(
        &self,
        asked: &Asked,
        request: Path<'_>,
        matcher: &mut Matcher,
    ) -> Around {
        let text = request.text;
        if !text.starts_with(b"/") {
            return Around::default();
        }
        if path::is_clean(text) && self.near.is_complete {
            return self.search(asked, request, text, matcher);
        }
        if self.options.redirect_trailing_slash
            && self.find_toggled(asked, request, matcher)
            && redirect::is_safe(&matcher.target)
        {
            return Around {
                has_target: true,
                ..Around::default()
            };
        }
        let mut clean = std::mem::take(&mut matcher.clean);
        path::clean(text, &mut clean);
        let Around { has_target, .. } = self.search(asked, request, &clean, matcher);
        matcher.clean = clean;
        let allowed = self.having(request, matcher);
        Around {
            allowed,
            has_target,
        }
    }

    /// Looks around the clean form of a request's path.
    fn search(
        &self,
        asked: &Asked,
        request: Path<'_>,
        clean: &[u8],
        matcher: &mut Matcher,
    ) -> Around {
        let Matcher {
            trail,
            target,
            folded,
            other,
            ..
        } = matcher;
        let is_folded = fold::is_folded(clean);
        if !is_folded {
            folded.fold(clean);
        }
        let text = if is_folded { clean } else { &folded.text };
        let (text, has_slash) = match text {
            [rest @ .., b'/'] if !rest.is_empty() => (rest, true),
            text => (text, false),
        };
        let mut search = Search {
            routes: self,
            asked,
            request: request.text,
            has_percent: request.has_percent,
            clean,
            folded: (!is_folded && folded.text != clean).then_some(folded),
            has_slash,
            // Cleaning only takes away.
            is_clean: request.text.len() == clean.len(),
            target,
            other,
            is_exact: false,
            allowed: MethodSet::default(),
            best: None,
        };
        self.near.tree.walk(text, trail, |group, values| {
            for neighbour in &self.near.groups[group as usize] {
                search.consider(*neighbour, values);
            }
            false
        });
        Around {
            allowed: search.allowed,
            has_target: search.best.is_some(),
        }
    }
}

impl<P> Search<'_, P> {
    fn consider(&mut self, neighbour: Neighbour, values: &[Span]) {
        let fits = neighbour.end.fits(self.has_slash);
        let is_own = fits && self.is_clean;
        if is_own && neighbour.is_plain && self.folded.is_none() {
            self.allowed.insert(neighbour.method);
            return;
        }
        let rank = self.asked.rank(neighbour.method);
        if rank.is_none() && !is_own {
            return;
        }
        self.fill(neighbour, values);
        if self.is_same(self.other, self.request) {
            // Never to itself, whoever has it.
            if is_own {
                self.allowed.insert(neighbour.method);
            }
            return;
        }
        if let Some(rank) = rank {
            let change = if !fits && self.is_clean && self.differs_by_slash() {
                Change::Slash
            } else if fits {
                Change::Form
            } else {
                Change::FormAndSlash
            };
            self.offer((change, rank));
        }
    }

    /// Writes the path of a route that is near to this one to `other`.
    fn fill(&mut self, neighbour: Neighbour, values: &[Span]) {
        let route = self.routes.route(neighbour.route);
        let folded = self.folded;
        let origin = |place| folded.map_or(place, |folded| folded.origin(place));
        let values = values.iter().map(|value| {
            let start = origin(value.start);
            let len = origin(value.start + value.len) - start;
            Span { start, len }
        });
        let parts = route.map_or(&[][..], |route| &route.pattern.sent);
        self.is_exact = !self.has_percent && !neighbour.has_percent;
        redirect::fill(parts, self.clean, values, self.other);
    }

    /// Makes `other` the target if it may be one and is the best so far.
    fn offer(&mut self, offered: (Change, usize)) {
        let options = &self.routes.options;
        let is_allowed = match offered.0 {
            Change::Slash => options.redirect_trailing_slash,
            Change::Form => options.redirect_fixed_path,
            Change::FormAndSlash => options.redirect_fixed_path && options.redirect_trailing_slash,
        };
        if is_allowed
            && self.best.is_none_or(|best| offered < best)
            && redirect::is_safe(self.other)
        {
            self.best = Some(offered);
            std::mem::swap(self.target, self.other);
        }
    }

    /// Whether `other` is the request's path with a slash at its end, or that `other` with one.
    fn differs_by_slash(&self) -> bool {
        let is_longer = |long: &[u8], short: &[u8]| {
            let front = long.strip_suffix(b"/");
            front.is_some_and(|front| self.is_same(front, short))
        };
        let (one, other) = (&*self.other, self.request);
        is_longer(one, other) || is_longer(other, one)
    }

    fn is_same(&self, one: &[u8], other: &[u8]) -> bool {
        if self.is_exact {
            return one == other;
        }
        escape::is_same(one, other)
    }
}
