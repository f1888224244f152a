//! What the batch promises, and what it does when it has nothing left.

use super::lane;
use super::reader::{Page, Record};
use super::sample::sample;
use crate::http::tests::seeded::Seeded;
use crate::net::notice::Notice;

#[test]
fn room_that_was_promised_is_there_for_a_request_of_any_size() {
    for len in [512, 1024, 4096] {
        for fill in 0..len / 4 {
            for size in [0, 1, len / 2 - 200, len / 2 - 150, len / 2, len, 3 * len] {
                let (mut batch, mut reader) = lane(1, len);
                let mut seeded = Seeded::new((fill * 7 + size) as u64);
                // Notices fill the chunk in steps of 12 and 24.
                for id in 0..fill as u32 {
                    batch.notice(Notice::Released { id });
                }
                if !batch.has_room() {
                    continue;
                }
                let sample = sample(&mut seeded, size);
                batch.request(sample.request(false));
                let mut last = None;
                while let Some(record) = reader.next(batch.count) {
                    last = Some(record);
                }
                assert_eq!(
                    last,
                    Some(Record::Request(Box::new(sample.expected()))),
                    "{len} {fill} {size}"
                );
            }
        }
    }
}

#[test]
fn has_no_room_without_a_chunk_and_keeps_notices() {
    let (mut batch, mut reader) = lane(0, 0);
    assert!(!batch.has_room());
    for id in 0..1000 {
        batch.notice(Notice::Released { id });
    }
    assert_eq!((batch.count, reader.next(batch.count)), (0, None));
    let mut next = 0;
    while next < 1000 {
        let page = Page::new(512);
        batch.lend([page.loan()]);
        reader.add(page);
        while let Some(record) = reader.next(batch.count) {
            assert_eq!(record, Record::Notice(Notice::Released { id: next }));
            next += 1;
        }
    }
    assert!(!batch.has_room() || next == 1000);
}

#[test]
fn a_notice_for_which_there_is_room_does_not_overtake_one_that_waits() {
    let (mut batch, mut reader) = lane(1, 512);
    let mut id = 0;
    while batch.has_room() || batch.count == id {
        batch.notice(Notice::Released { id });
        id += 1;
    }
    batch.notice(Notice::Released { id });
    batch.lend([]);
    let page = Page::new(512);
    batch.lend([page.loan()]);
    reader.add(page);
    batch.notice(Notice::Released { id: id + 1 });
    for id in 0..id + 2 {
        let record = reader.next(batch.count);
        assert_eq!(record, Some(Record::Notice(Notice::Released { id })));
    }
}

#[test]
fn a_record_that_is_published_is_never_written_again() {
    let (mut batch, mut reader) = lane(2, 4096);
    let mut seeded = Seeded::new(5);
    let mut published: Vec<(Vec<u8>, usize)> = Vec::new();
    for _ in 0..12 {
        if !batch.has_room() {
            break;
        }
        let size = seeded.below(600);
        batch.request(sample(&mut seeded, size).request(false));
        for (page, (before, len)) in reader.images().zip(&published) {
            assert_eq!(page[..*len], before[..*len]);
        }
        while reader.next(batch.count).is_some() {}
        published = reader
            .images()
            .map(|page| (page.to_vec(), page.len()))
            .collect();
        published[reader.page()].1 = reader.position();
        for later in &mut published[reader.page() + 1..] {
            later.1 = 0;
        }
    }
}
