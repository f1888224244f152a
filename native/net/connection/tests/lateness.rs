//! Deadlines: what is due when, and who is to blame.

mod uploads;

use super::reader::statuses;
use super::rig::{Bench, Order, Rig};
use super::script::Script;
use crate::http::response::RawRules;
use crate::net::config::Times;
use crate::net::connection::{After, Overdue};
use crate::net::phase::Phase;
use crate::net::timer::{NEVER, TICK_MS, Wheel};

const HEAD: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n";

/// A connection after these bytes, in the phase that they lead to.
fn after<'a>(bench: &'a mut Bench, bytes: &[u8], wheel: &mut Wheel) -> Rig<'a> {
    bench.config.times.handler_ms = 1000;
    let mut rig = Rig::new(bench, Script::new([bytes]));
    let after = rig.run(Order::Never);
    rig.connection.keep_time(after, &rig.bench.config, 0, wheel);
    rig
}

/// Asks at `now`, with so many stalls of JavaScript so far.
pub(super) fn overdue(rig: &mut Rig<'_>, now: u64, stalls: u32, wheel: &mut Wheel) -> Overdue {
    let config = rig.bench.config;
    rig.connection.overdue(&config, now, stalls, wheel)
}

#[test]
fn each_phase_ends_as_its_row_says() {
    const SILENT: Overdue = Overdue::Close;
    for (bytes, phase, expected) in [
        (&b""[..], Phase::FirstByte, SILENT),
        (b"\r\n\r\n", Phase::FirstByte, SILENT),
        (b"\r\n\r", Phase::FirstByte, SILENT),
        (b"\r\nG", Phase::Head, Overdue::Probe),
        (b"GET / HT", Phase::Head, Overdue::Probe),
        (HEAD, Phase::Body, Overdue::Probe),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            Phase::Handler,
            Overdue::Refuse(503),
        ),
    ] {
        let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
        let mut rig = after(&mut bench, bytes, &mut wheel);
        assert_eq!(rig.connection.phase(), phase);
        assert_eq!(overdue(&mut rig, 400_000, 0, &mut wheel), expected);
    }
}

/// Node replies to a client that has said nothing as to one that was too slow.
#[test]
fn by_node_s_rules_silence_is_no_reason_for_silence() {
    let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
    bench.config.raw_rules = RawRules::Node;
    let mut rig = after(&mut bench, b"", &mut wheel);
    assert_eq!(rig.connection.phase(), Phase::FirstByte);
    assert_eq!(overdue(&mut rig, 20_000, 3, &mut wheel), Overdue::Probe);
    let late = overdue(&mut rig, 20_100, 3, &mut wheel);
    assert_eq!(late, Overdue::Refuse(408));
}

#[test]
fn empty_lines_behind_an_answer_are_no_request() {
    for behind in ["", "\r", "\r\n", "\r\n\r\n\r"] {
        let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
        let bytes = format!("GET / HTTP/1.1\r\nHost: a\r\n\r\n{behind}");
        let mut rig = Rig::new(&mut bench, Script::new([bytes.as_bytes()]));
        let after = rig.run(Order::AtOnce);
        rig.connection
            .keep_time(after, &rig.bench.config, 0, &mut wheel);
        assert_eq!(rig.connection.phase(), Phase::Idle, "{behind:?}");
        assert!(rig.connection.is_idle());
        assert_eq!(overdue(&mut rig, 400_000, 0, &mut wheel), Overdue::Close);
        rig.closing = true;
        rig.event();
        assert_eq!(rig.advance(), After::Close, "{behind:?}");
    }
}

#[test]
fn a_client_is_refused_only_if_javascript_did_not_stall_meanwhile() {
    for bytes in [&b"GET / HT"[..], HEAD] {
        let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
        let mut rig = after(&mut bench, bytes, &mut wheel);
        assert_eq!(overdue(&mut rig, 20_000, 3, &mut wheel), Overdue::Probe);
        // It did: the phase begins again, and is over later than it was.
        assert_eq!(overdue(&mut rig, 20_100, 4, &mut wheel), Overdue::Wait);
        assert_eq!(overdue(&mut rig, 40_200, 4, &mut wheel), Overdue::Probe);
        assert_eq!(
            overdue(&mut rig, 40_300, 4, &mut wheel),
            Overdue::Refuse(408)
        );
        rig.connection.give_up(408, &mut rig.recorder);
        rig.advance();
        assert_eq!(statuses(&rig.responses()), [408]);
    }
}

