use super::*;
use crate::net::event_loop::tests::files::Temp;

fn file(len: u64) -> AnswerBody<'static> {
    let temp = Temp::file(b"0123456789");
    AnswerBody::File(FileBody::new(std::fs::File::open(&temp.0).unwrap(), 0, len))
}

#[test]
fn a_body_knows_its_length_and_has_its_bytes_if_they_are_in_memory() {
    let owned = || AnswerBody::Owned(Box::new(b"text".to_vec()));
    let cases = [
        (AnswerBody::Borrowed(b"text"), 4, &b"text"[..]),
        (AnswerBody::Borrowed(b""), 0, b""),
        (owned(), 4, b"text"),
        (file(7), 7, b""),
        (file(0), 0, b""),
    ];
    for (body, len, bytes) in cases {
        assert_eq!((body.len(), body.is_empty()), (len, len == 0));
        assert_eq!(body.bytes(), bytes);
        assert_eq!(format!("{body:?}"), format!("AnswerBody({len})"));
        let owned = body.into_owned();
        assert_eq!((owned.len(), owned.bytes()), (len, bytes));
        assert_eq!((*owned.into_box()).as_ref(), bytes);
    }
}

#[test]
fn a_body_that_is_given_away_is_not_copied() {
    let bytes = b"text".to_vec();
    let place = bytes.as_ptr();
    let body = AnswerBody::Owned(Box::new(bytes)).into_owned();
    assert_eq!((*body.into_box()).as_ref().as_ptr(), place);
}
