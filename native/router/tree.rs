//! A compressed prefix tree: routes by their patterns.
//!
//! Here routes come and go; `packed` is the same tree as it is walked.

mod change;
mod packed;

pub use packed::Packed;

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
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.nodes[ROOT as usize].children.is_empty()
    }

    /// How many nodes it has.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }
}
