//! The readers together: requests as a connection would take them, against the table of cases,
//! against `httparse`, and against themselves for every way of cutting the bytes.

mod cases;
mod conformance;
mod differential;
mod mutation;
pub(in crate::http) mod seeded;
mod session;
