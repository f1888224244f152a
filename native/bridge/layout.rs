//! The record layouts for JavaScript: its copies of the constants are compared with these.

use std::collections::HashMap;

use napi_derive::napi;

use crate::bridge::{batch, ring};

/// Every constant of the shared memory under the name that `ts/layout.ts` has for it.
#[napi]
pub fn layout() -> HashMap<String, u32> {
    let up = [
        ("UP.request", batch::KIND_REQUEST),
        ("UP.end", batch::KIND_END),
        ("UP.large", batch::KIND_LARGE),
        ("UP.abort", batch::KIND_ABORT),
        ("UP.rawRefused", batch::KIND_RAW_REFUSED),
        ("UP.released", batch::KIND_RELEASED),
        ("UP.overload", batch::KIND_OVERLOAD),
        ("DOWN.answer", ring::KIND_ANSWER),
        ("DOWN.raw", ring::KIND_RAW),
        ("DOWN.skip", ring::KIND_SKIP),
        ("DOWN.close", ring::FLAG_CLOSE),
        ("DOWN.hasDate", ring::FLAG_HAS_DATE),
        ("DOWN.hasLength", ring::FLAG_HAS_LENGTH),
        ("META.head", crate::net::crossing::FLAG_HEAD),
    ];
    let places = REQUEST.iter().chain(&ANSWER).chain(&CONTROL);
    let places = places.map(|&(name, place)| (name, place as u32));
    up.into_iter()
        .chain(places)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The methods by their codes, from 1.
#[napi]
pub fn method_names() -> Vec<String> {
    batch::METHODS
        .iter()
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

/// The content types by their numbers.
#[napi]
pub fn content_types() -> Vec<String> {
    ring::CONTENT_TYPES
        .iter()
        .map(|&name| name.to_owned())
        .collect()
}

const REQUEST: [(&str, usize); 23] = [
    ("REQUEST.kind", batch::word::KIND),
    ("REQUEST.size", batch::word::SIZE),
    ("REQUEST.index", batch::word::INDEX),
    ("REQUEST.generation", batch::word::GENERATION),
    ("REQUEST.meta", batch::word::META),
    ("REQUEST.fields", batch::word::FIELDS),
    ("REQUEST.raw", batch::word::RAW),
    ("REQUEST.headLen", batch::word::HEAD_LEN),
    ("REQUEST.methodLen", batch::word::METHOD_LEN),
    ("REQUEST.targetLen", batch::word::TARGET_LEN),
    ("REQUEST.path", batch::word::PATH),
    ("REQUEST.pathLen", batch::word::PATH_LEN),
    ("REQUEST.query", batch::word::QUERY),
    ("REQUEST.queryLen", batch::word::QUERY_LEN),
    ("REQUEST.bodyLen", batch::word::BODY_LEN),
    ("REQUEST.route", batch::word::ROUTE),
    ("REQUEST.params", batch::word::PARAMS),
    ("REQUEST.ports", batch::word::PORTS),
    ("REQUEST.family", batch::word::FAMILY),
    ("REQUEST.remote", batch::word::REMOTE),
    ("REQUEST.local", batch::word::LOCAL),
    ("REQUEST.count", batch::word::COUNT),
    ("REQUEST.fieldWords", batch::FIELD_WORDS),
];

const ANSWER: [(&str, usize); 9] = [
    ("ANSWER.size", ring::word::SIZE),
    ("ANSWER.kind", ring::word::KIND),
    ("ANSWER.index", ring::word::INDEX),
    ("ANSWER.generation", ring::word::GENERATION),
    ("ANSWER.meta", ring::word::META),
    ("ANSWER.type", ring::word::TYPE),
    ("ANSWER.fieldsLen", ring::word::FIELDS_LEN),
    ("ANSWER.bodyLen", ring::word::BODY_LEN),
    ("ANSWER.count", ring::word::COUNT),
];

const CONTROL: [(&str, usize); 8] = [
    ("CONTROL.published", ring::control::PUBLISHED),
    ("CONTROL.tail", ring::control::TAIL),
    ("CONTROL.head", ring::control::HEAD),
    ("CONTROL.sleeping", ring::control::SLEEPING),
    ("CONTROL.ended", ring::control::ENDED),
    ("CONTROL.pulse", ring::control::PULSE),
    ("CONTROL.read", ring::control::READ),
    ("CONTROL.count", ring::control::COUNT),
];
