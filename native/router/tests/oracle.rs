//! Random tables against a matcher that is too simple to be wrong.

use super::numbers::Numbers;
use super::{STATIC_FIRST, add, look_up};
use crate::router::pattern::Pattern;
use crate::router::table::{Options, Table};
use crate::router::tree::Overlap;

/// Values of the wildcards if `pattern` matches, read from left to right.
pub(super) fn naive(pattern: &str, path: &str) -> Option<Vec<String>> {
    let Some(at) = pattern.find([':', '*']) else {
        return (pattern == path).then(Vec::new);
    };
    let rest = path.strip_prefix(&pattern[..at])?;
    if pattern[at..].starts_with('*') {
        return Some(vec![format!("/{rest}")]);
    }
    if rest.is_empty() {
        return None;
    }
    let (value, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let behind = &pattern[at..];
    let mut values = naive(&behind[behind.find('/').unwrap_or(behind.len())..], rest)?;
    values.insert(0, value.to_owned());
    Some(values)
}

/// Which of two patterns for the same path is to be preferred: static, then parameter, then rest.
fn rank(pattern: &str) -> Vec<u8> {
    let mut rank = Vec::new();
    let mut in_name = false;
    for byte in pattern.bytes() {
        in_name = in_name && byte != b'/';
        match byte {
            _ if in_name => {}
            b':' | b'*' => {
                in_name = true;
                rank.push(if byte == b':' { 1 } else { 2 });
            }
            _ => rank.push(0),
        }
    }
    rank
}

fn pattern(numbers: &mut Numbers) -> String {
    let mut pattern = String::new();
    for _ in 0..1 + numbers.below(4) {
        let pieces = ["a", "b", "ab", ":x", ":y", "", "a:x"];
        pattern = format!("{pattern}/{}", numbers.pick(&pieces));
    }
    if numbers.below(5) == 0 {
        pattern += "/*r";
    }
    pattern
}

fn path(numbers: &mut Numbers) -> String {
    let mut path = String::new();
    for _ in 0..1 + numbers.below(5) {
        path = format!("{path}/{}", numbers.pick(&["a", "b", "ab", "abc", "", "c"]));
    }
    path
}

#[test]
fn finds_what_the_naive_matcher_finds() {
    for seed in 0..3000 {
        let mut numbers = Numbers::new(seed);
        let overlap = numbers.pick(&[Overlap::Never, Overlap::StaticFirst]);
        let options = if overlap == Overlap::Never {
            Options::default()
        } else {
            STATIC_FIRST
        };
        let mut table = Table::new(options);
        let mut patterns: Vec<String> = Vec::new();
        for id in 0..numbers.below(12) {
            let pattern = pattern(&mut numbers);
            if add(&mut table, "GET", &pattern, id as u32).is_ok() {
                patterns.push(pattern);
            }
            if numbers.below(4) == 0 && !patterns.is_empty() {
                let gone = patterns.swap_remove(numbers.below(patterns.len()));
                assert!(
                    table
                        .remove(b"GET", &Pattern::parse(&gone).unwrap())
                        .is_some()
                );
            }
        }
        for _ in 0..20 {
            let path = path(&mut numbers);
            let mut matches: Vec<_> = patterns
                .iter()
                .filter_map(|pattern| {
                    Some((rank(pattern), pattern.clone(), naive(pattern, &path)?))
                })
                .collect();
            matches.sort();
            assert!(
                overlap == Overlap::StaticFirst || matches.len() <= 1,
                "{matches:?}"
            );
            let found = look_up(&table, "GET", path.as_bytes());
            let best = matches
                .into_iter()
                .next()
                .map(|(_, pattern, values)| (pattern, values));
            assert_eq!(found, best, "seed {seed}: {path} in {patterns:?}");
        }
    }
}
