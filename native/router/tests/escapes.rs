//! Which spellings of a path mean the same, and that nothing tells them apart.

use super::numbers::Numbers;
use super::{STATIC_FIRST, add, decide, look_up, normal};
use crate::router::escape::{Decoded, is_same, normalize};
use crate::router::table::Table;

fn normalized(path: &str) -> String {
    let normal = normal(path.as_bytes());
    assert!(normal.len() <= path.len(), "{path} has grown");
    String::from_utf8(normal).unwrap()
}

#[test]
fn decodes_unreserved_characters_alone() {
    let cases = [
        ("/a/%61%41%30%2D%2e%5F%7e", "/a/aA0-._~"),
        (
            "/%2f%2F%3a%40%c3%bc%5c%7b%25%00",
            "/%2F%2F%3A%40%C3%BC%5C%7B%25%00",
        ),
        ("/!$&'()*+,;=:@/{}|\\", "/!$&'()*+,;=:@/{}|\\"),
        // What is malformed stays as it is.
        ("/%zz%4g%g4%", "/%zz%4g%g4%"),
        ("/%4", "/%4"),
        ("/%%%", "/%%%"),
        ("/%C3%", "/%C3%"),
        ("/% 41", "/% 41"),
        ("/%+4", "/%+4"),
        // Once.
        ("/%2561%252e", "/%2561%252e"),
        ("/%25%36%31", "/%2561"),
        // Never to an escape that nobody has sent.
        ("/%%36%31", "/%6%31"),
        ("/%6%31", "/%6%31"),
        ("/%%361", "/%6%31"),
        ("/%%36", "/%6"),
        ("/%%36g", "/%6g"),
        ("/%%67", "/%g"),
        ("/%%%36%31", "/%%6%31"),
        ("/%%2561", "/%%2561"),
    ];
    for (path, expected) in cases {
        assert_eq!(normalized(path), expected, "{path}");
        let mut out = Vec::new();
        let is_other = normalize(path.as_bytes(), &mut out).is_some();
        assert_eq!(is_other, path != expected, "{path}");
    }
}

#[test]
fn says_where_decoded_bytes_come_from() {
    let mut decoded = Decoded::default();
    decoded.decode(b"/%40a%2F%%25%C3%A9");
    assert_eq!(decoded.text, "/@a%2F%25%25é".as_bytes());
    let origins: Vec<u32> = (0..=decoded.text.len() as u32)
        .map(|place| decoded.origin(place))
        .collect();
    let expected = [0, 1, 4, 5, 5, 5, 8, 8, 8, 9, 9, 9, 12, 15, 18];
    assert_eq!(origins, expected);
}

#[test]
fn tells_apart_what_differs() {
    for (one, other) in [
        ("/%40", "/@"),
        ("/%c3%bc", "/%C3%BC"),
        ("/%25zz", "/%zz"),
        ("/%7b", "/{"),
    ] {
        assert!(is_same(one.as_bytes(), other.as_bytes()), "{one} {other}");
    }
    for (one, other) in [
        ("/%2F", "//"),
        ("/%2541", "/%41"),
        ("/%252F", "/%2F"),
        ("/a", "/A"),
        ("/a", "/a%00"),
    ] {
        assert!(!is_same(one.as_bytes(), other.as_bytes()), "{one} {other}");
    }
}

/// Characters of a path, each as it stands for itself: at random, or those of a path with a route.
fn path(numbers: &mut Numbers) -> Vec<String> {
    let odd = [
        "%", "%2F", "%25", "%2f", "%ff", "%00", "%5C", "@", "{", "%%", ".", "..",
    ];
    let plain = ["a", "b", "A", "1", "4", "e", "~", "-"];
    let known = [
        "/ a / b",
        "/ @ / b",
        "/ b / a",
        "/ { / %25 / 1",
        "/ 4 e / 1",
        "/ %2f / b",
        "/ ~ - / . . %5c",
        "/ % 4 / a",
        "/",
    ];
    let mut path: Vec<String> = numbers.pick(&known).split(' ').map(str::to_owned).collect();
    if numbers.below(3) == 0 {
        return path;
    }
    for _ in 0..numbers.below(12) {
        let piece = match numbers.below(4) {
            0 => numbers.pick(&odd),
            1 => "/",
            _ => numbers.pick(&plain),
        };
        path.push(piece.to_owned());
    }
    path
}

/// The same path with some of its characters escaped, upper or lower case.
fn respelled(path: &[String], numbers: &mut Numbers) -> String {
    let mut text = String::new();
    for piece in path {
        let byte = piece.as_bytes()[0];
        let keeps = piece.len() > 1 || matches!(byte, b'/' | b'%') || numbers.below(2) == 0;
        text += &match numbers.below(2) {
            _ if keeps => piece.clone(),
            0 => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
    }
    text
}

/// What a handler gets of raw values: escapes decoded once, malformed ones as they are.
fn decoded(value: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let escape = rest.get(1..3).filter(|_| first == '%');
        let byte = escape.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            None => {
                bytes.push(first as u8);
                rest = &rest[1..];
            }
        }
    }
    bytes
}

#[test]
fn no_spelling_changes_the_route_nor_its_values() {
    let routes = [
        "/a/*any",
        "/@/:x",
        "/:x/a",
        "/{/%25/:y",
        "/4:z/1",
        "/%2F/b",
        "/*rest",
        "/~-/..%5C",
        "/%4/:x",
    ];
    let mut table = Table::new(STATIC_FIRST);
    for (id, route) in routes.iter().enumerate() {
        add(&mut table, "GET", route, id as u32).unwrap();
    }
    let mut found = [0; 9];
    for seed in 0..4000 {
        let mut numbers = Numbers::new(seed);
        let pieces = path(&mut numbers);
        let path = pieces.concat();
        let normal = normalized(&path);
        assert_eq!(normalized(&normal), normal, "{path}");
        let look_up = |path: &str| {
            let (route, values) = look_up(&table, "GET", path.as_bytes())?;
            let values: Vec<_> = values.iter().map(|value| decoded(value)).collect();
            Some((route, values))
        };
        let expected = look_up(&path);
        if let Some((route, _)) = &expected {
            found[routes.iter().position(|known| known == route).unwrap()] += 1;
        }
        assert_eq!(look_up(&normal), expected, "{path}: {normal}");
        let other = respelled(&pieces, &mut numbers);
        // What follows a percent sign may have become its digits.
        if is_same(other.as_bytes(), path.as_bytes()) {
            assert_eq!(look_up(&other), expected, "{path}: {other}");
            let expected = decide(&table, "PUT", &path);
            assert_eq!(decide(&table, "PUT", &other), expected, "{path}: {other}");
        }
    }
    assert!(found.iter().all(|&count| count > 10), "{found:?}");
}

#[test]
fn escaping_unreserved_characters_changes_nothing() {
    for seed in 0..4000 {
        let mut numbers = Numbers::new(seed);
        let mut pieces = path(&mut numbers);
        pieces.retain(|piece| !matches!(&**piece, "@" | "{"));
        let (path, other) = (pieces.concat(), respelled(&pieces, &mut numbers));
        if is_same(other.as_bytes(), path.as_bytes()) {
            assert_eq!(normalized(&other), normalized(&path), "{path}: {other}");
        }
    }
}
