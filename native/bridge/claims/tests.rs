//! What is withdrawn is never begun, what is begun is never withdrawn, and each is one of both.

use std::sync::atomic::Ordering;

use super::Claims;
use super::claim::{AT_ONCE, OPEN, STARTED};
use crate::bridge::memory::Words;
use crate::bridge::ring::control;
use crate::bridge::ring::tests::control_words;
use crate::net::crossing::Withdrawal;
use crate::net::request::RequestToken;

const LEN: usize = 64;

fn table() -> Words {
    Words::new(Box::leak(vec![0; LEN].into_boxed_slice()))
}

fn token(index: u32, generation: u32, meta: u32) -> RequestToken {
    RequestToken {
        index,
        generation,
        meta,
    }
}

/// JavaScript's half: claims the records up to `last`; says of each whether its handler is called.
fn claim(control: Words, table: Words, first: u32, last: u32) -> Vec<bool> {
    control.at(control::READ).store(last, Ordering::SeqCst);
    let looks = control.at(control::WITHDRAWN).load(Ordering::SeqCst) != 0;
    let (order, seen) = (Ordering::SeqCst, Ordering::SeqCst);
    let begins = |number: u32| {
        let claim = table.at(number as usize & (LEN - 1));
        !looks || claim.compare_exchange(OPEN, STARTED, order, seen).is_ok()
    };
    let count = last.wrapping_sub(first) + 1;
    (0..count)
        .map(|at| begins(first.wrapping_add(at)))
        .collect()
}

/// Claims one record.
fn begin(control: Words, table: Words, number: u32) -> bool {
    claim(control, table, number, number)[0]
}

#[test]
fn withdraws_what_is_unread_of_one_connection() {
    for base in [0, 1000, u32::MAX - 3] {
        let (control, table) = (control_words(), table());
        let mut claims = Claims::new(control, table);
        control.at(control::READ).store(base, Ordering::SeqCst);
        let number = |at: u32| base.wrapping_add(at);
        claims.add(number(1), token(0, 7, 0));
        claims.add(number(2), token(3, 8, 5));
        claims.add(number(3), token(0, 7, 1));
        claims.add(number(4), token(0, 7, 2));
        assert!(begin(control, table, number(1)));
        assert!(!claims.withdraw((0, 6), 0, Withdrawal::All), "another one");
        assert!(!claims.withdraw((9, 7), 0, Withdrawal::All), "no slot");
        assert!(
            !claims.withdraw((0, 7), 0, Withdrawal::IfNotBegun),
            "it is begun"
        );
        assert!(begin(control, table, number(2)), "of another connection");
        assert!(
            !claims.withdraw((0, 7), 0, Withdrawal::All),
            "the oldest is begun"
        );
        assert!(!begin(control, table, number(3)) && !begin(control, table, number(4)));
        let is_looked_for = || control.at(control::WITHDRAWN).load(Ordering::SeqCst) != 0;
        claims.settle();
        assert!(is_looked_for(), "the last one may be just read");
        claims.add(number(5), token(0, 7, 3));
        assert!(claims.withdraw((0, 7), 3, Withdrawal::IfNotBegun));
        assert!(claims.withdraw((0, 7), 3, Withdrawal::All), "again");
        assert!(!begin(control, table, number(5)));
        assert!(!claims.withdraw((0, 7), 3, Withdrawal::All), "it is read");
        for at in 6..5 + AT_ONCE {
            claims.add(number(at), token(1, 9, at));
            assert!(begin(control, table, number(at)));
            claims.settle();
            assert!(is_looked_for(), "it may be claimed with those before it");
        }
        claims.add(number(5 + AT_ONCE), token(1, 9, 99));
        assert!(begin(control, table, number(5 + AT_ONCE)));
        claims.settle();
        assert!(!is_looked_for());
    }
}

#[test]
fn one_side_has_each_request_whatever_the_order() {
    const REQUESTS: u32 = 200_000;
    let (control, table) = (control_words(), table());
    let mut claims = Claims::new(control, table);
    let published = Words::new(Box::leak(vec![0; 1].into_boxed_slice()));
    let javascript = std::thread::spawn(move || {
        let mut begun = Vec::new();
        while begun.len() < REQUESTS as usize {
            let first = begun.len() as u32 + 1;
            let there = published.at(0).load(Ordering::SeqCst);
            if there < first {
                std::thread::yield_now();
                continue;
            }
            let last = there.min(first + first % AT_ONCE);
            begun.extend(claim(control, table, first, last));
        }
        begun
    });
    let mut withdrawn = vec![false; REQUESTS as usize];
    for number in 1..=REQUESTS {
        claims.add(number, token(number % 8, number, 0));
        published.at(0).store(number, Ordering::SeqCst);
        // Sometimes the one that is read next, sometimes one that waits behind it.
        if number % 3 > 0 {
            let id = (number % 8, number);
            withdrawn[number as usize - 1] = claims.withdraw(id, 0, Withdrawal::IfNotBegun);
        }
        claims.settle();
        while number - control.at(control::READ).load(Ordering::SeqCst) > number % 20 {
            std::thread::yield_now();
        }
    }
    let begun = javascript.join().unwrap();
    assert!(
        begun
            .iter()
            .zip(&withdrawn)
            .all(|(begun, withdrawn)| begun != withdrawn)
    );
    let count = withdrawn.iter().filter(|&&one| one).count();
    assert!(count > 0 && count < REQUESTS as usize, "{count}");
}

/// Claims of which a stream of hours has record 1, when the numbers have gone more than half of their
/// way round; and the last number that was read.
fn long_ago() -> (Words, Words, Claims, u32) {
    let (control, table) = (control_words(), table());
    let mut claims = Claims::new(control, table);
    claims.add(1, token(0, 7, 0));
    assert!(begin(control, table, 1));
    let base = (1u32 << 31) + LEN as u32;
    control.at(control::READ).store(base, Ordering::SeqCst);
    (control, table, claims, base)
}

#[test]
fn a_connection_of_long_ago_withdraws_nothing_of_others() {
    let (control, table, mut claims, base) = long_ago();
    claims.add(base + 1, token(5, 9, 0));
    claims.withdraw((0, 7), 0, Withdrawal::All);
    assert!(begin(control, table, base + 1), "it is somebody else's");
}

/// The same with a request pipelined behind that stream, and another connection's in its place.
#[test]
fn a_request_behind_one_of_long_ago_withdraws_itself_alone() {
    let (control, table, mut claims, base) = long_ago();
    claims.add(base + 1, token(5, 9, 0));
    claims.add(base + 2, token(0, 7, 1));
    claims.withdraw((0, 7), 0, Withdrawal::All);
    assert!(begin(control, table, base + 1), "it is somebody else's");
    assert!(!begin(control, table, base + 2), "its own");
}
