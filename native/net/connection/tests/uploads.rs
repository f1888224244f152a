//! Bodies that go up in pieces: none is lost, none comes unasked, and each ends once.

use super::reader::statuses;
use super::rig::{Bench, Order, Rig, ok};
use super::script::{Script, Step};
use crate::net::answer::{Answer, Part};
use crate::net::connection::After;
use crate::net::crossing::MOST_PIECE;
use crate::net::notice::{BodyEnd, Notice};
use crate::net::request::{FLAG_BODY, FLAG_WHOLE, RequestToken};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED: &str = "Transfer-Encoding: chunked";

/// The head of a request whose body is streamed.
fn head(line: &str) -> Vec<u8> {
    format!("PUT / HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n").into_bytes()
}

pub(super) fn streaming() -> Bench {
    let mut bench = Bench::default();
    bench.config.stream_bodies = true;
    bench
}

pub(super) fn pull(rig: &mut Rig<'_>, token: RequestToken) {
    pull_portions(rig, token, 1);
}

fn pull_portions(rig: &mut Rig<'_>, token: RequestToken, portions: u16) {
    rig.answer(token, Answer::Part(Part::Pull(portions)));
}

/// Everything that was said about ends of bodies.
pub(super) fn ends(rig: &Rig<'_>) -> Vec<(RequestToken, BodyEnd)> {
    let notices = rig.recorder.notices.iter();
    let notices = notices.chain(&rig.bench.scratch.notices);
    let ends = notices.filter_map(|notice| match *notice {
        Notice::BodyEnded { token, end } => Some((token, end)),
        _ => None,
    });
    ends.collect()
}

/// Pulls until the body has ended.
fn pull_all(rig: &mut Rig<'_>, token: RequestToken) {
    for _ in 0..100 {
        if !ends(rig).is_empty() {
            return;
        }
        pull(rig, token);
        rig.run(Order::Never);
    }
    panic!("it has no end: {} bytes", rig.recorder.body.len());
}

