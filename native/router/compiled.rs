//! Routes as requests are matched by them.

mod around;
mod decision;
mod near;

use crate::router::allow::MethodSet;
use crate::router::escape::Path;
use crate::router::matcher::Matcher;
use crate::router::redirect;
use crate::router::table::{Options, Route, Table};
use crate::router::tree::{NONE, Packed};

pub use decision::Decision;
use near::Near;

/// The routes of a table at one time, laid out for lookups.
#[derive(Debug)]
pub struct Compiled<P> {
    options: Options,
    /// By their numbers in the table.
    methods: Vec<Method>,
    /// The numbers of GET and OPTIONS, if they have routes.
    get_number: Option<usize>,
    options_number: Option<usize>,
    routes: Vec<Option<Route<P>>>,
    near: Near,
}

#[derive(Debug)]
struct Method {
    key: u64,
    name: Box<[u8]>,
    tree: Packed,
}

/// The methods whose routes may have a request, by their numbers, in the order they are tried in.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    numbers: [usize; 3],
    len: usize,
}

impl Asked {
    fn numbers(&self) -> &[usize] {
        &self.numbers[..self.len]
    }

    fn push(&mut self, number: usize) {
        self.numbers[self.len] = number;
        self.len += 1;
    }

    /// When the method is tried; `None` if it is not.
    fn rank(&self, number: usize) -> Option<usize> {
        self.numbers().iter().position(|&asked| asked == number)
    }
}

impl<P: Clone> Table<P> {
    /// What requests are matched by: all routes that are there now, whatever comes later.
    pub fn compile(&self) -> Compiled<P> {
        Compiled::new(self)
    }
}

impl<P: Clone> Compiled<P> {
    fn new(table: &Table<P>) -> Self {
        let methods = table.methods.iter().map(|method| Method {
            key: key(&method.name),
            name: method.name.clone(),
            tree: Packed::new(&method.tree),
        });
        Self {
            options: table.options,
            methods: methods.collect(),
            get_number: table.number_of(b"GET"),
            options_number: table.number_of(b"OPTIONS"),
            routes: table.routes.clone(),
            near: Near::new(&table.routes),
        }
    }
}

impl<P> Compiled<P> {
    /// The route that matches: one of the method itself, or for any.
    pub fn find(&self, method: &[u8], path: Path<'_>, matcher: &mut Matcher) -> Option<&Route<P>> {
        self.find_among(&self.asked(method), path, matcher)
    }

    /// Whether the path with its final slash taken away or added has a route, as `find` says.
    pub fn has_other_slash(&self, method: &[u8], path: Path<'_>, matcher: &mut Matcher) -> bool {
        path.text != b"/" && self.find_toggled(&self.asked(method), path, matcher)
    }

    /// The same; that path is in `matcher.target` then.
    fn find_toggled(&self, asked: &Asked, path: Path<'_>, matcher: &mut Matcher) -> bool {
        let mut target = std::mem::take(&mut matcher.target);
        redirect::toggle_slash(path.text, &mut target);
        let toggled = Path {
            text: &target,
            ..path
        };
        let found = self.find_among(asked, toggled, matcher).is_some();
        matcher.target = target;
        matcher.trail.spans.clear();
        found
    }

    fn find_among(
        &self,
        asked: &Asked,
        path: Path<'_>,
        matcher: &mut Matcher,
    ) -> Option<&Route<P>> {
        let Matcher { trail, decoded, .. } = matcher;
        let text = path.decoded(decoded);
        for &number in asked.numbers() {
            let found = self.methods[number].tree.find(text, trail);
            if found != NONE {
                if path.has_percent {
                    decoded.restore(&mut trail.spans);
                }
                return self.route(found);
            }
        }
        trail.spans.clear();
        None
    }

    fn asked(&self, method: &[u8]) -> Asked {
        let mut asked = Asked::default();
        if let Some(number) = self.number_of(method) {
            asked.push(number);
        }
        if self.options.head_from_get
            && method == b"HEAD"
            && let Some(number) = self.get_number
        {
            asked.push(number);
        }
        if !self.methods[MethodSet::ANY].tree.is_empty() {
            asked.push(MethodSet::ANY);
        }
        asked
    }

    /// The number of a request's method.
    fn number_of(&self, method: &[u8]) -> Option<usize> {
        let key = key(method);
        let is_named = |known: &Method| {
            known.key == key
                && known.name.len() == method.len()
                && (method.len() <= 8 || *known.name == *method)
        };
        let named = self.methods.iter().skip(MethodSet::ANY + 1);
        Some(named.into_iter().position(is_named)? + MethodSet::ANY + 1)
    }

    fn route(&self, number: u32) -> Option<&Route<P>> {
        self.routes.get(number as usize)?.as_ref()
    }
}

/// The first bytes of a name as one number, which is compared faster than they are.
fn key(name: &[u8]) -> u64 {
    let first = name.iter().take(8);
    first.fold(0, |key, &byte| key << 8 | u64::from(byte))
}
