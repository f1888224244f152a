//! Which routes have a path that is near to one without a route.
//!
//! The routes of all methods are in one tree, by their folded patterns without the final slash: so
//! one walk finds those that match a path and those that match one which differs from it in letter
//! case or in its final slash.

use crate::router::fold::Folded;
use crate::router::pattern::Part;
use crate::router::table::Route;
use crate::router::tree::{NONE, Packed, Tree};

/// All routes by what is near to them.
#[derive(Debug)]
pub(super) struct Near {
    /// Its routes are places in `groups`.
    pub(super) tree: Packed,
    /// Those that one path is near to, those in lower case first.
    pub(super) groups: Vec<Vec<Neighbour>>,
    /// All routes are found by it. One whose text ends within a character that its parameter completes
    /// is not: folded, they are something else together.
    pub(super) is_complete: bool,
}

/// A route, and how a path that is near to it may differ from what it matches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neighbour {
    pub(super) route: u32,
    pub(super) method: usize,
    pub(super) end: End,
    /// Its text is the same when it is folded.
    pub(super) is_plain: bool,
    /// Its text, as it is sent, holds escapes.
    pub(super) has_percent: bool,
}

/// How the paths of a route end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Slash,
    NoSlash,
    /// They may have a final slash or not.
    Any,
}

impl End {
    /// Whether a path with or without a final slash ends like this.
    pub(super) fn fits(self, has_slash: bool) -> bool {
        match self {
            Self::Slash => has_slash,
            Self::NoSlash => !has_slash,
            Self::Any => true,
        }
    }
}

impl Near {
    pub(super) fn new<P>(routes: &[Option<Route<P>>]) -> Self {
        let (mut tree, mut groups) = (Tree::default(), Vec::<Vec<Neighbour>>::new());
        let mut is_complete = true;
        for (number, route) in routes.iter().enumerate() {
            let Some(Route {
                pattern, method, ..
            }) = route
            else {
                continue;
            };
            is_complete &= !has_open_text(&pattern.parts);
            let (folded, is_plain) = fold(&pattern.parts);
            let has_percent = pattern.sent.iter().any(has_percent);
            let neighbour = |end| Neighbour {
                route: number as u32,
                method: *method,
                end,
                is_plain,
                has_percent,
            };
            for (key, end) in keys(folded) {
                match tree.get(&key) {
                    NONE => {
                        tree.insert(&key, groups.len() as u32);
                        groups.push(vec![neighbour(end)]);
                    }
                    group => groups[group as usize].push(neighbour(end)),
                }
            }
        }
        let source = |neighbour: &Neighbour| {
            let route = routes[neighbour.route as usize].as_ref();
            route.map(|route| &route.pattern.source)
        };
        for group in &mut groups {
            group.sort_by(|one, other| source(other).cmp(&source(one)));
        }
        Self {
            tree: Packed::new(&tree),
            groups,
            is_complete,
        }
    }
}

fn has_percent(part: &Part) -> bool {
    matches!(part, Part::Text(text) if text.contains(&b'%'))
}

/// Whether the text before a parameter may end within a character.
fn has_open_text(pattern: &[Part]) -> bool {
    pattern.windows(2).any(|pair| {
        let [Part::Text(text), Part::Param(_)] = pair else {
            return false;
        };
        std::str::from_utf8(text).is_err()
    })
}

/// The elements of a pattern, folded, and whether they were before.
fn fold(pattern: &[Part]) -> (Vec<Part>, bool) {
    let (mut folded, mut is_plain) = (Folded::default(), true);
    let parts = pattern.iter().map(|part| match part {
        Part::Text(text) => {
            folded.fold_decoded(text);
            is_plain &= folded.text == **text;
            Part::Text(folded.text.as_slice().into())
        }
        wildcard => wildcard.clone(),
    });
    (parts.collect(), is_plain)
}

/// What matches the paths of a route without their final slash, and how those end.
fn keys(parts: Vec<Part>) -> Vec<(Vec<Part>, End)> {
    let mut keys = Vec::new();
    let mut add = |parts: &[Part], end| keys.push((parts.to_vec(), end));
    let mut rest = parts;
    let has_catch_all = matches!(rest.last(), Some(Part::CatchAll(_)));
    if has_catch_all {
        add(&rest, End::Any);
        rest.pop();
    }
    if *rest == [Part::Text(Box::from(*b"/"))] {
        // The root has no other form, and a catch-all below it matches it already.
        if !has_catch_all {
            add(&rest, End::Any);
        }
        return keys;
    }
    let end = strip_slash(&mut rest);
    add(&rest, end);
    if end == End::Slash
        && let [.., Part::Text(text), Part::Param(_)] = &*rest
        && !text.ends_with(b"/")
    {
        // Before the slash this parameter may be empty.
        rest.pop();
        add(&rest, end);
    }
    keys
}

fn strip_slash(parts: &mut Vec<Part>) -> End {
    let Some(Part::Text(text)) = parts.last_mut() else {
        return End::NoSlash;
    };
    let Some(front) = text.strip_suffix(b"/") else {
        return End::NoSlash;
    };
    if front.is_empty() {
        parts.pop();
    } else {
        *text = front.into();
    }
    End::Slash
}
