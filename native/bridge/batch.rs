//! Requests up: records in chunks.
//!
//! A chunk is filled front to back. A record is written whole before it is published and never
//! again; when the next one does not fit, an end record says that the chunk is let go. Words are
//! little-endian, offsets are bytes from the start of the chunk, records are aligned to 4 bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::bridge::mail::MailBox;
use crate::bridge::memory::Loan;
use crate::bridge::record::{
    FIELD_BYTES, KIND_ABORT, KIND_ACCEPTED, KIND_BODY, KIND_CONNECTED, KIND_DRAINED, KIND_DROPPED,
    KIND_END, KIND_FILE_FAILED, KIND_LARGE, KIND_LEFT, KIND_NOT_ACCEPTED, KIND_OVERLOAD,
    KIND_QUIET, KIND_RAW_DONE, KIND_RAW_REFUSED, KIND_REFUSED, KIND_RELEASED, KIND_TAKEN,
    KIND_TRAILERS, NO_FAULT, PARAM_BYTES, connection_words, field_words, in_one_piece, le_bytes,
    param_base, param_words, word, words,
};
use crate::net::notice::Notice;
use crate::net::refused::Refused;
use crate::net::request::{Request, RequestBytes, RequestToken};

const END_BYTES: usize = 8;
const NOTICE_BYTES: usize = 24;

/// The chunks of one thread and how far they are filled.
#[derive(Debug)]
pub struct Batch {
    chunk: Option<Loan>,
    at: usize,
    spare: VecDeque<Loan>,
    late: VecDeque<Notice>,
    mail: Arc<MailBox>,
    /// Records written since the beginning, wrapping.
    pub count: u32,
}

impl Batch {
    /// A batch with no chunk yet.
    pub fn new(mail: Arc<MailBox>) -> Self {
        let (spare, late) = (VecDeque::new(), VecDeque::new());
        Self {
            chunk: None,
            at: 0,
            spare,
            late,
            mail,
            count: 0,
        }
    }

    /// Takes chunks that were lent.
    pub fn lend(&mut self, chunks: impl IntoIterator<Item = Loan>) {
        self.spare.extend(chunks);
        while let Some(notice) = self.late.front().copied()
            && self.make_room(size_of(&notice))
        {
            self.late.pop_front();
            self.write_notice(notice);
        }
    }

    /// Whether a request of any size can be written.
    pub fn has_room(&self) -> bool {
        !self.spare.is_empty()
            || self
                .chunk
                .as_ref()
                .is_some_and(|chunk| self.left(chunk) >= chunk.len() / 2)
    }

    /// Writes a request. Room was promised by `has_room`.
    pub fn request(&mut self, request: Request<'_>) {
        let raw_len = match &request.bytes {
            RequestBytes::Borrowed { head, body } => head.len() + body.len(),
            RequestBytes::Owned(bytes) => bytes.len(),
        };
        let (fields, params) = (request.fields.len(), request.route.params.len());
        let prefix = word::COUNT * 4 + fields * FIELD_BYTES + params * PARAM_BYTES;
        let path_len = request.normal_path.map_or(0, <[u8]>::len);
        let size = (prefix + raw_len + path_len).next_multiple_of(4);
        let limit = self
            .chunk
            .as_ref()
            .or(self.spare.front())
            .map_or(0, |chunk| chunk.len() / 2);
        if size > limit {
            return self.large(request);
        }
        if !self.make_room(size) {
            return;
        }
        let at = self.at;
        let words = words(&request, size, at + prefix, raw_len);
        let Some(chunk) = &mut self.chunk else { return };
        chunk.write(at, le_bytes(&words).as_flattened());
        let mut end = at + word::COUNT * 4;
        for line in request.fields {
            chunk.write(end, le_bytes(&field_words(line)).as_flattened());
            end += FIELD_BYTES;
        }
        let base = param_base(&request, raw_len);
        for span in request.route.params {
            let words = param_words(span, base);
            chunk.write(end, le_bytes(&words).as_flattened());
            end += PARAM_BYTES;
        }
        match &request.bytes {
            RequestBytes::Borrowed { head, body } => {
                chunk.write(end, head);
                chunk.write(end + head.len(), body);
            }
            RequestBytes::Owned(bytes) => chunk.write(end, bytes),
        }
        if let Some(path) = request.normal_path {
            chunk.write(end + raw_len, path);
        }
        self.advance(size);
    }

    /// Writes a piece of a body. Room was promised by `has_room`.
    pub fn body(&mut self, token: RequestToken, data: &[u8]) {
        self.piece(KIND_BODY, token, data);
    }

    /// Writes the trailer section of a body, for which there is room behind a piece.
    pub fn trailers(&mut self, token: RequestToken, lines: &[u8]) {
        self.piece(KIND_TRAILERS, token, lines);
    }

    /// Writes what is said of a refused request. Room was promised by `has_room`.
    pub fn refused(&mut self, refused: &Refused<'_>) {
        let Refused {
            index,
            generation,
            status,
            fault,
            parsed,
            bytes,
        } = *refused;
        let fault = fault.map_or(NO_FAULT, |fault| fault as u32);
        let (status, len) = (u32::from(status), bytes.len() as u32);
        let words = [
            KIND_REFUSED,
            0,
            index,
            generation,
            status,
            fault,
            parsed,
            len,
        ];
        self.with_bytes(words, bytes);
    }

