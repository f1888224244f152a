//! The addon of `fasthttp`: an HTTP/1.1 server whose handler is JavaScript. This is its map.
//!
//! ```text
//!  bridge       the only part that knows Node
//!    crossing     requests up: batch, record; one call for all of them: handshake, wake
//!                 answers down: ring, answer; what goes past the ring: mail, letter
//!    driver       threads, or the loop of node: local, watch, uv; into JavaScript by wake or entry
//!    server       what JavaScript calls: listen, threads, router, frame
//!  ------------ net::crossing: two traits, all that is known of whoever answers ------------
//!  net          sockets; runs under `cargo test` with no Node
//!    event_loop   one to a thread: accept, remote, timer, opener
//!    connection   in: reading, heads, requests, bodies, uploads
//!                 out: answers, responses, streams, raw, files, writing
//!    routing      what the router says of a request
//!    opener > answer > file      a file asked for, as an answer, as the system has it
//!  ------------------------------------------------------------------------------------------
//!  router       paths: pattern > table > compiled      http    bytes: head > framing > body,
//!               no I/O, no clock, no `unsafe`                  response; the same rules
//! ```
//!
//! **Imports go down.** `http` and `router` use nothing of ours, `net` uses them, `bridge` uses
//! all; nothing uses `bridge`. Modules of one folder never use each other in a circle: what two of
//! them need is written below both. A child may use its parent. Items are imported from where they
//! are written; only a module with children exports, and what is theirs. Tests read the sources and
//! see to all of that.
//!
//! **Where to add what:**
//!
//! | what | where |
//! | --- | --- |
//! | a rule of the protocol, a field that the server reads | `http`, and a case in its tests |
//! | a way to match or redirect paths | `router`, and its oracle |
//! | a system call, what differs between systems | `net::platform`; `net::fd` if `unsafe` |
//! | a state or a clock of a connection | `net::connection::course`, `net::phase` |
//! | a kind of answer | `net::answer`, `bridge::answer` and its twin in `ts/crossing` |
//! | something that JavaScript hears besides requests | `net::notice`, `bridge::record` |
//! | a counter | `net::stats` |
//! | something that JavaScript calls | `bridge::server` |
//! | memory that JavaScript sees | `bridge::memory`, `bridge::layout` |

pub mod bridge;
pub mod http;
pub mod net;
pub mod router;
