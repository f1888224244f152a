//! Files that cannot be sent.

use std::fs::File;

use super::rig::{Bench, Rig, ok};
use super::script::Script;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::connection::After;
use crate::net::event_loop::tests::files::{Temp, whole};
use crate::net::file::FileBody;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// 200 with so many bytes of a file.
pub(super) fn file(file: File, len: u64) -> Answer<'static> {
    let mut answer = ok(b"").into_owned();
    if let Answer::Encoded { body, .. } = &mut answer {
        *body = AnswerBody::File(FileBody::new(file, 0, len));
    }
    answer
}

#[test]
fn a_file_that_cannot_be_read_ends_the_connection() {
    let temp = Temp::file(b"text");
    let unreadable = File::options().append(true).open(&temp.0).unwrap();
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([GET]));
    rig.event();
    rig.answer(rig.tokens()[0], file(unreadable, 4));
    rig.event();
    // The failure is left to whoever sends.
    for (_, read) in std::mem::take(&mut rig.bench.scratch.cold) {
        read.run(&mut Vec::new());
    }
    rig.connection.warmed();
    assert_eq!(rig.event(), After::Close);
    assert!(rig.connection.stream.written.ends_with(b"\r\n\r\n"));
}

#[test]
fn one_file_is_open_at_a_time() {
    let temp = Temp::file(&vec![b'x'; 1 << 20]);
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(4)[..]]));
    rig.event();
    let tokens = rig.tokens();
    let unopened = || Answer::File(Box::new(whole(&temp.0)));
    let opened = || file(File::open(&temp.0).unwrap(), 1 << 20);
    assert!(rig.connection.may_open(tokens[0]));
    assert!(!rig.connection.may_open(tokens[1]));
    for token in [2, 0, 1] {
        rig.answer(tokens[token], unopened());
    }
    rig.answer(tokens[3], ok(b"fine"));
    for token in &tokens[..3] {
        let (next, _) = rig.connection.next_file().unwrap();
        assert_eq!(next.meta, token.meta);
        rig.answer(next, opened());
        assert!(rig.connection.next_file().is_none(), "before it is sent");
        for _ in 0..100 {
            rig.event();
        }
        assert_eq!(rig.connection.unsent(), 0);
    }
    let lengths: Vec<usize> = rig.bodies().iter().map(Vec::len).collect();
    assert_eq!(lengths, [1 << 20, 1 << 20, 1 << 20, 4]);
}

/// Its length, how many others send such files, and what becomes of the bound.
const WIDENED: [(u64, u32, &[bool]); 4] = [
    (1 << 20, 0, &[false, true]),
    (1 << 20, 31, &[false, true]),
    (1 << 20, 32, &[]),
    (256 << 10, 0, &[]),
];

#[test]
fn the_kernel_takes_more_of_a_few_large_files() {
    for (len, others, expected) in WIDENED {
        let temp = Temp::file(&vec![b'x'; len as usize]);
        let mut bench = Bench::default();
        bench.scratch.wide = others;
        let mut rig = Rig::new(&mut bench, Script::new([GET]));
        rig.event();
        rig.answer(rig.tokens()[0], file(File::open(&temp.0).unwrap(), len));
        for _ in 0..100 {
            rig.event();
        }
        assert_eq!(rig.bodies()[0].len() as u64, len);
        assert_eq!(
            rig.connection.stream.bounds, expected,
            "{len} beside {others}"
        );
        assert_eq!(rig.bench.scratch.wide, others);
    }
}

/// The same for answers in memory: only who has taken a MiB of one has more of it taken ahead.
const WIDENED_LATER: [(usize, u32, &[bool]); 4] = [
    (2 << 20, 0, &[false, true]),
    (2 << 20, 31, &[false, true]),
    (2 << 20, 32, &[]),
    ((5 << 18) - 1000, 0, &[]),
];

#[test]
fn the_kernel_takes_more_of_a_few_large_answers_of_those_who_read() {
    for (len, others, expected) in WIDENED_LATER {
        let mut bench = Bench::default();
        bench.scratch.wide = others;
        let mut rig = Rig::new(&mut bench, Script::new([GET]));
        rig.event();
        let mut answer = ok(b"");
        if let Answer::Encoded { body, .. } = &mut answer {
            *body = AnswerBody::Owned(Box::new(vec![b'x'; len]));
        }
        rig.answer(rig.tokens()[0], answer);
        for _ in 0..100 {
            rig.event();
        }
        assert_eq!(rig.bodies()[0].len(), len);
        assert_eq!(
            rig.connection.stream.bounds, expected,
            "{len} beside {others}"
        );
        assert_eq!(rig.bench.scratch.wide, others);
    }
}

#[test]
fn one_that_is_cut_off_makes_way_for_others() {
    let temp = Temp::file(&vec![b'x'; 1 << 20]);
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([GET]));
    rig.event();
    rig.answer(rig.tokens()[0], file(File::open(&temp.0).unwrap(), 1 << 20));
    rig.event();
    assert_eq!(rig.bench.scratch.wide, 1);
    rig.connection.release(&mut rig.bench.scratch);
    assert_eq!(rig.bench.scratch.wide, 0);
}
