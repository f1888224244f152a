//! The routes as JavaScript changes them and asks for them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use napi::bindgen_prelude::{Env, Function, Int32Array, Result, Uint8Array};
use napi_derive::napi;

use crate::bridge::finder::{Finder, View};
use crate::bridge::fixed::fixed;
use crate::bridge::memory::{Loan, Words};
use crate::bridge::router_options::{Added, RouterOptions};
use crate::net::routing::{Fallbacks, FixedAnswer, Routing, SharedRoutes};
use crate::router::allow::MethodSet;
use crate::router::path;
use crate::router::pattern::Pattern;
use crate::router::table::{AddError, Options};

/// The routes of a router.
#[napi]
#[derive(Debug)]
pub struct NativeRouter {
    pub(super) shared: Arc<SharedRoutes>,
    /// JavaScript's view of them.
    view: Rc<RefCell<View>>,
    next: u32,
}

#[napi]
impl NativeRouter {
    /// A router without routes.
    #[napi(constructor)]
    pub fn new(options: RouterOptions) -> Self {
        let shared = Arc::new(SharedRoutes::new(Options::from(options)));
        let view = View {
            routing: Routing::new(shared.clone()),
            path: Vec::new(),
        };
        Self {
            view: Rc::new(RefCell::new(view)),
            shared,
            next: 0,
        }
    }

    /// A function that finds the route of the method and path in `text`, as `words` say; both belong
    /// to it as long as it is there. See `Finder`.
    #[napi]
    pub fn finder<'env>(
        &self,
        env: &'env Env,
        mut text: Uint8Array,
        mut words: Int32Array,
    ) -> Result<Function<'env, (), ()>> {
        let finder = Finder::new(
            self.view.clone(),
            Loan::of(&mut text),
            Words::of(&mut words),
        );
        // A method of a class costs 200 ns a call, this 20.
        env.create_function_from_closure("find", move |_| {
            finder.answer();
            Ok(())
        })
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
                problem: Some(format!("has no answer: {problem}")),
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

    /// As `finder` finds a route, whatever the lengths of method and path.
    #[napi]
    pub fn find(&self, method: String, path: String) -> i32 {
        let mut view = self.view.borrow_mut();
        view.find(method.as_bytes(), path.as_bytes())
    }

    /// As `finder` decides, whatever the lengths of method and path.
    #[napi]
    pub fn decide(&self, method: String, path: String) -> i32 {
        let mut view = self.view.borrow_mut();
        view.decide(method.as_bytes(), path.as_bytes())
    }

    /// Where the redirect leads that was decided last, without the query.
    #[napi]
    pub fn target(&self) -> String {
        String::from_utf8_lossy(&self.view.borrow().routing.matcher.target).into_owned()
    }

    /// The value of `Allow` for a path; '' if there is no other method.
    #[napi]
    pub fn allow(&self, method: String, path: String) -> String {
        let mut view = self.view.borrow_mut();
        let methods = view.allow(method.as_bytes(), path.as_bytes());
        String::from_utf8_lossy(methods).into_owned()
    }

    /// The normal form of the path that was asked for last, which held a percent sign.
    #[napi]
    pub fn path(&self) -> String {
        String::from_utf8_lossy(&self.view.borrow().path).into_owned()
    }

    /// Offsets and lengths of the parameters that were found last.
    #[napi]
    pub fn spans(&self) -> Vec<u32> {
        let view = self.view.borrow();
        let spans = view.routing.matcher.spans().iter();
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
                    "cannot be added: a router has routes of {} methods at most",
                    MethodSet::MOST - 1
                )),
                ..Added::default()
            },
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
