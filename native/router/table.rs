//! Every route of a router, and what becomes of a request.

mod decision;

use crate::router::allow::MethodSet;
use crate::router::fold::Folded;
use crate::router::pattern::{Part, Pattern};
use crate::router::tree::{NONE, Overlap, Tree};

pub use decision::Decision;

/// The name under which routes for any method are registered.
pub const ANY: &[u8] = b"*";

/// What a router was told.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Redirect to the path with or without the final slash if that has a route.
    pub redirect_trailing_slash: bool,
    /// Redirect to the clean path, or one that differs in case, if that has a route.
    pub redirect_fixed_path: bool,
    /// Answer 405 if another method has a route for the path.
    pub handle_method_not_allowed: bool,
    /// Answer OPTIONS for every path that has a route.
    pub handle_options: bool,
    /// Serve HEAD from the routes of GET.
    pub head_from_get: bool,
    /// The status of redirects; 0 for 301 to GET and 307 to all others.
    pub redirect_code: u16,
    /// Which routes may stand beside each other.
    pub overlap: Overlap,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            redirect_trailing_slash: true,
            redirect_fixed_path: true,
            handle_method_not_allowed: true,
            handle_options: true,
            head_from_get: false,
            redirect_code: 0,
            overlap: Overlap::Never,
        }
    }
}

/// One route.
#[derive(Clone, Debug)]
pub struct Route<P> {
    /// What its owner knows it by.
    pub id: u32,
    /// What else its owner has to say of it.
    pub payload: P,
    /// What it matches.
    pub pattern: Pattern,
    /// Another route whose folded pattern is the same.
    twin: u32,
}

/// Why a route was not added. The table is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddError {
    /// It could match what a route with this pattern matches.
    Conflict(Box<str>),
    /// There are `MethodSet::MOST` methods already.
    TooManyMethods,
}

/// The routes of one method.
#[derive(Clone, Debug, Default)]
struct Method {
    name: Box<[u8]>,
    exact: Tree,
    /// The same routes by their folded patterns; where several have the same, the first of them.
    folded: Tree,
}

/// The routes of all methods. `P` is what a route carries for its owner.
#[derive(Clone, Debug)]
pub struct Table<P> {
    /// What the router was told.
    pub options: Options,
    /// The first one is `ANY`.
    methods: Vec<Method>,
    routes: Vec<Option<Route<P>>>,
    free: Vec<u32>,
}

impl<P> Table<P> {
    /// A table without routes.
    pub fn new(options: Options) -> Self {
        let any = Method {
            name: ANY.into(),
            ..Method::default()
        };
        Self {
            options,
            methods: vec![any],
            routes: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Adds a route, or nothing if it conflicts with another one of the same method.
    pub fn add(
        &mut self,
        method: &[u8],
        pattern: Pattern,
        id: u32,
        payload: P,
    ) -> Result<(), AddError> {
        let known = self.number_of(method);
        let conflict = known.and_then(|number| {
            let tree = &self.methods[number].exact;
            tree.conflict(&pattern, self.options.overlap)
        });
        if let Some(other) = conflict.and_then(|route| self.route(route)) {
            return Err(AddError::Conflict(other.pattern.source.clone()));
        }
        let method = match known {
            Some(number) => number,
            None if self.methods.len() == MethodSet::MOST => return Err(AddError::TooManyMethods),
            None => {
                let name = method.into();
                self.methods.push(Method {
                    name,
                    ..Method::default()
                });
                self.methods.len() - 1
            }
        };
        let number = self.free.pop().unwrap_or_else(|| {
            self.routes.push(None);
            (self.routes.len() - 1) as u32
        });
        let folded = fold(&pattern);
        self.methods[method].exact.insert(&pattern, number);
        self.routes[number as usize] = Some(Route {
            id,
            payload,
            pattern,
            twin: NONE,
        });
        let mut twins = self.twins(method, &folded);
        twins.push(number);
        self.relink(method, &folded, twins);
        Ok(())
    }

    /// Removes the route that was added with this method and pattern, and returns it.
    pub fn remove(&mut self, method: &[u8], pattern: &Pattern) -> Option<Route<P>> {
        let method = self.number_of(method)?;
        let number = self.methods[method].exact.get(pattern);
        if self.route(number)?.pattern.source != pattern.source {
            return None;
        }
        let folded = fold(pattern);
        let mut twins = self.twins(method, &folded);
        twins.retain(|&twin| twin != number);
        self.relink(method, &folded, twins);
        self.methods[method].exact.replace(pattern, NONE);
        self.free.push(number);
        self.routes[number as usize].take()
    }

    fn number_of(&self, method: &[u8]) -> Option<usize> {
        self.methods.iter().position(|known| *known.name == *method)
    }

    fn route(&self, number: u32) -> Option<&Route<P>> {
        self.routes.get(number as usize)?.as_ref()
    }

    /// The routes of a method with this folded pattern.
    fn twins(&self, method: usize, folded: &Pattern) -> Vec<u32> {
        let mut twins = Vec::new();
        let mut number = self.methods[method].folded.get(folded);
        while let Some(route) = self.route(number) {
            twins.push(number);
            number = route.twin;
        }
        twins
    }

    /// Makes these the routes with this folded pattern, those in lower case first.
    fn relink(&mut self, method: usize, folded: &Pattern, mut twins: Vec<u32>) {
        let source = |number: &u32| self.route(*number).map(|route| &route.pattern.source);
        twins.sort_by(|one, other| source(other).cmp(&source(one)));
        let tree = &mut self.methods[method].folded;
        let first = twins.first().copied().unwrap_or(NONE);
        if tree.get(folded) == NONE {
            tree.insert(folded, first);
        } else {
            tree.replace(folded, first);
        }
        for (place, &number) in twins.iter().enumerate() {
            if let Some(route) = &mut self.routes[number as usize] {
                route.twin = twins.get(place + 1).copied().unwrap_or(NONE);
            }
        }
    }
}

/// The pattern that matches every folded path whose origin a pattern could mean.
fn fold(pattern: &Pattern) -> Pattern {
    let mut folded = Folded::default();
    let parts = pattern.parts.iter().map(|part| match part {
        Part::Text(text) => {
            folded.fold(text);
            Part::Text(folded.text.as_slice().into())
        }
        wildcard => wildcard.clone(),
    });
    Pattern {
        parts: parts.collect(),
        source: pattern.source.clone(),
    }
}

#[cfg(test)]
impl<P> Table<P> {
    /// How many nodes the trees of a method have.
    pub(super) fn nodes_of(&self, method: &str) -> [usize; 2] {
        let method = self
            .number_of(method.as_bytes())
            .map(|number| &self.methods[number]);
        method.map_or([0; 2], |method| [method.exact.len(), method.folded.len()])
    }
}
