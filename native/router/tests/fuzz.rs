//! Random route sets and what the reference made of them.

use serde_json::Value;

use super::{add, cases, fixed, look_up, wire};
use crate::router::escape::Path;
use crate::router::matcher::Matcher;
use crate::router::pattern::Pattern;
use crate::router::table::{Options, Table};

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[test]
fn agrees_on_the_random_sets() {
    let all = cases("router-fuzz-cases.json");
    let mut recommendations = [0; 4];
    for (number, set) in list(&all["sets"]).enumerate() {
        let mut table = Table::new(Options::default());
        let mut routes = Vec::new();
        for (id, row) in list(&set["register"]).enumerate() {
            let path = row[0].as_str().unwrap();
            let added =
                Pattern::parse(path).is_ok() && add(&mut table, "GET", path, id as u32).is_ok();
            assert_eq!(added, row[1].is_null(), "set {number}: {path}");
            if added {
                routes.push(path);
            }
        }
        for row in list(&set["lookups"]) {
            let text = row[0].as_str().unwrap();
            let path = wire(text);
            let found = look_up(&table, "GET", &path);
            let pattern = found.as_ref().map(|(pattern, _)| pattern.as_str());
            assert_eq!(pattern, row[1].as_str(), "set {number}: {text}");
            if let Some((pattern, values)) = &found {
                let pattern = Pattern::parse(pattern).unwrap();
                for (name, expected) in row[3].as_object().unwrap() {
                    // The last of several with the same name counts.
                    let value = pattern
                        .names()
                        .zip(values)
                        .filter(|(known, _)| known == name)
                        .last();
                    let expected = wire(expected.as_str().unwrap());
                    assert_eq!(
                        value.unwrap().1.as_bytes(),
                        expected,
                        "set {number}: {text}"
                    );
                }
            } else {
                let tsr = row[2].as_u64().unwrap() as usize;
                recommendations[tsr] += 1;
                let compiled = table.compile();
                let mut room = Vec::new();
                let path = Path::of(&path, &mut room);
                let ours = compiled.has_other_slash(b"GET", path, &mut Matcher::default());
                // 1 is right, 2 leads nowhere, 3 was missed; the root is never redirected.
                assert_eq!(
                    ours,
                    (tsr == 1 || tsr == 3) && text != "/",
                    "set {number}: {text}"
                );
            }
        }
        let rows: Vec<_> = list(&set["fixPath"])
            .map(|row| (row[0].as_str().unwrap(), row[1] == 1, row[2].as_str()))
            .collect();
        fixed::check(&routes, &rows, &Value::from(number));
    }
    assert!(
        recommendations.iter().all(|&count| count > 0),
        "{recommendations:?}"
    );
}
