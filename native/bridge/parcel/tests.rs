//! Parcels as JavaScript lays them out, and what is none.

use std::sync::Arc;

use super::{BYTES_AT, LARGE, MOST, open, record, word};
use crate::bridge::answer::{KIND_ASIDE, KIND_OPEN, KIND_RAW_DATA};
use crate::bridge::mail::MailBox;
use crate::bridge::memory::{Loan, StillBytes};
use crate::net::answer::{Answer, Part};

const ROOM: usize = 64;

/// A parcel of these pieces, in memory with room for `ROOM` bytes of them.
fn parcel(kind: u32, lengths: &[u32], bytes: &[u8]) -> Loan {
    let mut loan = Loan::new(Box::leak(vec![0; BYTES_AT + ROOM].into_boxed_slice()));
    let mut put = |place: usize, value: u32| loan.write(place * 4, &value.to_le_bytes());
    put(record::SIZE, lengths.len() as u32);
    put(record::KIND, kind);
    put(record::INDEX, 7);
    for (place, length) in lengths.iter().enumerate().take(MOST) {
        put(word::LENGTHS + place, *length);
    }
    loan.write(BYTES_AT, bytes);
    loan
}

/// Its steps as text, with a mark for each that is no piece; `large` are at hand.
fn steps(parcel: &Loan, large: &[&'static str], lent: u32, is_last: bool) -> Option<Vec<String>> {
    let mail = Arc::new(MailBox::default());
    let lease = (lent != 0).then(|| mail.lease(lent));
    let mut large = large.iter();
    let next = || large.next().map(|text| StillBytes::new(text.as_bytes()));
    let opened = open(parcel, &mail, lease, next, is_last);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let say = |step: &Answer<'_>| match step {
        Answer::Part(Part::Raw(bytes)) => text(bytes.bytes()),
        Answer::Part(Part::Aside(bytes)) => format!("aside {}", text((**bytes).as_ref())),
        Answer::Part(Part::RawEnd) => "end".to_owned(),
        _ => "another".to_owned(),
    };
    let said = opened.map(|(token, steps)| {
        assert_eq!(token.index, 7);
        steps.iter().map(say).collect()
    });
    // Of what is none JavaScript keeps nothing.
    let is_kept = lent != 0 && said.is_some();
    let released: &[u32] = if is_kept { &[lent] } else { &[] };
    assert_eq!(mail.take_released(), released);
    said
}

#[test]
fn opens_pieces_in_their_order() {
    let plain = parcel(KIND_RAW_DATA, &[4, 0, 2], b"headab");
    assert_eq!(
        steps(&plain, &[], 0, true).unwrap(),
        ["head", "", "ab", "end"]
    );
    let mixed = parcel(KIND_RAW_DATA, &[4, LARGE, 2, LARGE], b"head\r\n");
    let expected = ["head", "first", "\r\n", "second"];
    assert_eq!(
        steps(&mixed, &["first", "second"], 9, false).unwrap(),
        expected
    );
    let aside = parcel(KIND_ASIDE, &[3], b"100");
    assert_eq!(steps(&aside, &[], 0, false).unwrap(), ["aside 100"]);
    let full = parcel(KIND_RAW_DATA, &[1; MOST], &[b'x'; MOST]);
    assert_eq!(steps(&full, &[], 0, false).unwrap().len(), MOST);
}

#[test]
fn refuses_what_is_none_and_releases_nothing() {
    let cases = [
        ("another kind", parcel(KIND_OPEN, &[1], b"x")),
        ("too many", parcel(KIND_RAW_DATA, &[0; MOST + 1], b"")),
        (
            "longer than the memory",
            parcel(KIND_RAW_DATA, &[ROOM as u32 + 1], b""),
        ),
        (
            "behind the memory",
            parcel(KIND_RAW_DATA, &[ROOM as u32, 1], b""),
        ),
        ("no length", parcel(KIND_RAW_DATA, &[u32::MAX], b"")),
        (
            "a large one more",
            parcel(KIND_RAW_DATA, &[LARGE, LARGE], b""),
        ),
    ];
    for (what, parcel) in cases {
        assert_eq!(steps(&parcel, &["first"], 9, false), None, "{what}");
    }
    let large = parcel(KIND_RAW_DATA, &[LARGE], b"");
    assert_eq!(steps(&large, &["first"], 0, false), None, "without a lease");
}
