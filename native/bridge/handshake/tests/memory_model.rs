//! The two halves under loom: what the words announce is there.

use std::rc::Rc;

use loom::cell::UnsafeCell;
use loom::sync::Notify;
use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};

use super::halves::{Fault, Plan, Record, Shared, Ways, io_thread, javascript};
use crate::bridge::handshake::Word;

impl Word for AtomicU32 {
    fn get(&self) -> u32 {
        fence(Ordering::SeqCst);
        self.load(Ordering::SeqCst)
    }

    // A store that follows another thread's exchange of the same word is not ordered behind it in
    // loom 0.7, which no machine allows; an exchange in its place is.
    fn set(&self, value: u32) {
        self.swap(value, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    fn exchange(&self, value: u32) -> u32 {
        fence(Ordering::SeqCst);
        let before = self.swap(value, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        before
    }
}

#[derive(Default)]
struct Machine {
    shared: Shared<AtomicU32>,
    calls: Notify,
    wakes: Notify,
    is_over: AtomicBool,
    requests: [UnsafeCell<u32>; 2],
    answers: [UnsafeCell<u32>; 2],
}

impl Ways for Machine {
    fn call(&self) {
        self.calls.notify();
    }

    // Loom also lets both waits end for nothing, as a poll may that a client wakes.
    fn await_call(&self) -> bool {
        self.calls.wait();
        !self.is_over.load(Ordering::Relaxed)
    }

    fn wake(&self) {
        self.wakes.notify();
    }

    fn sleep(&self) {
        self.wakes.wait();
    }

    // Loom panics if an access is not ordered against one by the other side.
    fn touch(&self, record: Record) {
        match record {
            Record::WriteRequest(number) => self.requests[number as usize].with_mut(|_| ()),
            Record::ReadRequest(number) => self.requests[number as usize].with(|_| ()),
            Record::WriteAnswer(number) => self.answers[number as usize].with_mut(|_| ()),
            Record::ReadAnswer(number) => self.answers[number as usize].with(|_| ()),
        }
    }
}

fn model(plan: Plan) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        // Loom's threads are fibres of one thread.
        let machine = Rc::new(Machine::default());
        let other = machine.clone();
        let script = loom::thread::spawn(move || javascript(&other.shared, &*other, plan));
        io_thread(&machine.shared, &*machine, plan);
        machine.is_over.store(true, Ordering::Relaxed);
        machine.call();
        script.join().unwrap();
    });
}

const PLAN: Plan = Plan {
    requests: 2,
    window: 1,
    batch: 256,
    late: 2,
    fault: Fault::None,
};

#[test]
fn what_is_announced_is_there() {
    model(PLAN);
    model(Plan { window: 2, ..PLAN });
}

#[test]
fn finds_hangs_and_records_that_are_not_there() {
    for fault in [
        Fault::LooksBeforeItClears,
        Fault::LooksBeforeItSleeps,
        Fault::AnnouncesBeforeItWrites,
    ] {
        let plan = Plan { fault, ..PLAN };
        let found = std::panic::catch_unwind(|| model(plan)).is_err();
        assert!(found, "{fault:?}");
    }
}
