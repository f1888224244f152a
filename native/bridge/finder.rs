//! How JavaScript asks for a route: by words and bytes that both sides see, since a call without
//! arguments and without a result costs least.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;

use crate::bridge::memory::{Loan, Words};
use crate::net::routing::Routing;
use crate::router::compiled::Decision;
use crate::router::escape::Path;

/// The places of the words.
pub mod word {
    /// 1: what becomes of a request; 0: which route it has. The answer takes its place: the number of
    /// a route, or one of the negative codes.
    pub const CODE: usize = 0;
    /// Bytes of the method, which is at the beginning of the text.
    pub const METHOD_LEN: usize = 1;
    /// Bytes of the path, which is `PATH_AT` bytes behind it.
    pub const PATH_LEN: usize = 2;
    /// Offsets and lengths of the parameters follow, as many as there is room for.
    pub const COUNT: usize = 3;
}

/// Where the path is in the text.
pub const PATH_AT: usize = 64;

/// There is no route.
const NOTHING: i32 = -1;
/// Nor is there a route, but there is one for the path with or without its final slash.
const OTHER_SLASH: i32 = -2;
/// The path only has routes of other methods.
const NOT_ALLOWED: i32 = -3;
/// Which methods does the path have?
const OPTIONS: i32 = -4;

/// JavaScript's view of the routes.
#[derive(Debug)]
pub struct View {
    /// The routes, and what the last question has found.
    pub routing: Routing,
    /// The normal form of the path that was asked for last, if there is a percent sign in that.
    pub path: Vec<u8>,
}

/// What answers JavaScript's questions.
#[derive(Debug)]
pub struct Finder {
    view: Rc<RefCell<View>>,
    text: Loan,
    words: Words,
    /// How many parameters there is room for.
    room: usize,
}

impl Finder {
    /// One that has these to read questions from and write answers to, which JavaScript keeps as long
    /// as it asks.
    pub fn new(view: Rc<RefCell<View>>, text: Loan, words: Words) -> Self {
        Self {
            view,
            text,
            words,
            room: words.count().saturating_sub(word::COUNT) / 2,
        }
    }

    /// Answers the question that is there now.
    pub fn answer(&self) {
        // Only one thread reads and writes here.
        let word = |place| self.words.at(place).load(Relaxed);
        let bytes = |at, len: u32| self.text.bytes(at, len as usize);
        let method = bytes(0, word(word::METHOD_LEN));
        let path = bytes(PATH_AT, word(word::PATH_LEN));
        let mut view = self.view.borrow_mut();
        let code = if word(word::CODE) == 0 {
            view.find(method, path)
        } else {
            view.decide(method, path)
        };
        self.words.at(word::CODE).store(code as u32, Relaxed);
        let spans = view.routing.matcher.spans().iter().take(self.room);
        for (number, span) in spans.enumerate() {
            let place = word::COUNT + number * 2;
            self.words.at(place).store(span.start, Relaxed);
            self.words.at(place + 1).store(span.len, Relaxed);
        }
    }
}

impl View {
    /// The number of the route that matches; or -1, or -2 if the path with or without its final slash
    /// has one.
    pub fn find(&mut self, method: &[u8], path: &[u8]) -> i32 {
        let (routes, matcher) = self.routing.routes();
        let path = Path::of(path, &mut self.path);
        match routes.table.find(method, path, matcher) {
            Some(route) => route.id as i32,
            None if routes.table.has_other_slash(method, path, matcher) => OTHER_SLASH,
            None => NOTHING,
        }
    }

    /// What becomes of a request: the number of a route, -1 not found, -3 not allowed, -4 OPTIONS, or
    /// the negative status of a redirect.
    pub fn decide(&mut self, method: &[u8], path: &[u8]) -> i32 {
        let (routes, matcher) = self.routing.routes();
        let path = Path::of(path, &mut self.path);
        match routes.table.decide(method, path, matcher) {
            Decision::Route(route) => route.id as i32,
            Decision::Redirect(status) => -i32::from(status),
            Decision::Options => OPTIONS,
            Decision::MethodNotAllowed => NOT_ALLOWED,
            Decision::NotFound => NOTHING,
        }
    }

    /// The value of `Allow` for a path; empty if there is no other method.
    pub fn allow(&mut self, method: &[u8], path: &[u8]) -> &[u8] {
        let (routes, matcher) = self.routing.routes();
        let path = Path::of(path, &mut self.path);
        match routes.table.list_allowed(method, path, matcher) {
            true => matcher.allow(),
            false => b"",
        }
    }
}
