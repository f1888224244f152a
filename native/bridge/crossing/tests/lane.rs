//! A crossing and JavaScript's end of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::bridge::batch::tests::reader::{Page, Reader, Record};
use crate::bridge::claims::Claims;
use crate::bridge::crossing::SharedCrossing;
use crate::bridge::mail::MailBox;
use crate::bridge::memory::Words;
use crate::bridge::ring::Ring;
use crate::bridge::ring::tests::control_words;
use crate::bridge::ring::tests::writer::Writer;
use crate::net::crossing::Crossing;
use crate::net::notice::Notice;

/// Both ends.
pub(super) struct Lane {
    pub(super) crossing: SharedCrossing<Box<dyn FnMut() + Send>>,
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    calls: Arc<AtomicU32>,
}

impl Lane {
    /// A lane with so many chunks of a length, and a ring.
    pub(super) fn new(chunks: usize, len: usize, ring_len: usize) -> Self {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = calls.clone();
        let call = move || {
            counted.fetch_add(1, Ordering::SeqCst);
        };
        let mut lane = Self::with_call(ring_len, Box::new(call));
        lane.calls = calls;
        for _ in 0..chunks {
            lane.lend(len);
        }
        lane.crossing.answers(&mut |_, _| {}).unwrap();
        lane
    }

    /// A lane without chunks whose `call` is given.
    pub(super) fn with_call(ring_len: usize, call: Box<dyn FnMut() + Send>) -> Self {
        let (mail, words) = (Arc::new(MailBox::default()), control_words());
        let scheduled = Words::new(Box::leak(Box::new([0])));
        let page = Page::new(ring_len);
        let ring = Ring::new(page.loan(), words);
        let table = Words::new(Box::leak(vec![0; 1 << 15].into_boxed_slice()));
        let claims = Claims::new(words, table);
        Self {
            crossing: SharedCrossing::new(words, scheduled, claims, ring, mail.clone(), call),
            reader: Reader::new(Vec::new(), mail),
            writer: Writer::new(page, words),
            calls: Arc::default(),
        }
    }

    /// JavaScript lends a chunk.
    pub(super) fn lend(&mut self, len: usize) {
        let page = Page::new(len);
        self.crossing.mail.lend(page.loan());
        self.reader.add(page);
    }
}

/// Calls so far.
pub(super) fn called(lane: &Lane) -> u32 {
    lane.calls.load(Ordering::SeqCst)
}

pub(super) fn released(id: u32) -> Record {
    Record::Notice(Notice::Released { id })
}
