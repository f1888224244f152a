//! Runs one target for its share of the time.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::http::limits::Limits;
use crate::http::tests::seeded::Seeded;

/// Heads, framing, chunks, responses, sessions, connections, headers of proxies.
const TARGETS: u32 = 7;
/// No input takes a thousandth of it.
const ENDLESS: Duration = Duration::from_secs(30);

/// What a target is given.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) bytes: Vec<u8>,
    pub(crate) limits: Limits,
    /// Decides all else: cuts, order, and so on.
    pub(crate) salt: u64,
}

/// Checks inputs, one for each seed, until the time is over. Panics at the first one that fails,
/// made as small as it still fails.
pub(crate) fn fuzz(
    name: &str,
    mut input: impl FnMut(&mut Seeded) -> Input,
    mut check: impl FnMut(&Input) -> Result<(), String>,
) {
    let first = number("FASTHTTP_FUZZ_SEED").unwrap_or(1);
    let seconds = number("FASTHTTP_FUZZ_SECONDS").unwrap_or(5);
    let end = Instant::now() + Duration::from_secs(seconds) / TARGETS;
    let current = Arc::new(AtomicU64::new(first));
    watch(name.to_owned(), Arc::clone(&current));
    let mut seed = first;
    while !seed.is_multiple_of(256) || Instant::now() < end {
        current.store(seed, Ordering::Relaxed);
        let input = input(&mut Seeded::new(seed));
        if attempt(&mut check, &input).is_err() {
            fail(name, seed, input, &mut check);
        }
        seed += 1;
    }
    // Behind the capture of the test harness: a run without executions must not look well.
    let line = format!("fuzz {name}: {} executions\n", seed - first);
    let _ = std::io::stderr().write_all(line.as_bytes());
    assert!(seed > first, "nothing was executed");
}

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{variable}={value} is no number")),
    )
}

/// Ends the process if one input takes too long; a thread cannot be stopped.
fn watch(name: String, current: Arc<AtomicU64>) {
    std::thread::spawn(move || {
        let mut last = current.load(Ordering::Relaxed);
        while Arc::strong_count(&current) > 1 {
            std::thread::park_timeout(ENDLESS);
            let seed = current.load(Ordering::Relaxed);
            if seed == last && Arc::strong_count(&current) > 1 {
                let line = format!("fuzz {name}: seed {seed} has no end\n");
                let _ = std::io::stderr().write_all(line.as_bytes());
                std::process::exit(101);
            }
            last = seed;
        }
    });
}

/// A panic is a failure like any other.
fn attempt(
    check: &mut impl FnMut(&Input) -> Result<(), String>,
    input: &Input,
) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| check(input))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("?")))
    })
}

fn fail(
    name: &str,
    seed: u64,
    mut input: Input,
    check: &mut impl FnMut(&Input) -> Result<(), String>,
) {
    minimise(&mut input, |input| attempt(check, input).is_err());
    let fault = attempt(check, &input).expect_err("it failed before");
    panic!(
        "fuzz {name}: seed {seed}\ninput \"{}\"\nsalt {:#x}, {:?}\n{fault}",
        input.bytes.escape_ascii(),
        input.salt,
        input.limits,
    );
}

/// Leaves out whatever may be left out, large pieces first.
fn minimise(input: &mut Input, mut fails: impl FnMut(&Input) -> bool) {
    let mut size = input.bytes.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < input.bytes.len() {
            let end = (at + size).min(input.bytes.len());
            let mut smaller = input.clone();
            smaller.bytes.drain(at..end);
            if fails(&smaller) {
                *input = smaller;
            } else {
                at = end;
            }
        }
        size /= 2;
    }
}

/// Where to cut an input: everywhere, or in one to three places.
pub(crate) fn cuts(len: usize, salt: u64) -> Vec<usize> {
    let mut seeded = Seeded::new(salt);
    if len <= 512 && seeded.below(4) == 0 {
        return (0..=len).collect();
    }
    let mut cuts: Vec<_> = (0..=seeded.below(3))
        .map(|_| seeded.below(len + 1))
        .collect();
    cuts.push(len);
    cuts.sort_unstable();
    cuts
}

#[test]
fn makes_a_failing_input_small() {
    let mut input = Input {
        bytes: b"some text before X and Y, and text behind".to_vec(),
        limits: Limits::default(),
        salt: 0,
    };
    minimise(&mut input, |input| {
        input.bytes.contains(&b'X') && input.bytes.contains(&b'Y')
    });
    assert_eq!(input.bytes, b"XY");
}

#[test]
#[should_panic(expected = "input \"!\"")]
fn reports_what_fails() {
    let input = |seeded: &mut Seeded| Input {
        bytes: format!("a{}!b", "-".repeat(seeded.below(20))).into_bytes(),
        limits: Limits::default(),
        salt: 0,
    };
    fuzz("failing", input, |input| {
        assert!(!input.bytes.contains(&b'!'), "there is one");
        Ok(())
    });
}
