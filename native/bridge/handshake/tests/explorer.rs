//! Runs the two halves under every order of their steps.
//!
//! A half is run from its beginning with the results of its steps so far; at the first step that
//! has no result yet it is left by unwinding, and that step is its next one. So the real functions
//! are explored as they are. States that were seen are not explored again.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::halves::{Plan, Record, Shared, Ways, io_thread, javascript};
use crate::bridge::handshake::Word;

/// One step of a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Get(usize),
    Set(usize, u32),
    Exchange(usize, u32),
    Call,
    AwaitCall,
    Wake,
    Sleep,
}

/// Everything outside the halves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Memory {
    words: [u32; 4],
    calls: u32,
    is_woken: bool,
    /// A client has woken the thread, which happens once.
    is_disturbed: bool,
}

/// A half that is being run again.
#[derive(Debug, Default)]
struct Replay {
    results: Vec<u32>,
    at: RefCell<usize>,
}

impl Replay {
    fn take(&self, step: Step) -> u32 {
        let mut at = self.at.borrow_mut();
        let result = self.results.get(*at).copied();
        *at += 1;
        drop(at);
        result.unwrap_or_else(|| resume_unwind(Box::new(step)))
    }
}

struct ReplayedWord<'a>(&'a Replay, usize);

impl Word for ReplayedWord<'_> {
    fn get(&self) -> u32 {
        self.0.take(Step::Get(self.1))
    }

    fn set(&self, value: u32) {
        self.0.take(Step::Set(self.1, value));
    }

    fn exchange(&self, value: u32) -> u32 {
        self.0.take(Step::Exchange(self.1, value))
    }
}

impl Ways for Replay {
    fn call(&self) {
        self.take(Step::Call);
    }

    fn await_call(&self) -> bool {
        self.take(Step::AwaitCall);
        true
    }

    fn wake(&self) {
        self.take(Step::Wake);
    }

    fn sleep(&self) {
        self.take(Step::Sleep);
    }

    fn touch(&self, _: Record) {}
}

/// What came of all orders.
#[derive(Debug, Default)]
pub(super) struct Explored {
    /// Different states.
    pub(super) states: usize,
    /// Both halves wait for each other.
    pub(super) hangs: usize,
    /// Most calls that were pending at a time.
    pub(super) most_calls: u32,
    /// Times that the thread went to sleep.
    pub(super) sleeps: usize,
}

/// A half after some steps, and where each result of its next one leads.
#[derive(Debug)]
struct Node {
    results: Vec<u32>,
    /// `None`: it has ended.
    step: Option<Step>,
    children: HashMap<u32, usize>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug)]
enum Side {
    Thread,
    Script,
}

/// Everything that a half can come to.
struct Half {
    side: Side,
    plan: Plan,
    nodes: Vec<Node>,
}

impl Half {
    fn new(side: Side, plan: Plan) -> Self {
        let nodes = Vec::new();
        let mut half = Self { side, plan, nodes };
        half.add(Vec::new());
        half
    }

    fn step(&self, node: usize) -> Option<Step> {
        self.nodes[node].step
    }

    /// Where the half is when its next step had this result.
    fn after(&mut self, node: usize, result: u32) -> usize {
        if let Some(&child) = self.nodes[node].children.get(&result) {
            return child;
        }
        let results = [&self.nodes[node].results[..], &[result]].concat();
        let child = self.add(results);
        self.nodes[node].children.insert(result, child);
        child
    }

    fn add(&mut self, results: Vec<u32>) -> usize {
        let replay = Replay {
            results: results.clone(),
            at: RefCell::default(),
        };
        let words = Shared {
            published: ReplayedWord(&replay, 0),
            scheduled: ReplayedWord(&replay, 1),
            sleeping: ReplayedWord(&replay, 2),
            tail: ReplayedWord(&replay, 3),
        };
        let run = AssertUnwindSafe(|| match self.side {
            Side::Thread => io_thread(&words, &replay, self.plan),
            Side::Script => javascript(&words, &replay, self.plan),
        });
        let step = catch_unwind(run).err().map(|left| match left.downcast() {
            Ok(step) => *step,
            Err(fault) => resume_unwind(fault),
        });
        self.nodes.push(Node {
            results,
            step,
            children: HashMap::new(),
        });
        self.nodes.len() - 1
    }
}

type State = (Memory, [usize; 2]);

/// Explores a plan.
pub(super) fn explore(plan: Plan) -> Explored {
    let mut explored = Explored::default();
    let mut halves = [Side::Thread, Side::Script].map(|side| Half::new(side, plan));
    let mut seen: HashSet<State> = HashSet::new();
    let mut stack = vec![(Memory::default(), [0, 0])];
    while let Some((memory, at)) = stack.pop() {
        let mut is_stuck = halves[0].step(at[0]).is_some();
        for half in 0..2 {
            let step = halves[half].step(at[half]);
            let Some((memory, result)) = step.and_then(|step| apply(memory, step)) else {
                continue;
            };
            is_stuck = false;
            explored.most_calls = explored.most_calls.max(memory.calls);
            explored.sleeps += usize::from(step == Some(Step::Sleep));
            let mut at = at;
            at[half] = halves[half].after(at[half], result);
            if seen.insert((memory, at)) {
                stack.push((memory, at));
            }
        }
        explored.hangs += usize::from(is_stuck);
        if halves[0].step(at[0]) == Some(Step::Sleep) && !memory.is_disturbed {
            let is_disturbed = true;
            let state = (
                Memory {
                    is_disturbed,
                    ..memory
                },
                [halves[0].after(at[0], 0), at[1]],
            );
            if seen.insert(state) {
                stack.push(state);
            }
        }
    }
    explored.states = seen.len();
    explored
}

/// Takes a step, if it can be taken now.
fn apply(mut memory: Memory, step: Step) -> Option<(Memory, u32)> {
    let result = match step {
        Step::Get(word) => memory.words[word],
        Step::Set(word, value) => {
            memory.words[word] = value;
            0
        }
        Step::Exchange(word, value) => std::mem::replace(&mut memory.words[word], value),
        Step::Call => {
            memory.calls += 1;
            0
        }
        Step::AwaitCall => {
            memory.calls = memory.calls.checked_sub(1)?;
            0
        }
        Step::Wake => {
            memory.is_woken = true;
            0
        }
        Step::Sleep => {
            if !std::mem::take(&mut memory.is_woken) {
                return None;
            }
            0
        }
    };
    Some((memory, result))
}
