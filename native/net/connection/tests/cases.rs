//! The table of cases through a connection: each outcome, and the same one for every cut.

use std::collections::BTreeMap;

use super::rig::{Bench, Order, Run, echo, run};
use super::script::Script;
use crate::http::tests::cases::{Case, Kind, cases, families};
use crate::http::tests::conformance::{cuts, matches};

#[test]
fn takes_the_outcome_of_every_case() {
    let mut bench = Bench::default();
    let mut faults = Vec::new();
    let mut areas: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for case in all() {
        let run = run(&mut bench, Script::new([&case.bytes[..]]), Order::AtOnce);
        if let Err(fault) = check(&case, &run) {
            faults.push(format!("{}: {fault}; {:?}: {run:?}", case.id, case.expect));
        }
        areas.entry(case.area.clone()).or_default()[case.expect.outcome as usize] += 1;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for (area, [accepted, refused, mixed, waiting]) in &areas {
        eprintln!("{area}: {accepted} accepted, {refused} refused, {mixed} mixed, {waiting} wait");
    }
    assert!(areas.len() > 15);
}

#[test]
fn gives_the_same_for_every_cut() {
    let mut bench = Bench::default();
    for case in all() {
        let bytes = &case.bytes;
        let whole = run(&mut bench, Script::new([&bytes[..]]), Order::AtOnce);
        for order in [Order::AtOnce, Order::LateReversed] {
            let bytewise = run(&mut bench, Script::new(bytes.chunks(1)), order);
            assert_eq!(bytewise, whole, "{}: byte by byte, {order:?}", case.id);
        }
        for cut in cuts(bytes.len()) {
            let (first, second) = bytes.split_at(cut);
            let order = [Order::AtOnce, Order::LateReversed][cut % 2];
            let run = run(&mut bench, Script::new([first, second]), order);
            assert_eq!(run, whole, "{}: cut at {cut}, {order:?}", case.id);
        }
    }
}

#[test]
fn gives_the_same_on_a_socket_in_any_mood() {
    let mut bench = Bench::default();
    for case in all() {
        let whole = run(&mut bench, Script::new([&case.bytes[..]]), Order::AtOnce);
        let seeds = if case.area == "families" { 4 } else { 32 };
        for seed in 0..seeds {
            let order = [Order::AtOnce, Order::LateReversed][seed as usize % 2];
            let run = run(&mut bench, Script::moody(&case.bytes, seed), order);
            assert_eq!(run, whole, "{}: seed {seed}, {order:?}", case.id);
        }
    }
}

fn all() -> impl Iterator<Item = Case> {
    cases().into_iter().chain(families())
}

fn check(case: &Case, run: &Run) -> Result<(), String> {
    let expect = &case.expect;
    if run.requests.len() != expect.count {
        return Err("other requests".to_owned());
    }
    let as_expected = |(value, seen)| matches(value, seen);
    if !case.requests.iter().zip(&run.requests).all(as_expected) {
        return Err("requests read otherwise".to_owned());
    }
    let (answers, errors) = run.responses.split_at(run.requests.len());
    for (request, response) in run.requests.iter().zip(answers) {
        let body = echo(request);
        let sent = if request.method == b"HEAD" {
            b""
        } else {
            &body[..]
        };
        let length = response.field("Content-Length");
        if response.status != 200
            || response.body != sent
            || length != Some(&body.len().to_string())
        {
            return Err(format!("answered {response:?}"));
        }
    }
    let is_refused = matches!(expect.outcome, Kind::Refuse | Kind::Mixed);
    if errors.len() != usize::from(is_refused) {
        return Err("other error replies".to_owned());
    }
    let is_allowed = |status| expect.statuses.is_empty() || expect.statuses.contains(&status);
    if errors
        .iter()
        .any(|error| error.status < 400 || !is_allowed(error.status))
    {
        return Err("other status".to_owned());
    }
    if run.ended != expect.must_close {
        return Err("other end".to_owned());
    }
    let last = run.responses.len().wrapping_sub(1);
    let mut responses = run.responses.iter().enumerate();
    if responses.any(|(place, response)| response.closes != (run.ended && place == last)) {
        return Err("Connection: close in other places".to_owned());
    }
    if expect.outcome != Kind::Wait && !run.ended && !run.idle {
        return Err("not idle".to_owned());
    }
    Ok(())
}