#[test]
fn a_clock_goes_on_by_new_limits() {
    for (bytes, before, after_ms, due) in [
        (&b"GET / HT"[..], 10_000, 3000, Some(3000)),
        (b"GET / HT", 10_000, 500, Some(1000)),
        (b"GET / HT", 10_000, 30_000, Some(30_000)),
        (b"GET / HT", 10_000, 0, None),
        (b"GET / HT", 0, 2000, Some(3000)),
        (b"", 10_000, 3000, Some(3000)),
        (HEAD, 10_000, 3000, Some(3000)),
        (HEAD, 10_000, 500, Some(1000)),
    ] {
        let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
        let times = |limit| Times {
            headers_ms: limit,
            request_ms: limit,
            body_ms: 0,
            body_rate: 0,
            ..Times::default()
        };
        bench.config.times = times(before);
        let mut rig = after(&mut bench, bytes, &mut wheel);
        let now = 1000;
        wheel.advance(now, &mut Vec::new());
        rig.bench.config.times = times(after_ms);
        let config = rig.bench.config;
        rig.connection
            .keep_new_time(&times(before), &config, now, &mut wheel);
        let found = Some(rig.connection.deadline.due).filter(|due| *due != NEVER);
        let found = found.map(|tick| u64::from(tick) * TICK_MS);
        // What is over already is due in the next tick.
        let due = due.map(|due| due.max(now + TICK_MS));
        assert_eq!(found, due, "{} {before} {after_ms}", bytes.escape_ascii());
    }
}

#[test]
fn a_body_that_is_fast_enough_is_looked_at_again() {
    let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
    bench.config.times.body_rate = 1;
    let mut rig = after(&mut bench, &[HEAD, &[b'x'; 30][..]].concat(), &mut wheel);
    assert_eq!(overdue(&mut rig, 5_000, 0, &mut wheel), Overdue::Wait);
    assert_eq!(overdue(&mut rig, 12_000, 0, &mut wheel), Overdue::Probe);
}

#[test]
fn who_waits_for_us_is_never_late() {
    let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
    let mut rig = Rig::new(&mut bench, Script::new([HEAD, &[b'x'; 40]]));
    rig.recorder.room = 0;
    assert_eq!(rig.run(Order::Never), After::Starved);
    let config = rig.bench.config;
    rig.connection
        .keep_time(After::Starved, &config, 0, &mut wheel);
    assert_eq!(rig.connection.phase(), Phase::Stalled);
    assert_eq!(overdue(&mut rig, 900_000, 0, &mut wheel), Overdue::Wait);
}

#[test]
fn a_handler_that_is_late_is_answered_for_and_its_answers_are_dropped() {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
    let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
    let mut rig = after(&mut bench, &request, &mut wheel);
    assert_eq!(rig.connection.in_flight(), 2);
    rig.connection.give_up(503, &mut rig.recorder);
    rig.answer_waiting(true);
    rig.run(Order::Never);
    assert_eq!(statuses(&rig.responses()), [503]);
}

#[test]
fn whoever_is_turned_back_may_come_again_also_when_its_request_is_passed_over_at_once() {
    for is_begun in [false, true] {
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
        let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
        let mut rig = after(&mut bench, &request, &mut wheel);
        rig.recorder.passes_over = true;
        rig.recorder.is_begun = is_begun;
        assert_eq!(rig.connection.turn_back(&mut rig.recorder), !is_begun);
        rig.answer_waiting(true);
        rig.run(Order::Never);
        let responses = rig.responses();
        if is_begun {
            assert_eq!(statuses(&responses), [200, 200], "left alone");
        } else {
            assert_eq!(statuses(&responses), [503]);
            assert_eq!(responses[0].field("Retry-After"), Some("1"));
        }
    }
}

#[test]
fn an_upload_that_others_never_let_go_on_is_told_to_come_again() {
    let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
    bench.config.max_buffered = 1000;
    bench.scratch.open.budget.finish(2000);
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n";
    let mut rig = Rig::new(&mut bench, Script::new([&head[..], &[b'x'; 90_000]]));
    assert_eq!(rig.run(Order::Never), After::Starved);
    let config = rig.bench.config;
    rig.connection
        .keep_time(After::Starved, &config, 0, &mut wheel);
    assert_eq!(rig.connection.phase(), Phase::Stalled);
    let limit = config.times.request_ms;
    assert_eq!(
        overdue(&mut rig, limit, 0, &mut wheel),
        Overdue::Refuse(503)
    );
    rig.connection.give_up(503, &mut rig.recorder);
    rig.advance();
    let responses = rig.responses();
    assert_eq!(statuses(&responses), [503]);
    assert_eq!(responses[0].field("Retry-After"), Some("1"));
}
