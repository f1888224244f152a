//! The second reader itself against the table of cases.

use super::{Event, Message, Part, is_host_and_port, read_connection};
use crate::http::limits::Limits;
use crate::http::tests::cases::{self, Case, Kind, decode};
use crate::http::tests::conformance::matches;
use crate::http::tests::session::Seen;

#[test]
fn takes_the_outcome_of_every_case() {
    let faults: Vec<_> = cases::cases()
        .iter()
        .chain(&cases::families())
        .filter_map(|case| check(case).err())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn knows_the_hosts_of_the_grammar() {
    for host in [
        "a",
        "a:",
        "a:80",
        "[::1]:8",
        "[v1.a:b]",
        "%41",
        "1.2.3.4:65535",
        "a,b;c",
    ] {
        assert!(is_host_and_port(host), "{host}");
    }
    for host in [
        "", ":80", "a:65536", "[::1", "[::1]x", "[v.a]", "%4", "a:+1", "a@b", "a b",
    ] {
        assert!(!is_host_and_port(host), "{host}");
    }
}

fn check(case: &Case) -> Result<(), String> {
    let events = read_connection(&case.bytes, &Limits::default());
    let fault = || format!("{}: {:?}, {events:?}", case.id, case.expect);
    let mut messages = Vec::new();
    let mut last = None;
    for event in &events {
        match event {
            Event::Request(message) => messages.push(&**message),
            other => last = Some(other),
        }
    }
    let is_closed = messages
        .last()
        .is_some_and(|message| !message.meaning.keep_alive);
    let (kind, closes) = match (last, messages.len()) {
        (Some(Event::Refused(_)), 0) => (Kind::Refuse, true),
        (Some(Event::Refused(_)), _) => (Kind::Mixed, true),
        (Some(Event::Incomplete(Part::Head | Part::Body)), _) => (Kind::Wait, false),
        _ if case.expect.outcome == Kind::Wait => (Kind::Wait, is_closed),
        _ => (Kind::Accept, is_closed),
    };
    if kind != case.expect.outcome
        || messages.len() != case.expect.count
        || closes != case.expect.must_close
    {
        return Err(fault());
    }
    if let Some(Event::Refused(statuses)) = last {
        let allowed = &case.expect.statuses;
        if !allowed.is_empty() && !statuses.iter().all(|status| allowed.contains(status)) {
            return Err(fault());
        }
    }
    let as_expected = |(value, message): (&serde_json::Value, &&Message)| {
        let dropped = value["trailersDropped"].as_array();
        let trailers = dropped.map_or(&[][..], Vec::as_slice);
        let names_trailers = trailers.len() == message.trailers.len()
            && trailers.iter().zip(&message.trailers).all(|(value, line)| {
                value[0].as_str().map(decode).as_ref() == Some(&line.0)
                    && value[1].as_str().map(decode).as_ref() == Some(&line.1)
            });
        matches(value, &seen(message)) && (names_trailers || dropped.is_none())
    };
    if case.requests.iter().zip(&messages).all(as_expected) {
        Ok(())
    } else {
        Err(fault())
    }
}

/// The message as the parser's tests see a request.
fn seen(message: &Message) -> Seen {
    Seen {
        method: message.head.method.clone(),
        target: message.head.target.clone(),
        path: message.head.path.clone(),
        query: message.head.query.clone(),
        version: message.head.version.clone(),
        fields: message.head.fields.clone(),
        body: message.body.clone(),
        keep_alive: message.meaning.keep_alive,
    }
}
