//! No order of steps loses a wake-up, and every mistake is found.

use super::explorer::explore;
use super::halves::{Fault, Plan};

fn plans(fault: Fault) -> impl Iterator<Item = Plan> {
    let shapes = [(1, 1), (2, 1), (3, 1), (2, 2)];
    shapes.into_iter().flat_map(move |(requests, window)| {
        [(256, 0), (256, 1), (256, 2), (1, 0), (1, 2)].map(|(batch, late)| Plan {
            requests,
            window,
            batch,
            late,
            fault,
        })
    })
}

#[test]
fn no_order_of_steps_loses_a_wake_up() {
    let (mut states, mut sleeps) = (0, 0);
    for plan in plans(Fault::None) {
        let explored = explore(plan);
        assert_eq!(explored.hangs, 0, "{plan:?}");
        assert_eq!(
            explored.most_calls, 1,
            "{plan:?}: more than one call is pending"
        );
        states += explored.states;
        sleeps += explored.sleeps;
    }
    eprintln!("{states} states, {sleeps} of them fall asleep");
    assert!(states > 100_000 && sleeps > 10_000);
}

#[test]
fn finds_every_mistake() {
    for fault in [
        Fault::LooksBeforeItClears,
        Fault::NeverLooksAgain,
        Fault::LooksBeforeItSleeps,
        Fault::WakesBeforeItPublishes,
    ] {
        let hangs: usize = plans(fault).map(|plan| explore(plan).hangs).sum();
        eprintln!("{fault:?}: {hangs} hangs");
        assert!(hangs > 0, "{fault:?} is not found");
    }
    let most = plans(Fault::CallsByCount)
        .map(|plan| explore(plan).most_calls)
        .max();
    assert!(most > Some(1), "superfluous calls are not found");
}
