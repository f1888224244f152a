//! Routes come and go: what conflicts is found before anything is changed.

use super::{NONE, Node, Overlap, ROOT, Tree};
use crate::router::pattern::Part;

/// A place inside a node's text.
#[derive(Clone, Copy)]
struct Place {
    node: u32,
    /// Bytes of its text that lie before the place.
    offset: usize,
}

/// How far static text leads.
enum Walk {
    /// To this place.
    To(Place),
    /// To this place, where something else is; so much of the text was used.
    Off(Place, usize),
    /// To a wildcard, where no text may stand. This route has it.
    Blocked(u32),
}

impl Tree {
    /// The route that stands in the way of a pattern, if there is one.
    pub fn conflict(&self, pattern: &[Part], overlap: Overlap) -> Option<u32> {
        let is_strict = overlap == Overlap::Never;
        let mut place = self.root();
        for part in pattern {
            let node = &self.nodes[place.node as usize];
            let is_inside = place.offset < node.text.len();
            let next = match part {
                Part::Text(text) => match self.walk(place, text, is_strict) {
                    Walk::To(place) => Ok(place),
                    Walk::Off(..) => Err(None),
                    Walk::Blocked(route) => Err(Some(route)),
                },
                _ if is_inside => Err(is_strict.then(|| self.any_route(place.node))),
                Part::Param(name) if is_strict => self.strict_param(node, name),
                Part::Param(_) if node.param == NONE => Err(None),
                Part::Param(_) => Ok(self.start_of(node.param)),
                Part::CatchAll(_) => Err(self.beside_catch_all(node, is_strict)),
            };
            match next {
                Ok(next) => place = next,
                Err(conflict) => return conflict,
            }
        }
        let node = &self.nodes[place.node as usize];
        if place.offset < node.text.len() {
            return None;
        }
        let taken = [node.route, if is_strict { node.catch_all } else { NONE }];
        taken.into_iter().find(|&route| route != NONE)
    }

    fn strict_param(&self, node: &Node, name: &str) -> Result<Place, Option<u32>> {
        if node.catch_all != NONE {
            Err(Some(node.catch_all))
        } else if let Some(&child) = node.children.first() {
            Err(Some(self.any_route(child)))
        } else if node.param == NONE {
            Err(None)
        } else if *self.nodes[node.param as usize].name == *name {
            Ok(self.start_of(node.param))
        } else {
            Err(Some(self.any_route(node.param)))
        }
    }

    fn beside_catch_all(&self, node: &Node, is_strict: bool) -> Option<u32> {
        if node.catch_all != NONE {
            return Some(node.catch_all);
        }
        if !is_strict {
            return None;
        }
        if node.route != NONE {
            return Some(node.route);
        }
        let below = node.children.first().copied();
        let below = below.or((node.param != NONE).then_some(node.param));
        below.map(|below| self.any_route(below))
    }

    /// Some route at or below a node: there always is one.
    fn any_route(&self, id: u32) -> u32 {
        let mut id = id;
        loop {
            let node = &self.nodes[id as usize];
            if node.route != NONE {
                return node.route;
            }
            if node.catch_all != NONE {
                return node.catch_all;
            }
            id = node.children.first().copied().unwrap_or(node.param);
        }
    }

    /// Adds a route that conflicts with none.
    pub fn insert(&mut self, pattern: &[Part], route: u32) {
        let mut node = ROOT;
        for part in pattern {
            match part {
                Part::Text(text) => node = self.grow(node, text),
                Part::Param(name) => {
                    if self.nodes[node as usize].param == NONE {
                        let param = self.add(Node {
                            name: name.clone(),
                            ..Node::new(b"")
                        });
                        self.nodes[node as usize].param = param;
                    }
                    node = self.nodes[node as usize].param;
                }
                Part::CatchAll(_) => {
                    self.nodes[node as usize].catch_all = route;
                    return;
                }
            }
        }
        self.nodes[node as usize].route = route;
    }

    /// The node that ends behind `text`, counted from the end of `from`.
    fn grow(&mut self, from: u32, text: &[u8]) -> u32 {
        let offset = self.nodes[from as usize].text.len();
        let from = Place { node: from, offset };
        match self.walk(from, text, false) {
            Walk::To(place) => self.split(place),
            // Never blocked, as it is not strict.
            Walk::Blocked(_) => from.node,
            Walk::Off(place, used) => {
                let parent = self.split(place);
                let child = self.add(Node::new(&text[used..]));
                let parent = &mut self.nodes[parent as usize];
                parent.labels.push(text[used]);
                parent.children.push(child);
                child
            }
        }
    }

