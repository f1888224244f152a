use serde_json::Value;

use super::{add, cases, decide, look_up, suites, table};
use crate::router::allow::MethodSet;
use crate::router::pattern::Pattern;
use crate::router::table::{AddError, Options, Table};
use crate::router::tests::STATIC_FIRST;

#[test]
fn accepts_and_refuses_what_the_reference_does() {
    for suite in suites("register") {
        let mut table = Table::new(Options::default());
        let is_fresh = suite["mode"] == "fresh-tree-per-step";
        for step in suite["steps"].as_array().unwrap() {
            if is_fresh {
                table = Table::new(Options::default());
                for path in suite["preload"].as_array().into_iter().flatten() {
                    add(&mut table, "GET", path.as_str().unwrap(), 0).unwrap();
                }
            }
            let path = step["path"].as_str().unwrap();
            let with_handler = &step["freshTreeRealHandlers"]["ok"];
            let expected = with_handler.as_bool().or(step["ok"].as_bool()).unwrap();
            let pattern = Pattern::parse(path);
            let added = pattern.is_ok_and(|pattern| table.add(b"GET", pattern, 0, ()).is_ok());
            assert_eq!(added, expected, "{} {path}", suite["id"]);
        }
    }
}

#[test]
fn names_the_route_in_the_way() {
    let cases = [
        ("/cmd/:tool/:sub", "/cmd/vet"),
        ("/src/*f", "/src/"),
        ("/src/*f", "/src/x"),
        ("/src/*f", "/src/:x"),
        ("/src/", "/src/*f"),
        ("/src/abc", "/src/*f"),
        ("/src/:x", "/src/*f"),
        ("/src/*f", "/src/*g"),
        ("/u/:id/x", "/u/:name/y"),
        ("/u/new/a", "/u/:name"),
        ("/id:id", "/id/:id"),
        ("/a", "/a"),
    ];
    for (old, new) in cases {
        let mut table = table(Options::default(), &[&format!("GET {old}")]);
        let before = format!("{table:?}");
        let error = add(&mut table, "GET", new, 1).unwrap_err();
        assert_eq!(error, AddError::Conflict(old.into()), "{new}");
        assert_eq!(
            format!("{table:?}"),
            before,
            "a refused route changes nothing"
        );
        add(&mut table, "POST", new, 1).unwrap();
    }
}

#[test]
fn lets_different_shapes_overlap_if_told_so() {
    let mut table = table(
        STATIC_FIRST,
        &[
            "GET /u/new",
            "GET /u/:id",
            "GET /u/*rest",
            "GET /u/:name/y",
            "GET /u/:id/x",
        ],
    );
    for twin in ["/u/new", "/u/:other", "/u/*other", "/u/:id/y"] {
        assert!(add(&mut table, "GET", twin, 9).is_err(), "{twin}");
    }
    let cases = [
        ("/u/new", "/u/new", vec![]),
        ("/u/newer", "/u/:id", vec!["newer"]),
        ("/u/new/x", "/u/:id/x", vec!["new"]),
        ("/u/1/y", "/u/:name/y", vec!["1"]),
        ("/u/1/z", "/u/*rest", vec!["/1/z"]),
        ("/u/", "/u/*rest", vec!["/"]),
    ];
    for (path, pattern, values) in cases {
        let values = values.into_iter().map(str::to_owned).collect();
        let found = look_up(&table, "GET", path.as_bytes());
        assert_eq!(found, Some((pattern.to_owned(), values)), "{path}");
    }
}

/// Method and path of the routes of a benchmark set under one of its keys.
fn routes_of(set: &Value, key: &str) -> Vec<(String, String)> {
    let routes = set[key].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let routes = routes.map(|route| (text(&route["method"]), text(&route["path"])));
    routes.collect()
}

