//! What is read and taken, and what has to wait.

use super::reader::statuses;
use super::rig::{Bench, Order, Rig, ok};
use super::script::Script;
use crate::net::connection::{After, Connection};
use crate::net::stream::Stream;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

#[test]
fn takes_no_more_than_the_allowed_number_at_a_time() {
    let mut bench = Bench::default();
    bench.config.max_pipelined = 4;
    let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(10)[..]]));
    for taken in [4, 8, 10] {
        rig.event();
        assert_eq!(rig.recorder.taken.len(), taken);
        rig.event();
        assert_eq!(rig.recorder.taken.len(), taken);
        rig.answer_waiting(true);
    }
    rig.event();
    assert_eq!(rig.responses().len(), 10);
}

#[test]
fn keeps_an_unsafe_request_alone() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(
        &mut bench,
        Script::new([&[GET, GET, POST, GET].concat()[..]]),
    );
    for taken in [2, 3, 4] {
        rig.event();
        assert_eq!(rig.recorder.taken.len(), taken);
        rig.answer_waiting(false);
    }
    rig.event();
    assert_eq!(rig.responses().len(), 4);
}

#[test]
fn stops_reading_while_too_much_is_unsent() {
    let mut bench = Bench::default();
    bench.config.max_unsent = 1000;
    let mut rig = Rig::new(&mut bench, Script::new([GET, GET]));
    rig.event();
    rig.connection.writable = false;
    rig.answer(rig.recorder.taken[0].token, ok(&[b'.'; 1000]));
    rig.connection.ready(true, false, false);
    assert_eq!(rig.advance(), After::Wait);
    assert_eq!(
        (
            rig.recorder.taken.len(),
            rig.connection.stream.written.len()
        ),
        (1, 0)
    );
    rig.connection.ready(false, true, false);
    rig.advance();
    assert_eq!(rig.recorder.taken.len(), 2);
}

#[test]
fn reads_on_when_what_was_too_much_is_sent_in_the_same_turn() {
    let mut bench = Bench::default();
    bench.config.max_unsent = 1;
    let head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    let mut rig = Rig::new(&mut bench, Script::new([&[GET, head].concat()[..], b"hi"]));
    rig.event();
    rig.connection.ready(true, true, false);
    rig.answer_waiting(false);
    assert_eq!(
        rig.advance(),
        After::Again,
        "the poll has reported the body already"
    );
    rig.advance();
    assert_eq!(rig.recorder.taken.len(), 2);
}

#[test]
fn asks_for_a_body_once_and_only_while_it_is_missing() {
    let head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut bench = Bench::default();
    let whole = [&head[..], b"hi"].concat();
    for (pieces, asks) in [
        (vec![&head[..], b"h", b"i"], true),
        (vec![&whole[..]], false),
    ] {
        let mut rig = Rig::new(&mut bench, Script::new(pieces));
        rig.run(Order::AtOnce);
        assert_eq!(statuses(&rig.responses()), [200]);
        let written = &rig.connection.stream.written;
        assert_eq!(written.starts_with(interim), asks);
        assert_eq!(
            memchr::memmem::find_iter(written, b" 100 ").count(),
            usize::from(asks)
        );
    }
    let mut rig = Rig::new(&mut bench, Script::new([GET, head, b"hi"]));
    rig.run(Order::Never);
    assert!(
        rig.connection.stream.written.is_empty(),
        "before the answers in front of it"
    );
    rig.run(Order::LateReversed);
    assert_eq!(statuses(&rig.responses()), [200, 200]);
}

#[test]
fn reads_no_more_than_its_budget_in_a_turn() {
    let mut bench = Bench::default();
    let head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    let body = vec![b'x'; 1_000_000];
    let mut rig = Rig::new(&mut bench, Script::new([head, &body[..]]));
    rig.event();
    rig.connection.ready(true, true, false);
    let mut turns = 1;
    while rig.advance() == After::Again {
        turns += 1;
    }
    assert_eq!((turns, rig.recorder.taken.len()), (16, 1));
}

#[test]
fn owns_nothing_while_idle() {
    let mut bench = Bench::default();
    for bytes in [GET, POST, b"", b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"] {
        for order in [Order::AtOnce, Order::LateReversed] {
            let script = Script::moody(&bytes.repeat(20), 1);
            let mut rig = Rig::new(&mut bench, script);
            rig.run(order);
            assert!(rig.connection.is_idle());
            assert!(rig.connection.inbox.is_none() && rig.connection.outbox.is_none());
            assert_eq!(rig.connection.early.capacity(), 0);
        }
    }
    let size = size_of::<Connection<Stream>>();
    eprintln!("a connection takes {size} bytes");
    assert!(size <= 320, "{size}");
}

#[test]
fn takes_a_body_that_alone_exceeds_the_budget() {
    let mut bench = Bench::default();
    bench.config.max_buffered = 10;
    let mut rig = Rig::new(
        &mut bench,
        Script::new([GET, &POST[..POST.len() - 1], b"i"]),
    );
    assert_eq!(rig.run(Order::LateReversed), After::Wait);
    assert_eq!(rig.responses().len(), 2);
}

#[test]
fn lets_one_of_two_go_on_that_wait_for_the_budget() {
    let (mut bench, mut other) = (Bench::default(), Bench::default());
    bench.config.max_buffered = 97;
    other.config.max_buffered = 97;
    other.scratch.open = bench.scratch.open.clone();
    let part = [GET, &POST[..POST.len() - 1]].concat();
    let mut rigs = [&mut bench, &mut other].map(|bench| Rig::new(bench, Script::new([&part[..]])));
    for rig in &mut rigs {
        rig.event();
        assert!(rig.connection.is_waiting());
    }
    for rig in &mut rigs {
        rig.answer_waiting(false);
    }
    let advance = |rig: &mut Rig<'_>| rig.advance() == After::Starved;
    assert_eq!(rigs.each_mut().map(advance), [false, true]);
    rigs[0].connection.stream.reads = Script::new([&b"i"[..]]).reads;
    rigs[0].event();
    assert_eq!(rigs[0].recorder.taken.len(), 2);
    assert_eq!(rigs.each_mut().map(advance), [false, false]);
}

#[test]
fn finishes_a_head_whatever_the_budget_says() {
    let mut bench = Bench::default();
    bench.config.max_buffered = 10;
    let mut rig = Rig::new(&mut bench, Script::new(GET.chunks(1)));
    rig.run(Order::AtOnce);
    assert_eq!(rig.responses().len(), 1);
}
