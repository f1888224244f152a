//! What a route looks like: static text, `:name` for what is left of a segment, `*name` for what is
//! left of the path.

use crate::router::escape::{self, Decoded};

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that must be there, decoded: however it is escaped, it means the same.
    Text(Box<[u8]>),
    /// `:name`: everything up to the next slash.
    Param(Box<str>),
    /// `*name`: everything from the slash before it, with that slash.
    CatchAll(Box<str>),
}

/// A pattern taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written.
    pub source: Box<str>,
    /// Its elements; never empty, and the first one is text.
    pub parts: Vec<Part>,
    /// The same with its text as it is sent.
    pub sent: Vec<Part>,
}

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// It does not begin with a slash.
    NoSlash,
    /// Two wildcards in one segment.
    TwoWildcards,
    /// A wildcard without a name.
    NoName,
    /// A catch-all that is not the last element.
    NotLast,
    /// A catch-all that does not follow a slash.
    NoSlashBefore,
}

impl PatternError {
    /// The sentence behind `path '...'`.
    pub fn message(self) -> &'static str {
        match self {
            Self::NoSlash => "must begin with '/'",
            Self::TwoWildcards => "has more than one wildcard in a segment",
            Self::NoName => "has a wildcard without a name",
            Self::NotLast => "has a catch-all that is not at the end",
            Self::NoSlashBefore => "has no '/' before its catch-all",
        }
    }
}

impl Pattern {
    /// Takes a pattern apart.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        if !source.starts_with('/') {
            return Err(PatternError::NoSlash);
        }
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some(at) = rest.find([':', '*']) {
            let (text, wildcard) = rest.split_at(at);
            if !text.is_empty() {
                parts.push(text_of(text));
            }
            let len = wildcard.find('/').unwrap_or(wildcard.len());
            let (segment, behind) = wildcard.split_at(len);
            let (kind, name) = segment.split_at(1);
            if name.contains([':', '*']) {
                return Err(PatternError::TwoWildcards);
            }
            if name.is_empty() {
                return Err(PatternError::NoName);
            }
            if kind == ":" {
                parts.push(Part::Param(name.into()));
            } else if !behind.is_empty() {
                return Err(PatternError::NotLast);
            } else if !text.ends_with('/') {
                return Err(PatternError::NoSlashBefore);
            } else {
                parts.push(Part::CatchAll(name.into()));
            }
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(text_of(rest));
        }
        let sent = parts.iter().map(Part::sent).collect();
        Ok(Self {
            source: source.into(),
            sent,
            parts,
        })
    }

    /// The names of its wildcards in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Param(name) | Part::CatchAll(name) => Some(&**name),
        })
    }
}

impl Part {
    fn sent(&self) -> Self {
        let Self::Text(text) = self else {
            return self.clone();
        };
        let mut sent = Vec::with_capacity(text.len());
        escape::encode(text, &mut sent);
        Self::Text(sent.into())
    }
}

fn text_of(text: &str) -> Part {
    let mut decoded = Decoded::default();
    decoded.decode(text.as_bytes());
    Part::Text(decoded.text.into())
}
