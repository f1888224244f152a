//! The readers together: requests as a connection would take them, against the table of cases,
//! against `httparse`, and against themselves for every way of cutting the bytes.

pub(crate) mod cases;
pub(crate) mod conformance;
pub(crate) mod fuzz;
pub(crate) mod reference;
pub(crate) mod seeded;
pub(crate) mod session;
mod worst;
