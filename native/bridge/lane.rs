//! The memory that JavaScript and one I/O thread share.

use std::sync::Arc;

use napi::bindgen_prelude::{Int32Array, Uint8Array};
use napi_derive::napi;

use crate::bridge::mail::MailBox;
use crate::bridge::memory::{Loan, Words};
use crate::bridge::parcel;
use crate::bridge::ring::{Ring, control};
use crate::net::stats::Stats;

/// The memory that JavaScript shares with one I/O thread.
#[napi(object, object_to_js = false)]
pub struct LaneMemory {
    /// Control words.
    pub words: Int32Array,
    /// A word for each record that may be unread, a power of two.
    pub claims: Int32Array,
    /// The ring; its size is a power of two.
    pub ring: Uint8Array,
    /// Where parcels are laid out.
    pub parcel: Uint8Array,
}

impl LaneMemory {
    /// Whether it has the size that the other side promises.
    pub fn is_usable(&self) -> bool {
        self.words.len() >= control::COUNT
            && Ring::can_be(self.ring.len())
            && self.parcel.len() >= parcel::BYTES_AT
    }
}

impl std::fmt::Debug for LaneMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaneMemory")
            .field("ring", &self.ring.len())
            .finish_non_exhaustive()
    }
}

/// What JavaScript and one I/O thread share.
#[derive(Debug)]
pub struct Lane {
    /// Control words.
    pub words: Words,
    /// Claims.
    pub claims: Words,
    /// The ring.
    pub ring: Loan,
    /// Where parcels are laid out.
    pub parcel: Loan,
    /// What it counts.
    pub stats: Arc<Stats>,
    /// Chunks and large answers.
    pub mail: Arc<MailBox>,
}

impl Lane {
    /// A lane over memory that JavaScript keeps.
    pub fn new(memory: &mut LaneMemory) -> Self {
        Self {
            words: Words::of(&mut memory.words),
            claims: Words::of(&mut memory.claims),
            ring: Loan::of(&mut memory.ring),
            parcel: Loan::of(&mut memory.parcel),
            stats: Arc::default(),
            mail: Arc::default(),
        }
    }
}
