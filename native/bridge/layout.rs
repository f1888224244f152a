//! The record layouts for JavaScript: its copies of the constants are compared with these.

use std::collections::HashMap;

use napi_derive::napi;

use crate::bridge::claims::claim;
use crate::bridge::{answer, finder, parcel, record, ring};
use crate::net::notice::Parting;
use crate::net::request;

/// Kinds of records from the loop.
const UP: [(&str, u32); 21] = [
    ("UP.request", record::KIND_REQUEST),
    ("UP.end", record::KIND_END),
    ("UP.large", record::KIND_LARGE),
    ("UP.abort", record::KIND_ABORT),
    ("UP.rawRefused", record::KIND_RAW_REFUSED),
    ("UP.released", record::KIND_RELEASED),
    ("UP.overload", record::KIND_OVERLOAD),
    ("UP.extended", record::KIND_EXTENDED),
    ("UP.taken", record::KIND_TAKEN),
    ("UP.accepted", record::KIND_ACCEPTED),
    ("UP.notAccepted", record::KIND_NOT_ACCEPTED),
    ("UP.left", record::KIND_LEFT),
    ("UP.connected", record::KIND_CONNECTED),
    ("UP.dropped", record::KIND_DROPPED),
    ("UP.refused", record::KIND_REFUSED),
    ("UP.quiet", record::KIND_QUIET),
    ("UP.fileFailed", record::KIND_FILE_FAILED),
    ("UP.drained", record::KIND_DRAINED),
    ("UP.body", record::KIND_BODY),
    ("UP.trailers", record::KIND_TRAILERS),
    ("UP.rawDone", record::KIND_RAW_DONE),
];

/// Every constant of the shared memory under the name that `ts/crossing/layout.ts` has for it.
#[napi]
pub fn layout() -> HashMap<String, u32> {
    let kinds = [
        ("DOWN.file", answer::KIND_FILE),
        ("DOWN.asset", answer::KIND_ASSET),
        ("DOWN.hasRange", answer::FLAG_HAS_RANGE),
        ("DOWN.answer", answer::KIND_ANSWER),
        ("DOWN.raw", answer::KIND_RAW),
        ("DOWN.skip", answer::KIND_SKIP),
        ("DOWN.interim", answer::KIND_INTERIM),
        ("DOWN.open", answer::KIND_OPEN),
        ("DOWN.data", answer::KIND_DATA),
        ("DOWN.end", answer::KIND_END),
        ("DOWN.cut", answer::KIND_CUT),
        ("DOWN.pull", answer::KIND_PULL),
        ("DOWN.rawData", answer::KIND_RAW_DATA),
        ("DOWN.rawEnd", answer::KIND_RAW_END),
        ("DOWN.aside", answer::KIND_ASIDE),
        ("DOWN.close", answer::FLAG_CLOSE),
        ("DOWN.hasDate", answer::FLAG_HAS_DATE),
        ("DOWN.hasLength", answer::FLAG_HAS_LENGTH),
        ("META.head", request::FLAG_HEAD),
        ("META.upgrade", request::FLAG_UPGRADE),
        ("META.connect", request::FLAG_CONNECT),
        ("META.body", request::FLAG_BODY),
        ("META.whole", request::FLAG_WHOLE),
        ("META.expects", request::FLAG_EXPECTS),
        ("PARTING.failed", Parting::Failed as u32),
        ("PARTING.clients", Parting::Clients as u32),
    ];
    let places = REQUEST
        .iter()
        .chain(&ANSWER)
        .chain(&PARCEL)
        .chain(&CONTROL)
        .chain(&FINDER)
        .chain(&CLAIM);
    let places = places.map(|&(name, place)| (name, place as u32));
    UP.into_iter()
        .chain(kinds)
        .chain(places)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The methods by their codes, from 1.
#[napi]
pub fn method_names() -> Vec<String> {
    record::METHODS
        .iter()
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

/// The content types by their numbers.
#[napi]
pub fn content_types() -> Vec<String> {
    answer::CONTENT_TYPES
        .iter()
        .map(|&name| name.to_owned())
        .collect()
}

const REQUEST: [(&str, usize); 24] = [
    ("REQUEST.kind", record::word::KIND),
    ("REQUEST.size", record::word::SIZE),
    ("REQUEST.index", record::word::INDEX),
    ("REQUEST.generation", record::word::GENERATION),
    ("REQUEST.meta", record::word::META),
    ("REQUEST.fields", record::word::FIELDS),
    ("REQUEST.raw", record::word::RAW),
    ("REQUEST.headLen", record::word::HEAD_LEN),
    ("REQUEST.methodLen", record::word::METHOD_LEN),
    ("REQUEST.targetLen", record::word::TARGET_LEN),
    ("REQUEST.path", record::word::PATH),
    ("REQUEST.pathLen", record::word::PATH_LEN),
    ("REQUEST.query", record::word::QUERY),
    ("REQUEST.queryLen", record::word::QUERY_LEN),
    ("REQUEST.bodyLen", record::word::BODY_LEN),
    ("REQUEST.route", record::word::ROUTE),
    ("REQUEST.params", record::word::PARAMS),
    ("REQUEST.ports", record::word::PORTS),
    ("REQUEST.family", record::word::FAMILY),
    ("REQUEST.remote", record::word::REMOTE),
    ("REQUEST.local", record::word::LOCAL),
    ("REQUEST.count", record::word::COUNT),
    ("REQUEST.fieldWords", record::FIELD_WORDS),
    ("REQUEST.paramWords", record::PARAM_WORDS),
];

const ANSWER: [(&str, usize); 9] = [
    ("ANSWER.size", answer::word::SIZE),
    ("ANSWER.kind", answer::word::KIND),
    ("ANSWER.index", answer::word::INDEX),
    ("ANSWER.generation", answer::word::GENERATION),
    ("ANSWER.meta", answer::word::META),
    ("ANSWER.type", answer::word::TYPE),
    ("ANSWER.fieldsLen", answer::word::FIELDS_LEN),
    ("ANSWER.bodyLen", answer::word::BODY_LEN),
    ("ANSWER.count", answer::word::COUNT),
];

const PARCEL: [(&str, usize); 4] = [
    ("PARCEL.lengths", parcel::word::LENGTHS),
    ("PARCEL.most", parcel::MOST),
    ("PARCEL.bytesAt", parcel::BYTES_AT),
    ("PARCEL.large", parcel::LARGE as usize),
];

const CONTROL: [(&str, usize); 9] = [
    ("CONTROL.published", ring::control::PUBLISHED),
    ("CONTROL.tail", ring::control::TAIL),
    ("CONTROL.head", ring::control::HEAD),
    ("CONTROL.sleeping", ring::control::SLEEPING),
    ("CONTROL.ended", ring::control::ENDED),
    ("CONTROL.pulse", ring::control::PULSE),
    ("CONTROL.read", ring::control::READ),
    ("CONTROL.withdrawn", ring::control::WITHDRAWN),
    ("CONTROL.count", ring::control::COUNT),
];

const CLAIM: [(&str, usize); 3] = [
    ("CLAIM.open", claim::OPEN as usize),
    ("CLAIM.started", claim::STARTED as usize),
    ("CLAIM.atOnce", claim::AT_ONCE as usize),
];

const FINDER: [(&str, usize); 5] = [
    ("FINDER.code", finder::word::CODE),
    ("FINDER.methodLen", finder::word::METHOD_LEN),
    ("FINDER.pathLen", finder::word::PATH_LEN),
    ("FINDER.count", finder::word::COUNT),
    ("FINDER.pathAt", finder::PATH_AT),
];
