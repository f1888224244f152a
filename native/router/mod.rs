//! The router, pure: which route a request belongs to, and what to answer when it has none.
//!
//! `pattern` reads what a route looks like, `tree` finds the one that matches a path, `table` holds
//! a pair of trees per method and takes the decisions: a route, a redirect, `Allow`, or nothing.
//! `path` cleans a path, `fold` makes paths comparable that differ only in letter case, in escapes
//! or in slashes. `matcher` is the memory of one lookup, kept from one to the next so that a match
//! allocates nothing. Nothing here does I/O, knows Node or uses `unsafe`; nothing recurses, so that
//! no path and no pattern is too long.
#![forbid(unsafe_code)]

pub mod allow;
pub mod fold;
pub mod matcher;
pub mod path;
pub mod pattern;
pub mod redirect;
pub mod table;
pub mod tree;

#[cfg(test)]
mod tests;
