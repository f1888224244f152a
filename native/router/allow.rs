//! The value of `Allow` (RFC 9110 §10.2.1).

/// A set of methods by their numbers in a table, which are below `MethodSet::MOST`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MethodSet(u64);

impl MethodSet {
    /// How many methods a table may have.
    pub const MOST: usize = 60;
    /// The number of the routes for any method.
    pub const ANY: usize = 0;
    /// HEAD, answered by the routes of GET.
    pub const HEAD: Self = Self(1 << 62);

    /// Adds a method.
    pub fn insert(&mut self, number: usize) {
        self.0 |= 1 << number;
    }

    /// Takes a method away.
    pub fn remove(&mut self, number: usize) {
        self.0 &= !(1 << number);
    }

    /// Adds the methods of another set.
    pub fn unite(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether it is in the set.
    pub fn contains(self, number: usize) -> bool {
        self.0 & 1 << number != 0
    }

    /// Whether all of the other set's methods are in this one.
    pub fn includes(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Values of `Allow` that were made before. Paths have few different sets of methods.
#[derive(Debug, Default)]
pub struct AllowCache {
    values: Vec<(MethodSet, Box<[u8]>)>,
    last: usize,
}

const MOST_VALUES: usize = 64;

impl AllowCache {
    /// The value that `value` was asked for last; empty before.
    pub fn last(&self) -> &[u8] {
        self.values.get(self.last).map_or(b"", |(_, value)| value)
    }

    /// Makes the value for a set, sorted by bytes, if it is not there. OPTIONS is always in it.
    pub fn value<'a>(&mut self, set: MethodSet, names: impl Iterator<Item = &'a [u8]>) {
        if let Some(found) = self.values.iter().position(|(known, _)| *known == set) {
            self.last = found;
            return;
        }
        let mut listed: Vec<&[u8]> = names
            .enumerate()
            .filter(|(number, _)| *number != MethodSet::ANY && set.contains(*number))
            .map(|(_, name)| name)
            .collect();
        listed.push(b"OPTIONS");
        if set.includes(MethodSet::HEAD) {
            listed.push(b"HEAD");
        }
        if set.contains(MethodSet::ANY) {
            // A route for any method is listed as the usual ones.
            let usual: [&[u8]; 6] = [b"DELETE", b"GET", b"HEAD", b"PATCH", b"POST", b"PUT"];
            listed.extend(usual);
        }
        listed.sort_unstable();
        listed.dedup();
        self.last = self.values.len() % MOST_VALUES;
        self.values.truncate(MOST_VALUES);
        let entry = (set, listed.join(&b", "[..]).into());
        if self.last < self.values.len() {
            self.values[self.last] = entry;
        } else {
            self.values.push(entry);
        }
    }
}
