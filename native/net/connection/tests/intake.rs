//! What is read and taken, and what has to wait.

use super::reader::statuses;
use super::recorder::Recorder;
use super::rig::{Bench, Order, Rig, ok};
use super::script::Script;
use crate::net::connection::{After, Connection};
use crate::net::inbox::Inbox;
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
    assert_eq!((turns, rig.recorder.taken.len()), (15, 1));
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
fn takes_nothing_from_others_by_announcing_a_body() {
    let mut bench = Bench::default();
    bench.config.max_buffered = 1000;
    let announced = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    let endless = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let open = bench.scratch.open.clone();
    let mut held = Vec::new();
    for head in [&announced[..], endless].repeat(5) {
        let mut other = Bench::default();
        (other.config, other.scratch.open) = (bench.config, open.clone());
        let mut connection = Connection::new(Script::new([head]), (1, 1), Default::default());
        let mut recorder = Recorder::default();
        connection.ready(true, true, false);
        connection.advance(&mut other.turn(&mut recorder, false));
        held.push((connection, other));
    }
    assert!(!open.budget.is_over(bench.config.max_buffered));
    let mut rig = Rig::new(&mut bench, Script::new(POST.chunks(7)));
    assert_eq!(rig.run(Order::AtOnce), After::Wait);
    assert_eq!(rig.responses().len(), 1);
    for (mut connection, mut other) in held {
        connection.release(&mut other.scratch);
    }
}

/// Fills the budget of 1000 bytes so far.
fn short_of(by: usize) -> Bench {
    let mut bench = Bench::default();
    bench.config.max_buffered = 1000;
    bench.scratch.open.budget.change(0, 1000 + by);
    bench
}

#[test]
fn serves_what_is_complete_and_keeps_little_of_the_rest_when_memory_is_gone() {
    let mut bench = short_of(2 << 20);
    bench.scratch.right_of_way.take((9, 9));
    for bytes in [GET, POST, &GET.repeat(10)[..]] {
        let mut rig = Rig::new(&mut bench, Script::new([bytes]));
        rig.run(Order::AtOnce);
        assert_eq!(rig.responses().len(), rig.recorder.taken.len());
        assert!(rig.connection.is_idle() && !rig.recorder.taken.is_empty());
    }
    let head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    let mut rig = Rig::new(
        &mut bench,
        Script::new([&[head, &[b'x'; 100_000][..]].concat()[..]]),
    );
    assert_eq!(rig.event(), After::Starved);
    let held = rig.connection.inbox.as_deref().map_or(0, Inbox::cost);
    assert!((8 << 10..=12 << 10).contains(&held), "{held}");
    rig.bench.scratch.right_of_way.give_back((9, 9));
    assert_eq!(rig.run(Order::AtOnce), After::Wait);
    assert_eq!(rig.recorder.taken[0].seen.body.len(), 100_000);
}

#[test]
fn one_after_the_other_goes_on_when_memory_is_short() {
    let (mut first, mut second) = (short_of(1), Bench::default());
    let mut post = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n".to_vec();
    post.resize(post.len() + 9000, b'x');
    let (turn, body) = (&post[..post.len() - 2], [&post[post.len() - 2..]]);
    second.config = first.config;
    second.scratch.open = first.scratch.open.clone();
    let mut rigs = [
        Rig::new(&mut first, Script::new([turn])),
        Rig::new(&mut second, Script::new([turn])),
    ];
    rigs.iter_mut()
        .for_each(|rig| assert_eq!(rig.event(), After::Wait));
    // Another connection of the second one's thread is reading.
    rigs[1].bench.scratch.right_of_way.take((9, 9));
    for rig in &mut rigs {
        rig.connection.stream.reads = Script::new(body).reads;
    }
    let afters = rigs.each_mut().map(Rig::event);
    assert_eq!(afters, [After::Wait, After::Starved]);
    assert_eq!(rigs.each_ref().map(|rig| rig.recorder.taken.len()), [1, 0]);
    rigs[1].bench.scratch.right_of_way.give_back((9, 9));
    assert_eq!(rigs[1].advance(), After::Wait);
    assert_eq!(rigs[1].recorder.taken.len(), 1);
    assert!(rigs[1].bench.scratch.right_of_way.is_open_to((9, 9)));
}

#[test]
fn finishes_a_head_whatever_the_budget_says() {
    let mut bench = Bench::default();
    bench.config.max_buffered = 10;
    let mut rig = Rig::new(&mut bench, Script::new(GET.chunks(1)));
    rig.run(Order::AtOnce);
    assert_eq!(rig.responses().len(), 1);
}

#[test]
fn nobody_has_the_right_of_way_while_finished_requests_are_not_fetched() {
    let mut bench = Bench::default();
    bench.config.max_buffered = 1000;
    bench.scratch.open.budget.finish(2000);
    let open = bench.scratch.open.clone();
    let upload = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n";
    let upload = [&upload[..], &[b'x'; 90_000]].concat();
    let mut rig = Rig::new(&mut bench, Script::new([&upload[..], GET]));
    assert_eq!(rig.run(Order::AtOnce), After::Starved);
    assert_eq!(rig.tokens(), []);
    open.budget.fetch(2000);
    rig.run(Order::AtOnce);
    assert_eq!(rig.tokens().len(), 2);
}
