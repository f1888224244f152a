//! Seeded fuzzing of every reader of bytes that others wrote.
//!
//! Three oracles: nothing panics, overflows or goes on for ever; what comes out is what the second
//! reader (`reference`) says, and what `httparse` says of a head; and every cut of the input gives
//! the same. One execution is one input through a reader and its oracles.
//!
//! `cargo test` gives it 5 s in all. By hand, with the checks of arithmetic that a release lacks:
//! `CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true FASTHTTP_FUZZ_SECONDS=600 cargo test --release fuzz`.
//! `FASTHTTP_FUZZ_SEED` is the first seed: that of a failure fails again at once.

pub(crate) mod bounds;
pub(crate) mod chunks;
pub(crate) mod corpus;
mod heads;
pub(crate) mod mutator;
mod requests;
mod responses;
pub(crate) mod runner;
pub(crate) mod sessions;
mod words;
