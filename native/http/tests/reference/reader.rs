//! Walks over a text from left to right, one octet at a time.

/// The statuses that are right for a fault, the best one first.
pub(crate) type Statuses = &'static [u16];

/// Why a rule of the grammar did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The text ended first.
    Unfinished,
    /// It can no longer be right.
    Refused(Statuses),
}

pub(super) const BAD: Stop = Stop::Refused(&[400]);

/// The text and how far it is read.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// Octets from the start that may be looked at, and the fault of wanting more.
    wall: usize,
    beyond: Stop,
    is_eager: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            wall: usize::MAX,
            beyond: Stop::Unfinished,
            is_eager: false,
        }
    }

    /// Octets read so far.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// From here on, `len` octets may be read; a text that needs more is refused before it comes.
    pub(super) fn allow_in_all(&mut self, len: usize, beyond: Stop) {
        self.allow(len, beyond);
        self.is_eager = true;
    }

    /// From here on, `len` octets may be read.
    pub(super) fn allow(&mut self, len: usize, beyond: Stop) {
        self.wall = self.at + len;
        self.beyond = beyond;
    }

    /// Changes what reading too far is called.
    pub(super) fn rename_beyond(&mut self, beyond: Stop) {
        self.beyond = beyond;
    }

    /// The octet that comes, which stays there.
    pub(super) fn look(&self) -> Result<u8, Stop> {
        if self.at >= self.wall && (self.is_eager || self.at < self.text.len()) {
            return Err(self.beyond);
        }
        self.text.get(self.at).copied().ok_or(Stop::Unfinished)
    }

    /// The octet that comes.
    pub(super) fn take(&mut self) -> Result<u8, Stop> {
        let octet = self.look()?;
        self.at += 1;
        Ok(octet)
    }

    /// Takes exactly this octet; any other is the given fault.
    pub(super) fn expect(&mut self, octet: u8, fault: Stop) -> Result<(), Stop> {
        if self.take()? == octet {
            Ok(())
        } else {
            Err(fault)
        }
    }

    /// CR LF.
    pub(super) fn end_of_line(&mut self) -> Result<(), Stop> {
        self.expect(0x0d, BAD)?;
        self.expect(0x0a, BAD)
    }

    /// So many octets, whatever they are.
    pub(super) fn take_many(&mut self, count: u128) -> Result<&'a [u8], Stop> {
        let left = &self.text[self.at..];
        if count > left.len() as u128 {
            return Err(Stop::Unfinished);
        }
        let many = &left[..count as usize];
        self.at += many.len();
        Ok(many)
    }
}
