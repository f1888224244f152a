use super::reference::{crc32c, read};
use super::{block, cases, fed};
use crate::http::tests::fuzz::mutator::mutate;
use crate::http::tests::fuzz::runner::{Input, cuts, fuzz};
use crate::http::tests::seeded::Seeded;

#[test]
fn fuzz_proxy_header() {
    let corpus: Vec<Vec<u8>> = cases().into_iter().map(|(_, header, _)| header).collect();
    let short: Vec<_> = corpus
        .into_iter()
        .filter(|bytes| bytes.len() < 600)
        .collect();
    fuzz("proxy header", |seeded| header(seeded, &short), check);
}

/// A header of the table or one that is made, changed more often than not.
fn header(seeded: &mut Seeded, corpus: &[Vec<u8>]) -> Input {
    let mut bytes = match seeded.below(3) {
        0 => seeded.pick(corpus).clone(),
        1 => line(seeded),
        _ => made(seeded),
    };
    if seeded.below(3) != 0 {
        mutate(seeded, &mut bytes, corpus);
    }
    Input {
        bytes,
        limits: Default::default(),
        salt: seeded.next(),
    }
}

fn line(seeded: &mut Seeded) -> Vec<u8> {
    let ports = ["0", "1", "080", "65535", "65536", "8 0", ""];
    let ends = [
        "1.2.3.4",
        "::1",
        "::ffff:1.2.3.4",
        "256.1.1.1",
        "1.2.3",
        "",
        "a",
        "1::2::3",
    ];
    let families = ["TCP4", "TCP6", "UNKNOWN", "TCP", "tcp4", ""];
    let [from, to] = [(); 2].map(|()| *seeded.pick(&ends));
    let [one, other] = [(); 2].map(|()| *seeded.pick(&ports));
    format!(
        "PROXY {} {from} {to} {one} {other}\r\n",
        seeded.pick(&families)
    )
    .into_bytes()
}

fn made(seeded: &mut Seeded) -> Vec<u8> {
    let family = *seeded.pick(&[0x11u8, 0x21, 0x31, 0x00, 0x12, 0x41]);
    let size = [12, 36, 216][seeded.below(3)];
    let mut rest: Vec<u8> = (0..size).map(|_| seeded.next() as u8).collect();
    for _ in 0..seeded.below(4) {
        let kind = *seeded.pick(&[1u8, 2, 3, 4, 5, 0x20, 0xea]);
        let len = *seeded.pick(&[0u8, 1, 4, 4, 17]);
        rest.extend([kind, 0, len]);
        rest.extend((0..len).map(|_| seeded.next() as u8));
    }
    let has_sum = seeded.below(2) == 0;
    if has_sum {
        rest.extend([3, 0, 4, 0, 0, 0, 0]);
    }
    let mut header = block(*seeded.pick(&[0x21u8, 0x21, 0x21, 0x20]), family, &rest);
    if has_sum {
        let (sum, place) = (crc32c(&header).to_be_bytes(), header.len() - 4);
        header[place..].copy_from_slice(&sum);
    }
    header
}

fn check(input: &Input) -> Result<(), String> {
    let bytes = &input.bytes[..];
    let whole = fed([bytes]);
    let (mut start, cuts) = (0, cuts(bytes.len(), input.salt));
    let pieces = cuts.iter().map(|&cut| {
        let from = core::mem::replace(&mut start, cut);
        &bytes[from..cut]
    });
    let in_pieces = fed(pieces);
    if whole != in_pieces {
        return Err(format!(
            "whole {whole:?}\nin pieces {in_pieces:?}\nat {cuts:?}"
        ));
    }
    let reference = read(bytes);
    match whole.map_err(drop) == reference {
        true => Ok(()),
        false => Err(format!("ours {whole:?}\nreference {reference:?}")),
    }
}
