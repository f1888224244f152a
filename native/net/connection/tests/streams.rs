//! Answers and bodies in pieces, and connections that are given away.

use super::parts::{data, head, open, step};
use super::rig::{Bench, Rig, ok};
use super::script::{Script, Step};
use crate::net::answer::Part;
use crate::net::connection::After;
use crate::net::notice::{BodyEnd, Notice};
use crate::net::open::Upgrades;
use crate::net::phase::Phase;
use crate::net::takeover::TakeError;
use crate::net::timer::Wheel;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &[u8] =
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";

#[test]
fn keeps_the_steps_of_a_stream_that_comes_before_its_turn() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(3)[..]]));
    rig.event();
    let tokens = rig.tokens();
    rig.answer(tokens[1], open(head()));
    rig.answer(tokens[2], ok(b"third"));
    for len in [3, 0, 5000] {
        rig.answer(tokens[1], data(&vec![b'x'; len]));
    }
    rig.answer(tokens[0], ok(b"first"));
    rig.answer(tokens[1], step(Part::End));
    rig.event();
    let written = &rig.connection.stream.written[..];
    let chunks = [
        b"\r\n\r\n3\r\nxxx\r\n1388\r\n",
        &b"x".repeat(5000)[..],
        b"\r\n0\r\n\r\n",
    ];
    let chunks = chunks.concat();
    let place = |what: &[u8]| written.windows(what.len()).position(|found| found == what);
    let (first, second, third) = (place(b"first"), place(&chunks), place(b"third"));
    assert!(first.is_some() && first < second && second < third);
}

#[test]
fn acknowledges_what_the_client_has_taken() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([GET]));
    rig.event();
    let token = rig.tokens()[0];
    rig.answer(token, open(head()));
    rig.answer(token, data(&[b'x'; 10_000]));
    rig.event();
    assert_eq!(rig.recorder.notices, []);
    rig.answer(token, data(&[b'x'; 10_000]));
    rig.event();
    let drained = Notice::Drained {
        token,
        bytes: 20_000,
    };
    assert_eq!(rig.recorder.notices, [drained]);
}

#[test]
fn acknowledges_once_whether_asked_or_not() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([GET]));
    rig.event();
    let token = rig.tokens()[0];
    rig.answer(token, open(head()));
    rig.answer(token, data(&[b'x'; 20_000]));
    rig.bench.scratch.asking = Some((token.index, token.generation));
    rig.event();
    assert_eq!(rig.recorder.notices, []);
    assert_eq!(rig.connection.take_acknowledged(), 20_000);
    assert_eq!(rig.connection.take_acknowledged(), 0);
    rig.bench.scratch.asking = Some((token.index + 1, token.generation));
    rig.answer(token, data(&[b'x'; 16_384]));
    rig.event();
    let drained = Notice::Drained {
        token,
        bytes: 16_384,
    };
    assert_eq!(rig.recorder.notices, [drained]);
    assert_eq!(rig.connection.take_acknowledged(), 0);
}

#[test]
fn cuts_a_stream_without_its_last_chunk() {
    let mut bench = Bench::default();
    let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(2)[..]]));
    rig.event();
    let tokens = rig.tokens();
    rig.answer(tokens[0], open(head()));
    rig.answer(tokens[0], data(b"xxxx"));
    rig.answer(tokens[0], step(Part::Cut));
    rig.answer(tokens[1], ok(b"never"));
    rig.event();
    assert!(rig.connection.stream.written.ends_with(b"4\r\nxxxx\r\n"));
    assert!(rig.connection.stream.is_shut);
}

#[test]
fn reads_a_streamed_body_only_when_it_is_pulled() {
    let mut bench = Bench::default();
    bench.config.stream_bodies = true;
    let mut rig = Rig::new(&mut bench, Script::new([POST, b"hello", GET]));
    rig.event();
    rig.event();
    let token = rig.tokens()[0];
    assert_eq!(
        (rig.connection.stream.written.len(), rig.tokens().len()),
        (0, 1)
    );
    rig.answer(token, step(Part::Pull(1)));
    while rig.recorder.body.len() < 5 {
        rig.event();
    }
    assert_eq!(
        rig.connection.stream.written,
        b"HTTP/1.1 100 Continue\r\n\r\n"
    );
    let end = BodyEnd::Complete;
    assert_eq!(rig.recorder.notices, [Notice::BodyEnded { token, end }]);
    rig.answer(token, ok(b"done"));
    rig.event();
    assert_eq!(rig.tokens().len(), 2);
}

#[test]
fn closes_when_a_body_that_expects_is_answered_unread() {
    let mut bench = Bench::default();
    bench.config.stream_bodies = true;
    let script = Script::new([POST]).then(Step::Pass(std::io::ErrorKind::WouldBlock));
    let mut rig = Rig::new(&mut bench, script);
    rig.event();
    let token = rig.tokens()[0];
    rig.answer(token, ok(b"no"));
    rig.event();
    assert!(rig.responses()[0].closes && rig.connection.stream.is_shut);
}

