//! The only part that knows Node: memory shared with JavaScript, and the calls between the two.
//!
//! Requests go up in batches through chunks that JavaScript lends (`batch`), answers come down as
//! records (`answer`) in a ring (`ring`); one call or one wake-up covers a whole batch (`handshake`,
//! `wake`).
//! Memory that JavaScript can see is reached only through `memory`.

pub mod answer;
pub mod batch;
mod claims;
pub mod crossing;
pub mod driver;
pub mod ending;
#[expect(unsafe_code, reason = "the C interface of callback scopes")]
pub mod entry;
pub mod finder;
pub mod fixed;
#[allow(
    clippy::needless_pass_by_value,
    reason = "Node-API arguments come by value"
)]
pub mod frame;
#[allow(
    clippy::needless_pass_by_value,
    reason = "Node-API arguments come by value"
)]
pub mod functions;
pub mod handshake;
pub mod lane;
pub mod layout;
pub mod letter;
pub mod listen;
pub mod local;
pub mod mail;
#[expect(
    unsafe_code,
    reason = "the one place that touches memory shared with JavaScript"
)]
pub mod memory;
pub mod options;
pub mod parcel;
pub mod record;
pub mod ring;
#[allow(
    clippy::needless_pass_by_value,
    reason = "Node-API arguments come by value"
)]
pub mod router;
pub mod router_options;
#[allow(
    clippy::needless_pass_by_value,
    reason = "Node-API arguments come by value"
)]
pub mod server;
pub mod spare;
#[expect(
    unsafe_code,
    reason = "napi makes references where it has no slice: a pointer is asked for"
)]
pub mod still;
pub mod takeover;
pub mod threads;
#[expect(unsafe_code, reason = "functions that are looked up at run time")]
pub mod uv;
#[expect(
    unsafe_code,
    reason = "the C interface of the threadsafe function and of clean-up hooks"
)]
pub mod wake;
#[expect(unsafe_code, reason = "libuv's interface")]
pub mod watch;
pub mod wishes;
