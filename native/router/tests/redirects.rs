use super::{STATIC_FIRST, add, decide, table, wire};
use crate::router::pattern::Pattern;
use crate::router::table::Options;

#[test]
fn never_leads_to_a_path_without_a_route_nor_to_itself() {
    let cases = [
        (vec!["GET /x/foo", "GET /xy"], "/x/", "404"),
        (vec!["GET /a/:id/b/"], "/a/x/", "404"),
        (vec!["GET /a/:id/b/"], "/a/x/b", "301 /a/x/b/"),
        (vec!["GET /foo"], "/.", "404"),
        (vec!["GET /foo"], "//", "404"),
        (vec!["GET /foo"], "/foo/.", "301 /foo"),
        (vec!["GET /"], "/.", "301 /"),
        (vec!["GET /"], "//", "301 /"),
        (vec!["GET /v/:x/*y"], "/v/1", "301 /v/1/"),
        (vec!["GET /abc", "GET /ABC"], "/aBC", "301 /abc"),
        (vec!["GET /abc", "GET /ABC/"], "/aBC/", "301 /ABC/"),
    ];
    for (routes, path, expected) in cases {
        let table = table(Options::default(), &routes);
        assert_eq!(decide(&table, "GET", path), expected, "{routes:?} {path}");
    }
}

#[test]
fn never_leads_to_another_host() {
    let table = table(
        STATIC_FIRST,
        &["GET /:a/:b", "GET /:a/:b/c/", "GET /x/*rest"],
    );
    let cases = [
        ("//evil.com/", "404"),
        // There it has an empty first segment.
        ("//evil.com", "route 0"),
        ("/\\evil.com/c/", "404"),
        ("/a\\/evil/", "404"),
        ("/X/\\evil", "route 0"),
        ("/X/a/\\evil", "404"),
        ("/X/a//evil", "301 /x/a/evil"),
    ];
    for (path, expected) in cases {
        let decision = decide(&table, "GET", path);
        assert!(
            !decision.contains(" //") && !decision.contains('\\'),
            "{decision}"
        );
        assert_eq!(decision, expected, "{path}");
    }
}

#[test]
fn knows_paths_in_other_case_and_with_other_escapes() {
    let routes = [
        "GET /Café/:Name/Menü",
        "GET /a b",
        "GET /ΑΒΓ",
        "GET /100%25/:x",
        "GET /İ/:x",
    ];
    let table = table(Options::default(), &routes);
    let cases = [
        ("/café/Joe/menü", "/Café/Joe/Menü"),
        ("/CAFÉ/J%c3%96%65/MENÜ", "/Café/J%C3%96e/Menü"),
        ("/caf%c3%a9/J%2FE/men%C3%BC/", "/Café/J%2FE/Menü"),
        ("/A%20B", "/a b"),
        ("/%61%20%42", "/a b"),
        ("/αβγ", "/ΑΒΓ"),
        ("/100%25/%zz/", "/100%25/%zz"),
        ("/İ/ÖX/", "/İ/ÖX"),
    ];
    for (path, expected) in cases {
        let (path, expected) = (wire(path), wire(expected));
        let expected = format!("301 {}", String::from_utf8(expected).unwrap());
        let path = String::from_utf8(path).unwrap();
        assert_eq!(decide(&table, "GET", &path), expected, "{path}");
    }
}

#[test]
fn matches_what_clients_make_of_a_route() {
    let routes = [
        "GET /a{b}/:x",
        "GET /what?/x",
        "GET /%61%3Ab/",
        "PUT /<p>",
        "GET /50%/*rest",
    ];
    let mut table = table(Options::default(), &routes);
    let cases = [
        ("/a{b}/1", "route 0"),
        ("/a%7Bb%7D/1", "route 0"),
        ("/a%7bb}/1", "route 0"),
        ("/A%7bb}/1", "301 /a%7Bb%7D/1"),
        ("/what%3F/x", "route 1"),
        ("/WHAT%3f/x", "301 /what%3F/x"),
        ("/%61%3Ab/", "route 2"),
        ("/a:b/", "route 2"),
        ("/a:b", "301 /a:b/"),
        ("/<p>", "405 OPTIONS, PUT"),
        ("/%3Cp%3E", "405 OPTIONS, PUT"),
        ("/50%/a", "route 4"),
        ("/50%25/a", "route 4"),
        ("/50%2525/a", "404"),
    ];
    for (path, expected) in cases {
        assert_eq!(decide(&table, "GET", path), expected, "{path}");
    }
    assert!(add(&mut table, "GET", "/a%7Bb%7D/:x", 9).is_err());
    let pattern = Pattern::parse("/a{b}/:x").unwrap();
    assert!(table.remove(b"GET", &pattern).is_some());
    for path in ["/a{b}/1", "/a%7Bb%7D/1"] {
        assert_eq!(decide(&table, "GET", path), "404", "{path}");
    }
}

