//! Paths made comparable that differ in letter case only.

use crate::router::escape::Decoded;

/// A path as it is matched, in lower case, and where each byte of it came from.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    /// The folded path.
    pub text: Vec<u8>,
    /// Where its bytes came from; empty if all of them are where they were.
    places: Vec<u32>,
    decoded: Decoded,
}

impl Folded {
    /// Folds a path. Each character becomes its one-character lower case if there is one.
    pub fn fold(&mut self, path: &[u8]) {
        if path.contains(&b'%') {
            self.decoded.decode(path);
            return self.lower();
        }
        self.text.clear();
        self.places.clear();
        self.text.extend(path.iter().map(u8::to_ascii_lowercase));
    }

    /// Folds a path that is decoded already.
    pub fn fold_decoded(&mut self, text: &[u8]) {
        self.decoded.keep(text);
        self.lower();
    }

    fn lower(&mut self) {
        let Self {
            text,
            places,
            decoded,
        } = self;
        text.clear();
        places.clear();
        let mut at = 0;
        for chunk in decoded.text.utf8_chunks() {
            for character in chunk.valid().chars() {
                let mut buf = [0; 4];
                let lower = lower_case(character).encode_utf8(&mut buf).as_bytes();
                let (from, len) = (at, character.len_utf8());
                at += len;
                text.extend_from_slice(lower);
                let origin = |byte: usize| decoded.origin((from + byte.min(len - 1)) as u32);
                places.extend((0..lower.len()).map(origin));
            }
            text.extend_from_slice(chunk.invalid());
            let len = chunk.invalid().len();
            places.extend((at..at + len).map(|place| decoded.origin(place as u32)));
            at += len;
        }
        places.push(decoded.origin(at as u32));
    }

    /// Where the byte at `place` of the folded path, or its end, came from.
    pub fn origin(&self, place: u32) -> u32 {
        self.places.get(place as usize).copied().unwrap_or(place)
    }
}

/// Whether a path holds nothing that folding could change.
pub fn is_folded(path: &[u8]) -> bool {
    // Without a way out in the middle, so that many bytes are looked at together.
    let changes = |byte: &u8| byte.is_ascii_uppercase() | (*byte == b'%');
    !path.iter().fold(false, |any, byte| any | changes(byte))
}

fn lower_case(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => character,
    }
}
