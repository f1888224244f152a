use std::io::Write;

use super::*;

/// Takes at most `step` bytes a call, and blocks every other call.
struct Slow {
    step: usize,
    block: bool,
    got: Vec<u8>,
}

impl FileSink for Slow {}

impl Write for Slow {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.block = !self.block;
        if self.block {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let n = buf.len().min(self.step);
        self.got.extend_from_slice(&buf[..n]);
        Ok(n)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let all: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter().copied()).collect();
        self.write(&all)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn short_writes_keep_order_and_count() {
    for step in [1, 2, 3, 7, 64, 1000] {
        let mut outbox = Outbox::default();
        let mut expected = Vec::new();
        let mut slow = Slow {
            step,
            block: false,
            got: Vec::new(),
        };
        for round in 0..40u8 {
            let head = [round; 5];
            outbox.append(|out| out.extend_from_slice(&head));
            expected.extend_from_slice(&head);
            if round % 3 == 0 {
                let body = vec![round ^ 0xff; 11 + usize::from(round)];
                expected.extend_from_slice(&body);
                outbox.push(Box::new(body));
            }
            if round % 4 == 0 {
                outbox.write_to(&mut slow, &mut usize::MAX.clone()).unwrap();
            }
            if round % 5 == 0 {
                outbox.own(200);
            }
            assert_eq!(outbox.len() as usize, expected.len() - slow.got.len());
        }
        while outbox.write_to(&mut slow, &mut usize::MAX.clone()).unwrap() != Written::All {}
        assert_eq!(slow.got, expected);
    }
}

/// Bytes whose owner sees whether they are still needed.
struct Lent(std::sync::Arc<[u8]>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[test]
fn what_is_lent_is_given_back_if_it_is_no_more_than_may_be_copied() {
    let owner: std::sync::Arc<[u8]> = [7; 100].into();
    let mut outbox = Outbox::default();
    outbox.append(|out| out.extend_from_slice(b"head"));
    outbox.push(Box::new(Lent(owner.clone())));
    outbox.own(103);
    assert_eq!(std::sync::Arc::strong_count(&owner), 2);
    outbox.own(104);
    assert_eq!(std::sync::Arc::strong_count(&owner), 1);
    assert_eq!(outbox.len(), 104);
}

/// A file of our own, gone with its last descriptor.
fn file_with(bytes: &[u8]) -> std::fs::File {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("fasthttp-outbox-{}-{count}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).unwrap();
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    file
}

#[test]
fn files_keep_their_place_and_stop_at_the_budget() {
    let content: Vec<u8> = (0..10_000u32).map(|place| place as u8).collect();
    for (step, budget) in [(1000, 64), (7, 1000), (100_000, 100_000), (3, 1)] {
        let mut outbox = Outbox::default();
        let mut expected = Vec::new();
        let mut slow = Slow {
            step,
            block: false,
            got: Vec::new(),
        };
        for round in 0..6u64 {
            outbox.append(|out| out.extend_from_slice(b"head"));
            expected.extend_from_slice(b"head");
            let (start, len) = (round * 100, round * 300);
            outbox.push_file(FileBody::new(file_with(&content), start, len));
            expected.extend_from_slice(&content[start as usize..(start + len) as usize]);
            if round % 2 == 0 {
                outbox.push(Box::new(vec![round as u8; 5]));
                expected.extend_from_slice(&[round as u8; 5]);
            }
        }
        let mut yields = 0;
        loop {
            let mut left = budget;
            let before = slow.got.len();
            match outbox.write_to(&mut slow, &mut left).unwrap() {
                Written::All => break,
                Written::Yielded => yields += 1,
                Written::Blocked => {}
                Written::Cold => outbox.next_file().unwrap().set_warm(),
            }
            assert!(left <= budget);
            assert!(slow.got.len() - before <= expected.len());
            assert_eq!(outbox.len() as usize, expected.len() - slow.got.len());
        }
        assert_eq!(slow.got, expected);
        // Where one call of the sink takes more than the budget, the budget stops it.
        assert_eq!(yields > 0, step > budget, "{yields} yields of {budget}");
    }
}

#[test]
fn a_file_that_shrank_is_an_error_and_never_padded() {
    let file = file_with(&[1; 100]);
    let mut outbox = Outbox::default();
    outbox.append(|out| out.push(0));
    outbox.push_file(FileBody::new(file.try_clone().unwrap(), 0, 100));
    file.set_len(60).unwrap();
    let mut slow = Slow {
        step: 1000,
        block: false,
        got: Vec::new(),
    };
    let error = loop {
        match outbox.write_to(&mut slow, &mut 1000) {
            Ok(Written::Cold) => outbox.next_file().unwrap().set_warm(),
            Ok(written) => assert_eq!(written, Written::Blocked),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(slow.got.len(), 61);
}

/// Takes nothing and says that this is fine.
struct Deaf;

impl FileSink for Deaf {}

impl Write for Deaf {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Ok(0)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_socket_that_takes_nothing_is_an_error_and_no_endless_loop() {
    let mut outbox = Outbox::default();
    outbox.append(|out| out.extend_from_slice(b"text"));
    assert_eq!(format!("{outbox:?}"), "Outbox { len: 4, .. }");
    let error = outbox
        .write_to(&mut Deaf, &mut 1)
        .map_err(|error| error.kind());
    assert_eq!(error, Err(io::ErrorKind::WriteZero));
    assert_eq!(outbox.len(), 4);
}

#[test]
fn no_turn_writes_more_than_its_budget_whatever_is_written() {
    for budget in [1, 1000, 4096, 70_000] {
        let mut outbox = Outbox::default();
        outbox.append(|out| out.extend_from_slice(&[1; 3000]));
        for _ in 0..20 {
            outbox.push(Box::new(vec![2; 9000]));
        }
        outbox.append(|out| out.extend_from_slice(&[3; 100_000]));
        let mut slow = Slow {
            step: usize::MAX,
            block: false,
            got: Vec::new(),
        };
        let mut turns = 0;
        loop {
            let before = slow.got.len();
            let written = outbox.write_to(&mut slow, &mut budget.clone()).unwrap();
            assert!(slow.got.len() - before <= budget, "{budget}");
            turns += 1;
            if written == Written::All {
                break;
            }
        }
        assert_eq!(slow.got.len(), 283_000);
        assert!(turns >= 283_000_usize.div_ceil(budget), "{budget}");
        let all = [vec![1; 3000], vec![2; 180_000], vec![3; 100_000]].concat();
        assert!(slow.got == all, "{budget}");
    }
}
