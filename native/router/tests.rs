//! What the reference does, what we do better, and a naive matcher as the judge.

mod allow;
mod around;
mod cost;
mod escapes;
mod fixed;
mod fuzz;
mod memory;
mod numbers;
mod oracle;
mod paths;
mod patterns;
mod redirects;
mod registering;

use serde_json::Value;

use crate::router::compiled::Decision;
use crate::router::escape::Path;
use crate::router::matcher::Matcher;
use crate::router::pattern::Pattern;
use crate::router::table::{AddError, Options, Table};
use crate::router::tree::Overlap;

pub(super) const STATIC_FIRST: Options = Options {
    redirect_trailing_slash: true,
    redirect_fixed_path: true,
    handle_method_not_allowed: true,
    handle_options: true,
    head_from_get: false,
    redirect_code: 0,
    overlap: Overlap::StaticFirst,
};

/// A table of routes written as `METHOD /pattern`, numbered in order.
pub(super) fn table(options: Options, routes: &[&str]) -> Table<()> {
    let mut table = Table::new(options);
    for (id, route) in routes.iter().enumerate() {
        let (method, pattern) = route.split_once(' ').unwrap();
        add(&mut table, method, pattern, id as u32).unwrap();
    }
    table
}

pub(super) fn add(
    table: &mut Table<()>,
    method: &str,
    pattern: &str,
    id: u32,
) -> Result<(), AddError> {
    table.add(method.as_bytes(), Pattern::parse(pattern).unwrap(), id, ())
}

/// As it comes over the wire.
pub(super) fn wire(text: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for &byte in text.as_bytes() {
        match byte {
            b'!'..=b'~' if !b"?#".contains(&byte) => wire.push(byte),
            _ => wire.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    wire
}

/// A path in its normal form.
pub(super) fn normal(path: &[u8]) -> Vec<u8> {
    Path::of(path, &mut Vec::new()).text.to_vec()
}

/// The pattern that matches and the values, or nothing.
pub(super) fn look_up(
    table: &Table<()>,
    method: &str,
    path: &[u8],
) -> Option<(String, Vec<String>)> {
    let (mut matcher, mut room) = (Matcher::default(), Vec::new());
    let table = table.compile();
    let path = Path::of(path, &mut room);
    let found = table.find(method.as_bytes(), path, &mut matcher)?;
    let values = matcher.spans().iter();
    let values = values.map(|span| String::from_utf8(span.of(path.text).to_vec()).unwrap());
    Some((found.pattern.source.to_string(), values.collect()))
}

/// A decision in words: `route 3`, `301 /path`, `options GET, OPTIONS`, `405 ...`, `404`.
pub(super) fn decide(table: &Table<()>, method: &str, path: &str) -> String {
    let (mut matcher, mut room) = (Matcher::default(), Vec::new());
    let table = table.compile();
    let normal = Path::of(path.as_bytes(), &mut room);
    let decision = table.decide(method.as_bytes(), normal, &mut matcher);
    if !matches!(decision, Decision::Route(_)) {
        assert!(matcher.spans().is_empty(), "parameters of {path} leak");
    }
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    match decision {
        Decision::Route(route) => format!("route {}", route.id),
        Decision::Redirect(status) => format!("{status} {}", text(&matcher.target)),
        Decision::Options => format!("options {}", text(matcher.allow())),
        Decision::MethodNotAllowed => format!("405 {}", text(matcher.allow())),
        Decision::NotFound => "404".to_owned(),
    }
}

/// The content of a file of `__test__/cases`.
pub(super) fn cases(name: &str) -> Value {
    let path = format!("{}/__test__/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The suites of a kind that say what the reference does.
pub(super) fn suites(kind: &str) -> Vec<Value> {
    let cases = cases("router-cases.json");
    let all = cases["suites"].as_array().unwrap().iter();
    let ours = all.filter(|suite| {
        let flavors = suite["flavors"].as_array().unwrap();
        suite["kind"] == kind && flavors.iter().any(|flavor| flavor == "fasthttprouter")
    });
    let ours: Vec<Value> = ours.cloned().collect();
    assert!(!ours.is_empty());
    ours
}
