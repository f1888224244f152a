//! Memory of copies that were sent, for the next ones: fresh memory costs a page fault for each 4 KiB.

/// Bytes of memory that is kept at most, in one piece and in all, and pieces of it.
const MOST: usize = 1 << 20;
const MOST_IN_ALL: usize = 4 << 20;
const MOST_PIECES: usize = 32;

/// Memory that nobody uses.
#[derive(Debug, Default)]
pub struct Spare {
    pieces: Vec<Vec<u8>>,
    bytes: usize,
}

impl Spare {
    /// The least that has room for so many bytes.
    pub fn take(&mut self, len: usize) -> Option<Vec<u8>> {
        let fitting = self.pieces.iter().enumerate();
        let fitting = fitting.filter(|(_, piece)| piece.capacity() >= len);
        let (at, _) = fitting.min_by_key(|(_, piece)| piece.capacity())?;
        let piece = self.pieces.swap_remove(at);
        self.bytes -= piece.capacity();
        Some(piece)
    }

    /// Keeps memory that is used no longer, or gives it back if there is too much of it.
    pub fn put(&mut self, mut piece: Vec<u8>) -> Option<Vec<u8>> {
        let len = piece.capacity();
        if len <= MOST && self.bytes + len <= MOST_IN_ALL && self.pieces.len() < MOST_PIECES {
            piece.clear();
            self.bytes += len;
            self.pieces.push(piece);
            return None;
        }
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, MOST_IN_ALL, MOST_PIECES, Spare};

    #[test]
    fn the_least_that_fits_is_used_again() {
        let mut spare = Spare::default();
        for len in [100_000, 3_000, 20_000] {
            let mut piece = Vec::with_capacity(len);
            piece.push(1);
            assert_eq!(spare.put(piece), None);
        }
        for (len, found) in [(3_000, 3_000), (3_000, 20_000), (50_000, 100_000)] {
            let piece = spare.take(len).unwrap();
            assert_eq!((piece.len(), piece.capacity()), (0, found));
        }
        assert_eq!(spare.take(1), None);
    }

    #[test]
    fn no_more_is_kept_than_is_bounded() {
        for (len, kept) in [(1, MOST_PIECES), (MOST, MOST_IN_ALL / MOST), (MOST + 1, 0)] {
            let mut spare = Spare::default();
            let given = (0..2 * MOST_PIECES).map(|_| spare.put(Vec::with_capacity(len)));
            assert_eq!(given.flatten().count(), 2 * MOST_PIECES - kept);
            assert_eq!((spare.pieces.len(), spare.bytes), (kept, kept * len));
        }
    }
}