#[test]
fn gives_the_last_connection_away_with_what_is_behind() {
    let mut bench = Bench::default();
    let bytes = [GET, GET, b"\x00 no HTTP"].concat();
    let mut rig = Rig::new(&mut bench, Script::new([&bytes[..]]));
    rig.event();
    let tokens = rig.tokens();
    assert_eq!(
        rig.connection.give_away(tokens[0]),
        Err(TakeError::Pipelined)
    );
    let rest = rig.connection.give_away(tokens[1]);
    assert_eq!(rest, Ok(b"\x00 no HTTP".to_vec()));
    assert_eq!(
        rig.connection.give_away(tokens[1]),
        Err(TakeError::Answered)
    );
    assert_eq!(rig.event(), After::Wait);
    rig.answer(tokens[1], ok(b"ignored"));
    rig.answer(tokens[0], ok(b"first"));
    assert_eq!(rig.event(), After::Free);
    assert_eq!(rig.bodies(), [b"first"]);
}

#[test]
fn the_body_of_an_upgrade_that_somebody_waits_for_is_collected() {
    let head = b"PUT / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\nContent-Length: 4\r\n\r\n";
    for (is_awaited, body) in [(true, &b"some"[..]), (false, b"")] {
        let mut bench = Bench::default();
        bench.config.stream_bodies = true;
        let upgrades = [Upgrades::None, Upgrades::WebSockets][usize::from(is_awaited)];
        bench.scratch.open.set_upgrades(upgrades);
        let mut rig = Rig::new(
            &mut bench,
            Script::new([head, &b"so"[..], b"me", b"behind"]),
        );
        rig.event();
        assert_eq!(rig.recorder.taken.len(), 1);
        assert_eq!(rig.recorder.taken[0].seen.body, body);
        let given = rig.connection.give_away(rig.tokens()[0]);
        let expected = [(false, Err(TakeError::Body)), (true, Ok(Vec::new()))];
        assert!(expected.contains(&(is_awaited, given)));
        drop(rig);
        // One that never comes is waited for as any other.
        let mut rig = Rig::new(&mut bench, Script::new([&head[..]]));
        let (mut wheel, after) = (Wheel::default(), rig.event());
        rig.connection
            .keep_time(after, &rig.bench.config, 0, &mut wheel);
        let phase = if is_awaited {
            Phase::Body
        } else {
            Phase::Handler
        };
        assert_eq!(rig.connection.phase(), phase);
    }
}

#[test]
fn whatever_is_behind_a_request_goes_to_its_taker_as_it_came() {
    const AFTER: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n";
    let chunked = [AFTER, b"Transfer-Encoding: chunked\r\n\r\n"].concat();
    let cases = [
        [AFTER, b"Content-Length: 9\r\n\r\nsome"].concat(),
        [AFTER, b"Content-Length: 4\r\n\r\nsome and more"].concat(),
        AFTER.to_vec(),
        [&chunked[..], b"4\r\nsome"].concat(),
        [&chunked[..], b"4\r\nsome\r\n0\r\n\r\nmore"].concat(),
        [&chunked[..], b"4\r\nsomewhat\r\n0\r\n\r\nmore"].concat(),
        [&chunked[..], b"\x00\xff\r\n"].concat(),
        [AFTER, b"Content-Length: x\r\n\r\nsome"].concat(),
        b"\x00\xff\r\n".to_vec(),
        b"\r\n".repeat(9),
    ];
    for streams in [false, true] {
        for request in [
            GET,
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        ] {
            for (case, empty) in cases.iter().flat_map(|case| [(case, 0), (case, 2)]) {
                let behind = [&b"\r\n".repeat(empty)[..], case].concat();
                for cut in [behind.len(), behind.len() / 2, 1] {
                    let mut bench = Bench::default();
                    bench.config.stream_bodies = streams;
                    let (first, second) = behind.split_at(cut);
                    let pieces = [&[request, first].concat()[..], second];
                    let mut rig = Rig::new(&mut bench, Script::new(pieces));
                    rig.event();
                    rig.event();
                    let mut given = rig.connection.give_away(rig.tokens()[0]).unwrap();
                    // The rest is in the socket, which is the taker's.
                    while let Some(Step::Bytes(unread)) = rig.connection.stream.reads.pop_front() {
                        given.extend(unread);
                    }
                    let (given, behind) = (given.escape_ascii(), behind.escape_ascii());
                    assert_eq!(given.to_string(), behind.to_string(), "cut at {cut}");
                }
            }
        }
    }
}

#[test]
fn a_connection_whose_body_or_answer_is_under_way_is_kept() {
    let mut bench = Bench::default();
    bench.config.stream_bodies = true;
    let mut rig = Rig::new(&mut bench, Script::new([POST]));
    rig.event();
    let token = rig.tokens()[0];
    assert_eq!(rig.connection.give_away(token), Err(TakeError::Body));
    rig.answer(token, open(head()));
    assert_eq!(rig.connection.give_away(token), Err(TakeError::Answered));
}
