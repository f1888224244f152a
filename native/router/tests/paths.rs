use super::suites;
use crate::router::path::{clean, is_clean};

fn cleaned(path: &str) -> String {
    let mut out = Vec::new();
    clean(path.as_bytes(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn cleans_as_the_reference_does() {
    for suite in suites("cleanPath") {
        for case in suite["cases"].as_array().unwrap() {
            let (path, expected) = (case[0].as_str().unwrap(), case[1].as_str().unwrap());
            assert_eq!(cleaned(path), expected, "{path}");
            assert_eq!(cleaned(expected), expected);
            assert_eq!(is_clean(path.as_bytes()), path == expected, "{path}");
        }
    }
}

#[test]
fn keeps_the_final_slash_of_short_paths_too() {
    assert_eq!(cleaned("a/"), "/a/");
    assert_eq!(cleaned("/a/.."), "/");
    assert_eq!(cleaned("/a/b/../"), "/a/");
}
