//! The router, pure: which route a request belongs to, and what to answer when it has none.
//!
//! `pattern` reads what a route looks like, `table` holds the routes in a `tree` for each method, and
//! `compiled` is what requests are matched by: it finds the route for a path and takes the decisions
//! without one: a redirect, `Allow`, or nothing. `escape` says which spellings of a path mean the same,
//! `path` cleans a path, `fold` makes paths comparable that differ only in letter case. `matcher` is
//! the memory of one lookup, kept from one to the next so that a match allocates nothing.
//!
//! Nothing here does I/O, knows Node or uses `unsafe`; nothing recurses, so that no path and no
//! pattern is too long.
#![forbid(unsafe_code)]

pub mod allow;
pub mod compiled;
pub mod escape;
pub mod fold;
pub mod matcher;
pub mod path;
pub mod pattern;
pub mod redirect;
pub mod span;
pub mod table;
pub mod tree;

#[cfg(test)]
mod tests;
