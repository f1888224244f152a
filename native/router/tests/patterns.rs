use crate::router::pattern::{Part, Pattern, PatternError};

#[test]
fn takes_patterns_apart() {
    let text = |text: &str| Part::Text(text.as_bytes().into());
    let param = |name: &str| Part::Param(name.into());
    let cases: [(&str, Vec<Part>); 6] = [
        ("/", vec![text("/")]),
        ("/a/:b", vec![text("/a/"), param("b")]),
        (
            "/user_:name/x",
            vec![text("/user_"), param("name"), text("/x")],
        ),
        ("/x/:name.json", vec![text("/x/"), param("name.json")]),
        (
            "/é b/*é",
            vec![text("/%C3%A9%20b/"), Part::CatchAll("é".into())],
        ),
        ("/:a/:a", vec![text("/"), param("a"), text("/"), param("a")]),
    ];
    for (source, parts) in cases {
        assert_eq!(Pattern::parse(source).unwrap().parts, parts, "{source}");
    }
}

#[test]
fn knows_what_most_clients_send() {
    let cases = [
        ("/plain/:a{b}/*c", None),
        ("/a%20é/~x,", None),
        (
            "/{a}\"<>`^|[]\\",
            Some("/%7Ba%7D%22%3C%3E%60%5E%7C%5B%5D%5C"),
        ),
        ("/q?x#y", None),
        ("/%61%3a%2A%7e", Some("/a:*~")),
        ("/%2f%c3%A9%25", Some("/%2F%C3%A9%25")),
        ("/%2E%2e", Some("/%2E%2E")),
        ("/100%/%4/%zz", Some("/100%25/%254/%25zz")),
    ];
    for (source, expected) in cases {
        let normal = Pattern::parse(source).unwrap().normal;
        let expected = expected.map(|text: &str| vec![Part::Text(text.as_bytes().into())]);
        assert_eq!(normal, expected, "{source}");
    }
}

#[test]
fn knows_escapes_in_lower_case() {
    let cases = [
        ("/plain/%20", None),
        ("/é/:x", Some("/%c3%a9/")),
        ("/%c3%a9", None),
        ("/%C3%a9|", Some("/%c3%a9%7c")),
    ];
    for (source, expected) in cases {
        let lower = Pattern::parse(source).unwrap().lower;
        let text = lower.map(|parts| parts[0].clone());
        let expected = expected.map(|text: &str| Part::Text(text.as_bytes().into()));
        assert_eq!(text, expected, "{source}");
    }
}

#[test]
fn refuses_what_is_no_pattern() {
    let cases = [
        ("", PatternError::NoSlash),
        ("a", PatternError::NoSlash),
        ("*", PatternError::NoSlash),
        ("/:a:b", PatternError::TwoWildcards),
        ("/:a*b", PatternError::TwoWildcards),
        ("/*a:b", PatternError::TwoWildcards),
        ("/:", PatternError::NoName),
        ("/:/a", PatternError::NoName),
        ("/*", PatternError::NoName),
        ("/*a/b", PatternError::NotLast),
        ("/*a/", PatternError::NotLast),
        ("/a*b", PatternError::NoSlashBefore),
        ("/:a/b*c", PatternError::NoSlashBefore),
    ];
    for (source, error) in cases {
        assert_eq!(Pattern::parse(source), Err(error), "{source}");
    }
}
