//! Bodies: with their head in one read, or collected over several.

use super::heads::{is_streamed, judge, parse_head};
use super::{Connection, Turn};
use crate::http::body::BodyDecoder;
use crate::http::error::ParseError;
use crate::http::framing::{BodyLength, Framing};
use crate::http::head::RequestHead;
use crate::net::crossing::Deliver;
use crate::net::inbox::{Inbox, Stage};
use crate::net::request::RequestBytes;
use crate::net::stream::Socket;

pub(super) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

impl<S: Socket> Connection<S> {
    pub(super) fn receive_body<D: Deliver>(
        &mut self,
        mut inbox: Box<Inbox>,
        input: &[u8],
        turn: &mut Turn<'_, D>,
    ) {
        let Inbox { bytes, stage, .. } = &mut *inbox;
        let Stage::Body(decoder) = stage else { return };
        self.progressed = true;
        match decoder.decode(input, &turn.config.collected(), bytes) {
            Err(error) => self.refuse(error, input, turn),
            Ok(decoded) if !decoded.done => self.inbox = Some(inbox),
            Ok(decoded) => {
                self.take_collected(inbox.bytes, turn);
                if decoded.consumed < input.len() {
                    self.take_from(&input[decoded.consumed..], turn);
                }
            }
        }
    }

    /// Hands up a request whose head and body were collected over several reads.
    pub(super) fn take_collected<D: Deliver>(&mut self, bytes: Vec<u8>, turn: &mut Turn<'_, D>) {
        if turn.scratch.overloaded || !turn.deliver.has_room() {
            return self.turn_away(turn);
        }
        turn.scratch.follow_routes();
        let limits = &turn.config.collected();
        let head = parse_head(&bytes, limits, &mut turn.scratch.fields);
        let framed =
            head.and_then(|head| judge(&head, &bytes, turn).map(|framing| (head, framing)));
        match framed {
            Ok((head, framing)) => {
                self.take(&head, &framing, RequestBytes::Owned(bytes), turn);
            }
            Err(error) => self.refuse(error, &bytes, turn),
        }
    }

    /// Hands the request up if its body is complete in `behind`; says how long that was.
    pub(super) fn take_with_body<D: Deliver>(
        &mut self,
        head: &RequestHead,
        framing: &Framing,
        bytes: &[u8],
        behind: &[u8],
        turn: &mut Turn<'_, D>,
    ) -> Result<Option<usize>, ParseError> {
        let consumed = match framing.body {
            BodyLength::None => 0,
            BodyLength::Length(length) => match usize::try_from(length) {
                Ok(length) if length <= behind.len() => length,
                _ => return Ok(None),
            },
            BodyLength::Chunked => {
                let mut body = std::mem::take(&mut turn.scratch.body);
                body.clear();
                let mut decoder = BodyDecoder::new(framing.body);
                let mut trailers = 0;
                let keep = |piece: &[u8]| body.extend_from_slice(piece);
                let count = |lines: &[u8]| trailers += lines.len();
                let decoded = decoder.walk_all(behind, &turn.config.limits, keep, count)?;
                let goes_apart = trailers > b"\r\n".len()
                    && turn.config.keeps_trailers
                    && is_streamed(framing, bytes, turn);
                if goes_apart {
                    // They come behind the body, for which there is no place in one record with it.
                    turn.scratch.body = body;
                    return Ok(None);
                }
                if decoded.done {
                    let bytes = RequestBytes::Borrowed {
                        head: bytes,
                        body: &body,
                    };
                    self.take(head, framing, bytes, turn);
                }
                turn.scratch.body = body;
                return Ok(decoded.done.then_some(decoded.consumed));
            }
        };
        let bytes = RequestBytes::Borrowed {
            head: bytes,
            body: &behind[..consumed],
        };
        self.take(head, framing, bytes, turn);
        Ok(Some(consumed))
    }

    /// Starts to collect a body of which `behind` is only a part.
    pub(super) fn begin_body<D: Deliver>(
        &mut self,
        framing: &Framing,
        head: &[u8],
        behind: &[u8],
        turn: &mut Turn<'_, D>,
    ) -> Result<Box<Inbox>, ParseError> {
        let limits = &turn.config.collected();
        if matches!(framing.body, BodyLength::Length(length) if length > limits.body_size) {
            return Err(ParseError::BodySize);
        }
        if framing.expect_continue && behind.is_empty() {
            self.outbox(turn.pool)
                .append(|out| out.extend_from_slice(CONTINUE));
        }
        let mut bytes = Vec::with_capacity(head.len() + behind.len());
        bytes.extend_from_slice(head);
        let mut decoder = BodyDecoder::new(framing.body);
        decoder.decode(behind, limits, &mut bytes)?;
        Ok(Inbox::of(bytes, Stage::Body(decoder)))
    }
}
