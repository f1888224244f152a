//! The rest of a body whose request was answered: read and dropped, so that the connection can go
//! on. Not for ever, and not when it is malformed: then the connection ends.

use super::course::{Course, Goodbye, Leftover};
use super::{Connection, Turn};

impl<S> Connection<S> {
    /// Drops `input`. `Some`: the body ended within it, behind so many bytes.
    pub(super) fn drop_piece<D>(
        &mut self,
        mut rest: Box<Leftover>,
        input: &[u8],
        turn: &Turn<'_, D>,
    ) -> Option<usize> {
        let decoded = rest.decoder.walk(input, &turn.config.limits, |_| ());
        rest.left = rest.left.saturating_sub(input.len());
        match decoded {
            Ok(decoded) if decoded.done => {
                self.course = Course::Open;
                return Some(decoded.consumed);
            }
            Ok(_) if rest.left > 0 => self.course = Course::Drop(rest),
            // The answer is out: nobody is told, and what comes is no request.
            Ok(_) | Err(_) => self.stop(Goodbye::Linger),
        }
        None
    }
}
