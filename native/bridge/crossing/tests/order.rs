//! Ring and mail: what JavaScript has published first comes first, whatever it does meanwhile.

use std::sync::Arc;

use super::lane::Lane;
use crate::bridge::ring::tests::writer::Down;
use crate::http::tests::seeded::Seeded;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::crossing::Crossing;
use crate::net::request::RequestToken;

/// Bytes of its body, by which an answer is told from others.
fn size_of(answer: &Answer<'_>) -> u64 {
    match answer {
        Answer::Raw { body, .. } => body.len(),
        _ => 0,
    }
}

#[test]
fn what_is_published_while_the_ring_is_read_comes_in_its_order() {
    let mut lane = Lane::new(0, 4096, 4096);
    let mail = Arc::clone(&lane.crossing.mail);
    let piece = |len| Answer::Raw {
        body: AnswerBody::Owned(Box::new(vec![0; len])),
        close: false,
    };
    let mut seeded = Seeded::new(1);
    let mut in_ring = |len| {
        std::iter::repeat_with(|| Down::new(&mut seeded, len))
            .find(Down::is_raw)
            .unwrap()
    };
    let (first, second) = (in_ring(1), in_ring(2));
    assert!(lane.writer.write(&first));
    let (crossing, writer) = (&mut lane.crossing, &mut lane.writer);
    let mut found = Vec::new();
    for _ in 0..3 {
        let sink = &mut |_: RequestToken, answer: Answer<'_>| {
            found.push(size_of(&answer));
            if found.len() == 1 {
                // One more in the ring, and behind that one which had no room there.
                assert!(writer.write(&second));
                mail.answer(RequestToken::default(), piece(3));
            }
        };
        crossing.answers(sink).unwrap();
    }
    assert_eq!(found, [1, 2, 3]);
}
