//! Requests up: whatever is complete in what was read, as long as it may be taken.

use super::course::Course;
use super::heads::{Next, is_answered_here, is_barrier, is_streamed, next_request};
use super::{Connection, Turn};
use crate::http::error::ParseError;
use crate::http::framing::{BodyLength, Framing};
use crate::http::head::{Parsed, RequestHead, Version};
use crate::http::method::Method;
use crate::http::response::RawRules;
use crate::net::crossing::Deliver;
use crate::net::inbox::{Inbox, Stage};
use crate::net::request::{
    FLAG_BODY, FLAG_CONNECT, FLAG_EXPECTS, FLAG_HEAD, FLAG_HTTP10, FLAG_LAST, FLAG_UPGRADE,
    FLAG_WHOLE, Request, RequestBytes, RequestToken, RouteMatch, SEQUENCE,
};
use crate::net::routing::Routed;
use crate::net::stats::Counter;
use crate::net::stream::Socket;

/// What is left of a buffer after its requests were taken.
enum Rest {
    /// Nothing that will ever be looked at.
    Nothing,
    /// The bytes from here on.
    From(usize, Stage),
    /// A request whose body is incomplete; the buffer is used up.
    Body(Box<Inbox>),
}

impl<S: Socket> Connection<S> {
    /// Takes what was just read.
    pub(super) fn receive<D: Deliver>(&mut self, input: &[u8], turn: &mut Turn<'_, D>) {
        if !self.is_open() {
            return self.receive_piece(input, turn);
        }
        let Some(mut inbox) = self.inbox.take() else {
            return self.take_from(input, turn);
        };
        if matches!(inbox.stage, Stage::Body(_)) {
            return self.receive_body(inbox, input, turn);
        }
        inbox.push(input);
        self.continue_head(inbox, turn);
    }