#[test]
fn loads_all_of_githubs_routes() {
    let set = cases("routes-github.json");
    let mut routes = routes_of(&set, "routes");
    routes.extend(routes_of(&set, "disabledInBenchmark"));
    assert_eq!(routes.len(), 239);
    let mut strict = Table::new(Options::default());
    let mut table = Table::new(STATIC_FIRST);
    let mut rejected = Vec::new();
    for (id, (method, path)) in routes.iter().enumerate() {
        add(&mut table, method, path, id as u32).unwrap();
        if add(&mut strict, method, path, id as u32).is_err() {
            rejected.push((method.clone(), path.clone()));
        }
    }
    assert_eq!(rejected, routes_of(&set, "rejectedByHttprouter"));
    for (id, (method, path)) in routes.iter().enumerate() {
        // No value is the text of another route.
        let path = path.replace(':', "val-");
        assert_eq!(
            decide(&table, method, &path),
            format!("route {id}"),
            "{path}"
        );
    }
}

#[test]
fn loads_the_other_benchmark_sets() {
    for name in ["gplus", "parse", "static"] {
        let routes = routes_of(&cases(&format!("routes-{name}.json")), "routes");
        let mut table = Table::new(Options::default());
        for (id, (method, path)) in routes.iter().enumerate() {
            add(&mut table, method, path, id as u32).unwrap();
        }
        for (id, (method, path)) in routes.iter().enumerate() {
            let path = path.replace(':', "val-");
            assert_eq!(
                decide(&table, method, &path),
                format!("route {id}"),
                "{path}"
            );
        }
    }
}

#[test]
fn removes_routes_and_leaves_no_trace() {
    let patterns = [
        "/",
        "/a",
        "/ab/:x",
        "/ab/:x/c",
        "/abc/*f",
        "/ABC/*f",
        "/b/:x",
        "/b/:x/:y/z",
    ];
    for first in 0..patterns.len() {
        let mut table = Table::new(Options::default());
        for (id, pattern) in patterns.iter().enumerate() {
            add(&mut table, "GET", pattern, id as u32).unwrap();
        }
        for turn in 0..patterns.len() {
            let id = (first + turn * 3) % patterns.len();
            let pattern = Pattern::parse(patterns[id]).unwrap();
            assert_eq!(
                table.remove(b"GET", &pattern).map(|route| route.id),
                Some(id as u32)
            );
            assert!(table.remove(b"GET", &pattern).is_none());
            for later in turn + 1..patterns.len() {
                let other = patterns[(first + later * 3) % patterns.len()];
                let path = other.replace([':', '*'], "");
                let found = look_up(&table, "GET", path.as_bytes());
                assert_eq!(found.map(|(pattern, _)| pattern).as_deref(), Some(other));
            }
        }
        assert_eq!(table.nodes_of("GET"), 1, "only the root is left");
    }
}

#[test]
fn removes_by_the_very_pattern_only() {
    let mut table = table(STATIC_FIRST, &["GET /u/:id"]);
    assert!(
        table
            .remove(b"GET", &Pattern::parse("/u/:name").unwrap())
            .is_none()
    );
    assert!(
        table
            .remove(b"POST", &Pattern::parse("/u/:id").unwrap())
            .is_none()
    );
    assert!(
        table
            .remove(b"GET", &Pattern::parse("/u/:id").unwrap())
            .is_some()
    );
}

#[test]
fn has_an_end_of_methods() {
    let mut table = Table::new(Options::default());
    for number in 1..MethodSet::MOST {
        add(&mut table, &format!("M{number}"), "/", 0).unwrap();
    }
    assert_eq!(
        add(&mut table, "MORE", "/", 0),
        Err(AddError::TooManyMethods)
    );
    assert!(decide(&table, "GET", "/").starts_with("405 M1, M10, "));
    // A method without routes makes room for another one.
    let root = Pattern::parse("/").unwrap();
    for number in 1..MethodSet::MOST {
        let name = format!("M{number}");
        assert!(table.remove(name.as_bytes(), &root).is_some());
        add(&mut table, &format!("N{number}"), "/", 0).unwrap();
        assert_eq!(decide(&table, &format!("N{number}"), "/"), "route 0");
        let allowed = decide(&table, "GET", "/").replace("405 ", "");
        assert!(
            allowed.split(", ").all(|listed| listed != name),
            "{allowed}"
        );
    }
    assert!(decide(&table, "GET", "/").starts_with("405 N1, N10, "));
}
