//! What random tables say of paths without a route, against rules too simple to be wrong.

use super::numbers::Numbers;
use super::oracle::naive;
use super::{STATIC_FIRST, add, decide, normal, table, wire};
use crate::router::path;
use crate::router::table::{Options, Table};

type Routes = Vec<(&'static str, String)>;

fn pattern(numbers: &mut Numbers) -> String {
    let mut pattern = String::new();
    for _ in 0..1 + numbers.below(3) {
        let pieces = ["a", "B", "ab", "Ab", "é", ":x", "a:x", "B:x", "%2F"];
        pattern = format!("{pattern}/{}", numbers.pick(&pieces));
    }
    pattern + numbers.pick(&["", "", "", "/", "/*r"])
}

fn path(numbers: &mut Numbers) -> String {
    let mut path = String::new();
    for _ in 0..1 + numbers.below(4) {
        let pieces = [
            "a", "A", "b", "B", "ab", "AB", "%61", "%C3%A9", "%c3%89", "%2F", "%2e", "%42", "\\",
            "x%00",
        ];
        let odd = ["", ".", "..", "x"];
        let piece = if numbers.below(8) == 0 {
            numbers.pick(&odd)
        } else {
            numbers.pick(&pieces)
        };
        path = format!("{path}/{piece}");
    }
    path + numbers.pick(&["", "", "/"])
}

/// A path with all escapes decoded but those of a slash.
fn meaning(path: &str) -> String {
    let escapes = [
        ("%2F", "\u{1}"),
        ("%C3%A9", "é"),
        ("%c3%89", "É"),
        ("%C3%89", "É"),
        ("%61", "a"),
    ];
    let decode = |path: String, (escape, text): (&str, &str)| path.replace(escape, text);
    escapes.into_iter().fold(path.to_owned(), decode)
}

/// The same in lower case.
fn fold(path: &str) -> String {
    meaning(path).to_lowercase()
}

fn clean(path: &str) -> String {
    let mut out = Vec::new();
    path::clean(path.as_bytes(), &mut out);
    String::from_utf8(out).unwrap()
}

fn toggled(path: &str) -> String {
    path.strip_suffix('/')
        .map_or_else(|| format!("{path}/"), str::to_owned)
}

/// Whether a route of this method, or of any but it, matches.
fn has(routes: &Routes, is_asked: impl Fn(&str) -> bool, path: &str) -> bool {
    let mut asked = routes.iter().filter(|(method, _)| is_asked(method));
    asked.any(|(_, pattern)| naive(&meaning(pattern), &meaning(path)).is_some())
}

/// Whether a route of this method has a path that differs in no more than its form.
fn has_other_form(routes: &Routes, method: &str, path: &str) -> bool {
    let folded = fold(&clean(path));
    let mut own = routes.iter().filter(|(name, _)| *name == method);
    own.any(|(_, pattern)| {
        let pattern = fold(pattern);
        naive(&pattern, &folded).is_some() || naive(&pattern, &toggled(&folded)).is_some()
    })
}

fn check(routes: &Routes, options: Options, table: &Table<()>, method: &str, path: &str) {
    let decision = decide(table, method, path);
    let path = &*String::from_utf8(normal(path.as_bytes())).unwrap();
    let what = format!("{method} {path}: {decision} of {routes:?}");
    let own = |name: &str| name == method;
    if has(routes, own, path) {
        assert!(decision.starts_with("route "), "{what}");
        return;
    }
    let moves = options.redirect_trailing_slash;
    if let Some(target) = decision
        .strip_prefix("301 ")
        .or(decision.strip_prefix("307 "))
    {
        assert!(moves && target != path && path != "/", "{what}");
        assert!(has(routes, own, target), "{what}: nobody there");
        assert!(
            !target.starts_with("//") && !target.contains('\\'),
            "{what}"
        );
        let forms = [fold(&clean(path)), toggled(&fold(&clean(path)))];
        assert!(
            meaning(target) == toggled(&meaning(path)) || forms.contains(&fold(target)),
            "{what}: elsewhere"
        );
        return;
    }
    let may_lead_away = path.contains('\\') || path.starts_with("//");
    if moves && path != "/" && !may_lead_away {
        let has_dots = path.split('/').any(|element| matches!(element, "." | ".."));
        let has_other = has(routes, own, &toggled(path));
        assert!(has_dots || !has_other, "{what}: missed a slash");
        assert!(!has_other_form(routes, method, path), "{what}: missed");
    }
    let mut methods: Vec<&str> = ["GET", "PUT", "POST"]
        .into_iter()
        .filter(|name| *name != method && has(routes, |known| known == *name, path))
        .collect();
    if methods.is_empty() {
        assert_eq!(decision, "404", "{what}");
        return;
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    assert_eq!(decision, format!("405 {}", methods.join(", ")), "{what}");
}

#[test]
fn says_of_paths_without_a_route_what_the_rules_say() {
    let mut decisions = 0;
    for seed in 0..2000 {
        let mut numbers = Numbers::new(seed);
        let moves = numbers.below(3) > 0;
        let options = Options {
            redirect_trailing_slash: moves,
            redirect_fixed_path: moves,
            ..STATIC_FIRST
        };
        let (mut table, mut routes) = (Table::new(options), Routes::new());
        for id in 0..1 + numbers.below(10) {
            let (method, pattern) = (numbers.pick(&["GET", "PUT", "POST"]), pattern(&mut numbers));
            if add(&mut table, method, &pattern, id as u32).is_ok() {
                routes.push((method, String::from_utf8(wire(&pattern)).unwrap()));
            }
        }
        for _ in 0..30 {
            let (method, path) = (numbers.pick(&["GET", "PUT"]), path(&mut numbers));
            check(&routes, options, &table, method, &path);
            decisions += 1;
        }
    }
    assert_eq!(decisions, 60_000);
}

#[test]
fn zeros_in_a_path_are_bytes_like_others() {
    let table = table(
        STATIC_FIRST,
        &[
            "GET /a\0",
            "GET /long-text\0\0\0\0\0\0\0\0\0",
            "PUT /b\0/:x",
        ],
    );
    for path in ["/a", "/long-text", "/long-text%00", "/b", "/b%00"] {
        assert_eq!(decide(&table, "GET", path), "404", "{path}");
    }
    assert_eq!(decide(&table, "GET", "/A%00"), "301 /a%00");
    assert_eq!(decide(&table, "GET", "/b%00/%00"), "405 OPTIONS, PUT");
}
