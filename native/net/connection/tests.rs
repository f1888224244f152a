//! A connection without a kernel: scripted sockets, the table of cases, a simulated kernel.

mod answering;
mod answers;
mod borrowed;
mod cases;
mod closing;
#[cfg(target_os = "linux")]
mod cold;
mod crowd;
mod faults;
mod files;
mod flags;
mod fuzz;
mod guest;
mod intake;
mod kernel;
mod lateness;
mod node;
mod overload;
mod parking;
mod parts;
mod peer;
mod raw;
pub(crate) mod reader;
pub(crate) mod recorder;
pub(crate) mod rig;
mod routed;
mod script;
mod sender;
mod simulation;
mod smuggling;
mod streams;
mod traffic;
mod trailers;
mod turns;
mod uploads;
