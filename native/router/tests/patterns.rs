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
        ("/é b/*é", vec![text("/é b/"), Part::CatchAll("é".into())]),
        ("/:a/:a", vec![text("/"), param("a"), text("/"), param("a")]),
    ];
    for (source, parts) in cases {
        assert_eq!(Pattern::parse(source).unwrap().parts, parts, "{source}");
    }
}

#[test]
fn decodes_what_patterns_say_but_slashes_and_percent_signs() {
    let cases = [
        ("/{a}\"<>`^|[]\\", "/{a}\"<>`^|[]\\"),
        ("/%7Ba%7d%22", "/{a}\""),
        ("/q?x#y", "/q?x#y"),
        ("/%61%3a%2A%7e", "/a:*~"),
        ("/%2f%c3%A9%25", "/%2Fé%25"),
        ("/%2E%2e", "/.."),
        ("/100%/%4/%zz", "/100%25/%254/%25zz"),
        ("/%2561", "/%2561"),
    ];
    for (source, expected) in cases {
        let parts = Pattern::parse(source).unwrap().parts;
        let expected = vec![Part::Text(expected.as_bytes().into())];
        assert_eq!(parts, expected, "{source}");
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
