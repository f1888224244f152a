//! Every route of a router. Here they come and go; requests are matched by what it compiles to.

use crate::router::allow::MethodSet;
use crate::router::pattern::Pattern;
use crate::router::tree::{NONE, Overlap, Tree};

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
    /// The number of its method.
    pub(super) method: usize,
}

/// Why a route was not added. The table is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddError {
    /// It could match what a route with this pattern matches.
    Conflict(Box<str>),
    /// There are routes for `MethodSet::MOST` methods already.
    TooManyMethods,
}

/// The routes of one method.
#[derive(Clone, Debug, Default)]
pub(super) struct Method {
    pub(super) name: Box<[u8]>,
    pub(super) tree: Tree,
}

/// The routes of all methods. `P` is what a route carries for its owner.
#[derive(Clone, Debug)]
pub struct Table<P> {
    /// What the router was told.
    pub options: Options,
    /// The first one is `ANY`.
    pub(super) methods: Vec<Method>,
    pub(super) routes: Vec<Option<Route<P>>>,
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
            let tree = &self.methods[number].tree;
            tree.conflict(&pattern.parts, self.options.overlap)
        });
        if let Some(other) = conflict.and_then(|route| self.route(route)) {
            return Err(AddError::Conflict(other.pattern.source.clone()));
        }
        let method = self.number_for(method).ok_or(AddError::TooManyMethods)?;
        let number = self.free.pop().unwrap_or_else(|| {
            self.routes.push(None);
            (self.routes.len() - 1) as u32
        });
        self.methods[method].tree.insert(&pattern.parts, number);
        self.routes[number as usize] = Some(Route {
            id,
            payload,
            pattern,
            method,
        });
        Ok(())
    }

    /// Removes the route that was added with this method and pattern, and returns it.
    pub fn remove(&mut self, method: &[u8], pattern: &Pattern) -> Option<Route<P>> {
        let method = self.number_of(method)?;
        let tree = &self.methods[method].tree;
        let number = tree.get(&pattern.parts);
        if self.route(number)?.pattern.source != pattern.source {
            return None;
        }
        self.methods[method].tree.replace(&pattern.parts, NONE);
        self.free.push(number);
        self.routes[number as usize].take()
    }

    /// The number of a method that gets a route; `None` if there are too many.
    fn number_for(&mut self, method: &[u8]) -> Option<usize> {
        let known = self.number_of(method);
        if known.is_some() {
            return known;
        }
        // One without routes any more gives its number to others.
        let mut numbers = MethodSet::ANY + 1..self.methods.len();
        let unused = numbers.find(|&number| self.methods[number].tree.is_empty());
        let number = match unused {
            Some(number) => number,
            None if self.methods.len() == MethodSet::MOST => return None,
            None => {
                self.methods.push(Method::default());
                self.methods.len() - 1
            }
        };
        self.methods[number].name = method.into();
        Some(number)
    }

    pub(super) fn number_of(&self, method: &[u8]) -> Option<usize> {
        self.methods.iter().position(|known| *known.name == *method)
    }

    fn route(&self, number: u32) -> Option<&Route<P>> {
        self.routes.get(number as usize)?.as_ref()
    }
}

#[cfg(test)]
impl<P> Table<P> {
    /// How many nodes the tree of a method has.
    pub(super) fn nodes_of(&self, method: &str) -> usize {
        let method = self.number_of(method.as_bytes());
        method.map_or(0, |number| self.methods[number].tree.len())
    }
}
