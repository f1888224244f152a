//! Responses that a handler writes itself by node's rules: what node would send goes out, and where
//! that would desynchronise the connection it ends.

use super::responses::{self, unchunk};
use super::{Connection, Turn};
use crate::http::response::{
    BodyFit, NodeAnswer, RawBody, RawError, RawResponse, judge_node, write_interim,
};
use crate::net::answer::AnswerBody;
use crate::net::config::Config;
use crate::net::notice::Notice;
use crate::net::request::{FLAG_HEAD, FLAG_HTTP10, RequestToken, SEQUENCE};
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// Writes such a response that is there whole; says whether the connection ends with it.
    pub(super) fn write_node<D>(
        &mut self,
        token: RequestToken,
        body: AnswerBody<'_>,
        is_last: bool,
        turn: &mut Turn<'_, D>,
    ) -> bool {
        let is_head = token.meta & FLAG_HEAD != 0;
        let answer = match judge_for(token.meta, body.bytes()) {
            Ok(answer) => answer,
            Err(error) => return self.refuse_whole(token, error as u32, is_last, turn),
        };
        if let Some(fault) = answer.fault {
            let reason = fault as u32;
            turn.scratch
                .notices
                .push(Notice::RawRefused { token, reason });
        }
        let NodeAnswer {
            interim_len,
            mut response,
            body_len,
            fit,
            ..
        } = answer;
        turn.scratch.stats.responded(response.status);
        if interim_len > 0 {
            self.write_interim(token.meta, &body.bytes()[..interim_len], turn);
        }
        let end = interim_len + response.head_len + body_len;
        if is_unchunked(token.meta, &response) {
            let bytes = &body.bytes()[interim_len..end];
            self.outbox(turn.pool)
                .append(|out| unchunk(bytes, &response, is_head, out));
            return true;
        }
        let close = is_last || closes(token.meta, &response, turn.config) || fit != BodyFit::Exact;
        let insert = connection_line(token.meta, close, &response);
        let is_as_it_goes = response.drop_persistence(close)
            && insert.is_empty()
            && interim_len == 0
            && end as u64 == body.len();
        let outbox = self.outbox(turn.pool);
        match body {
            AnswerBody::Owned(owned) if is_as_it_goes => outbox.push(owned),
            body => {
                let bytes = &body.bytes()[interim_len..end];
                let (head, body) = bytes.split_at(response.head_len);
                outbox.append(|out| response.write_head(head, insert, out));
                self.send_borrowed(body, turn);
            }
        }
        close
    }

    /// Writes interim responses, for which an old client knows no use (RFC 9110 §15.2).
    pub(super) fn write_interim<D>(&mut self, meta: u32, bytes: &[u8], turn: &mut Turn<'_, D>) {
        if meta & FLAG_HTTP10 != 0 {
            return;
        }
        let mut has_continue = false;
        self.outbox(turn.pool)
            .append(|out| has_continue = write_interim(bytes, out));
        // Whoever waits for a 100 hears it once.
        if let Some(up) = self.upload_mut().filter(|_| has_continue) {
            up.expects = false;
        }
    }
}

/// What is missing about the end of the connection. Node leaves it out where its handler has taken
/// `Connection` away, and the body says it by its end. A client reads that of a 101 for what it
/// switches to.
pub(super) fn connection_line(meta: u32, close: bool, raw: &RawResponse) -> &'static [u8] {
    if raw.status == 101 || (raw.body == RawBody::CloseDelimited && !raw.has_connection) {
        return b"";
    }
    responses::connection_line(meta, close, raw)
}

/// Whether the connection ends with a response because of what that says. From the limit of requests on
/// node's say close, and it drops what comes all the same by itself, with an answer to each.
pub(super) fn closes(meta: u32, response: &RawResponse, config: &Config) -> bool {
    let is_at_limit = config.follows_node()
        && config.max_requests != 0
        && meta & FLAG_HTTP10 == 0
        && (meta & SEQUENCE) + 1 >= config.max_requests;
    response.must_close || (response.close && !is_at_limit)
}

/// Whether the chunks of a response are taken off for a client that may not know them.
pub(super) fn is_unchunked(meta: u32, response: &RawResponse) -> bool {
    meta & FLAG_HTTP10 != 0 && response.body == RawBody::Chunked
}

/// Judges an answer. Where the end of the connection is all that an old client would see of the end
/// of a chunked body, one without an end is refused instead.
fn judge_for(meta: u32, bytes: &[u8]) -> Result<NodeAnswer, RawError> {
    let answer = judge_node(bytes, meta & FLAG_HEAD != 0)?;
    if is_unchunked(meta, &answer.response) && answer.fit == BodyFit::Short {
        return Err(RawError::Chunks);
    }
    Ok(answer)
}
