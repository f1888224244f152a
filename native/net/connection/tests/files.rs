//! Files that cannot be sent.

use std::fs::File;
use std::path::Path;

use super::rig::{Bench, Rig, ok};
use super::script::Script;
use crate::net::connection::After;
use crate::net::crossing::{Answer, AnswerBody};
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
fn a_file_that_nobody_has_opened_is_our_fault() {
    for early in [false, true] {
        let mut bench = Bench::default();
        let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(2)[..]]));
        rig.event();
        let tokens = rig.tokens();
        let answer = Answer::File(Box::new(whole(Path::new("/dev/null"))));
        if early {
            rig.answer(tokens[1], answer);
            rig.answer(tokens[0], ok(b"fine"));
        } else {
            rig.answer(tokens[0], answer);
            rig.answer(tokens[1], ok(b"fine"));
        }
        rig.event();
        let expected = if early { [200, 500] } else { [500, 200] };
        assert_eq!(super::reader::statuses(&rig.responses()), expected);
    }
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
