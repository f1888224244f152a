//! Seeded mutations of the case table: nothing panics, and no cut changes the result.

use super::cases;
use super::seeded::Seeded;
use super::session::{run, run_bytewise, run_whole};

/// Bytes and pieces that parsers have stumbled over.
const PIECES: [&[u8]; 24] = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"=",
    b"\"",
    b"\\",
    b"0",
    b"5",
    b"f",
    b"\0",
    b"\x7f",
    b"\xff",
    b"#",
    b"?",
    b"chunked",
    b"Host: a\r\n",
    b"Content-Length: 1\r\n",
    b"Transfer-Encoding: chunked\r\n",
];

/// One to three small changes.
pub(crate) fn mutate(seeded: &mut Seeded, bytes: &mut Vec<u8>) {
    for _ in 0..=seeded.below(3) {
        let at = seeded.below(bytes.len() + 1);
        let end = (at + seeded.below(4)).min(bytes.len());
        match seeded.below(4) {
            0 => drop(bytes.splice(at..at, seeded.pick(&PIECES).iter().copied())),
            1 => drop(bytes.splice(at..end, seeded.pick(&PIECES).iter().copied())),
            2 => drop(bytes.drain(at..end)),
            _ if at < bytes.len() => bytes[at] = seeded.next() as u8,
            _ => {}
        }
    }
}

/// The short cases as bytes, to be mutated.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let seeds = cases::cases().into_iter().map(|case| case.bytes);
    seeds.filter(|bytes| bytes.len() <= 1024).collect()
}

#[test]
fn gives_the_same_for_every_cut_of_mutated_requests() {
    let seeds = seeds();
    for seed in 0..200_000 {
        let mut seeded = Seeded::new(seed);
        let mut bytes = seeded.pick(&seeds).clone();
        mutate(&mut seeded, &mut bytes);
        let whole = run_whole(&bytes);
        let shown = bytes.escape_ascii();
        assert_eq!(run_bytewise(&bytes), whole, "seed {seed}: {shown}");
        let (mut first, mut second) =
            (seeded.below(bytes.len() + 1), seeded.below(bytes.len() + 1));
        if first > second {
            (first, second) = (second, first);
        }
        let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
        assert_eq!(
            run(pieces),
            whole,
            "seed {seed}, cut at {first} and {second}: {shown}"
        );
    }
}

#[test]
fn refuses_or_waits_at_every_prefix_as_the_whole_does() {
    let seeds = seeds();
    for seed in 0..2000 {
        let mut seeded = Seeded::new(seed);
        let mut bytes = seeded.pick(&seeds).clone();
        mutate(&mut seeded, &mut bytes);
        let whole = run_whole(&bytes);
        for len in 0..bytes.len() {
            let part = run_whole(&bytes[..len]);
            if part.fault.is_some() {
                assert_eq!(part, whole, "seed {seed}: {}", bytes.escape_ascii());
            }
            assert!(whole.requests.starts_with(&part.requests));
        }
    }
}
