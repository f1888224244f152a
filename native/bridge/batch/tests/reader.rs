//! Reads chunks as JavaScript does: `ts/server/batch.ts`, `ts/crossing/lane.ts` and `ts/request/request.ts`.

use std::sync::Arc;

use super::sample::Expected;
use crate::bridge::mail::MailBox;
use crate::bridge::memory::Loan;
use crate::bridge::record::{
    FIELD_WORDS, KIND_ABORT, KIND_ACCEPTED, KIND_CONNECTED, KIND_DROPPED, KIND_END, KIND_EXTENDED,
    KIND_LARGE, KIND_LEFT, KIND_NOT_ACCEPTED, KIND_OVERLOAD, KIND_QUIET, KIND_RAW_REFUSED,
    KIND_RELEASED, KIND_REQUEST, KIND_TAKEN, PARAM_WORDS, word,
};
use crate::net::endpoint::Endpoint;
use crate::net::notice::{Notice, Parting};
use crate::net::request::RequestToken;

/// Memory of a chunk, which lives as long as the tests.
#[derive(Clone, Copy, Debug)]
pub(in crate::bridge) struct Page(&'static Loan);

impl Page {
    pub(in crate::bridge) fn new(len: usize) -> Self {
        let bytes = Box::leak(vec![0; len].into_boxed_slice());
        Self(Box::leak(Box::new(Loan::new(bytes))))
    }

    pub(in crate::bridge) fn loan(&self) -> Loan {
        self.0.share()
    }
}

/// Each way in which a connection ends, at the place of its number.
pub(in crate::bridge) const PARTINGS: [Parting; 3] =
    [Parting::Ours, Parting::Failed, Parting::Clients];

/// A record that is no end.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::bridge) enum Record {
    Request(Box<Expected>),
    Notice(Notice),
}

/// JavaScript's place in the chunks of one thread.
#[derive(Debug)]
pub(in crate::bridge) struct Reader {
    pages: Vec<Page>,
    page: usize,
    at: usize,
    read: u32,
    mail: Arc<MailBox>,
}

impl Reader {
    pub(in crate::bridge) fn new(pages: Vec<Page>, mail: Arc<MailBox>) -> Self {
        Self {
            pages,
            page: 0,
            at: 0,
            read: 0,
            mail,
        }
    }

    /// One more page, behind those that were lent.
    pub(in crate::bridge) fn add(&mut self, page: Page) {
        self.pages.push(page);
    }

    /// The next record of the first `published` ones.
    pub(in crate::bridge) fn next(&mut self, published: u32) -> Option<Record> {
        while self.read != published {
            let (page, at) = (self.pages[self.page].loan(), self.at);
            let words = |place: usize| page.word(at + place * 4);
            self.read = self.read.wrapping_add(1);
            self.at += words(word::SIZE) as usize;
            match words(word::KIND) & 0xff {
                KIND_REQUEST | KIND_EXTENDED => {
                    return Some(Record::Request(Box::new(request(&page, at))));
                }
                KIND_LARGE => {
                    let mut bytes = self.mail.take_large(words(2)).expect("it is kept once");
                    assert_eq!(self.mail.take_large(words(2)), None);
                    let buffer = Loan::new(&mut bytes);
                    let at = buffer.word(buffer.len() - 4) as usize;
                    return Some(Record::Request(Box::new(request(&buffer, at))));
                }
                KIND_END => {
                    self.page += 1;
                    self.at = 0;
                }
                kind => return Some(Record::Notice(notice(kind, words))),
            }
        }
        None
    }

    /// Pages that are let go; they are lent again behind the others.
    pub(in crate::bridge) fn freed(&mut self) -> Vec<Loan> {
        let freed: Vec<_> = self.pages.drain(..self.page).collect();
        self.page = 0;
        self.pages.extend(&freed);
        freed.iter().map(Page::loan).collect()
    }

    /// The bytes of every page as they are now.
    pub(in crate::bridge) fn images(&self) -> impl Iterator<Item = &[u8]> {
        self.pages.iter().map(|page| page.0.bytes(0, page.0.len()))
    }

