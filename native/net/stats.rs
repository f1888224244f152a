//! What one I/O thread has counted: written by that thread alone, read by any.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::http::error::ParseError;
use crate::net::phase::Phase;

const RESPONSES: usize = 6;
const GAUGES: usize = 13;
const ERRORS: usize = GAUGES + RESPONSES;
const PHASES: usize = ERRORS + ParseError::ALL.len();
const COUNT: usize = PHASES + Phase::ALL.len();

/// What is counted besides responses, errors and phases.
#[derive(Clone, Copy, Debug)]
pub enum Counter {
    /// Connections adopted.
    Connections,
    /// Connections that are gone.
    Closed,
    /// Requests handed up.
    Requests,
    /// Bytes read.
    BytesIn,
    /// Bytes written.
    BytesOut,
    /// Requests answered 503 because JavaScript had fallen behind.
    Refused,
    /// Times that the listener rested for want of descriptors or because of `max_connections`.
    Rests,
    /// Gauge: requests and notices that JavaScript has not taken up.
    QueueDepth,
    /// Gauge: milliseconds for which the oldest of them waits.
    QueueDelay,
    /// Connections that JavaScript took over; they count as closed as well.
    Takeovers,
    /// Requests that got no answer: the client had left, or its connection was dropped.
    Aborted,
    /// Connections that no proxy has said anything of, or not in time, and that had to be.
    Unproxied,
    /// Connections that were dropped when the time of a server that ends was over, with something undone.
    Cut,
}

/// The counters of one thread.
#[derive(Debug)]
pub struct Stats([AtomicU64; COUNT]);

impl Default for Stats {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Stats {
    /// Adds to a counter.
    pub fn add(&self, counter: Counter, amount: u64) {
        self.bump(counter as usize, amount);
    }

    /// Sets a gauge.
    pub fn set(&self, gauge: Counter, value: u64) {
        self.0[gauge as usize].store(value, Ordering::Relaxed);
    }

    /// Counts a response by the class of its status.
    pub fn responded(&self, status: u16) {
        self.bump(GAUGES + usize::from(status / 100).min(RESPONSES - 1), 1);
    }

    /// Counts a request that was refused.
    pub fn refused(&self, error: ParseError) {
        self.bump(ERRORS + error as usize, 1);
    }

    /// Counts a phase that lasted too long.
    pub fn timed_out(&self, phase: Phase) {
        self.bump(PHASES + phase as usize, 1);
    }

    /// Every value, in the order of `names`.
    pub fn values(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|counter| counter.load(Ordering::Relaxed))
    }

    /// The names of the values.
    pub fn names() -> Vec<String> {
        let gauges = [
            "connections",
            "closed",
            "requests",
            "bytesIn",
            "bytesOut",
            "refused",
            "rests",
            "queueDepth",
            "queueDelay",
            "takeovers",
            "aborted",
            "unproxied",
            "cut",
        ];
        let classes = (0..RESPONSES).map(|class| format!("responses.{class}xx"));
        let errors = ParseError::ALL
            .iter()
            .map(|error| format!("parseErrors.{}", error.name()));
        let phases = Phase::ALL
            .iter()
            .map(|phase| format!("timeouts.{}", phase.name()));
        let gauges = gauges.iter().map(|name| (*name).to_owned());
        gauges.chain(classes).chain(errors).chain(phases).collect()
    }

    /// Only the thread itself adds, so that no atomic addition is needed.
    fn bump(&self, place: usize, amount: u64) {
        let counter = &self.0[place];
        counter.store(counter.load(Ordering::Relaxed) + amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_name_and_every_count_its_place() {
        let stats = Stats::default();
        stats.add(Counter::QueueDelay, 1);
        stats.responded(204);
        stats.responded(999);
        for error in ParseError::ALL {
            stats.refused(error);
        }
        for phase in Phase::ALL {
            stats.timed_out(phase);
        }
        let names = Stats::names();
        assert_eq!(names.len(), COUNT);
        let counted = names
            .iter()
            .zip(stats.values())
            .filter(|(_, value)| *value == 1);
        let counted: Vec<&str> = counted.map(|(name, _)| &**name).collect();
        assert_eq!(
            counted[..3],
            ["queueDelay", "responses.2xx", "responses.5xx"]
        );
        assert_eq!(counted.len(), 3 + ParseError::ALL.len() + Phase::ALL.len());
        assert!(counted.contains(&"parseErrors.missing-host"));
        assert!(counted.contains(&"timeouts.head"));
    }
}
