//! A tree laid out for walking: bytes in, routes and their parameters out.
//!
//! Static text is tried before a parameter and a parameter before a catch-all, with backtracking.
//! A parameter always takes the whole rest of its segment, so the way to a node fixes the place in
//! the path: no node is entered twice, and a walk costs at most one step per node and byte. What a
//! step looks at lies together, and of several branches the one with most routes comes first.

use std::cmp::Reverse;
use std::ops::Range;

use super::{NONE, ROOT, Tree};
use crate::router::matcher::{Alternative, Trail};
use crate::router::span::Span;

/// A tree that does not change.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Children of one node lie side by side.
    nodes: Vec<Node>,
    /// What texts have behind their first word.
    text: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Node {
    /// The first bytes of its text as a word, and which bytes of a word are compared with it.
    word: u64,
    mask: u64,
    /// Bytes of its text, and where those are that are not in the word.
    len: u32,
    rest: u32,
    children: Range<u32>,
    param: u32,
    catch_all: u32,
    route: u32,
}

impl Packed {
    /// Lays a tree out.
    pub fn new(tree: &Tree) -> Self {
        let weights = weights(tree);
        let (mut nodes, mut text) = (Vec::with_capacity(weights.len()), Vec::new());
        let mut order = vec![ROOT];
        while let Some(&old) = order.get(nodes.len()) {
            let node = &tree.nodes[old as usize];
            let first = order.len() as u32;
            let mut children = node.children.clone();
            children.sort_by_key(|&child| Reverse(weights[child as usize]));
            order.extend(&children);
            let children = first..order.len() as u32;
            let param = if node.param == NONE {
                NONE
            } else {
                order.len() as u32
            };
            order.extend(Some(node.param).filter(|&param| param != NONE));
            let rest = text.len() as u32;
            text.extend_from_slice(node.text.get(WORD..).unwrap_or_default());
            nodes.push(Node {
                word: word_at(&node.text, 0),
                mask: mask(node.text.len()),
                len: node.text.len() as u32,
                rest,
                children,
                param,
                catch_all: node.catch_all,
                route: node.route,
            });
        }
        Self { nodes, text }
    }

    /// The route that matches, with its parameters in `trail.spans`; `NONE` without one, and then
    /// there are no parameters either.
    pub fn find(&self, path: &[u8], trail: &mut Trail) -> u32 {
        let mut found = NONE;
        self.walk(path, trail, |route, _| {
            found = route;
            true
        });
        found
    }

    /// Gives `visit` the routes that match, with their parameters, until it says that it has seen
    /// enough; `trail.spans` keeps the parameters of that one, and none if all were given.
    pub fn walk(
        &self,
        path: &[u8],
        trail: &mut Trail,
        mut visit: impl FnMut(u32, &[Span]) -> bool,
    ) {
        trail.clear();
        let (mut id, mut at) = (ROOT, 0);
        loop {
            trail.step();
            let node = &self.nodes[id as usize];
            if at < path.len() {
                if let Some((child, len)) = self.child(node, path, at) {
                    if node.param != NONE || node.catch_all != NONE {
                        trail.leave(id, at, true);
                    }
                    (id, at) = (child, at + len);
                    continue;
                }
            } else if node.route != NONE && visit(node.route, &trail.spans) {
                return;
            }
            match self.wildcard((id, at, true), path, trail, &mut visit) {
                Some(next) => (id, at) = next,
                None => return,
            }
        }
    }

    /// Goes on with the wildcards of a node, or where the walk last had a choice; `None` at its end.
    fn wildcard(
        &self,
        (mut id, mut at, mut param): (u32, usize, bool),
        path: &[u8],
        trail: &mut Trail,
        visit: &mut impl FnMut(u32, &[Span]) -> bool,
    ) -> Option<(u32, usize)> {
        loop {
            let node = &self.nodes[id as usize];
            if param && node.param != NONE && at < path.len() {
                if node.catch_all != NONE {
                    trail.leave(id, at, false);
                }
                let end = segment_end(path, at);
                trail.spans.push(span(at, end - at));
                return Some((node.param, end));
            }
            if node.catch_all != NONE {
                trail.spans.push(span(at - 1, path.len() - at + 1));
                if visit(node.catch_all, &trail.spans) {
                    return None;
                }
            }
            let Some(Alternative {
                node,
                at: place,
                spans,
                param: untried,
            }) = trail.stack.pop()
            else {
                trail.spans.clear();
                return None;
            };
            trail.spans.truncate(spans as usize);
            (id, at, param) = (node, place as usize, untried);
        }
    }

    /// The child with the text that the path goes on with, and how long that is.
    #[inline(always)]
    fn child(&self, node: &Node, path: &[u8], at: usize) -> Option<(u32, usize)> {
        let (start, end) = (node.children.start as usize, node.children.end as usize);
        let word = word_at(path, at);
        let children = &self.nodes[start..end];
        let place = children
            .iter()
            .position(|child| (word ^ child.word) & child.mask == 0)?;
        let (child, len) = (&children[place], children[place].len as usize);
        // Where the path has no more bytes, the word has zeros; folded text may have some of its own.
        let is_whole = at + len <= path.len()
            && (len <= WORD || {
                let rest = &self.text[child.rest as usize..][..len - WORD];
                path[at + WORD..].starts_with(rest)
            });
        is_whole.then_some(((start + place) as u32, len))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.nodes[ROOT as usize].children.is_empty()
    }
}

/// How many routes are at and below each node.
fn weights(tree: &Tree) -> Vec<u32> {
    let mut order = vec![ROOT];
    let mut next = 0;
    while let Some(&id) = order.get(next) {
        next += 1;
        let node = &tree.nodes[id as usize];
        order.extend(&node.children);
        order.extend(Some(node.param).filter(|&param| param != NONE));
    }
    let mut weights = vec![0; tree.nodes.len()];
    for &id in order.iter().rev() {
        let node = &tree.nodes[id as usize];
        let own = u32::from(node.route != NONE) + u32::from(node.catch_all != NONE);
        let param = Some(node.param).filter(|&param| param != NONE);
        let below = node.children.iter().chain(&param);
        weights[id as usize] = own + below.map(|&id| weights[id as usize]).sum::<u32>();
    }
    weights
}

/// Bytes that are compared at a time.
const WORD: usize = 8;

/// The bytes from `at` on, the first one lowest; zeros where there are none.
#[inline(always)]
fn word_at(bytes: &[u8], at: usize) -> u64 {
    if let Some(word) = bytes[at..].first_chunk() {
        return u64::from_le_bytes(*word);
    }
    let missing = at + WORD - bytes.len();
    match bytes.last_chunk() {
        Some(word) if missing < WORD => u64::from_le_bytes(*word) >> (missing * 8),
        _ => bytes[at..]
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// The bytes of a word that a text of this length has.
fn mask(len: usize) -> u64 {
    match len {
        0 => 0,
        1..WORD => u64::MAX >> ((WORD - len) * 8),
        _ => u64::MAX,
    }
}

/// Where the segment ends that a byte is in.
fn segment_end(path: &[u8], at: usize) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; WORD]);
    const SLASHES: u64 = u64::from_le_bytes([b'/'; WORD]);
    let mut at = at;
    while at < path.len() {
        // The lowest byte that is zero makes the lowest bit that is set here.
        let word = word_at(path, at) ^ SLASHES;
        let found = word.wrapping_sub(ONES) & !word & ONES << 7;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += WORD;
    }
    path.len()
}

fn span(start: usize, len: usize) -> Span {
    Span {
        start: start as u32,
        len: len as u32,
    }
}
