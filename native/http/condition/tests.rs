use super::{Conditions, Validators, Verdict};

/// Sun, 06 Nov 1994 08:49:37 GMT.
const MODIFIED: u64 = 784_111_777;
const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

fn state() -> Validators {
    let modified = i128::from(MODIFIED) * 1_000_000_000 + 5;
    let mut validators = Validators::of_file(10, modified, 7, "", MODIFIED + 1000);
    validators.etag = "\"a,b\"".to_owned();
    validators
}

/// Field lines by name, joined as they would be in a request.
fn conditions<'a>(lines: &[(&str, &'a str)]) -> Conditions<'a> {
    let mut conditions = Conditions::default();
    for (name, value) in lines {
        let field = match *name {
            "If-Match" => &mut conditions.if_match,
            "If-None-Match" => &mut conditions.if_none_match,
            "If-Modified-Since" => &mut conditions.if_modified_since,
            "If-Unmodified-Since" => &mut conditions.if_unmodified_since,
            _ => &mut conditions.if_range,
        };
        *field = value.as_bytes();
    }
    conditions
}

#[test]
fn one_condition() {
    use Verdict::{Failed, NotModified, Perform};
    let cases = [
        ("If-Match", "*", Perform),
        ("If-Match", "\"a,b\"", Perform),
        ("If-Match", "\"x\", \"a,b\"", Perform),
        ("If-Match", ",, \"a,b\" ,", Perform),
        ("If-Match", "\"x\",\"a,b\"", Perform),
        ("If-Match", "W/\"a,b\"", Failed),
        ("If-Match", "\"x\"", Failed),
        ("If-Match", "a,b", Failed),
        ("If-Match", "\"a", Failed),
        ("If-Match", "\"A,B\"", Failed),
        ("If-Match", "\"x\" \"a,b\"", Failed),
        ("If-None-Match", "*", NotModified),
        ("If-None-Match", "\"a,b\"", NotModified),
        ("If-None-Match", "W/\"a,b\"", NotModified),
        ("If-None-Match", "\"x\",W/\"a,b\"", NotModified),
        ("If-None-Match", "w/\"a,b\"", Perform),
        ("If-None-Match", "\"x\", \"y\"", Perform),
        ("If-None-Match", "a,b", Perform),
        ("If-None-Match", "*, \"x\"", Perform),
        ("If-Modified-Since", SAME, NotModified),
        ("If-Modified-Since", AFTER, NotModified),
        ("If-Modified-Since", BEFORE, Perform),
        (
            "If-Modified-Since",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            NotModified,
        ),
        ("If-Modified-Since", "Sun Nov  6 08:49:37 1994", NotModified),
        ("If-Modified-Since", "yesterday", Perform),
        ("If-Modified-Since", "784111777", Perform),
        ("If-Unmodified-Since", SAME, Perform),
        ("If-Unmodified-Since", AFTER, Perform),
        ("If-Unmodified-Since", BEFORE, Failed),
        ("If-Unmodified-Since", "yesterday", Perform),
    ];
    for (name, value, expected) in cases {
        let verdict = conditions(&[(name, value)]).verdict(&state());
        assert_eq!(verdict, expected, "{name}: {value}");
    }
    assert_eq!(Conditions::default().verdict(&state()), Perform);
}

#[test]
fn several_conditions_in_their_order() {
    use Verdict::{Failed, NotModified, Perform};
    let (matching, other) = ("\"a,b\"", "\"x\"");
    let cases = [
        // A tag counts, a date beside it does not.
        (
            [("If-Match", matching), ("If-Unmodified-Since", BEFORE)],
            Perform,
        ),
        (
            [("If-Match", other), ("If-Unmodified-Since", AFTER)],
            Failed,
        ),
        (
            [("If-None-Match", other), ("If-Modified-Since", AFTER)],
            Perform,
        ),
        (
            [("If-None-Match", matching), ("If-Modified-Since", BEFORE)],
            NotModified,
        ),
        // Who means another state is told so before who has it already.
        ([("If-Match", other), ("If-None-Match", matching)], Failed),
        (
            [("If-Match", matching), ("If-None-Match", matching)],
            NotModified,
        ),
        (
            [("If-Match", "*"), ("If-Modified-Since", SAME)],
            NotModified,
        ),
        (
            [("If-Unmodified-Since", BEFORE), ("If-None-Match", matching)],
            Failed,
        ),
        (
            [("If-Unmodified-Since", SAME), ("If-Modified-Since", SAME)],
            NotModified,
        ),
        (
            [("If-Unmodified-Since", "x"), ("If-Modified-Since", BEFORE)],
            Perform,
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(conditions(&lines).verdict(&state()), expected, "{lines:?}");
    }
}

#[test]
fn a_range_counts_for_the_very_same_state() {
    let cases = [
        ("", true),
        ("\"a,b\"", true),
        ("W/\"a,b\"", false),
        ("\"x\"", false),
        ("\"x\", \"a,b\"", false),
        ("a,b", false),
        ("*", false),
        (SAME, true),
        ("Sunday, 06-Nov-94 08:49:37 GMT", true),
        (BEFORE, false),
        (AFTER, false),
        ("yesterday", false),
    ];
    for (value, expected) in cases {
        let allows = conditions(&[("If-Range", value)]).allows_range(&state());
        assert_eq!(allows, expected, "{value}");
    }
}

#[test]
fn every_state_and_coding_has_a_tag_of_its_own() {
    let tag =
        |size, modified, mark, coding| Validators::of_file(size, modified, mark, coding, 0).etag;
    let mut tags = vec![
        tag(1, 10, 20, ""),
        tag(2, 10, 20, ""),
        tag(1, 11, 20, ""),
        tag(1, -10, 20, ""),
        tag(1, 10, 21, ""),
        tag(1, 10, 20, "br"),
        tag(1, 10, 20, "gzip"),
    ];
    assert!(
        tags.iter()
            .all(|tag| super::tag_end(tag.as_bytes()) == Some(tag.len()))
    );
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 7);
}

#[test]
fn a_date_is_not_in_the_future_nor_before_there_were_any() {
    let date = |seconds: i128| {
        let modified = seconds * 1_000_000_000 + 999_999_999;
        let validators = Validators::of_file(1, modified, 7, "", MODIFIED);
        validators.modified.map(|date| date.to_string())
    };
    assert_eq!(date(MODIFIED.into()).as_deref(), Some(SAME));
    assert_eq!(date(i128::from(MODIFIED) + 99).as_deref(), Some(SAME));
    assert_eq!(date(i128::from(MODIFIED) - 1).as_deref(), Some(BEFORE));
    assert_eq!(date(i64::MAX.into()).as_deref(), Some(SAME));
    assert_eq!(date(1).as_deref(), Some("Thu, 01 Jan 1970 00:00:01 GMT"));
    // The epoch stands for a time that nobody knows.
    assert_eq!(date(0), None);
    assert_eq!(date(-1), None);
    // What has no date is not known to be unmodified, nor to be modified.
    let mut state = state();
    state.modified = None;
    for (name, expected) in [
        ("If-Modified-Since", Verdict::Perform),
        ("If-Unmodified-Since", Verdict::Perform),
    ] {
        assert_eq!(conditions(&[(name, AFTER)]).verdict(&state), expected);
    }
    assert!(!conditions(&[("If-Range", SAME)]).allows_range(&state));
}
