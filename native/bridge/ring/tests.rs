//! Answers through rings of a few bytes, at every position, up to the last free byte.

pub(in crate::bridge) mod writer;

use std::collections::VecDeque;

use self::writer::{Down, Writer};
use super::{Ring, control};
use crate::bridge::answer::{CONTENT_TYPES, KIND_ANSWER, KIND_RAW, KIND_SKIP, word};
use crate::bridge::batch::tests::reader::Page;
use crate::bridge::memory::Words;
use crate::http::tests::seeded::Seeded;
use crate::net::answer::Answer;

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
    let take = &mut |token, answer: Answer<'_>| taken.push(Down::of(token, &answer));
    ring.take(take).unwrap();
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

/// A ring of 256 bytes, of which `gone` have gone through, with these words at its head; and how
/// many answers came of it before it failed, if it did.
fn broken(gone: u32, published: u32, words: &[u32]) -> (usize, bool) {
    let (page, control_words) = (Page::new(256), control_words());
    let (mut memory, loan) = (page.loan(), page.loan());
    let mut ring = Ring::new(loan, control_words);
    ring.head = gone;
    for (index, word) in words.iter().enumerate() {
        memory.write((gone as usize + index * 4) & 255, &word.to_le_bytes());
    }
    let tail = control_words.at(control::TAIL);
    tail.store(
        gone.wrapping_add(published),
        std::sync::atomic::Ordering::SeqCst,
    );
    let mut count = 0;
    let first = ring.take(&mut |_, _| count += 1).is_err();
    let before = count;
    let again = ring.take(&mut |_, _| count += 1).is_err();
    assert!(
        first == again && (!first || before == count),
        "what failed goes on"
    );
    (count, first)
}

#[test]
fn fails_at_what_is_no_record() {
    const OK: u32 = 200 << 16 | KIND_ANSWER;
    const ONE: [u32; 8] = [32, OK, 0, 0, 0, 0, 0, 0];
    let with = |place: usize, value: u32| {
        let mut words = ONE;
        words[place] = value;
        words
    };
    assert_eq!(broken(0, 32, &ONE), (1, false));
    assert_eq!(broken(32, 256, &[ONE; 8].concat()), (8, false));
    let cases = [
        ("nothing", with(word::SIZE, 0)),
        ("too little", with(word::SIZE, 24)),
        ("not aligned", with(word::SIZE, 33)),
        ("more than is published", with(word::SIZE, 40)),
        ("more than there is", with(word::SIZE, u32::MAX)),
        ("a kind that is none", with(word::KIND, 200 << 16 | 99)),
        ("no kind", with(word::KIND, 200 << 16)),
        ("no status", with(word::KIND, KIND_ANSWER)),
        ("a type that is none", with(word::TYPE, 5)),
        (
            "a status of four digits",
            with(word::KIND, 1000 << 16 | KIND_ANSWER),
        ),
        ("a skip that is no rest", with(word::KIND, KIND_SKIP)),
        ("a reason outside", with(word::TYPE, 1 << 8)),
        ("fields outside", with(word::FIELDS_LEN, 1)),
        (
            "fields that overflow",
            with(word::FIELDS_LEN, u32::MAX - 31),
        ),
        ("a body outside", with(word::BODY_LEN, u32::MAX)),
    ];
    for (what, words) in cases {
        assert_eq!(broken(0, 32, &words), (0, true), "{what}");
        let behind = [ONE, words].concat();
        assert_eq!(broken(64, 64, &behind), (1, true), "{what} behind another");
    }
    assert_eq!(broken(0, 264, &ONE), (0, true), "more than the ring holds");
    assert_eq!(broken(0, 30, &ONE), (0, true), "a tail between two places");
    let padded = [48, OK, 0, 0, 0, 0, 0, 0];
    assert_eq!(broken(0, 48, &padded), (0, true), "more behind the parts");
    let across = [48, 200 << 16 | KIND_RAW, 0, 0, 0, 0, 0, 16];
    assert_eq!(broken(216, 48, &across), (0, true), "across the end");
    assert_eq!(broken(216, 40, &[40, KIND_SKIP]), (0, false), "a skip");
    assert_eq!(
        broken(216, 32, &[40, KIND_SKIP]),
        (0, true),
        "a skip that is half published"
    );
}

#[test]
fn whatever_is_published_ends() {
    let types = CONTENT_TYPES.len();
    for seed in 0..20_000 {
        let mut seeded = Seeded::new(seed);
        let mut words = Vec::new();
        for place in 0..64 {
            words.push(match (place % 8, seeded.below(3)) {
                (_, 0) => seeded.next() as u32,
                (0, _) => 8 * seeded.below(9) as u32,
                (1, _) => (200 << 16) | seeded.below(40) as u32,
                (5, _) => seeded.below(types + 1) as u32,
                (6 | 7, _) => seeded.below(24) as u32,
                _ => 0,
            });
        }
        let (gone, published) = (8 * seeded.below(40) as u32, 8 * seeded.below(34) as u32);
        broken(gone, published, &words);
    }
}
