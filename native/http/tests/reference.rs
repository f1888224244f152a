//! A second reader of HTTP/1.1, slow and strict, to hold ours against.
//!
//! It is written from RFC 9110 and RFC 9112 alone, one function a rule of the grammar, over the
//! whole input at once and with copies of everything; it shares no code, table or number with the
//! parser. Where the RFCs leave a choice it takes the strict one of the table of cases, which
//! checks it in turn.
//!
//! A fault counts where its byte stands: the first one in the order of the stream decides. What
//! the fields of a head say together is judged behind its blank line, in the order 400, 501,
//! 413, 417.

use crate::http::limits::Limits;

mod body;
mod head;
mod host;
mod letters;
mod message;
mod reader;
pub(crate) mod response;
mod validation;

pub(crate) use body::read_chunked;
pub(crate) use head::{Head, read_head};
pub(crate) use host::is_host_and_port;
pub(crate) use message::{Delimiter, Meaning, read_meaning};
pub(crate) use reader::{Statuses, Stop};

/// What comes of a connection's input, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A whole request.
    Request(Box<Message>),
    /// The input ends here; nothing is wrong yet.
    Incomplete(Part),
    /// One of these statuses, and the end of the connection.
    Refused(Statuses),
}

/// What a request lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The end of its head.
    Head,
    /// The end of its body.
    Body,
}

/// A request and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) head: Head,
    pub(crate) meaning: Meaning,
    pub(crate) body: Vec<u8>,
    /// Field lines behind a chunked body, which nobody gets to see.
    pub(crate) trailers: Vec<head::Field>,
}

/// Reads all that a connection receives.
pub(crate) fn read_connection(input: &[u8], limits: &Limits) -> Vec<Event> {
    let mut events = Vec::new();
    let mut rest = input;
    while !rest.is_empty() {
        let (event, len) = read_message(rest, limits);
        rest = &rest[len..];
        let goes_on = matches!(&event, Event::Request(message) if message.meaning.keep_alive);
        events.push(event);
        if !goes_on {
            break;
        }
    }
    events
}

/// Whether there is nothing behind the last whole message but empty lines, or the beginning of one.
pub(crate) fn ends_blank(input: &[u8], limits: &Limits) -> bool {
    let mut rest = input;
    while let (Event::Request(_), len) = read_message(rest, limits) {
        rest = &rest[len..];
    }
    rest.iter().all(|byte| b"\r\n".contains(byte))
}

/// One event, and the bytes of its message.
fn read_message(input: &[u8], limits: &Limits) -> (Event, usize) {
    let (head, head_len) = match read_head(input, limits) {
        Ok(head) => head,
        Err(stop) => return (event_of(stop, Part::Head), 0),
    };
    let meaning = match read_meaning(&head, limits) {
        Ok(meaning) => meaning,
        Err(statuses) => return (Event::Refused(statuses), 0),
    };
    match body::read_body(&input[head_len..], meaning.delimiter, limits) {
        Ok(body) => {
            let message = Message {
                head,
                meaning,
                body: body.data,
                trailers: body.trailers,
            };
            (Event::Request(Box::new(message)), head_len + body.len)
        }
        Err(stop) => (event_of(stop, Part::Body), 0),
    }
}

fn event_of(stop: Stop, part: Part) -> Event {
    match stop {
        Stop::Unfinished => Event::Incomplete(part),
        Stop::Refused(statuses) => Event::Refused(statuses),
    }
}
