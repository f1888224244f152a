//! Reads the table of cases, `__test__/cases/http-cases.json`.

use serde_json::Value;

/// One case of the table.
pub(crate) struct Case {
    pub(crate) id: String,
    /// What it is about.
    pub(crate) area: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expect: Expect,
    /// The requests in full; empty for the families, which only count them.
    pub(crate) requests: Vec<Value>,
}

/// What must come of a case.
#[derive(Clone, Debug)]
pub(crate) struct Expect {
    pub(crate) outcome: Kind,
    pub(crate) count: usize,
    pub(crate) statuses: Vec<u16>,
    pub(crate) must_close: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Accept,
    Refuse,
    Mixed,
    Wait,
}

/// The single cases.
pub(crate) fn cases() -> Vec<Case> {
    list(&table(), "cases").map(case).collect()
}

/// The one-byte families, one case for each of the 256 values.
pub(crate) fn families() -> Vec<Case> {
    list(&table(), "families").flat_map(family).collect()
}

fn table() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/__test__/cases/http-cases.json"
    );
    let text = std::fs::read_to_string(path).expect("the table of cases is readable");
    serde_json::from_str(&text).expect("the table of cases is JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> std::slice::Iter<'a, Value> {
    value[key].as_array().map_or(&[][..], Vec::as_slice).iter()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string of the table")
}

/// `\r \n \t \\ \xNN` stand for bytes, everything else is ASCII.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (escape, tail) = tail.split_first().expect("an escape has a letter");
        rest = tail;
        bytes.push(match escape {
            b'r' => b'\r',
            b'n' => b'\n',
            b't' => b'\t',
            b'\\' => b'\\',
            b'x' => {
                let digits = std::str::from_utf8(&tail[..2]).expect("two digits");
                rest = &tail[2..];
                u8::from_str_radix(digits, 16).expect("two hexadecimal digits")
            }
            other => panic!("unknown escape {other}"),
        });
    }
    bytes
}

fn case(value: &Value) -> Case {
    let statuses = list(value, "status").filter_map(Value::as_u64);
    let outcome = match text(&value["outcome"]) {
        "accept" => Kind::Accept,
        "reject" => Kind::Refuse,
        "mixed" => Kind::Mixed,
        "wait" => Kind::Wait,
        other => panic!("unknown outcome {other}"),
    };
    let requests: Vec<Value> = list(value, "requests").cloned().collect();
    Case {
        id: text(&value["id"]).to_owned(),
        area: text(&value["area"]).to_owned(),
        bytes: bytes_of(value),
        expect: Expect {
            outcome,
            count: requests.len(),
            statuses: statuses.map(|status| status as u16).collect(),
            must_close: value["mustClose"].as_bool().unwrap_or(false),
        },
        requests,
    }
}

fn bytes_of(value: &Value) -> Vec<u8> {
    if let Some(raw) = value["raw"].as_str() {
        return decode(raw);
    }
    let mut bytes = Vec::new();
    for part in list(value, "rawParts") {
        match part.as_str() {
            Some(part) => bytes.extend(decode(part)),
            None => {
                let count = part["count"].as_u64().expect("a count") as usize;
                bytes.extend(decode(text(&part["repeat"])).repeat(count));
            }
        }
    }
    bytes
}

fn family(value: &Value) -> Vec<Case> {
    let template = text(&value["template"]);
    let (before, after) = template.split_once("{B}").expect("a template has its byte");
    let expect = value["expect"].as_object().expect("a family expects");
    let mut cases = Vec::new();
    for (name, ranges) in expect {
        for byte in bytes_in(text(ranges)) {
            let bytes = [decode(before), vec![byte], decode(after)].concat();
            cases.push(Case {
                id: format!("{} {byte:02x}", text(&value["id"])),
                area: "families".to_owned(),
                bytes,
                expect: family_expect(name),
                requests: Vec::new(),
            });
        }
    }
    assert_eq!(cases.len(), 256);
    cases
}

fn bytes_in(ranges: &str) -> Vec<u8> {
    let hex = |digits| u8::from_str_radix(digits, 16).expect("hexadecimal digits");
    ranges
        .split(' ')
        .flat_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            hex(first)..=hex(last)
        })
        .collect()
}

fn family_expect(name: &str) -> Expect {
    if let Some(statuses) = name.strip_prefix("reject ") {
        return Expect {
            outcome: Kind::Refuse,
            count: 0,
            statuses: statuses
                .split('/')
                .map(|status| status.parse().expect("a status"))
                .collect(),
            must_close: true,
        };
    }
    let (kind, count) = name.split_once(':').expect("an outcome and a count");
    Expect {
        outcome: match kind {
            "accept" | "accept-close" => Kind::Accept,
            "mixed" => Kind::Mixed,
            "wait" => Kind::Wait,
            other => panic!("unknown outcome {other}"),
        },
        count: count.parse().expect("a count"),
        statuses: Vec::new(),
        must_close: kind == "accept-close" || kind == "mixed",
    }
}
