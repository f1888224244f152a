//! What JavaScript tells a router, and hears of its routes.

use napi_derive::napi;

use crate::router::table::Options;
use crate::router::tree::Overlap;

/// What a router was told, with every default filled in.
#[napi(object, object_to_js = false)]
#[derive(Clone, Copy, Debug)]
pub struct RouterOptions {
    /// Redirect to the path with or without the final slash.
    pub redirect_trailing_slash: bool,
    /// Redirect to the clean path, or one that differs in case.
    pub redirect_fixed_path: bool,
    /// Answer 405.
    pub handle_method_not_allowed: bool,
    /// Answer OPTIONS.
    pub handle_options: bool,
    /// Serve HEAD from the routes of GET.
    pub head_from_get: bool,
    /// Status of redirects; 0 for the usual ones.
    pub redirect_code: u32,
    /// Static routes may stand beside wildcards.
    pub static_first: bool,
}

/// What became of a route.
#[napi(object)]
#[derive(Debug, Default)]
pub struct Added {
    /// Its number, if it was added.
    pub id: Option<u32>,
    /// The names of its wildcards.
    pub names: Vec<String>,
    /// What is wrong with the pattern, or with the answer.
    pub problem: Option<String>,
    /// The pattern of the route in its way.
    pub conflict: Option<String>,
}

impl From<RouterOptions> for Options {
    fn from(options: RouterOptions) -> Self {
        Self {
            redirect_trailing_slash: options.redirect_trailing_slash,
            redirect_fixed_path: options.redirect_fixed_path,
            handle_method_not_allowed: options.handle_method_not_allowed,
            handle_options: options.handle_options,
            head_from_get: options.head_from_get,
            redirect_code: options.redirect_code as u16,
            overlap: if options.static_first {
                Overlap::StaticFirst
            } else {
                Overlap::Never
            },
        }
    }
}
