//! Sockets and readiness: who is connected, what they sent, what they still have to get.
//!
//! One I/O thread runs one `EventLoop`. It owns its connections alone; the only things that other
//! threads touch are the command channel and the waker. Requests leave and answers arrive through
//! the `Crossing` that the loop is given, so everything here runs under `cargo test` with no Node.

pub mod accept;
pub mod accepted;
pub mod answer;
pub mod budget;
pub mod clock;
pub mod config;
pub mod connection;
pub mod crossing;
pub mod descriptors;
pub mod drain;
pub mod endpoint;
pub mod event_loop;
#[allow(
    unsafe_code,
    reason = "system calls on descriptors that have no safe wrapper"
)]
pub mod fd;
pub mod file;
pub mod health;
pub mod inbox;
pub mod inherited;
pub mod line;
pub mod listener;
pub mod networks;
pub mod notice;
pub mod notify;
pub mod open;
pub mod opener;
pub mod outbox;
pub mod phase;
pub mod platform;
pub mod preface;
pub mod probes;
pub mod refused;
pub mod remote;
pub mod request;
pub mod routing;
pub mod socket_path;
pub mod stats;
pub mod stream;
pub mod takeover;
pub mod timer;
pub mod waiting;
