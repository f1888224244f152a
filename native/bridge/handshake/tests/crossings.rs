//! Two real threads, one request at a time: a lost wake-up stops both, and is seen.
//!
//! There is no time-out to save them. How long each side waits before it looks or sleeps is drawn,
//! so that the sides meet at every point of the other's half.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

use super::halves::{Fault, Plan, Record, Shared, Ways, io_thread, javascript};
use crate::http::tests::seeded::Seeded;

/// Without one crossing for so long both sides hang.
const DEADLINE: Duration = Duration::from_secs(60);
const PLAN: Plan = Plan {
    requests: CROSSINGS,
    window: 1,
    batch: 256,
    late: 2,
    fault: Fault::None,
};
const CROSSINGS: u32 = 2_000_000;
const ALL_CROSSINGS: u32 = 10_000_000;

/// What the two threads share.
#[derive(Debug, Default)]
struct Machine {
    shared: Shared<AtomicU32>,
    is_called: AtomicBool,
    is_woken: AtomicBool,
    is_over: AtomicBool,
    /// Stands for the memory that the words announce.
    request: AtomicU32,
    answer: AtomicU32,
    calls: AtomicU64,
    wakes: AtomicU64,
}

/// One thread's way to the other one.
struct Side {
    machine: Arc<Machine>,
    other: RefCell<Option<Thread>>,
    seeded: RefCell<Seeded>,
}

impl Side {
    fn new(machine: &Arc<Machine>, seed: u64) -> Self {
        Self {
            machine: machine.clone(),
            other: RefCell::default(),
            seeded: RefCell::new(Seeded::new(seed)),
        }
    }

    fn unpark(&self) {
        if let Some(other) = &*self.other.borrow() {
            other.unpark();
        }
    }

    fn dawdle(&self) {
        for _ in 0..self.seeded.borrow_mut().below(64) {
            std::hint::spin_loop();
        }
    }
}

impl Ways for Side {
    fn call(&self) {
        self.machine.calls.fetch_add(1, Ordering::Relaxed);
        let was_called = self.machine.is_called.swap(true, Ordering::Release);
        assert!(!was_called, "two calls are pending");
        self.unpark();
    }

    fn await_call(&self) -> bool {
        while !self.machine.is_called.swap(false, Ordering::Acquire) {
            if self.machine.is_over.load(Ordering::Acquire) {
                return false;
            }
            std::thread::park();
        }
        self.dawdle();
        true
    }

    fn wake(&self) {
        self.machine.wakes.fetch_add(1, Ordering::Relaxed);
        self.machine.is_woken.store(true, Ordering::Release);
        self.unpark();
    }

    fn sleep(&self) {
        self.dawdle();
        while !self.machine.is_woken.swap(false, Ordering::Acquire) {
            std::thread::park();
        }
    }

    fn touch(&self, record: Record) {
        let Machine {
            request, answer, ..
        } = &*self.machine;
        match record {
            Record::WriteRequest(number) => request.store(number, Ordering::Relaxed),
            Record::ReadRequest(number) => assert_eq!(request.load(Ordering::Relaxed), number),
            Record::WriteAnswer(number) => answer.store(number, Ordering::Relaxed),
            Record::ReadAnswer(number) => assert_eq!(answer.load(Ordering::Relaxed), number),
        }
        self.dawdle();
    }
}

/// Tells the watchdog when it ends, however it ends.
struct Ended(Sender<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        // The only failure is that nobody watches any more.
        let _ = self.0.send(());
    }
}

fn start(
    machine: &Arc<Machine>,
    seed: u64,
    ended: &Sender<()>,
    half: impl FnOnce(&Side) + Send + 'static,
) -> (JoinHandle<()>, Sender<Thread>) {
    let (introduce, introduced) = channel();
    let side = Side::new(machine, seed);
    let ended = Ended(ended.clone());
    let handle = std::thread::spawn(move || {
        let _ended = ended;
        *side.other.borrow_mut() = introduced.recv().ok();
        half(&side);
        side.machine.is_over.store(true, Ordering::Release);
        side.unpark();
    });
    (handle, introduce)
}

fn cross(plan: Plan, deadline: Duration) -> Arc<Machine> {
    let machine = Arc::new(Machine::default());
    let (ended, watch) = channel();
    let (io, to_io) = start(&machine, 1, &ended, move |side| {
        io_thread(&side.machine.shared, side, plan);
    });
    let (script, to_script) = start(&machine, 2, &ended, move |side| {
        javascript(&side.machine.shared, side, plan);
    });
    to_io.send(script.thread().clone()).unwrap();
    to_script.send(io.thread().clone()).unwrap();
    let (mut seen, mut ends) = (0, 0);
    while ends < 2 {
        if watch.recv_timeout(deadline).is_ok() {
            ends += 1;
            continue;
        }
        let tail = machine.shared.tail.load(Ordering::SeqCst);
        assert!(tail != seen, "hung: {machine:?}");
        seen = tail;
    }
    io.join().unwrap();
    script.join().unwrap();
    machine
}

/// All 10^7 with `FASTHTTP_ALL_CROSSINGS` set; a part of them without, for it takes a while.
#[test]
fn crosses_millions_of_times_without_a_hang() {
    let is_all = std::env::var_os("FASTHTTP_ALL_CROSSINGS").is_some();
    let requests = if is_all { ALL_CROSSINGS } else { CROSSINGS };
    let start = std::time::Instant::now();
    let machine = cross(Plan { requests, ..PLAN }, DEADLINE);
    let (calls, wakes) = (&machine.calls, &machine.wakes);
    eprintln!(
        "{requests} crossings in {:?}: {calls:?} calls, {wakes:?} wake-ups",
        start.elapsed()
    );
    assert_eq!(machine.shared.tail.load(Ordering::SeqCst), requests);
}

#[test]
fn sees_it_when_two_threads_hang() {
    let fault = Fault::NeverLooksAgain;
    let run = || cross(Plan { fault, ..PLAN }, Duration::from_secs(1));
    let panic = std::panic::catch_unwind(run).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.starts_with("hung: Machine"), "{text}");
}
