//! What a lookup in the native tree costs, on the four benchmark sets and without a route.
//!
//! `cargo bench --bench router`. Every route of a set is looked up in turn, parameters holding
//! values such as `val5x`; the best of the rounds is printed, for a busy machine only adds to it.
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::hint::black_box;
use std::time::Instant;

use router::escape::Path;
use router::matcher::Matcher;
use router::pattern::Pattern;
use router::table::{Options, Table};
use router::tree::Overlap;
use serde_json::Value;

#[path = "../../native/router/mod.rs"]
#[allow(
    unused,
    unreachable_pub,
    reason = "the crate is no library; its router is a module here too"
)]
mod router;

const ROUNDS: usize = 40;
const LOOKUPS: usize = 100_000;

type Routes = Vec<(String, String)>;

fn main() {
    for name in ["static", "github", "gplus", "parse"] {
        let routes = routes(name);
        let table = table(&routes).compile();
        let paths = filled(&routes);
        let found = nanoseconds(&paths, |method, path, matcher| {
            table.find(method, path, matcher).is_some()
        });
        println!(
            "{name:<8} {:>4} routes  {found:>6.1} ns a lookup",
            routes.len()
        );
    }
    let routes = routes("github");
    let table = table(&routes).compile();
    let get = |path: &str| vec![("GET".to_owned(), path.to_owned())];
    let cases = [
        ("same, static", get("/user/repos")),
        ("same, 3 parameters", get("/repos/val2x/val3x/pulls/val5x")),
        ("404", get("/no/such/path/here")),
        ("405", vec![("PUT".to_owned(), "/user/repos".to_owned())]),
        ("redirect, slash", get("/user/repos/")),
        ("redirect, case", get("/USER/Repos")),
        (
            "OPTIONS",
            vec![("OPTIONS".to_owned(), "/user/repos".to_owned())],
        ),
    ];
    for (name, requests) in cases {
        let decided = nanoseconds(&requests, |method, path, matcher| {
            black_box(table.decide(method, path, matcher));
            true
        });
        println!("{name:<20} {decided:>8.1} ns a decision, GitHub's routes");
    }
}

fn nanoseconds(requests: &Routes, ask: impl Fn(&[u8], Path<'_>, &mut Matcher) -> bool) -> f64 {
    let mut matcher = Matcher::default();
    let mut best = f64::INFINITY;
    let turns = LOOKUPS.div_ceil(requests.len());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..turns {
            for (method, path) in requests {
                let (method, text) = (black_box(method.as_bytes()), black_box(path.as_bytes()));
                // The reader of the head has looked for it.
                let has_percent = text.is_empty();
                assert!(ask(method, Path { text, has_percent }, &mut matcher));
                black_box(matcher.spans());
            }
        }
        let each = start.elapsed().as_nanos() as f64 / (turns * requests.len()) as f64;
        best = best.min(each);
    }
    best
}

fn routes(name: &str) -> Routes {
    let folder = env!("CARGO_MANIFEST_DIR");
    let file = format!("{folder}/__test__/cases/routes-{name}.json");
    let text = std::fs::read(file).expect("the set is there");
    let set: Value = serde_json::from_slice(&text).expect("it is JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let routes = set["routes"].as_array().into_iter().flatten();
    let routes = routes.map(|route| (text(&route["method"]), text(&route["path"])));
    routes.collect()
}

fn table(routes: &Routes) -> Table<()> {
    let mut table = Table::new(Options {
        overlap: Overlap::StaticFirst,
        ..Options::default()
    });
    for (id, (method, path)) in routes.iter().enumerate() {
        let pattern = Pattern::parse(path).expect("it is a pattern");
        let added = table.add(method.as_bytes(), pattern, id as u32, ());
        added.expect("nothing conflicts");
    }
    table
}

/// The paths of requests: wildcards replaced by values.
fn filled(routes: &Routes) -> Routes {
    let value = |segment: (usize, &str)| match segment.1.find([':', '*']) {
        Some(at) => format!("{}val{}x", &segment.1[..at], segment.0),
        None => segment.1.to_owned(),
    };
    let path = |path: &str| {
        let segments: Vec<_> = path.split('/').enumerate().map(value).collect();
        segments.join("/")
    };
    let filled = routes
        .iter()
        .map(|(method, pattern)| (method.clone(), path(pattern)));
    filled.collect()
}
