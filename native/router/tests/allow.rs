use super::{decide, table};
use crate::router::table::Options;

#[test]
fn lists_methods_sorted_and_leaves_out_the_one_that_asks() {
    let routes = [
        "PUT /a",
        "DELETE /a",
        "GET /b/:x",
        "custom /a",
        "OPTIONS /c",
    ];
    let table = table(Options::default(), &routes);
    let cases = [
        ("GET", "/a", "405 DELETE, OPTIONS, PUT, custom"),
        ("OPTIONS", "/a", "options DELETE, OPTIONS, PUT, custom"),
        ("OPTIONS", "*", "options DELETE, GET, OPTIONS, PUT, custom"),
        ("OPTIONS", "/*", "options DELETE, GET, OPTIONS, PUT, custom"),
        ("HEAD", "/b/1", "405 GET, OPTIONS"),
        ("GET", "/*", "404"),
        ("OPTIONS", "/c", "route 4"),
        ("GET", "/c", "404"),
        ("OPTIONS", "/d", "404"),
    ];
    for (method, path, expected) in cases {
        assert_eq!(decide(&table, method, path), expected, "{method} {path}");
    }
}

#[test]
fn serves_head_from_get_if_told_so() {
    let options = Options {
        head_from_get: true,
        ..Options::default()
    };
    let table = table(options, &["GET /a", "GET /b", "HEAD /b", "POST /c"]);
    let cases = [
        ("HEAD", "/a", "route 0"),
        ("HEAD", "/b", "route 2"),
        ("HEAD", "/A", "307 /a"),
        ("POST", "/a", "405 GET, HEAD, OPTIONS"),
        ("HEAD", "/c", "405 OPTIONS, POST"),
        ("OPTIONS", "*", "options GET, HEAD, OPTIONS, POST"),
    ];
    for (method, path, expected) in cases {
        assert_eq!(decide(&table, method, path), expected, "{method} {path}");
    }
}

#[test]
fn tries_routes_for_any_method_last() {
    let table = table(
        Options::default(),
        &["* /a", "GET /a", "* /b/*rest", "PUT /c"],
    );
    let cases = [
        ("GET", "/a", "route 1"),
        ("BREW", "/a", "route 0"),
        ("*", "/a", "route 0"),
        ("PUT", "/b", "307 /b/"),
        ("OPTIONS", "/a", "route 0"),
        ("PATCH", "/c", "405 OPTIONS, PUT"),
        (
            "OPTIONS",
            "*",
            "options DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
        ),
    ];
    for (method, path, expected) in cases {
        assert_eq!(decide(&table, method, path), expected, "{method} {path}");
    }
}

#[test]
fn keeps_quiet_if_told_so() {
    let options = Options {
        handle_method_not_allowed: false,
        handle_options: false,
        ..Options::default()
    };
    let table = table(options, &["POST /a"]);
    for (method, path) in [("GET", "/a"), ("OPTIONS", "/a"), ("OPTIONS", "*")] {
        assert_eq!(decide(&table, method, path), "404");
    }
}
