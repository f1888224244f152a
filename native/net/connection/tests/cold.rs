//! Files that are not in memory: nobody waits for a disk but who is there for that. Only Linux says of
//! a file that it is not.

use std::fs::File;

use super::files::file;
use super::lateness::overdue;
use super::rig::{Bench, Rig, ok};
use super::script::Script;
use crate::net::connection::{After, Overdue};
use crate::net::phase::Phase;
use crate::net::timer::Wheel;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// The kernel cannot say of these whether they are in memory.
const UNKNOWN: &str = "/proc/self/personality";

#[test]
fn a_cold_file_is_waited_for_and_so_is_what_comes_behind_it() {
    let content = std::fs::read(UNKNOWN).unwrap();
    let (mut bench, mut wheel) = (Bench::default(), Wheel::default());
    let mut rig = Rig::new(&mut bench, Script::new([&GET.repeat(2)[..]]));
    rig.event();
    let tokens = rig.tokens();
    let answer = file(File::open(UNKNOWN).unwrap(), content.len() as u64);
    rig.answer(tokens[0], answer);
    rig.answer(tokens[1], ok(b"behind"));
    // However often it has a turn, it is read once.
    for _ in 0..3 {
        assert_eq!(rig.event(), After::Wait);
    }
    let cold = std::mem::take(&mut rig.bench.scratch.cold);
    let [(id, read)] = &cold[..] else {
        panic!("{cold:?}");
    };
    assert_eq!(*id, rig.connection.id());
    assert!(rig.connection.stream.written.ends_with(b"\r\n\r\n"));
    // And the client is not to blame for it.
    let config = rig.bench.config;
    rig.connection
        .keep_time(After::Wait, &config, 0, &mut wheel);
    assert_eq!(rig.connection.phase(), Phase::Stalled);
    assert_eq!(overdue(&mut rig, 900_000, 0, &mut wheel), Overdue::Wait);
    read.run(&mut Vec::new());
    rig.connection.warmed();
    rig.event();
    assert_eq!(rig.bodies(), [&content[..], b"behind"]);
    assert!(rig.connection.is_idle());
    // Told too late, when there is nothing left to send.
    rig.connection.warmed();
    assert_eq!(rig.event(), After::Wait);
}
