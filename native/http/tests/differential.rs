//! Our parser against `httparse`: whatever we accept, it accepts and reads alike.

use super::mutation::{mutate, seeds};
use super::seeded::Seeded;
use super::session::{Seen, run_whole};

#[test]
fn accepts_nothing_that_httparse_refuses_or_reads_otherwise() {
    let seeds = seeds();
    let mut accepted = 0;
    for seed in 0..300_000 {
        let mut seeded = Seeded::new(seed);
        let mut bytes = seeded.pick(&seeds).clone();
        mutate(&mut seeded, &mut bytes);
        if let Some(seen) = run_whole(&bytes).requests.first() {
            accepted += 1;
            compare(&bytes, seen);
        }
    }
    assert!(accepted > 15_000, "only {accepted} mutations were accepted");
}

fn compare(bytes: &[u8], seen: &Seen) {
    let shown = bytes.escape_ascii();
    let mut version_read_as_1_1 = bytes.to_vec();
    // It knows only 1.0 and 1.1.
    if !matches!(&seen.version[..], b"HTTP/1.0" | b"HTTP/1.1") {
        let at = memchr::memmem::find(bytes, &[b" ", &seen.version[..], b"\r\n"].concat());
        version_read_as_1_1[at.expect("the version is there") + 8] = b'1';
    }
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut headers);
    let status = request.parse(&version_read_as_1_1);
    assert!(
        matches!(status, Ok(httparse::Status::Complete(_))),
        "{status:?}: {shown}"
    );
    assert_eq!(
        request.method.map(str::as_bytes),
        Some(&seen.method[..]),
        "{shown}"
    );
    assert_eq!(
        request.path.map(str::as_bytes),
        Some(&seen.target[..]),
        "{shown}"
    );
    let fields: Vec<_> = request
        .headers
        .iter()
        .map(|field| (field.name.as_bytes().to_vec(), field.value.to_vec()))
        .collect();
    assert_eq!(fields, seen.fields, "{shown}");
}