#[test]
fn knows_routes_whose_text_ends_within_a_character() {
    let cases = [
        ("GET /%:v", "POST", "/%2541", "405 GET, OPTIONS"),
        ("GET /%:v", "OPTIONS", "/%%341", "options GET, OPTIONS"),
        ("GET /%:v", "POST", "/%41", "404"),
        ("GET /%4:v", "POST", "/%4%31", "405 GET, OPTIONS"),
        ("GET /%4:v", "GET", "/%2541/", "301 /%2541"),
        ("GET /%4:v", "GET", "/%41/", "404"),
        ("GET /50%:v/", "GET", "/50%2541", "301 /50%2541/"),
        ("GET /50%:v/", "PUT", "/50%2541/", "405 GET, OPTIONS"),
        ("GET /50%:v/", "GET", "/50%zz", "301 /50%25zz/"),
        ("GET /%C5:v", "PUT", "/%C5%B8", "405 GET, OPTIONS"),
    ];
    for (route, method, path, expected) in cases {
        let table = table(STATIC_FIRST, &[route]);
        assert_eq!(
            decide(&table, method, path),
            expected,
            "{route}: {method} {path}"
        );
    }
}

#[test]
fn never_leads_to_an_element_that_clients_resolve() {
    let table = table(STATIC_FIRST, &["GET /:a", "GET /:a/:b", "GET /x/*rest"]);
    let cases = [
        ("/./", "404"),
        ("/../", "404"),
        ("/%2e/", "404"),
        ("/.%2E/", "404"),
        ("/X/%2e%2e/a", "301 /a"),
        ("/X/a/%2E./b", "301 /x/b"),
        ("/X/%252e%252e/a", "301 /x/%252e%252e/a"),
        ("/X/a/../b", "301 /x/b"),
        ("/.../", "301 /..."),
        ("/.a/", "301 /.a"),
        ("/%2ea/", "301 /.a"),
    ];
    for (path, expected) in cases {
        assert_eq!(decide(&table, "GET", path), expected, "{path}");
    }
}

#[test]
fn takes_the_code_it_is_told() {
    for (code, get, post) in [(0, 301, 307), (308, 308, 308), (302, 302, 302)] {
        let options = Options {
            redirect_code: code,
            ..Options::default()
        };
        let table = table(options, &["GET /a", "POST /a", "CONNECT /a", "HEAD /a"]);
        assert_eq!(decide(&table, "GET", "/a/"), format!("{get} /a"));
        assert_eq!(decide(&table, "POST", "/A"), format!("{post} /a"));
        assert_eq!(decide(&table, "HEAD", "/A"), format!("{post} /a"));
        assert_eq!(decide(&table, "CONNECT", "/a/"), "404");
        assert_eq!(decide(&table, "PUT", "/a/"), "404");
    }
}

#[test]
fn obeys_its_switches() {
    let routes = ["GET /path", "GET /dir/"];
    let without_slash = Options {
        redirect_trailing_slash: false,
        ..Options::default()
    };
    let without_fix = Options {
        redirect_fixed_path: false,
        ..Options::default()
    };
    let cases = [
        (without_slash, "/path/", "404"),
        (without_slash, "/PATH", "301 /path"),
        (without_slash, "/DIR", "404"),
        (without_fix, "/path/", "301 /path"),
        (without_fix, "/dir", "301 /dir/"),
        (without_fix, "/PATH", "404"),
        (without_fix, "/../path", "404"),
    ];
    for (options, path, expected) in cases {
        assert_eq!(
            decide(&table(options, &routes), "GET", path),
            expected,
            "{path}"
        );
    }
}
