//! Files as the system has them: opened, told apart, read and sent.
//!
//! What may wait for a disk says so, and has a sibling that does not. Nothing here knows of answers:
//! those are made of files by `opener`.

mod beneath;
mod body;
mod failure;
mod open;
mod reading;
mod sendfile;
mod state;

#[cfg(test)]
pub(in crate::net) use beneath::tests::Tree;
pub use beneath::{Haste, open_beneath};
pub use body::{ColdRead, FILE_TURN, FileBody, FileParts, Sent};
pub use failure::{errno_of, status_of};
pub use open::{open, open_at_once};
pub use reading::{read_at_once, read_unsized};
#[cfg(unix)]
pub use sendfile::sendfile;
pub use sendfile::{FileSink, copy};
pub use state::{FileState, state_of};
