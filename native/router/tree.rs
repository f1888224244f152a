//! A compressed prefix tree: bytes in, a route and its parameters out.
//!
//! Static text is tried before a parameter and a parameter before a catch-all, with backtracking.
//! A parameter always takes the whole rest of its segment, so the way to a node fixes the place in
//! the path: no node is entered twice, and a lookup costs at most one step per node and byte.

mod change;

use crate::router::matcher::{Alternative, Matcher, Span};

/// No node, no route.
pub const NONE: u32 = u32::MAX;
const ROOT: u32 = 0;

/// Which routes may stand beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Those of which at most one matches any path.
    #[default]
    Never,
    /// Those that differ in more than the names of their parameters.
    StaticFirst,
}

#[derive(Clone, Debug)]
struct Node {
    /// What the path must go on with; of a parameter's node nothing.
    text: Box<[u8]>,
    /// The name of a parameter's node, for those who may have one name only.
    name: Box<str>,
    /// First bytes of the children, and the children.
    labels: Vec<u8>,
    children: Vec<u32>,
    param: u32,
    /// The route, not the node, of a catch-all; the slash before it is the last byte of the text.
    catch_all: u32,
    route: u32,
}

impl Node {
    fn new(text: &[u8]) -> Self {
        Self {
            text: text.into(),
            name: Box::default(),
            labels: Vec::new(),
            children: Vec::new(),
            param: NONE,
            catch_all: NONE,
            route: NONE,
        }
    }

    fn child(&self, label: u8) -> Option<u32> {
        let place = self.labels.iter().position(|&known| known == label)?;
        Some(self.children[place])
    }
}

/// The routes of one method.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    free: Vec<u32>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            nodes: vec![Node::new(b"")],
            free: Vec::new(),
        }
    }
}

impl Tree {
    /// The route that matches, with its parameters in `matcher.spans`; `NONE` without one, and then
    /// there are no parameters either.
    pub fn find(&self, path: &[u8], matcher: &mut Matcher) -> u32 {
        matcher.spans.clear();
        matcher.stack.clear();
        let (mut id, mut at) = (ROOT, 0);
        loop {
            #[cfg(test)]
            {
                matcher.steps += 1;
            }
            let node = &self.nodes[id as usize];
            let next = match path.get(at) {
                None if node.route != NONE => return node.route,
                None => None,
                Some(&label) => node.child(label).and_then(|child| {
                    let text = &*self.nodes[child as usize].text;
                    path[at..].starts_with(text).then_some((child, text.len()))
                }),
            };
            let Some((child, len)) = next else {
                match self.wildcard(id, at, true, path, matcher) {
                    Step::Found(route) => return route,
                    Step::At(node, place) => (id, at) = (node, place),
                }
                continue;
            };
            if node.param != NONE || node.catch_all != NONE {
                matcher.stack.push(Alternative {
                    node: id,
                    at: at as u32,
                    spans: matcher.spans.len() as u32,
                    param: true,
                });
            }
            (id, at) = (child, at + len);
        }
    }

    /// Goes on with the wildcards of a node, or where the search last had a choice.
    fn wildcard(
        &self,
        id: u32,
        at: usize,
        param: bool,
        path: &[u8],
        matcher: &mut Matcher,
    ) -> Step {
        let (mut id, mut at, mut param) = (id, at, param);
        loop {
            let node = &self.nodes[id as usize];
            if param && node.param != NONE && at < path.len() {
                if node.catch_all != NONE {
                    matcher.stack.push(Alternative {
                        node: id,
                        at: at as u32,
                        spans: matcher.spans.len() as u32,
                        param: false,
                    });
                }
                let len = memchr::memchr(b'/', &path[at..]).unwrap_or(path.len() - at);
                matcher.spans.push(span(at, len));
                return Step::At(node.param, at + len);
            }
            if node.catch_all != NONE {
                matcher.spans.push(span(at - 1, path.len() - at + 1));
                return Step::Found(node.catch_all);
            }
            let Some(other) = matcher.stack.pop() else {
                matcher.spans.clear();
                return Step::Found(NONE);
            };
            matcher.spans.truncate(other.spans as usize);
            (id, at, param) = (other.node, other.at as usize, other.param);
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        let root = &self.nodes[ROOT as usize];
        root.children.is_empty()
    }

    /// How many nodes it has.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }
}

enum Step {
    At(u32, usize),
    Found(u32),
}

fn span(start: usize, len: usize) -> Span {
    Span {
        start: start as u32,
        len: len as u32,
    }
}