#[test]
fn a_body_goes_up_whole_wherever_it_was_split() {
    let bodies: [(&str, &[u8]); 3] = [
        ("Content-Length: 11", b"hello world"),
        (CHUNKED, b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
        (CHUNKED, b"b;x\r\nhello world\r\n0\r\nA: b\r\n\r\n"),
    ];
    for (line, body) in bodies {
        let bytes = [&head(line)[..], body, GET].concat();
        for split in 0..=bytes.len() {
            let mut bench = streaming();
            let (first, second) = bytes.split_at(split);
            let mut rig = Rig::new(&mut bench, Script::new([first, second]));
            rig.run(Order::Never);
            let taken = rig.recorder.taken[0].clone();
            assert!(taken.token.meta & FLAG_BODY != 0);
            if taken.token.meta & FLAG_WHOLE == 0 {
                pull_all(&mut rig, taken.token);
                assert_eq!(ends(&rig), [(taken.token, BodyEnd::Complete)]);
            }
            let seen = [&taken.seen.body[..], &rig.recorder.body].concat();
            assert_eq!(seen, b"hello world", "{line} {split}");
            assert_eq!(rig.tokens().len(), 1, "it holds what is behind it");
            rig.answer(taken.token, ok(b"first"));
            rig.run(Order::Never);
            rig.answer(rig.tokens()[1], ok(b"second"));
            rig.run(Order::Never);
            assert_eq!(rig.bodies(), [&b"first"[..], b"second"]);
            assert!(rig.connection.is_idle() && ends(&rig).len() < 2);
        }
    }
}

#[test]
fn no_more_goes_up_than_is_wanted() {
    let body = vec![b'x'; 100_000];
    let length = [&head("Content-Length: 100000")[..], &body].concat();
    let chunked = [&head(CHUNKED)[..], b"186a0\r\n", &body, b"\r\n0\r\n\r\n"].concat();
    for (bytes, portions) in [(&length, 1), (&chunked, 1), (&length, 5), (&chunked, 5)] {
        let mut bench = streaming();
        let mut rig = Rig::new(&mut bench, Script::new([&bytes[..]]));
        rig.run(Order::Never);
        let token = rig.tokens()[0];
        let mut pulls = 0;
        while ends(&rig).is_empty() && pulls < 20 {
            let before = rig.recorder.body.len();
            assert!(before <= pulls * portions * (8 << 10) + (8 << 10));
            pull_portions(&mut rig, token, portions as u16);
            rig.run(Order::Never);
            pulls += 1;
        }
        assert_eq!(ends(&rig), [(token, BodyEnd::Complete)]);
        assert!(rig.recorder.body == body && pulls > 10 / portions);
        let largest = rig.recorder.largest;
        assert_eq!(largest, if portions == 1 { 8 << 10 } else { MOST_PIECE });
    }
}

#[test]
fn pieces_wait_for_room() {
    let bytes = [&head("Content-Length: 3")[..], b"a"].concat();
    for pieces in [vec![&bytes[..], b"bc"], vec![&bytes[..]]] {
        let mut bench = streaming();
        let mut rig = Rig::new(&mut bench, Script::new(pieces));
        rig.event();
        rig.recorder.room = 0;
        let token = rig.tokens()[0];
        pull(&mut rig, token);
        assert_eq!(rig.event(), After::Starved);
        assert_eq!(rig.recorder.body, b"");
        rig.recorder.room = 1;
        rig.run(Order::Never);
        assert!(rig.recorder.body.starts_with(b"a"));
    }
}

/// A request, what is read of its body before the answer and behind it, and the statuses that the
/// client sees in all.
type Unread = (
    &'static str,
    &'static [u8],
    &'static [u8],
    &'static [u16],
    bool,
);

#[test]
fn what_is_unread_when_the_answer_is_given_is_dropped_or_the_connection_ends() {
    const BEHIND: &[u8] = b"xxxxxGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const CHUNK: &[u8] = b"3\r\nabc\r\n";
    let cases: [Unread; 8] = [
        ("Content-Length: 5", b"", BEHIND, &[200, 200], false),
        ("Content-Length: 8", b"abc", BEHIND, &[200, 200], false),
        ("Content-Length: 105", b"abc", BEHIND, &[200], true),
        (
            CHUNKED,
            CHUNK,
            b"0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            &[200, 200],
            false,
        ),
        (CHUNKED, CHUNK, b"1\r\nx\r\n", &[200], false),
        // Longer than what is dropped for the sake of the connection.
        (CHUNKED, CHUNK, &[b'1'; 120], &[200], true),
        (CHUNKED, b"70\r\n", &[b'x'; 110], &[200], true),
        // No chunk: too late for another word.
        (CHUNKED, CHUNK, b"no chunk\r\n", &[200], true),
    ];
    for (line, before, behind, expected, ends_so) in cases {
        let what = format!("{line} {}", behind.escape_ascii());
        for at_once in [true, false] {
            let mut bench = streaming();
            bench.config.linger_bytes = 100;
            let mut first = [&head(line)[..], before].concat();
            if at_once {
                first.extend_from_slice(behind);
            }
            let mut rig = Rig::new(&mut bench, Script::new([&first[..]]));
            rig.run(Order::Never);
            let Some(&token) = rig.tokens().first() else {
                // So wrong that no handler hears of it.
                assert!(at_once && statuses(&rig.responses()) == [400], "{what}");
                continue;
            };
            if token.meta & FLAG_WHOLE != 0 {
                continue;
            }
            rig.answer(token, ok(b"no"));
            assert_eq!(ends(&rig), [(token, BodyEnd::Answered)], "{what}");
            rig.run(Order::Never);
            if !at_once {
                rig.connection.stream.reads = Script::new([behind]).reads;
                rig.run(Order::Never);
            }
            if let Some(&next) = rig.tokens().get(1) {
                rig.answer(next, ok(b"next"));
                rig.run(Order::Never);
            }
            assert_eq!(statuses(&rig.responses()), expected, "{what}");
            assert_eq!(rig.connection.stream.is_shut, ends_so, "{what}");
            assert_eq!(
                (ends(&rig).len(), rig.recorder.body.len()),
                (1, 0),
                "{what}"
            );
        }
    }
}

#[test]
fn a_body_that_breaks_a_rule_ends_with_it() {
    let cases: [(&[u8], u16, &[u8]); 4] = [
        (b"2\r\nhi\r\nno chunk\r\n", 400, b"hi"),
        (b"2\r\nhixx", 400, b"hi"),
        (b"2\r\nhi\r\n4\r\nmore\r\n", 413, b"hi"),
        (b"5\r\n", 413, b""),
    ];
    for (body, status, seen) in cases {
        let what = body.escape_ascii().to_string();
        for opened in [false, true] {
            let mut bench = streaming();
            bench.config.limits.body_size = 4;
            let head = head(CHUNKED);
            let pieces = [&head[..]].into_iter().chain(body.chunks(1));
            let mut rig = Rig::new(&mut bench, Script::new(pieces));
            rig.event();
            let token = rig.tokens()[0];
            if opened {
                rig.answer(token, super::parts::open(super::parts::head()));
            }
            pull(&mut rig, token);
            rig.run(Order::Never);
            assert_eq!(ends(&rig), [(token, BodyEnd::Refused(status))], "{what}");
            assert!(rig.recorder.body.starts_with(seen), "{what}");
            // Too late.
            rig.answer(token, ok(b"late"));
            rig.run(Order::Never);
            if opened {
                let written = &rig.connection.stream.written;
                assert!(
                    written.ends_with(b"chunked\r\n\r\n"),
                    "{what}: it looks complete"
                );
            } else {
                let responses = rig.responses();
                assert_eq!(statuses(&responses), [status], "{what}");
                assert!(responses[0].closes);
            }
            assert!(rig.connection.stream.is_shut, "{what}");
        }
    }
}

#[test]
fn a_client_that_leaves_is_told_of_once_and_still_answered() {
    let bytes = [&head("Content-Length: 9")[..], b"some"].concat();
    for answered in [false, true] {
        let mut bench = streaming();
        let script = Script::new([&bytes[..]]).then(Step::Fin);
        let mut rig = Rig::new(&mut bench, script);
        rig.event();
        let token = rig.tokens()[0];
        if answered {
            rig.answer(token, ok(b"done"));
        } else {
            pull(&mut rig, token);
        }
        rig.run(Order::Never);
        rig.connection.lose_body(BodyEnd::Lost, &mut rig.recorder);
        let end = if answered {
            BodyEnd::Answered
        } else {
            BodyEnd::Lost
        };
        assert_eq!(ends(&rig), [(token, end)]);
        let is_abort = |notice: &&Notice| matches!(notice, Notice::Abort { .. });
        let aborts = rig.recorder.notices.iter().filter(is_abort).count();
        assert_eq!(aborts, usize::from(!answered));
        rig.answer(token, ok(b"done"));
        assert_eq!(rig.run(Order::Never), After::Close);
        assert_eq!(rig.bodies(), [b"done"]);
    }
}

#[test]
fn the_client_is_asked_for_its_body_once_and_not_behind_the_head_of_an_answer() {
    let request = head("Content-Length: 2\r\nExpect: 100-continue");
    for (opened, interims) in [(false, 1), (true, 0)] {
        let mut bench = streaming();
        let mut rig = Rig::new(&mut bench, Script::new([&request[..]]));
        rig.event();
        let token = rig.tokens()[0];
        if opened {
            rig.answer(token, super::parts::open(super::parts::head()));
        }
        pull(&mut rig, token);
        pull(&mut rig, token);
        rig.run(Order::Never);
        let written = &rig.connection.stream.written;
        let found = memchr::memmem::find_iter(written, b"100 Continue\r\n\r\n");
        assert_eq!(found.count(), interims);
    }
}

#[test]
fn a_request_without_a_body_has_nothing_to_pull() {
    let mut bench = streaming();
    let mut rig = Rig::new(&mut bench, Script::new([GET]));
    rig.event();
    let token = rig.tokens()[0];
    assert_eq!(token.meta & FLAG_BODY, 0);
    pull(&mut rig, token);
    rig.run(Order::Never);
    assert!(rig.connection.stream.written.is_empty() && ends(&rig).is_empty());
    rig.answer(token, ok(b"done"));
    rig.run(Order::Never);
    assert_eq!(rig.bodies(), [b"done"]);
}
