//! What is said of a request besides itself, and what that means for those behind it.

use super::rig::{Bench, Order, Rig};
use super::script::Script;
use crate::net::request::{
    FLAG_BODY, FLAG_CONNECT, FLAG_HEAD, FLAG_HTTP10, FLAG_LAST, FLAG_UPGRADE, FLAG_WHOLE, SEQUENCE,
};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// The bytes of a request, its flags, and whether it holds those behind it.
const CASES: [(&str, u32, bool); 13] = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, false),
    ("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", FLAG_HEAD, false),
    ("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 0, true),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        FLAG_LAST,
        true,
    ),
    ("GET / HTTP/1.0\r\n\r\n", FLAG_HTTP10 | FLAG_LAST, true),
    (
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        FLAG_HTTP10,
        false,
    ),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        FLAG_UPGRADE,
        true,
    ),
    (
        "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        FLAG_CONNECT,
        true,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
        FLAG_BODY | FLAG_WHOLE,
        true,
    ),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
        FLAG_BODY | FLAG_WHOLE,
        true,
    ),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        FLAG_BODY | FLAG_WHOLE,
        true,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nx",
        FLAG_BODY,
        true,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        0,
        true,
    ),
];

#[test]
fn the_flags_say_what_the_request_says() {
    for (request, flags, holds) in CASES {
        for streams in [false, true] {
            let mut bench = Bench::default();
            bench.config.stream_bodies = streams;
            bench.scratch.open.set_tunnels(true);
            let bytes = [request, GET].concat();
            let mut rig = Rig::new(&mut bench, Script::new([bytes.as_bytes()]));
            rig.run(Order::Never);
            let tokens = rig.tokens();
            let of_body = FLAG_BODY | FLAG_WHOLE;
            let Some(first) = tokens.first() else {
                assert!(!streams && flags & of_body == FLAG_BODY, "{request:?}");
                continue;
            };
            let expected = if streams { flags } else { flags & !of_body };
            assert_eq!(first.meta & !SEQUENCE, expected, "{request:?}");
            if streams || flags & of_body == 0 {
                assert_eq!(tokens.len() == 1, holds, "{request:?} {streams}");
            }
        }
    }
}

#[test]
fn a_tunnel_is_refused_where_nobody_serves_it() {
    let mut bench = Bench::default();
    let script = Script::new([&b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"[..]]);
    let mut rig = Rig::new(&mut bench, script);
    rig.run(Order::AtOnce);
    assert!(rig.recorder.taken.is_empty());
    assert_eq!(super::reader::statuses(&rig.responses()), [501]);
}
