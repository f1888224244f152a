use super::{Stretch, Wanted, wanted};

fn parts(parts: &[(u64, u64)]) -> Wanted {
    let parts = parts.iter().map(|&(start, len)| Stretch { start, len });
    Wanted::Parts(parts.collect())
}

#[test]
fn gives_what_is_asked_for() {
    let cases: [(&str, &[(u64, u64)]); 20] = [
        ("bytes=0-0", &[(0, 1)]),
        ("bytes=0-99", &[(0, 100)]),
        ("bytes=0-", &[(0, 100)]),
        ("bytes=10-19", &[(10, 10)]),
        ("bytes=99-", &[(99, 1)]),
        ("bytes=90-1000", &[(90, 10)]),
        ("bytes=-1", &[(99, 1)]),
        ("bytes=-100", &[(0, 100)]),
        ("bytes=-1000", &[(0, 100)]),
        ("BYTES=1-2", &[(1, 2)]),
        ("bytes= 1-2 ", &[(1, 2)]),
        ("bytes=,1-2,\t,", &[(1, 2)]),
        ("bytes=0-0,-1", &[(0, 1), (99, 1)]),
        ("bytes=50-59 , 0-9", &[(50, 10), (0, 10)]),
        ("bytes=0-9,5-14", &[(0, 10), (5, 10)]),
        ("bytes=0-9,100-", &[(0, 10)]),
        ("bytes=200-300,-0,7-7", &[(7, 1)]),
        ("bytes=0-18446744073709551615", &[(0, 100)]),
        ("bytes=0-99999999999999999999999999", &[(0, 100)]),
        ("bytes=-99999999999999999999999999", &[(0, 100)]),
    ];
    for (field, expected) in cases {
        assert_eq!(wanted(field.as_bytes(), 100), parts(expected), "{field}");
    }
}

#[test]
fn ignores_what_is_malformed_or_of_another_unit() {
    let cases = [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=x",
        "bytes=1",
        "bytes=2-1",
        "bytes=0-0,2-1",
        "bytes=a-b",
        "bytes=+1-2",
        "bytes=1-+2",
        "bytes=--1",
        "bytes=1--2",
        "bytes=1 - 2",
        "bytes=0x1-2",
        "bytes =0-0",
        " bytes=0-0",
        "lines=0-0",
        "bytes=0-0;1-1",
        "bytes=\u{661}-2",
    ];
    for field in cases {
        assert_eq!(wanted(field.as_bytes(), 100), Wanted::Whole, "{field:?}");
    }
}

#[test]
fn knows_what_is_not_there() {
    let cases = [
        ("bytes=100-", 100),
        ("bytes=100-200", 100),
        ("bytes=-0", 100),
        ("bytes=500-,-0", 100),
        ("bytes=18446744073709551615-", 100),
        ("bytes=99999999999999999999999999-", 100),
        ("bytes=0-", 0),
        ("bytes=0-0", 0),
        ("bytes=-0", 0),
    ];
    for (field, size) in cases {
        assert_eq!(wanted(field.as_bytes(), size), Wanted::Nothing, "{field}");
    }
    // Of nothing, the last bytes are everything.
    assert_eq!(wanted(b"bytes=-5", 0), Wanted::Whole);
}

#[test]
fn gives_everything_to_who_asks_for_more() {
    let field = |count: usize| format!("bytes={}", vec!["1-1"; count].join(","));
    assert_eq!(wanted(field(16).as_bytes(), 100), parts(&[(1, 1); 16]));
    assert_eq!(wanted(field(17).as_bytes(), 100), Wanted::Whole);
    assert_eq!(wanted(field(16).as_bytes(), 15), Wanted::Whole);
    // What cannot be satisfied counts as well.
    assert_eq!(
        wanted(format!("{},1-1", field(16)).as_bytes(), 1),
        Wanted::Whole
    );
    for field in ["bytes=0-,0-", "bytes=0-60,40-", "bytes=-100,0-0"] {
        assert_eq!(wanted(field.as_bytes(), 100), Wanted::Whole, "{field}");
    }
    assert_eq!(
        wanted(b"bytes=0-49,50-", 100),
        parts(&[(0, 50), (50, 50)]),
        "all of it, in two parts"
    );
}

#[test]
fn counts_beyond_what_32_bits_hold() {
    let size = 6 << 30;
    assert_eq!(
        wanted(b"bytes=5368709120-5368709129", size),
        parts(&[(5 << 30, 10)])
    );
    assert_eq!(wanted(b"bytes=-1", size), parts(&[(size - 1, 1)]));
    assert_eq!(wanted(b"bytes=-1", u64::MAX), parts(&[(u64::MAX - 1, 1)]));
}
