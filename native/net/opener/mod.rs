//! Opens files for answers, on the I/O thread where that cannot block and on a helper thread else.
//!
//! The helper starts with the first file that needs it and ends behind the loop. It is the only one
//! that waits for a disk, and nobody waits for it: on a file system that is gone a call may last for
//! ever. What it has done comes back as a command.

mod asset;
mod named;
mod refusal;

use std::fs::File;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::net::answer::{Answer, AnswerBody, FileAnswer, Resolved};
use crate::net::file::{ColdRead, FileBody, Haste, open, open_at_once, read_at_once};
use crate::net::notice::Notice;
use crate::net::remote::{Command, Remote};
use crate::net::request::{FLAG_HEAD, RequestToken};

/// Parts of this size and below are read when the file is opened: that costs less than sending them
/// from there, and the descriptor is free.
const READ_BELOW: usize = 16 << 10;

/// What the helper is to do.
enum Job {
    Open(RequestToken, Box<FileAnswer>),
    Read((u32, u32), ColdRead),
}

/// The opener of one loop.
#[derive(Debug)]
pub struct Opener {
    remote: Remote,
    jobs: Option<Sender<Job>>,
    asks: bool,
    /// What the helper does: its jobs, until there will be none.
    work: fn(&Receiver<Job>, &Remote),
}

impl Opener {
    /// An opener that tells the loop behind `remote`.
    pub fn new(remote: Remote) -> Self {
        Self {
            remote,
            jobs: None,
            asks: true,
            work,
        }
    }

    /// The answer that sends a file. `None`: the loop will be told by `Command::Opened`, or the
    /// handler is asked for another answer by a notice.
    pub fn open(
        &mut self,
        token: RequestToken,
        file: Box<FileAnswer>,
        notices: &mut Vec<Notice>,
    ) -> Option<Answer<'static>> {
        let resolved = self.resolve(token, file)?;
        notices.extend(resolved.notice);
        resolved.answer
    }

    fn resolve(&mut self, token: RequestToken, mut file: Box<FileAnswer>) -> Option<Resolved> {
        if has_nul(&file) {
            return named::resolve(
                &mut file,
                Err(std::io::ErrorKind::InvalidInput.into()),
                true,
            );
        }
        let resolved = if file.asset.is_some() {
            asset::resolve(&mut file, token.meta & FLAG_HEAD != 0, Haste::AtOnce)
        } else {
            let opened = open_at_once(&file.path, &mut self.asks);
            opened.and_then(|opened| named::resolve(&mut file, opened, true))
        };
        if resolved.is_some() {
            return resolved;
        }
        let file = match self.ask(Job::Open(token, file)) {
            Some(Job::Open(_, file)) => file,
            _ => return None,
        };
        open_slowly(token, file)
    }

    /// Reads what connection `id` is to send, so that sending does not wait for a disk; the loop
    /// will be told by `Command::Warmed`.
    pub fn read(&mut self, id: (u32, u32), read: ColdRead) {
        if let Some(Job::Read(id, _)) = self.ask(Job::Read(id, read)) {
            self.remote.send(Command::Warmed(id));
        }
    }

    /// Gives the helper a job, and the job back if there can be no helper.
    fn ask(&mut self, job: Job) -> Option<Job> {
        if self.jobs.is_none() {
            let (sender, jobs) = channel();
            let (remote, work) = (self.remote.clone(), self.work);
            let builder = std::thread::Builder::new().name("fasthttp-file".to_owned());
            // Not joined: its code is never unloaded (see build.rs), and a panic is reported by itself.
            match builder.spawn(move || work(&jobs, &remote)) {
                Ok(_) => self.jobs = Some(sender),
                Err(_) => return Some(job),
            }
        }
        let failed = self.jobs.as_ref()?.send(job).err();
        failed.map(|error| error.0)
    }
}

fn work(jobs: &Receiver<Job>, remote: &Remote) {
    let mut buf = Vec::new();
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Open(token, file) => {
                if let Some(resolved) = open_slowly(token, file) {
                    remote.send(Command::Opened(token, Box::new(resolved)));
                }
            }
            Job::Read(id, read) => {
                read.run(&mut buf);
                remote.send(Command::Warmed(id));
            }
        }
    }
}

fn open_slowly(token: RequestToken, mut file: Box<FileAnswer>) -> Option<Resolved> {
    if file.asset.is_some() {
        return asset::resolve(&mut file, token.meta & FLAG_HEAD != 0, Haste::Patient);
    }
    let opened = open(&file.path);
    named::resolve(&mut file, opened, false)
}

/// `len` bytes from `start` of an open file, as the body of an answer.
fn body_of(file: File, start: u64, len: u64) -> AnswerBody<'static> {
    if let Some(size) = usize::try_from(len).ok().filter(|&len| len <= READ_BELOW) {
        let mut bytes = vec![0; size];
        if read_at_once(&file, &mut bytes, start) {
            return AnswerBody::Owned(Box::new(bytes));
        }
    }
    AnswerBody::File(FileBody::new(file, start, len))
}

/// No file has such a name.
fn has_nul(file: &FileAnswer) -> bool {
    file.path.as_os_str().as_encoded_bytes().contains(&0)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::thread::{park, spawn};
    use std::time::Duration;

    use super::*;
    use crate::net::remote::Seat;

    /// As on a file system that does not answer.
    fn hang(jobs: &Receiver<Job>, _remote: &Remote) {
        let _job = jobs.recv();
        loop {
            park();
        }
    }

    #[test]
    fn nobody_waits_for_a_helper_that_hangs() {
        let (_seat, remote) = Seat::new().unwrap();
        let mut opener = Opener::new(remote);
        opener.work = hang;
        let nothing = FileBody::new(File::open("/dev/null").unwrap(), 0, 0);
        let job = Job::Read((0, 0), nothing.cold_read());
        assert!(opener.ask(job).is_none());
        let (gone, is_gone) = channel();
        spawn(move || {
            drop(opener);
            gone.send(()).unwrap();
        });
        let waited = is_gone.recv_timeout(Duration::from_secs(60));
        assert_ne!(waited, Err(RecvTimeoutError::Timeout));
    }
}
