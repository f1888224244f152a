use super::*;

const FIRST: (u32, u32) = (1, 1);
const SECOND: (u32, u32) = (2, 1);

#[test]
fn counts_what_is_held() {
    let budget = Budget::default();
    budget.change(0, 7);
    budget.change(7, 11);
    assert!(budget.is_over(10) && !budget.is_over(11));
    budget.change(11, 10);
    assert!(!budget.is_over(10));
}

#[test]
fn counts_what_nobody_has_fetched() {
    let budget = Budget::default();
    budget.change(0, 7);
    budget.finish(5);
    assert!(budget.is_over(11) && !budget.is_over(12) && budget.has_finished());
    budget.fetch(5);
    assert!(!budget.is_over(7) && !budget.has_finished());
}

#[test]
fn what_is_finished_makes_nobody_go() {
    let budget = Budget::default();
    budget.finish(100 << 20);
    assert!(!budget.is_far_over(10));
    budget.change(0, (10 << 20) + 1);
    assert!(budget.is_far_over(6 << 20) && !budget.is_far_over(8 << 20));
}

#[test]
fn is_kept_as_long_as_it_is_paid_for() {
    let mut right = RightOfWay::default();
    right.take(FIRST);
    right.wait(SECOND);
    right.advance(FIRST, 64 << 10);
    right.advance(SECOND, 64 << 10);
    assert_eq!(right.look(1000, Memory::Short), None);
    assert!(right.is_open_to(FIRST) && !right.is_open_to(SECOND));
    // More than it could lose is not saved up.
    right.advance(FIRST, 10 << 20);
    assert_eq!(right.look(1100, Memory::Short), None);
    assert_eq!(right.look(1100 + PATIENCE_MS - 1, Memory::Short), None);
    assert_eq!(right.look(1100 + PATIENCE_MS, Memory::Short), Some(SECOND));
    assert!(right.is_open_to(SECOND) && !right.is_open_to(FIRST));
    right.give_back(SECOND);
    assert!(right.is_open_to(FIRST) && !right.has_waiting());
}

#[test]
fn passes_on_at_once_from_one_that_has_hardly_anything() {
    let mut right = RightOfWay::default();
    right.take(FIRST);
    right.wait(SECOND);
    right.advance(FIRST, 4);
    assert_eq!(right.look(1000, Memory::Short), Some(SECOND));
    // With more to read it comes behind those who wait.
    right.wait((3, 1));
    right.wait(FIRST);
    assert_eq!(right.look(1001, Memory::Short), Some((3, 1)));
    assert_eq!(right.look(1002, Memory::Short), Some(FIRST));
    assert_eq!(right.look(1003, Memory::Short), None);
}

#[test]
fn stands_still_while_javascript_does() {
    let mut right = RightOfWay::default();
    right.take(FIRST);
    right.wait(FIRST);
    right.wait(SECOND);
    for now in 1000..2000 {
        assert_eq!(right.look(now, Memory::Owed), None);
    }
    assert!(right.is_open_to(FIRST) && right.is_waiting(FIRST));
    assert_eq!(right.look(2000, Memory::Short), Some(FIRST));
    right.advance(FIRST, 64 << 10);
    assert_eq!(right.look(2001, Memory::Short), None);
}

#[test]
fn all_go_on_when_there_is_enough_again() {
    let mut right = RightOfWay::default();
    right.take(FIRST);
    for index in 2..5 {
        right.wait((index, 1));
    }
    for index in 2..5 {
        assert_eq!(right.look(1000, Memory::Enough), Some((index, 1)));
        assert!(!right.is_waiting((index, 1)));
    }
    assert_eq!(right.look(1000, Memory::Enough), None);
}

#[test]
fn those_who_lost_it_first_go_first_and_only_for_others() {
    let mut right = RightOfWay::default();
    for id in [FIRST, SECOND] {
        right.take(id);
        right.look(1000, Memory::Short);
    }
    assert_eq!(right.give_up(), None, "nobody needs it");
    right.wait((3, 1));
    assert_eq!(right.give_up(), Some(FIRST));
    assert_eq!(right.give_up(), Some(SECOND));
    assert_eq!(right.give_up(), None);
}
