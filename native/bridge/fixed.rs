//! Answers that JavaScript gives once for all requests.

use crate::bridge::letter;
use crate::http::response::check_raw;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::routing::FixedAnswer;

/// An answer from the words of a ring record, its reason and field lines, and its body. Says what is
/// wrong with bytes that are no response.
pub fn fixed(words: &[i32], head: &[u8], body: &[u8]) -> Result<FixedAnswer, String> {
    let Some((_, answer)) = letter::open(words, head, AnswerBody::Borrowed(body)) else {
        return Err("words are those of a record".to_owned());
    };
    match answer {
        Answer::Raw { body, close } => match check_raw(body.bytes(), false) {
            Ok(_) => Ok(FixedAnswer {
                status: 0,
                reason: Box::default(),
                content_type: b"",
                fields: Box::default(),
                has_date: false,
                has_length: false,
                close,
                body: body.bytes().into(),
            }),
            Err(error) => Err(error.message().to_owned()),
        },
        Answer::File(_) => Err("a file is no fixed answer".to_owned()),
        Answer::Part(_) => Err("a stream is no fixed answer".to_owned()),
        Answer::Encoded {
            status,
            reason,
            content_type,
            fields,
            has_date,
            has_length,
            close,
            body,
        } => Ok(FixedAnswer {
            status,
            reason: (*reason).into(),
            content_type,
            fields: (*fields).into(),
            has_date,
            has_length,
            close,
            body: body.bytes().into(),
        }),
    }
}
