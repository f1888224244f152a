//! Paths made comparable: lower case, and without escapes where these say nothing.

use crate::router::path::escaped_byte;

/// A path in lower case with its escapes decoded, and where each byte of it came from.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    /// The folded path.
    pub text: Vec<u8>,
    /// Where its bytes came from; empty if all of them are where they were.
    places: Vec<u32>,
    decoded: Vec<u8>,
    origins: Vec<u32>,
}

impl Folded {
    /// Folds a path as it comes over the wire. Each character becomes its one-character lower case
    /// if there is one. Escapes are decoded but for those of a slash, which would cut a segment in
    /// two, and of a percent sign, which would make new escapes.
    pub fn fold(&mut self, path: &[u8]) {
        self.text.clear();
        self.places.clear();
        if !path.contains(&b'%') {
            self.text.extend(path.iter().map(u8::to_ascii_lowercase));
            return;
        }
        self.decode(path);
        let mut at = 0;
        for chunk in self.decoded.utf8_chunks() {
            for character in chunk.valid().chars() {
                let mut buf = [0; 4];
                let lower = lower_case(character).encode_utf8(&mut buf).as_bytes();
                let (from, len) = (at, character.len_utf8());
                at += len;
                self.text.extend_from_slice(lower);
                let origins = &self.origins;
                let places = (0..lower.len()).map(|byte| origins[from + byte.min(len - 1)]);
                self.places.extend(places);
            }
            self.text.extend_from_slice(chunk.invalid());
            let len = chunk.invalid().len();
            self.places.extend_from_slice(&self.origins[at..at + len]);
            at += len;
        }
        self.places.push(path.len() as u32);
    }

    /// Where the byte at `place` of the folded path, or its end, came from.
    pub fn origin(&self, place: u32) -> u32 {
        self.places.get(place as usize).copied().unwrap_or(place)
    }

    fn decode(&mut self, path: &[u8]) {
        self.decoded.clear();
        self.origins.clear();
        let mut at = 0;
        while let Some(&byte) = path.get(at) {
            let escaped =
                escaped_byte(byte, &path[at + 1..]).filter(|byte| !matches!(byte, b'/' | b'%'));
            self.decoded.push(escaped.unwrap_or(byte));
            self.origins.push(at as u32);
            at += if escaped.is_some() { 3 } else { 1 };
        }
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
