//! The search for paths that differ in case, row by row against the reference.

use serde_json::Value;

use super::{add, normal, suites, wire};
use crate::router::compiled::Decision;
use crate::router::escape::Path;
use crate::router::matcher::Matcher;
use crate::router::path;
use crate::router::table::{Options, Table};

/// Where a request ends up: its own path if that has a route, the target of a redirect, or nowhere.
fn destination(table: &Table<()>, path: &[u8]) -> Option<Vec<u8>> {
    let (mut matcher, mut room) = (Matcher::default(), Vec::new());
    let normal = Path::of(path, &mut room);
    match table.compile().decide(b"GET", normal, &mut matcher) {
        Decision::Route(_) => Some(path.to_vec()),
        Decision::Redirect(_) => Some(matcher.target),
        _ => None,
    }
}

fn has_route(table: &Table<()>, path: &[u8]) -> bool {
    let (table, mut room) = (table.compile(), Vec::new());
    let path = Path::of(path, &mut room);
    table.find(b"GET", path, &mut Matcher::default()).is_some()
}

/// Why a row may differ from the reference; `None` if it may not.
fn rule(table: &Table<()>, path: &[u8], theirs: Option<&[u8]>) -> Option<&'static str> {
    match theirs {
        _ if path == b"/" => Some("the root is never redirected"),
        _ if has_route(table, path) => Some("a path with a route is never redirected"),
        _ if !path::is_clean(path) => Some("the path is cleaned first"),
        Some(theirs) if !has_route(table, theirs) => Some("never to a path without a route"),
        None => Some("a redirect that the reference misses"),
        Some(_) => None,
    }
}

pub(super) fn check(routes: &[&str], rows: &[(&str, bool, Option<&str>)], what: &Value) -> usize {
    let mut different = 0;
    for &(path, fix_slash, theirs) in rows {
        let mut table = Table::new(Options {
            redirect_trailing_slash: fix_slash,
            ..Options::default()
        });
        for route in routes {
            add(&mut table, "GET", route, 0).unwrap();
        }
        let wire = |text: &str| normal(&wire(text));
        let (path, theirs) = (wire(path), theirs.map(wire));
        let ours = destination(&table, &path);
        if let Some(ours) = &ours {
            assert!(has_route(&table, ours), "{what}: {path:?} leads nowhere");
        }
        if ours != theirs {
            let shown = String::from_utf8_lossy(&path).into_owned();
            let rule = rule(&table, &path, theirs.as_deref());
            assert!(rule.is_some(), "{what} {shown}: {ours:?} for {theirs:?}");
            different += 1;
        }
    }
    different
}

fn rows(suite: &Value, key: &str) -> Vec<(String, bool, Option<String>)> {
    let rows = suite[key].as_array().into_iter().flatten();
    let rows = rows.map(|row| {
        let out = row["out"].as_str().map(str::to_owned);
        let fix = row["fixTrailingSlash"].as_bool().unwrap();
        (row["in"].as_str().unwrap().to_owned(), fix, out)
    });
    rows.collect()
}

#[test]
fn finds_fixed_paths_as_the_reference_does() {
    for (kind, key) in [("fixPath", "cases"), ("edge", "fixPath")] {
        for suite in suites(kind) {
            let routes = suite["routes"].as_array().or(suite["register"].as_array());
            let routes = routes.into_iter().flatten();
            let routes: Vec<&str> = routes
                .filter_map(|route| route.as_str().or(route["path"].as_str()))
                .collect();
            let rows = rows(&suite, key);
            let rows: Vec<_> = rows
                .iter()
                .map(|(path, fix, out)| (path.as_str(), *fix, out.as_deref()))
                .collect();
            if rows.is_empty() {
                continue;
            }
            let different = check(&routes, &rows, &suite["id"]);
            assert!(
                kind == "edge" || different == 0,
                "{} rows differ",
                different
            );
        }
    }
}