    /// Takes up requests that had to wait, if they may be taken now.
    pub(super) fn resume<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) {
        if self.is_waiting()
            && self.may_take(turn.config)
            && self.may_look(turn)
            && let Some(inbox) = self.inbox.take()
        {
            self.take_from_inbox(inbox, turn);
        }
    }

    pub(super) fn take_from<D: Deliver>(&mut self, input: &[u8], turn: &mut Turn<'_, D>) {
        self.inbox = match self.requests(input, turn) {
            Rest::Nothing => None,
            Rest::From(at, stage) => Some(Inbox::new(&input[at..], stage)),
            Rest::Body(inbox) => Some(inbox),
        };
    }

    fn take_from_inbox<D: Deliver>(&mut self, mut inbox: Box<Inbox>, turn: &mut Turn<'_, D>) {
        self.inbox = match self.requests(inbox.rest(), turn) {
            Rest::Nothing => None,
            Rest::From(at, stage) => {
                inbox.at += at;
                inbox.stage = stage;
                Some(inbox)
            }
            Rest::Body(body) => Some(body),
        };
    }

    /// The head was incomplete: only the new bytes are looked at, until it is complete.
    fn continue_head<D: Deliver>(&mut self, mut inbox: Box<Inbox>, turn: &mut Turn<'_, D>) {
        let Inbox {
            bytes, at, stage, ..
        } = &mut *inbox;
        if let Stage::Head(parser) = stage {
            // Spans are not kept meanwhile: they take more memory than the head itself.
            let fields = &mut turn.scratch.fields;
            fields.clear();
            match parser.parse(&bytes[*at..], &turn.config.limits, fields) {
                Ok(Parsed::Partial) => {
                    self.inbox = Some(inbox);
                    return;
                }
                Ok(Parsed::Complete(_)) => {}
                Err(error) => {
                    self.refuse(error, &bytes[*at..], turn);
                    *stage = Stage::Refused;
                    self.inbox = (self.in_flight() > 0).then_some(inbox);
                    return;
                }
            }
        }
        self.take_from_inbox(inbox, turn);
    }

    /// Hands up every request that is complete in `buf` and may be taken.
    fn requests<D: Deliver>(&mut self, buf: &[u8], turn: &mut Turn<'_, D>) -> Rest {
        let mut at = 0;
        self.needs_room = false;
        while at < buf.len() {
            let has_room = turn.deliver.has_room() && !turn.scratch.overloaded;
            // Those that overload, and those that no handler sees, need none.
            let may_go_on = has_room || turn.scratch.overloaded || turn.scratch.looks_ahead();
            if !self.may_take(turn.config) || !may_go_on {
                return self.rest_from(at);
            }
            let (head, framing) = match next_request(&buf[at..], turn) {
                Ok(Next::Request(head, framing)) => (head, framing),
                Ok(Next::Partial(parser)) => return Rest::From(at, Stage::Head(parser)),
                Err(error) => return self.refused(error, buf, at, turn),
            };
            let start = at + head.start as usize;
            let end = start + head.len as usize;
            let (head_bytes, behind) = (&buf[start..end], &buf[end..]);
            if self.in_flight() > 0 && is_barrier(&head, &framing, turn.config) {
                return Rest::From(at, Stage::Waiting);
            }
            turn.scratch.follow_routes();
            if !has_room && !is_answered_here(&head, &framing, head_bytes, turn) {
                if !turn.scratch.overloaded {
                    self.needs_room = true;
                    return Rest::From(at, Stage::Waiting);
                }
                self.turn_away(turn);
                return Rest::Nothing;
            }
            at = match self.take_with_body(&head, &framing, head_bytes, behind, turn) {
                Ok(Some(consumed)) => end + consumed,
                // Who waits for a 100 hears the final answer at once where no handler gives it.
                Ok(None)
                    if is_streamed(&framing, head_bytes, turn)
                        || (framing.expect_continue
                            && behind.is_empty()
                            && turn.scratch.is_answered(&head, head_bytes)) =>
                {
                    let body = self.open_body(&head, &framing, head_bytes, behind, turn);
                    return body.map_or(Rest::Nothing, Rest::Body);
                }
                // Node's handler sees the head of a request whose body is malformed.
                Err(_)
                    if turn.config.raw_rules == RawRules::Node
                        && is_streamed(&framing, head_bytes, turn) =>
                {
                    let body = self.open_body(&head, &framing, head_bytes, behind, turn);
                    return body.map_or(Rest::Nothing, Rest::Body);
                }
                Ok(None) => match self.begin_body(&framing, head_bytes, behind, turn) {
                    Ok(inbox) => return Rest::Body(inbox),
                    Err(error) => return self.refused(error, buf, at, turn),
                },
                Err(error) => return self.refused(error, buf, at, turn),
            };
        }
        Rest::Nothing
    }

    /// Hands a request up.
    pub(super) fn take<D: Deliver>(
        &mut self,
        head: &RequestHead,
        framing: &Framing,
        bytes: RequestBytes<'_>,
        turn: &mut Turn<'_, D>,
    ) {
        let served = self.next_request.saturating_add(1);
        let most = turn.config.max_requests;
        let is_last = !turn.config.follows_node() && most != 0 && served >= most;
        let mut meta = self.next_request & SEQUENCE;
        if head.method_kind == Method::Head {
            meta |= FLAG_HEAD;
        }
        if head.version == Version::Http10 {
            meta |= FLAG_HTTP10;
        }
        if !framing.keep_alive || is_last {
            meta |= FLAG_LAST;
            self.take_no_more();
        }
        if framing.upgrade {
            meta |= FLAG_UPGRADE;
        }
        if head.method_kind == Method::Connect {
            meta |= FLAG_CONNECT;
        }
        let streams = turn.config.stream_bodies && framing.body != BodyLength::None;
        if streams {
            meta |= FLAG_BODY;
            if self.upload().is_some_and(|up| up.expects) {
                meta |= FLAG_EXPECTS;
            }
            if !self.name_body(meta) {
                meta |= FLAG_WHOLE;
            }
        }
        self.barrier = is_barrier(head, framing, turn.config);
        self.next_request = self.next_request.wrapping_add(1);
        turn.scratch.stats.add(Counter::Requests, 1);
        let token = RequestToken {
            index: self.index,
            generation: self.generation,
            meta,
        };
        turn.scratch.normalize(head, bytes.head());
        // Whatever else it asks for, such as another protocol as Java does: nobody else knows the answer.
        if let Some(answer) = turn.scratch.answer_of_probe(head, bytes.head()) {
            return self.answer_at_once(token, answer, turn);
        }
        // Taken out, so that an answer may borrow from it while it is written.
        let Some(mut routing) = turn.scratch.routing.take() else {
            return self.hand_up(token, head, bytes, RouteMatch::NONE, turn);
        };
        match routing.route(head, bytes.head(), turn.scratch.normal_path()) {
            Routed::Handler(route) => self.hand_up(token, head, bytes, route, turn),
            // JavaScript knows whether somebody wants the connection; else it answers the same.
            Routed::Answer(_) if meta & (FLAG_UPGRADE | FLAG_CONNECT) != 0 => {
                self.hand_up(token, head, bytes, RouteMatch::NONE, turn);
            }
            Routed::Answer(answer) => self.answer_at_once(token, answer, turn),
        }
        turn.scratch.routing = Some(routing);
    }

    fn hand_up<D: Deliver>(
        &mut self,
        token: RequestToken,
        head: &RequestHead,
        bytes: RequestBytes<'_>,
        route: RouteMatch<'_>,
        turn: &mut Turn<'_, D>,
    ) {
        self.is_known |= turn.config.tells_ends;
        turn.deliver.request(Request {
            token,
            head,
            fields: &turn.scratch.fields,
            bytes,
            normal_path: turn.scratch.normal_path(),
            route,
            remote: &self.remote,
            local: &self.local,
        });
    }

    /// Bytes from `at` on may not be taken now, or never: then they may still be for whoever takes the
    /// connection of the last request.
    fn rest_from(&self, at: usize) -> Rest {
        match self.course {
            Course::Open => Rest::From(at, Stage::Waiting),
            _ if self.may_be_taken() => Rest::From(at, Stage::Refused),
            _ => Rest::Nothing,
        }
    }

    /// Bytes from `at` on are no request, but may be for whoever takes the connection over.
    fn refused<D>(&mut self, error: ParseError, buf: &[u8], at: usize, turn: &Turn<'_, D>) -> Rest {
        self.refuse(error, &buf[at..], turn);
        if self.in_flight() > 0 {
            return Rest::From(at, Stage::Refused);
        }
        Rest::Nothing
    }
}
