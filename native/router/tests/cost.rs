//! What a lookup costs, counted in nodes looked at.

use super::{STATIC_FIRST, add, table};
use crate::router::escape::Path;
use crate::router::matcher::Matcher;
use crate::router::table::{Options, Table};

fn steps(table: &Table<()>, path: &str) -> (bool, usize, usize) {
    let (mut matcher, mut room) = (Matcher::default(), Vec::new());
    let table = table.compile();
    let path = Path::of(path.as_bytes(), &mut room);
    let found = table.find(b"GET", path, &mut matcher).is_some();
    (found, matcher.steps(), matcher.spans().len())
}

#[test]
fn thousands_of_parameters_cost_a_step_each() {
    for count in [255, 256, 1000, 10_000] {
        let names = |prefix: &str| -> String {
            (0..count)
                .map(|number| format!("/{prefix}{number}"))
                .collect()
        };
        let mut table = Table::new(Options::default());
        add(&mut table, "GET", &names(":p"), 0).unwrap();
        let (found, steps, params) = steps(&table, &names("v"));
        assert!(found);
        assert_eq!(params, count);
        assert!(
            steps <= 2 * count + 1,
            "{steps} steps for {count} parameters"
        );
    }
}

#[test]
fn backtracking_enters_no_node_twice() {
    // All eight ways to write three segments, and a path that goes wrong behind each of them.
    let mut table = Table::new(STATIC_FIRST);
    let depth = 10;
    for bits in 0..1 << depth {
        let pattern: String = (0..depth)
            .map(|at| {
                if bits >> at & 1 == 0 {
                    "/a".to_owned()
                } else {
                    format!("/:p{at}")
                }
            })
            .collect();
        add(&mut table, "GET", &pattern, bits).unwrap();
    }
    let nodes = table.nodes_of("GET");
    let (found, steps, params) = steps(&table, &("/a".repeat(depth) + "/b"));
    assert!(!found && params == 0);
    assert!(steps <= nodes, "{steps} steps for {nodes} nodes");
}

#[test]
fn long_paths_cost_no_more_than_their_segments() {
    let table = table(
        STATIC_FIRST,
        &["GET /a/:b/c", "GET /*rest", "GET /:x/:y/:z/:w"],
    );
    for path in [
        "/a".repeat(4096),
        "/".repeat(8192),
        format!("/{}", "x".repeat(8191)),
    ] {
        let (found, steps, params) = steps(&table, &path);
        assert!(found && params == 1);
        assert!(steps <= 12, "{steps} steps");
    }
}