    pub(in crate::bridge) fn page(&self) -> usize {
        self.page
    }

    pub(in crate::bridge) fn position(&self) -> usize {
        self.at
    }

    /// Records read so far.
    pub(in crate::bridge) fn read(&self) -> u32 {
        self.read
    }
}

fn notice(kind: u32, words: impl Fn(usize) -> u32) -> Notice {
    match kind {
        KIND_ABORT => Notice::Abort {
            index: words(2),
            generation: words(3),
            first: words(4),
            count: words(5),
        },
        KIND_RAW_REFUSED => Notice::RawRefused {
            token: RequestToken {
                index: words(2),
                generation: words(3),
                meta: words(4),
            },
            reason: words(5),
        },
        KIND_RELEASED => Notice::Released { id: words(2) },
        KIND_OVERLOAD => Notice::Overload { delay_ms: words(2) },
        KIND_TAKEN => Notice::Taken {
            index: words(2),
            generation: words(3),
            is_lost: words(4) == 1,
        },
        KIND_ACCEPTED => Notice::Accepted {
            ticket: words(2),
            generation: words(3),
        },
        KIND_NOT_ACCEPTED => Notice::NotAccepted { ticket: words(2) },
        KIND_LEFT => Notice::Left {
            generation: words(2),
            index: words(3),
            how: PARTINGS[words(4) as usize],
        },
        KIND_CONNECTED => Notice::Connected {
            index: words(word::INDEX),
            generation: words(word::GENERATION),
            remote: end(&words, 0, word::REMOTE),
            local: end(&words, 1, word::LOCAL),
        },
        KIND_DROPPED => Notice::Dropped {
            remote: end(&words, 0, word::REMOTE),
            local: end(&words, 1, word::LOCAL),
        },
        KIND_QUIET => Notice::Quiet,
        kind => panic!("unknown kind {kind}"),
    }
}

/// One end of a connection, as `ts/request/address.ts` reads it; the scope is the client's.
fn end(words: impl Fn(usize) -> u32, place: u32, address: usize) -> Endpoint {
    let half = |word: u32| (word >> (16 * place)) as u16;
    let family = words(word::FAMILY);
    Endpoint {
        ip: std::array::from_fn(|part| words(address + part)),
        port: half(words(word::PORTS)),
        family: (family >> (8 * place)) as u16 & 0xff,
        scope: if place == 0 { (family >> 16) as u16 } else { 0 },
    }
}

fn request(memory: &Loan, at: usize) -> Expected {
    let words = |place: usize| memory.word(at + place * 4);
    let raw = words(word::RAW) as usize;
    let bytes = |start: u32, len: u32| memory.bytes(raw + start as usize, len as usize).to_vec();
    let (method_len, target_len) = (words(word::METHOD_LEN), words(word::TARGET_LEN));
    let lines = (0..words(word::FIELDS) as usize).map(|line| {
        let line = word::COUNT + line * FIELD_WORDS;
        let [name, name_len, value, value_len] = [0, 1, 2, 3].map(|place| words(line + place));
        (bytes(name, name_len), bytes(value, value_len))
    });
    let first = word::COUNT + words(word::FIELDS) as usize * FIELD_WORDS;
    let params = (0..words(word::PARAMS) as usize).map(|param| {
        let place = first + param * PARAM_WORDS;
        bytes(words(place), words(place + 1))
    });
    Expected {
        token: RequestToken {
            index: words(word::INDEX),
            generation: words(word::GENERATION),
            meta: words(word::META),
        },
        kind: words(word::KIND) >> 8,
        method: bytes(0, method_len),
        target: bytes(method_len + 1, target_len),
        path: bytes(words(word::PATH), words(word::PATH_LEN)),
        query: bytes(words(word::QUERY), words(word::QUERY_LEN)),
        fields: lines.collect(),
        body: bytes(words(word::HEAD_LEN), words(word::BODY_LEN)),
        ports: words(word::PORTS),
        family: words(word::FAMILY),
        addresses: std::array::from_fn(|place| words(word::REMOTE + place)),
        route: words(word::ROUTE),
        params: params.collect(),
    }
}
