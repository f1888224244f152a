//! Batches and ring together: the rules of going to sleep, and two real threads.

mod lane;
mod order;
mod threads;

use std::time::Duration;

use self::lane::{Lane, called};
use crate::bridge::batch::tests::sample::sample;
use crate::bridge::handshake::Word;
use crate::bridge::ring::control;
use crate::bridge::ring::tests::writer::Down;
use crate::http::tests::seeded::Seeded;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::crossing::{Crossing, Deliver};
use crate::net::notice::Notice;

const MAY_SLEEP: Option<Option<Duration>> = Some(None);

#[test]
fn calls_once_for_all_that_is_published_before_javascript_is_through() {
    let mut lane = Lane::new(4, 4096, 1024);
    let sample = sample(&mut Seeded::new(1), 10);
    lane.crossing.publish();
    assert_eq!(called(&lane), 0, "there is nothing to call for");
    for _ in 0..5 {
        assert!(lane.crossing.has_room());
        lane.crossing.request(sample.request(false));
        lane.crossing.publish();
    }
    assert_eq!(
        (
            called(&lane),
            lane.crossing.words.at(control::PUBLISHED).get()
        ),
        (1, 5)
    );
    lane.crossing.scheduled.at(0).set(0);
    lane.crossing.publish();
    assert_eq!(called(&lane), 1, "nothing is new");
    lane.crossing.request(sample.request(true));
    lane.crossing.publish();
    assert_eq!(called(&lane), 2);
    lane.crossing.probe();
    assert_eq!(called(&lane), 2, "a call is pending already");
    lane.crossing.scheduled.at(0).set(0);
    lane.crossing.probe();
    assert_eq!(called(&lane), 3);
}

#[test]
fn sleeps_as_long_as_it_may() {
    let mut lane = Lane::new(4, 4096, 1024);
    let sleeping = |lane: &Lane| lane.crossing.words.at(control::SLEEPING).get();
    assert_eq!(
        (lane.crossing.before_sleep(), sleeping(&lane)),
        (MAY_SLEEP, 1)
    );
    lane.crossing.after_sleep();
    assert_eq!(sleeping(&lane), 0);
    // Nothing waits behind a single request, but JavaScript may be stuck; what is read before JavaScript
    // is through belongs to its batch, and what is read behind that does not.
    let sample = sample(&mut Seeded::new(1), 10);
    for (requests, goes_on, expected) in [
        (1, false, 50),
        (1, true, 1),
        (1, false, 50),
        (2, false, 1),
        (1, false, 50),
    ] {
        for _ in 0..requests {
            lane.crossing.request(sample.request(false));
        }
        lane.crossing.publish();
        if goes_on {
            lane.crossing.request(sample.request(false));
            lane.crossing.publish();
        }
        let limit = lane.crossing.before_sleep().flatten();
        assert_eq!(
            limit,
            Some(Duration::from_millis(expected)),
            "a batch is out"
        );
        lane.crossing.scheduled.at(0).set(0);
    }
    assert_eq!(lane.crossing.before_sleep(), MAY_SLEEP);
    assert!(lane.writer.write(&Down::new(&mut Seeded::new(1), 5)));
    assert_eq!((lane.crossing.before_sleep(), sleeping(&lane)), (None, 0));
    let mut count = 0;
    lane.crossing.answers(&mut |_, _| count += 1).unwrap();
    assert_eq!((count, lane.crossing.before_sleep()), (1, MAY_SLEEP));
    let answer = Answer::Raw {
        body: AnswerBody::Owned(Box::new(vec![1])),
        close: false,
    };
    lane.crossing.mail.answer(Default::default(), answer);
    assert_eq!((lane.crossing.before_sleep(), sleeping(&lane)), (None, 0));
    lane.crossing.answers(&mut |_, _| count += 1).unwrap();
    assert_eq!((count, lane.crossing.before_sleep()), (2, MAY_SLEEP));
}

#[test]
fn tells_what_is_released_with_the_next_batch() {
    let mut lane = Lane::new(4, 4096, 1024);
    lane.crossing.mail.release(7);
    lane.crossing.notice(Notice::Released { id: 6 });
    lane.crossing.publish();
    assert_eq!(called(&lane), 1);
    let published = lane.crossing.words.at(control::PUBLISHED).get();
    for id in [6, 7] {
        let record = lane.reader.next(published);
        assert_eq!(record, Some(lane::released(id)));
    }
}

#[test]
fn has_no_room_until_a_chunk_is_lent() {
    let mut lane = Lane::new(0, 4096, 1024);
    assert!(!lane.crossing.has_room());
    lane.lend(4096);
    assert_eq!(lane.crossing.before_sleep(), None, "a chunk is mail");
    assert!(!lane.crossing.has_room());
    lane.crossing.answers(&mut |_, _| {}).unwrap();
    assert!(lane.crossing.has_room());
}

#[test]
fn a_crossing_is_stuck_only_while_a_batch_is_out_and_nothing_moves() {
    let mut lane = Lane::new(4, 4096, 1024);
    assert!(!lane.crossing.is_stuck(10_000));
    lane.crossing.probe();
    assert!(!lane.crossing.is_stuck(10_050));
    assert!(lane.crossing.is_stuck(10_200));
    lane.crossing.words.at(control::PULSE).set(1);
    assert!(!lane.crossing.is_stuck(10_250));
    assert!(lane.crossing.is_stuck(10_400));
    lane.crossing.scheduled.at(0).set(0);
    assert!(!lane.crossing.is_stuck(20_000));
}

/// A copy of a body keeps the box that it goes back to, which must not keep the copy.
#[test]
fn nothing_is_kept_for_a_thread_that_has_ended() {
    let lane = Lane::new(1, 4096, 1024);
    let mail = lane.crossing.mail.clone();
    let copy = |size| Answer::Raw {
        body: AnswerBody::Owned(mail.copy(&vec![b'x'; size])),
        close: false,
    };
    mail.answer(Default::default(), copy(10));
    drop(lane);
    mail.answer(Default::default(), copy(10));
    mail.answer(Default::default(), copy(2 << 20));
    assert_eq!(std::sync::Arc::strong_count(&mail), 1);
}
