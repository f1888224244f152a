//! A whole connection against the second reader: any bytes, any limits, a socket in any mood.

use super::reader::{Response, statuses};
use super::rig::{Bench, Order, Run, echo, run};
use super::script::Script;
use crate::http::tests::fuzz::corpus;
use crate::http::tests::fuzz::runner::{Input, cuts, fuzz};
use crate::http::tests::fuzz::sessions::{are_same, rows, split};
use crate::http::tests::reference::{Event, ends_blank, read_connection};
use crate::http::tests::seeded::Seeded;
use crate::http::tests::session::Seen;

#[test]
fn fuzz_connection() {
    let corpus = corpus::requests();
    let mut bench = Bench::default();
    fuzz(
        "connection",
        |seeded| rows(seeded, &corpus),
        |input| check(&mut bench, input),
    );
}

fn check(bench: &mut Bench, input: &Input) -> Result<(), String> {
    let bytes = &input.bytes;
    let mut seeded = Seeded::new(input.salt);
    bench.config.limits = input.limits;
    bench.config.max_pipelined = *seeded.pick(&[1, 2, 16]);
    bench.config.max_unsent = *seeded.pick(&[1, 100, 64 << 10]);
    let order = *seeded.pick(&[Order::AtOnce, Order::LateReversed]);
    let script = match seeded.below(3) {
        0 => Script::new([&bytes[..]]),
        1 => {
            let cuts = cuts(bytes.len(), input.salt);
            let mut start = 0;
            Script::new(cuts.iter().map(|&cut| {
                let piece = &bytes[start..cut];
                start = cut;
                piece
            }))
        }
        _ => Script::moody(bytes, input.salt),
    };
    let run = run(bench, script, order);
    let reference = read_connection(bytes, &input.limits);
    let is_blank = ends_blank(bytes, &input.limits);
    match agree(&run, &reference, is_blank) {
        Ok(()) => Ok(()),
        Err(what) => Err(format!("{what}\nours {run:?}\nreference {reference:?}")),
    }
}

fn agree(run: &Run, reference: &[Event], is_blank: bool) -> Result<(), &'static str> {
    let (messages, end) = split(reference);
    if !are_same(&run.requests, &messages) {
        return Err("other requests");
    }
    let is_closed = messages.last().is_some_and(|last| !last.meaning.keep_alive);
    let refused = match end {
        Some(Event::Refused(allowed)) => Some(*allowed),
        _ => None,
    };
    if run.ended != (is_closed || refused.is_some()) {
        return Err("other end");
    }
    let is_idle = (end.is_none() || is_blank) && !run.ended;
    if is_idle != run.idle && !run.ended {
        return Err("idle or not");
    }
    let (answers, errors) = run
        .responses
        .split_at(messages.len().min(run.responses.len()));
    let is_refused_alike = match (refused, &statuses(errors)[..]) {
        (None, []) => true,
        (Some(allowed), [status]) => allowed.contains(status),
        _ => false,
    };
    if !is_refused_alike {
        return Err("another error reply");
    }
    let is_answered = |(seen, answer): (&Seen, &Response)| {
        let body = match &seen.method[..] {
            b"HEAD" => Vec::new(),
            _ => echo(seen),
        };
        answer.status == 200 && answer.body == body
    };
    if answers.len() != messages.len() || !run.requests.iter().zip(answers).all(is_answered) {
        return Err("other answers");
    }
    let last = run.responses.len().wrapping_sub(1);
    let mut responses = run.responses.iter().enumerate();
    if responses.any(|(place, response)| response.closes != (run.ended && place == last)) {
        return Err("Connection: close in other places");
    }
    Ok(())
}
