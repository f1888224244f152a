//! Trailer sections of bodies that are streamed.

use super::rig::{Bench, Order, Rig};
use super::script::Script;
use super::uploads::{ends, pull, streaming};
use crate::net::notice::BodyEnd;
use crate::net::request::FLAG_WHOLE;

const HEAD: &str = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

fn keeping() -> Bench {
    let mut bench = streaming();
    bench.config.keeps_trailers = true;
    bench
}

/// A body and its trailer section without the blank line.
const CASES: [(&str, &str); 4] = [
    ("5\r\nhello\r\n0\r\n", ""),
    ("5\r\nhello\r\n0\r\n", "A: b\r\n"),
    ("5;x\r\nhello\r\n0\r\n", "A: b\r\nHost:\tc \r\nEmpty:\r\n"),
    ("0\r\n", "Content-Length: 5\r\n"),
];

#[test]
fn they_go_up_as_they_came_wherever_they_were_split() {
    for (body, section) in CASES {
        let bytes = format!("{HEAD}{body}{section}\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let data = if body == "0\r\n" { "" } else { "hello" };
        for keeps in [true, false] {
            for split in 0..=bytes.len() {
                let mut bench = keeping();
                bench.config.keeps_trailers = keeps;
                let (first, second) = bytes.as_bytes().split_at(split);
                let mut rig = Rig::new(&mut bench, Script::new([first, second]));
                rig.run(Order::Never);
                let taken = rig.recorder.taken[0].clone();
                if taken.token.meta & FLAG_WHOLE == 0 {
                    for _ in 0..3 {
                        pull(&mut rig, taken.token);
                        rig.run(Order::Never);
                    }
                    assert_eq!(ends(&rig), [(taken.token, BodyEnd::Complete)]);
                } else {
                    assert!(
                        !keeps || section.is_empty(),
                        "they have no record of their own"
                    );
                }
                let seen = [&taken.seen.body[..], &rig.recorder.body].concat();
                assert_eq!(seen, data.as_bytes(), "{section} {split}");
                let told = match keeps && !section.is_empty() {
                    true => vec![section.as_bytes().to_vec()],
                    false => Vec::new(),
                };
                assert_eq!(rig.recorder.trailers, told, "{section} {split}");
                rig.answer_waiting(false);
                rig.run(Order::AtOnce);
                assert_eq!(rig.tokens().len(), 2, "what is behind is served");
            }
        }
    }
}

#[test]
fn bad_ones_are_refused() {
    for (section, size, status) in [
        ("A : b\r\n\r\n", 100, 400),
        ("A: b\r\nC: d\r\n\r\n", 8, 431),
    ] {
        for split in [HEAD.len(), HEAD.len() + 3] {
            let mut bench = keeping();
            bench.config.limits.trailer_size = size;
            let bytes = format!("{HEAD}0\r\n{section}");
            let (first, second) = bytes.as_bytes().split_at(split);
            let mut rig = Rig::new(&mut bench, Script::new([first, second]));
            rig.run(Order::Never);
            let token = rig.tokens()[0];
            pull(&mut rig, token);
            rig.run(Order::Never);
            assert_eq!(ends(&rig), [(token, BodyEnd::Refused(status))]);
            assert!(rig.recorder.trailers.is_empty());
        }
    }
}