    fn piece(&mut self, kind: u32, token: RequestToken, data: &[u8]) {
        let (index, generation) = (token.index, token.generation);
        let (code, len) = (of_request(token, 0), data.len() as u32);
        self.with_bytes([kind, 0, index, generation, code, len], data);
    }

    /// Writes words, of which the second becomes the size, and bytes behind them.
    fn with_bytes<const N: usize>(&mut self, mut words: [u32; N], bytes: &[u8]) {
        let size = (N * 4 + bytes.len()).next_multiple_of(4);
        if self.make_room(size)
            && let Some(chunk) = &mut self.chunk
        {
            words[1] = size as u32;
            chunk.write(self.at + N * 4, bytes);
            chunk.write(self.at, le_bytes(&words).as_flattened());
            self.advance(size);
        }
    }

    /// Writes a notice, or keeps it until there is a chunk.
    pub fn notice(&mut self, notice: Notice) {
        if self.late.is_empty() && self.make_room(size_of(&notice)) {
            self.write_notice(notice);
        } else {
            self.late.push_back(notice);
        }
    }

    fn write_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Abort {
                index,
                generation,
                first,
                count,
            } => {
                self.record(&[KIND_ABORT, 24, index, generation, first, count]);
            }
            Notice::RawRefused { token, reason } => {
                self.record(&about(KIND_RAW_REFUSED, token, token.meta, reason));
            }
            Notice::RawDone { token, is_late } => {
                self.record(&about(KIND_RAW_DONE, token, token.meta, u32::from(is_late)));
            }
            Notice::Drained { token, bytes } => {
                self.record(&about(KIND_DRAINED, token, token.meta, bytes));
            }
            Notice::BodyEnded { token, end } => {
                let code = of_request(token, end.code());
                self.record(&about(KIND_BODY, token, code, 0));
            }
            Notice::Taken {
                index,
                generation,
                is_lost,
            } => self.record(&[KIND_TAKEN, 20, index, generation, u32::from(is_lost)]),
            Notice::Overload { delay_ms } => self.record(&[KIND_OVERLOAD, 12, delay_ms]),
            Notice::Accepted { ticket, generation } => {
                self.record(&[KIND_ACCEPTED, 16, ticket, generation]);
            }
            Notice::NotAccepted { ticket } => self.record(&[KIND_NOT_ACCEPTED, 12, ticket]),
            Notice::Connected {
                index,
                generation,
                remote,
                local,
            } => {
                let id = (index, generation);
                self.record(&connection_words(KIND_CONNECTED, id, &remote, &local));
            }
            Notice::Dropped { remote, local } => {
                self.record(&connection_words(KIND_DROPPED, (0, 0), &remote, &local));
            }
            Notice::Left {
                index,
                generation,
                how,
            } => {
                self.record(&[KIND_LEFT, 20, generation, index, how as u32]);
            }
            Notice::FileFailed { id, errno } => {
                self.record(&[KIND_FILE_FAILED, 16, id, errno]);
            }
            Notice::Quiet => self.record(&[KIND_QUIET, 12, 0]),
            Notice::Released { id } => self.record(&[KIND_RELEASED, 12, id]),
        }
    }

    fn large(&mut self, mut request: Request<'_>) {
        let taken = RequestBytes::Owned(Vec::new());
        let bytes = match std::mem::replace(&mut request.bytes, taken) {
            RequestBytes::Borrowed { head, body } => [head, body].concat(),
            RequestBytes::Owned(bytes) => bytes,
        };
        let bytes = in_one_piece(&request, bytes);
        let id = self.mail.keep_large(bytes);
        if self.make_room(12) {
            self.record(&[KIND_LARGE, 12, id]);
        }
    }

    fn record(&mut self, words: &[u32]) {
        if let Some(chunk) = &mut self.chunk {
            for (index, word) in words.iter().enumerate() {
                chunk.write(self.at + index * 4, &word.to_le_bytes());
            }
            self.advance(words.len() * 4);
        }
    }

    fn advance(&mut self, size: usize) {
        self.at += size;
        self.count = self.count.wrapping_add(1);
    }

    fn left(&self, chunk: &Loan) -> usize {
        (chunk.len() - self.at).saturating_sub(END_BYTES)
    }

    /// Makes sure that `size` bytes fit, by going on to the next chunk if there is one.
    fn make_room(&mut self, size: usize) -> bool {
        if self
            .chunk
            .as_ref()
            .is_some_and(|chunk| self.left(chunk) >= size)
        {
            return true;
        }
        let Some(next) = self.spare.pop_front() else {
            return false;
        };
        if self.chunk.is_some() {
            self.record(&[KIND_END, END_BYTES as u32]);
        }
        self.chunk = Some(next);
        self.at = 0;
        true
    }
}

/// Bytes that a notice takes at most.
fn size_of(notice: &Notice) -> usize {
    match notice {
        Notice::Connected { .. } | Notice::Dropped { .. } => word::COUNT * 4,
        _ => NOTICE_BYTES,
    }
}

/// The words of what is said of a request.
fn about(kind: u32, token: RequestToken, code: u32, last: u32) -> [u32; 6] {
    [kind, 24, token.index, token.generation, code, last]
}

/// A code of up to 10 bits, above it the low bits of the number of the request that it is about: a
/// connection may have begun the next body when the end of the last one is told.
fn of_request(token: RequestToken, code: u32) -> u32 {
    code | token.meta << 10
}

#[cfg(test)]
pub(in crate::bridge) mod tests;
