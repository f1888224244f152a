//! Requests of all sizes into chunks of all sizes, and out again as `ts/server/batch.ts` reads them.

mod limits;
mod pieces;
pub(in crate::bridge) mod reader;
pub(in crate::bridge) mod sample;

use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use self::reader::{PARTINGS, Page, Reader, Record};
use self::sample::{Sample, sample};
use super::Batch;
use crate::bridge::mail::MailBox;
use crate::http::tests::seeded::Seeded;
use crate::net::notice::Notice;
use crate::net::request::RequestToken;

/// A batch over pages, and the reader of the same pages.
pub(in crate::bridge) fn lane(pages: usize, len: usize) -> (Batch, Reader) {
    let mail = Arc::new(MailBox::default());
    let mut batch = Batch::new(mail.clone());
    let pages: Vec<_> = (0..pages).map(|_| Page::new(len)).collect();
    batch.lend(pages.iter().map(Page::loan));
    (batch, Reader::new(pages, mail))
}

fn check(sample: &Sample, record: Option<Record>) {
    let Some(Record::Request(read)) = record else {
        panic!("{record:?} in place of a request");
    };
    assert_eq!(*read, sample.expected());
}

#[test]
fn gives_back_requests_of_every_size_around_the_chunk() {
    for len in [512, 4096, 64 << 10] {
        let (mut batch, mut reader) = lane(3, len);
        for size in (0..40)
            .chain(len / 4 - 40..len / 4 + 40)
            .chain((len / 2).saturating_sub(300)..len / 2 + 80)
        {
            for is_owned in [false, true] {
                let sample = sample(&mut Seeded::new(size as u64), size);
                assert!(batch.has_room());
                batch.request(sample.request(is_owned));
                check(&sample, reader.next(batch.count));
                assert_eq!(reader.next(batch.count), None);
                batch.lend(reader.freed());
            }
        }
    }
}

#[test]
fn gives_back_a_mixture_in_order() {
    for seed in 0..200 {
        let mut seeded = Seeded::new(seed);
        let len = 1024 << seeded.below(4);
        let (mut batch, mut reader) = lane(1 + seeded.below(4), len);
        let mut written = Vec::new();
        for number in 0..200 {
            if seeded.below(4) == 0 {
                let notice = notice(&mut seeded, number);
                batch.notice(notice);
                written.push(Err(notice));
            } else if batch.has_room() {
                let most = *seeded.pick(&[1, 100, 1000, 20_000]);
                let size = seeded.below(most);
                let sample = sample(&mut seeded, size);
                batch.request(sample.request(seeded.below(2) == 0));
                written.push(Ok(sample));
            }
            if seeded.below(5) == 0 {
                drain(&mut batch, &mut reader, &mut written);
            }
        }
        while !written.is_empty() {
            let page = Page::new(len);
            batch.lend([page.loan()]);
            reader.add(page);
            drain(&mut batch, &mut reader, &mut written);
        }
    }
}

/// Reads what is there and compares it. Notices may come late, but in order among themselves.
fn drain(batch: &mut Batch, reader: &mut Reader, written: &mut Vec<Result<Sample, Notice>>) {
    while let Some(record) = reader.next(batch.count) {
        let is_request = matches!(record, Record::Request(_));
        let place = written
            .iter()
            .position(|written| written.is_ok() == is_request);
        match written.remove(place.unwrap()) {
            Ok(sample) => check(&sample, Some(record)),
            Err(notice) => assert_eq!(record, Record::Notice(notice)),
        }
    }
    batch.lend(reader.freed());
}

fn notice(seeded: &mut Seeded, id: u32) -> Notice {
    let token = RequestToken {
        index: seeded.next() as u32,
        generation: seeded.next() as u32,
        meta: seeded.next() as u32,
    };
    match seeded.below(11) {
        0 => Notice::Abort {
            index: token.index,
            generation: token.generation,
            first: token.meta,
            count: 3,
        },
        1 => Notice::RawRefused { token, reason: id },
        2 => Notice::Overload { delay_ms: id },
        3 => Notice::Taken {
            index: token.index,
            generation: token.generation,
            is_lost: id.is_multiple_of(2),
        },
        4 => Notice::Accepted {
            ticket: id,
            generation: token.generation,
        },
        5 => Notice::NotAccepted { ticket: id },
        6 => Notice::Left {
            index: token.index,
            generation: id,
            how: PARTINGS[id as usize % 3],
        },
        7 => Notice::Connected {
            index: token.index,
            generation: id,
            remote: SocketAddr::from((Ipv6Addr::LOCALHOST, 8080)).into(),
            local: SocketAddr::from(([127, 0, 0, 1], 80)).into(),
        },
        8 => Notice::Quiet,
        9 => Notice::Dropped {
            remote: SocketAddr::from(([10, 0, 0, id as u8], 8080)).into(),
            local: SocketAddr::from((Ipv6Addr::LOCALHOST, 80)).into(),
        },
        _ => Notice::Released { id },
    }
}
