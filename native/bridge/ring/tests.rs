//! Answers through rings of a few bytes, at every position, up to the last free byte.

pub(in crate::bridge) mod writer;

use std::collections::VecDeque;

use self::writer::{Down, Writer};
use super::{Ring, control};
use crate::bridge::batch::tests::reader::Page;
use crate::bridge::memory::Words;
use crate::http::tests::seeded::Seeded;

/// Control words that live as long as the tests.
pub(in crate::bridge) fn control_words() -> Words {
    Words::new(Box::leak(vec![0; control::COUNT].into_boxed_slice()))
}

/// Both ends of a ring of `len` bytes of which so many have gone through already.
fn ring(len: usize, gone: u32) -> (Ring, Writer) {
    let (page, words) = (Page::new(len), control_words());
    let mut ring = Ring::new(page.loan(), words);
    ring.head = gone;
    for place in [control::HEAD, control::TAIL] {
        words
            .at(place)
            .store(gone, std::sync::atomic::Ordering::SeqCst);
    }
    (ring, Writer::new(page, words))
}

fn taken(ring: &mut Ring) -> Vec<Down> {
    let mut taken = Vec::new();
    ring.take(&mut |token, answer| taken.push(Down::of(token, &answer)));
    assert!(!ring.has_answers());
    taken
}

#[test]
fn gives_back_a_record_at_every_position() {
    let len: u32 = 512;
    let around = (0..len).chain(u32::MAX - len + 1..=u32::MAX);
    for gone in around.step_by(8) {
        for size in 0..len as usize / 2 {
            let (mut ring, mut writer) = ring(len as usize, gone);
            let down = Down::new(&mut Seeded::new(u64::from(gone)), size);
            assert!(!ring.has_answers());
            if writer.write(&down) {
                assert!(ring.has_answers());
                assert_eq!(taken(&mut ring), [down], "{gone} {size}");
            } else {
                // It fits only if it need not skip the end.
                assert!(size + 32 > (gone as usize % 512).max(8), "{gone} {size}");
            }
        }
    }
}

#[test]
fn gives_back_everything_in_order_whatever_is_full() {
    for seed in 0..300 {
        let mut seeded = Seeded::new(seed);
        let len = 64 << seeded.below(6);
        let gone = (seeded.next() as u32) & !7;
        let (mut ring, mut writer) = ring(len, gone);
        let mut written = VecDeque::new();
        let (mut full, mut count) = (0, 0);
        for _ in 0..500 {
            let size = seeded.below(len);
            let down = Down::new(&mut seeded, size);
            if writer.write(&down) {
                written.push_back(down);
                count += 1;
            } else {
                full += 1;
                let before = written.len();
                assert_eq!(taken(&mut ring), Vec::from_iter(written.drain(..)));
                assert!(
                    before > 0 || size + 32 > len / 2,
                    "an empty ring takes half its size"
                );
            }
            if seeded.below(3) == 0 {
                assert_eq!(taken(&mut ring), Vec::from_iter(written.drain(..)));
            }
        }
        assert_eq!(taken(&mut ring), Vec::from_iter(written));
        assert!(full > 0 && count > 5, "{len}: {full} {count}");
    }
}

#[test]
fn fills_to_the_last_byte_and_never_overwrites() {
    for gone in (0..256u32).step_by(8) {
        let (mut ring, mut writer) = ring(256, gone);
        let mut seeded = Seeded::new(1);
        let mut written = Vec::new();
        loop {
            let down = Down::new(&mut seeded, 0);
            if !writer.write(&down) {
                break;
            }
            written.push(down);
        }
        // Records of 32 bytes: one is lost to the skip unless they end where the ring ends.
        assert_eq!(written.len(), if gone % 32 == 0 { 8 } else { 7 }, "{gone}");
        assert_eq!(taken(&mut ring), written);
        assert!(
            writer.write(&Down::new(&mut seeded, 0)),
            "what is taken is free"
        );
    }
}
