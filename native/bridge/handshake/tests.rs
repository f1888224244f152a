//! Both halves of the handshake: every order of steps, loom's memory model, and real threads.
//!
//! `halves` has the thread's half, made of the real functions, and JavaScript's half as it is in
//! `ts/server/batch.ts` and `ts/crossing/ring.ts`. The explorer runs them under every order of steps and is exact
//! for words, which both sides access sequentially consistently. Loom treats such accesses as
//! acquire and release only and would see hangs that no machine can have, so there each access has
//! a fence, which it does model; it is run for what the explorer cannot see: whether the records
//! behind the words are visible when the words say so.

mod crossings;
mod explorer;
mod halves;
mod memory_model;
mod orders;
