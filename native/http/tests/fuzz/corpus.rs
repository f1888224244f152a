//! What inputs are made from: the table of cases, cut up.

use crate::http::tests::cases;

/// The short cases as bytes.
pub(crate) fn requests() -> Vec<Vec<u8>> {
    let cases = cases::cases().into_iter().map(|case| case.bytes);
    cases
        .filter(|bytes| (1..=1024).contains(&bytes.len()))
        .collect()
}

/// What is behind the heads of the chunked cases.
pub(super) fn chunked_bodies() -> Vec<Vec<u8>> {
    let bodies = requests().into_iter().filter_map(|bytes| {
        let end = memchr::memmem::find(&bytes, b"\r\n\r\n")? + 4;
        memchr::memmem::find(&bytes[..end].to_ascii_lowercase(), b"chunked")?;
        Some(bytes[end..].to_vec())
    });
    bodies.collect()
}
