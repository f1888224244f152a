//! The clocks of bodies that go up in pieces: they run only while somebody wants more.

use super::overdue;
use crate::net::connection::tests::parts::{head, open};
use crate::net::connection::tests::reader::statuses;
use crate::net::connection::tests::rig::{Bench, Order, Rig, ok};
use crate::net::connection::tests::script::Script;
use crate::net::connection::tests::uploads::{ends, pull, streaming};
use crate::net::connection::{After, Overdue};
use crate::net::notice::BodyEnd;
use crate::net::phase::Phase;
use crate::net::timer::Wheel;

const HEAD: &[u8] = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";

/// Turns until it rests, and says which phase it is in at `now`.
fn settle(rig: &mut Rig<'_>, now: u64, wheel: &mut Wheel) -> Phase {
    let after = rig.run(Order::Never);
    let config = rig.bench.config;
    rig.connection.keep_time(after, &config, now, wheel);
    rig.connection.phase()
}

/// More of the body arrives.
fn arrive(rig: &mut Rig<'_>, len: usize) {
    let bytes = vec![b'x'; len];
    rig.connection.stream.reads = Script::new([&bytes[..]]).reads;
}

/// A request whose head was handed up at 0.
fn begun<'a>(bench: &'a mut Bench, wheel: &mut Wheel) -> Rig<'a> {
    bench.config.times.body_rate = 0;
    let mut rig = Rig::new(bench, Script::new([HEAD]));
    assert_eq!(settle(&mut rig, 0, wheel), Phase::Handler);
    rig
}

#[test]
fn a_body_that_somebody_wants_is_late_and_refused() {
    let (mut bench, mut wheel) = (streaming(), Wheel::default());
    let mut rig = begun(&mut bench, &mut wheel);
    let token = rig.tokens()[0];
    // Nobody has asked for it yet, for longer than it may take.
    pull(&mut rig, token);
    assert_eq!(settle(&mut rig, 500_000, &mut wheel), Phase::Body);
    assert_eq!(overdue(&mut rig, 509_000, 0, &mut wheel), Overdue::Wait);
    assert_eq!(overdue(&mut rig, 510_000, 0, &mut wheel), Overdue::Probe);
    let refuse = Overdue::Refuse(408);
    assert_eq!(overdue(&mut rig, 510_200, 0, &mut wheel), refuse);
    rig.connection.give_up(408, &mut rig.recorder);
    rig.answer(token, ok(b"late"));
    rig.run(Order::Never);
    assert_eq!(ends(&rig), [(token, BodyEnd::Refused(408))]);
    assert_eq!(statuses(&rig.responses()), [408]);
}

#[test]
fn every_read_gives_it_more_time_until_the_request_has_lasted_too_long() {
    let (mut bench, mut wheel) = (streaming(), Wheel::default());
    bench.config.times.request_ms = 50_000;
    let mut rig = begun(&mut bench, &mut wheel);
    let token = rig.tokens()[0];
    pull(&mut rig, token);
    assert_eq!(settle(&mut rig, 1000, &mut wheel), Phase::Body);
    for now in [9_000, 18_000, 27_000, 36_000, 45_000] {
        arrive(&mut rig, 100);
        assert_eq!(settle(&mut rig, now, &mut wheel), Phase::Body);
        assert_eq!(overdue(&mut rig, now + 5000, 0, &mut wheel), Overdue::Wait);
    }
    assert_eq!(overdue(&mut rig, 50_999, 0, &mut wheel), Overdue::Wait);
    assert_eq!(overdue(&mut rig, 51_000, 0, &mut wheel), Overdue::Probe);
}

#[test]
fn time_in_which_nobody_wanted_it_does_not_count() {
    for (rate, expected) in [(1000, Overdue::Probe), (700, Overdue::Wait)] {
        let (mut bench, mut wheel) = (streaming(), Wheel::default());
        let mut rig = begun(&mut bench, &mut wheel);
        rig.bench.config.times.body_rate = rate;
        let token = rig.tokens()[0];
        pull(&mut rig, token);
        assert_eq!(settle(&mut rig, 0, &mut wheel), Phase::Body);
        arrive(&mut rig, 8192);
        // It has what it asked for, and does not ask for a long time.
        assert_eq!(settle(&mut rig, 5_000, &mut wheel), Phase::Handler);
        pull(&mut rig, token);
        assert_eq!(settle(&mut rig, 400_000, &mut wheel), Phase::Body);
        // 8192 bytes in 11 s, of which the first 5 were before.
        assert_eq!(overdue(&mut rig, 406_000, 0, &mut wheel), expected);
    }
}

#[test]
fn who_sends_nothing_of_a_body_that_is_dropped_is_closed_on() {
    let (mut bench, mut wheel) = (streaming(), Wheel::default());
    let mut rig = begun(&mut bench, &mut wheel);
    rig.answer(rig.tokens()[0], ok(b"done"));
    assert_eq!(settle(&mut rig, 100, &mut wheel), Phase::Linger);
    assert_eq!(overdue(&mut rig, 2200, 0, &mut wheel), Overdue::Close);
}

#[test]
fn what_is_read_and_not_wanted_waits_for_us() {
    let (mut bench, mut wheel) = (streaming(), Wheel::default());
    bench.config.times.handler_ms = 1000;
    let bytes = [HEAD, b"some"].concat();
    let mut rig = Rig::new(&mut bench, Script::new([&bytes[..]]));
    assert_eq!(settle(&mut rig, 0, &mut wheel), Phase::Handler);
    rig.answer(rig.tokens()[0], open(head()));
    assert_eq!(settle(&mut rig, 100, &mut wheel), Phase::Stalled);
    assert_eq!(overdue(&mut rig, 900_000, 0, &mut wheel), Overdue::Wait);
}

#[test]
fn a_client_that_takes_nothing_of_an_answer_is_closed_on() {
    let (mut bench, mut wheel) = (streaming(), Wheel::default());
    let mut rig = begun(&mut bench, &mut wheel);
    rig.connection.writable = false;
    rig.answer(rig.tokens()[0], ok(b"done"));
    assert_eq!(rig.advance(), After::Wait);
    let config = rig.bench.config;
    rig.connection
        .keep_time(After::Wait, &config, 0, &mut wheel);
    assert_eq!(rig.connection.phase(), Phase::Write);
    assert_eq!(overdue(&mut rig, 30_000, 0, &mut wheel), Overdue::Close);
}
