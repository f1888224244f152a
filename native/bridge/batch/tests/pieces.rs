//! Pieces of bodies, and what else comes with bytes behind its words.

use super::Page;
use crate::bridge::batch::Batch;
use crate::bridge::record::{KIND_BODY, KIND_LEFT, KIND_REFUSED, KIND_TRAILERS};
use crate::http::error::ParseError;
use crate::net::crossing::{MOST_PIECE, MOST_TRAILERS};
use crate::net::notice::{Notice, Parting};
use crate::net::refused::Refused;
use crate::net::request::{FLAG_BODY, RequestToken};

#[test]
fn bytes_follow_the_words_and_the_next_record_is_aligned() {
    let page = Page::new(4096);
    let mut batch = Batch::new(Default::default());
    batch.lend([page.loan()]);
    let token = RequestToken {
        index: 3,
        generation: 4,
        meta: 5 | FLAG_BODY,
    };
    batch.body(token, b"hello");
    batch.trailers(token, b"A: b\r\n");
    let loan = page.loan();
    let words = |at: usize| [0, 1, 2, 3, 4, 5].map(|place| loan.word(at + place * 4));
    assert_eq!(words(0), [KIND_BODY, 32, 3, 4, token.meta << 10, 5]);
    assert_eq!(loan.bytes(24, 5), b"hello");
    assert_eq!(words(32), [KIND_TRAILERS, 32, 3, 4, token.meta << 10, 6]);
    assert_eq!(loan.bytes(56, 6), b"A: b\r\n");
    batch.refused(&Refused {
        index: 6,
        generation: 7,
        status: 400,
        fault: Some(ParseError::Method),
        parsed: 2,
        bytes: b"GE\x01",
    });
    assert_eq!(words(64), [KIND_REFUSED, 36, 6, 7, 400, 1]);
    assert_eq!([loan.word(88), loan.word(92)], [2, 3]);
    assert_eq!(loan.bytes(96, 3), b"GE\x01");
    batch.notice(Notice::Left {
        index: 6,
        generation: 7,
        how: Parting::Clients,
    });
    let left = [100, 104, 108, 112, 116].map(|at| loan.word(at));
    assert_eq!(left, [KIND_LEFT, 20, 7, 6, 2]);
    assert_eq!(batch.count, 4);
}

#[test]
fn a_piece_and_trailers_of_any_size_have_the_room_of_a_request() {
    let len = 64 << 10;
    let token = RequestToken {
        index: 3,
        generation: 4,
        meta: 5 | FLAG_BODY,
    };
    for filled in (0..len).step_by(1 << 10) {
        let page = Page::new(len);
        let mut batch = Batch::new(Default::default());
        batch.lend([page.loan()]);
        batch.trailers(token, &vec![b'f'; filled]);
        if batch.has_room() {
            let before = batch.count;
            batch.body(token, &[b'p'; MOST_PIECE]);
            batch.trailers(token, &[b't'; MOST_TRAILERS]);
            assert_eq!(batch.count, before + 2, "{filled} bytes before");
        }
    }
}