    /// Makes a node end at this place.
    fn split(&mut self, place: Place) -> u32 {
        let node = &mut self.nodes[place.node as usize];
        if place.offset == node.text.len() {
            return place.node;
        }
        let (front, back) = node.text.split_at(place.offset);
        let (front, back) = (Node::new(front), Box::<[u8]>::from(back));
        let mut lower = std::mem::replace(node, front);
        let label = back[0];
        lower.text = back;
        let lower = self.add(lower);
        let node = &mut self.nodes[place.node as usize];
        node.labels.push(label);
        node.children.push(lower);
        place.node
    }

    fn add(&mut self, node: Node) -> u32 {
        if let Some(id) = self.free.pop() {
            self.nodes[id as usize] = node;
            return id;
        }
        self.nodes.push(node);
        (self.nodes.len() - 1) as u32
    }

    /// The route of exactly this pattern, whatever the names of its wildcards; `NONE` without one.
    pub fn get(&self, pattern: &[Part]) -> u32 {
        match self.way(pattern).last() {
            Some(&node) if ends_in_catch_all(pattern) => self.nodes[node as usize].catch_all,
            Some(&node) => self.nodes[node as usize].route,
            None => NONE,
        }
    }

    /// Puts another route, or `NONE`, in place of the one of this pattern, which must be there.
    pub fn replace(&mut self, pattern: &[Part], route: u32) {
        let way = self.way(pattern);
        let Some(&last) = way.last() else { return };
        let node = &mut self.nodes[last as usize];
        if ends_in_catch_all(pattern) {
            node.catch_all = route;
        } else {
            node.route = route;
        }
        if route == NONE {
            self.prune(&way);
        }
    }

    /// The nodes from the root to the end of a pattern; none if no node ends there.
    fn way(&self, pattern: &[Part]) -> Vec<u32> {
        let mut way = vec![ROOT];
        for part in pattern {
            let mut id = way.last().copied().unwrap_or(ROOT);
            match part {
                Part::CatchAll(_) => {}
                Part::Param(_) => match self.nodes[id as usize].param {
                    NONE => return Vec::new(),
                    param => way.push(param),
                },
                Part::Text(text) => {
                    let mut rest = &**text;
                    while let Some(&label) = rest.first() {
                        let Some(child) = self.nodes[id as usize].child(label) else {
                            return Vec::new();
                        };
                        let Some(behind) = rest.strip_prefix(&*self.nodes[child as usize].text)
                        else {
                            return Vec::new();
                        };
                        (id, rest) = (child, behind);
                        way.push(child);
                    }
                }
            }
        }
        way
    }

    /// Drops nodes at the end of a way that lead nowhere, and joins one that only passes on.
    fn prune(&mut self, way: &[u32]) {
        for pair in way.windows(2).rev() {
            let [parent, id] = *pair else { return };
            let node = &self.nodes[id as usize];
            if node.route != NONE || node.catch_all != NONE || node.param != NONE {
                return;
            }
            match *node.children {
                [] => {}
                [only] => return self.join(id, only),
                _ => return,
            }
            let parent = &mut self.nodes[parent as usize];
            if parent.param == id {
                parent.param = NONE;
            } else if let Some(place) = parent.children.iter().position(|&child| child == id) {
                parent.children.remove(place);
                parent.labels.remove(place);
            }
            self.nodes[id as usize] = Node::new(b"");
            self.free.push(id);
        }
    }

    /// Makes one node of a node without a route and its only child. A parameter's node stays.
    fn join(&mut self, id: u32, only: u32) {
        if self.nodes[id as usize].text.is_empty() {
            return;
        }
        let lower = std::mem::replace(&mut self.nodes[only as usize], Node::new(b""));
        self.free.push(only);
        let node = &mut self.nodes[id as usize];
        let text = [&*node.text, &*lower.text].concat().into();
        *node = Node { text, ..lower };
    }

    /// Follows static text from a place; if it `is_strict`, past no wildcard.
    fn walk(&self, from: Place, text: &[u8], is_strict: bool) -> Walk {
        let (mut place, mut used) = (from, 0);
        loop {
            let node = &self.nodes[place.node as usize];
            let left = &node.text[place.offset..];
            let common = common_prefix(left, &text[used..]);
            used += common;
            place.offset += common;
            if used == text.len() {
                return Walk::To(place);
            }
            if common < left.len() {
                return Walk::Off(place, used);
            }
            if is_strict && (node.catch_all != NONE || node.param != NONE) {
                return Walk::Blocked(match node.catch_all {
                    NONE => self.any_route(node.param),
                    route => route,
                });
            }
            match node.child(text[used]) {
                Some(child) => place = self.start_of(child),
                None => return Walk::Off(place, used),
            }
        }
    }

    fn root(&self) -> Place {
        self.start_of(ROOT)
    }

    fn start_of(&self, node: u32) -> Place {
        Place { node, offset: 0 }
    }
}

fn ends_in_catch_all(pattern: &[Part]) -> bool {
    matches!(pattern.last(), Some(Part::CatchAll(_)))
}

fn common_prefix(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}
