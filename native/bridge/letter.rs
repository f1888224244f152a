//! An answer by value: the words of a record with its parts beside them, for what no ring has room for
//! and for what is given once for all requests.

use std::borrow::Cow;

use crate::bridge::answer::{self, word};
use crate::net::answer::{Answer, AnswerBody};
use crate::net::request::RequestToken;

/// What it answers, and the answer; `None` if the words are no record's, or not that of these parts.
pub fn open<'a>(
    words: &[i32],
    head: &'a [u8],
    body: AnswerBody<'a>,
) -> Option<(RequestToken, Answer<'a>)> {
    let words: &[i32; word::COUNT] = words.try_into().ok()?;
    let word = |place: usize| words[place] as u32;
    let reason_len = (word(word::TYPE) >> 8) as usize;
    let (reason, fields) = head.split_at_checked(reason_len)?;
    // A word has no room for more of a body's length.
    if fields.len() != word(word::FIELDS_LEN) as usize || body.len() as u32 != word(word::BODY_LEN)
    {
        return None;
    }
    let token = answer::token(word);
    let answer = answer::answer(
        word(word::KIND),
        word(word::TYPE) & 0xff,
        Cow::Borrowed(reason),
        Cow::Borrowed(fields),
        body,
    );
    Some((token, answer?))
}

#[cfg(test)]
mod tests {
    use super::open;
    use crate::bridge::answer::{KIND_ANSWER, KIND_ASSET, KIND_FILE, KIND_RAW, KIND_SKIP, word};
    use crate::net::answer::AnswerBody;

    const OK: i32 = (200 << 16 | KIND_ANSWER) as i32;
    /// A reason of 2 bytes, fields of 6, a body of 3.
    const WORDS: [i32; word::COUNT] = [0, OK, 1, 2, 3, 2 << 8 | 1, 6, 3];

    fn opens(words: &[i32], body: &'static [u8]) -> bool {
        open(words, b"OKA: b\r\n", AnswerBody::Borrowed(body)).is_some()
    }

    #[test]
    fn opens_what_fits_and_nothing_else() {
        let with = |place: usize, value: u32| {
            let mut words = WORDS;
            words[place] = value as i32;
            words
        };
        assert!(opens(&WORDS, b"abc"));
        assert!(opens(&with(word::KIND, KIND_RAW), b"abc"));
        let cases = [
            ("no status", with(word::KIND, KIND_ANSWER)),
            ("no kind", with(word::KIND, 200 << 16 | 99)),
            ("a skip", with(word::KIND, KIND_SKIP)),
            (
                "a file that is none",
                with(word::KIND, 200 << 16 | KIND_FILE),
            ),
            (
                "an asset that is none",
                with(word::KIND, 200 << 16 | KIND_ASSET),
            ),
            ("a type that is none", with(word::TYPE, 2 << 8 | 5)),
            ("a longer reason", with(word::TYPE, 3 << 8 | 1)),
            ("a reason outside", with(word::TYPE, u32::MAX)),
            ("fewer fields", with(word::FIELDS_LEN, 5)),
            ("more fields", with(word::FIELDS_LEN, u32::MAX)),
            ("a shorter body", with(word::BODY_LEN, 2)),
            ("a longer body", with(word::BODY_LEN, u32::MAX)),
        ];
        for (what, words) in cases {
            assert!(!opens(&words, b"abc"), "{what}");
        }
        assert!(!opens(&WORDS[..7], b"abc"), "too few words");
        assert!(!opens(&[&WORDS[..], &[0]].concat(), b"abc"), "too many");
    }
}
