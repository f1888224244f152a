//! Errors of the socket at any byte: the connection ends, its handlers hear of it once.

use std::io::ErrorKind;

use super::rig::{Bench, Order, Rig};
use super::script::{Script, Step};
use crate::http::tests::cases::cases;
use crate::net::connection::After;
use crate::net::notice::Notice;
use crate::net::request::SEQUENCE;

#[test]
fn ends_on_a_reset_behind_any_byte() {
    let mut bench = Bench::default();
    for case in cases().iter().filter(|case| case.bytes.len() <= 600) {
        for end in 0..=case.bytes.len() {
            for order in [Order::AtOnce, Order::LateReversed, Order::Never] {
                let script = Script::new([&case.bytes[..end]]);
                let script = script.then(Step::Fail(ErrorKind::ConnectionReset));
                let mut rig = Rig::new(&mut bench, script);
                let after = rig.run(order);
                // With answers due it need not read, so it need not know yet.
                let is_blind = rig.connection.in_flight() > 0;
                assert!(after == After::Close || is_blind, "{}: {end}", case.id);
                check_gone(&mut rig, &format!("{}: {end}, {order:?}", case.id));
            }
        }
    }
}

#[test]
fn ends_on_a_broken_pipe_at_any_byte_written() {
    let mut bench = Bench::default();
    for case in cases().iter().filter(|case| case.bytes.len() <= 600) {
        let written = {
            let mut rig = Rig::new(&mut bench, Script::new([&case.bytes[..]]));
            rig.run(Order::LateReversed);
            rig.connection.stream.written.len()
        };
        for end in 0..written {
            let mut script = Script::new([&case.bytes[..]]);
            script.fail_write_at = Some(end);
            let mut rig = Rig::new(&mut bench, script);
            let after = rig.run([Order::AtOnce, Order::LateReversed][end % 2]);
            assert_eq!(after, After::Close, "{}: {end}", case.id);
            check_gone(&mut rig, &case.id);
        }
    }
}

#[test]
fn answers_what_was_received_before_fin() {
    let mut bench = Bench::default();
    for case in cases().iter().filter(|case| case.bytes.len() <= 600) {
        for end in 0..=case.bytes.len() {
            for order in [Order::AtOnce, Order::LateReversed] {
                let context = format!("{}: {end}, {order:?}", case.id);
                let script = Script::new([&case.bytes[..end]]).then(Step::Fin);
                let mut rig = Rig::new(&mut bench, script);
                assert_eq!(rig.run(order), After::Close, "{context}");
                let responses = rig.responses();
                let requests = rig.recorder.taken.len();
                assert!((requests..=requests + 1).contains(&responses.len()));
            }
        }
    }
}

/// Drops the connection as the loop does; a second time changes nothing.
fn check_gone(rig: &mut Rig<'_>, context: &str) {
    let (next_answer, in_flight) = (rig.connection.next_answer, rig.connection.in_flight());
    rig.connection.gone(&mut rig.recorder);
    rig.connection.gone(&mut rig.recorder);
    let due = Notice::Abort {
        index: 3,
        generation: 5,
        first: next_answer & SEQUENCE,
        count: in_flight,
    };
    let expected = if in_flight > 0 { &[due][..] } else { &[] };
    assert_eq!(rig.recorder.notices, expected, "{context}");
}
