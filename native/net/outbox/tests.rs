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
                outbox.write_to(&mut slow, &mut 0).unwrap();
            }
            assert_eq!(outbox.len() as usize, expected.len() - slow.got.len());
        }
        while outbox.write_to(&mut slow, &mut 0).unwrap() != Written::All {}
        assert_eq!(slow.got, expected);
    }
}
