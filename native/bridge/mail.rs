//! What goes to an I/O thread by value: chunks, and answers that the ring has no room for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use memmap2::MmapOptions;

use crate::bridge::memory::{Loan, StillBytes};
use crate::bridge::spare::Spare;
use crate::net::answer::Answer;
use crate::net::budget::Budget;
use crate::net::open::Open;
use crate::net::request::RequestToken;

/// Copies from this size on have pages of their own, which go back to the system: those of the
/// allocator stay resident for as long as something small lies behind them.
const OWN_PAGES_BYTES: usize = 1 << 20;

/// The letter box of one thread.
#[derive(Debug, Default)]
pub struct MailBox {
    has_mail: AtomicBool,
    chunks: Mutex<Vec<Loan>>,
    answers: Mutex<Answers>,
    released: Mutex<Vec<u32>>,
    spare: Mutex<Spare>,
    large: Mutex<LargeRequests>,
    /// What counts the memory of large requests; a box without one counts for itself.
    open: OnceLock<Arc<Open>>,
}

/// Answers on their way, as long as there is a thread to take them.
#[derive(Debug, Default)]
struct Answers {
    waiting: Vec<(RequestToken, Answer<'static>)>,
    is_closed: bool,
}

/// Requests that no chunk can hold, until JavaScript fetches them.
#[derive(Debug, Default)]
struct LargeRequests {
    next: u32,
    waiting: HashMap<u32, Vec<u8>>,
}

impl MailBox {
    /// Has the memory of large requests counted with that of others.
    pub fn count_in(&self, open: Arc<Open>) {
        // A thread is started once.
        let _ = self.open.set(open);
    }

    fn budget(&self) -> &Budget {
        &self.open.get_or_init(Arc::default).budget
    }

    /// Lends the thread a chunk.
    pub fn lend(&self, chunk: Loan) {
        lock(&self.chunks).push(chunk);
        self.has_mail.store(true, Ordering::SeqCst);
    }

    /// Brings an answer; a thread that has ended needs none.
    pub fn answer(&self, token: RequestToken, answer: Answer<'static>) {
        self.steps(token, [answer]);
    }

    /// Brings steps of an answer, in their order.
    pub fn steps(&self, token: RequestToken, steps: impl IntoIterator<Item = Answer<'static>>) {
        let mut answers = lock(&self.answers);
        if !answers.is_closed {
            let steps = steps.into_iter().map(|step| (token, step));
            answers.waiting.extend(steps);
            self.has_mail.store(true, Ordering::SeqCst);
        }
    }

    /// The thread ends. What it has not taken is dropped: copies of bodies know the way back to
    /// this box, and would keep it, and themselves, for ever.
    pub fn close(&self) {
        let mut answers = lock(&self.answers);
        answers.is_closed = true;
        let waiting = std::mem::take(&mut answers.waiting);
        drop(answers);
        drop(waiting);
    }

    /// Whether something was brought since `take_mail`.
    pub fn has_mail(&self) -> bool {
        self.has_mail.load(Ordering::SeqCst)
    }

    /// Moves the chunks into `chunks` and returns the answers.
    pub fn take_mail(
        &self,
        chunks: &mut impl Extend<Loan>,
    ) -> Vec<(RequestToken, Answer<'static>)> {
        if !self.has_mail.swap(false, Ordering::SeqCst) {
            return Vec::new();
        }
        chunks.extend(lock(&self.chunks).drain(..));
        std::mem::take(&mut lock(&self.answers).waiting)
    }

    /// A copy of a body, in memory that was used for another one before if there is any.
    pub fn copy(self: &Arc<Self>, body: &[u8]) -> Box<dyn AsRef<[u8]> + Send> {
        if body.len() >= OWN_PAGES_BYTES
            && let Ok(mut pages) = MmapOptions::new().len(body.len()).populate().map_anon()
        {
            pages.copy_from_slice(body);
            return Box::new(pages);
        }
        let spare = lock(&self.spare).take(body.len());
        // Memory is made when nobody waits for the lock.
        let mut bytes = spare.unwrap_or_default();
        bytes.extend_from_slice(body);
        Box::new(CopiedBody {
            bytes,
            mail: self.clone(),
        })
    }

    /// What is kept under a number, which is released when nobody has it any more.
    pub fn lease(self: &Arc<Self>, id: u32) -> Lease {
        Lease {
            id,
            mail: self.clone(),
        }
    }

    /// The same answer; if it is a file that JavaScript waits to hear of, its number is released
    /// when there is nothing to hear any more.
    pub fn guarded<'a>(self: &Arc<Self>, mut answer: Answer<'a>) -> Answer<'a> {
        if let Answer::File(file) = &mut answer
            && file.id != 0
        {
            file.guard = Some(Box::new(self.lease(file.id)));
        }
        answer
    }

    /// Notes that the body with this number is no longer needed.
    pub fn release(&self, id: u32) {
        lock(&self.released).push(id);
    }

    /// Whether the body with this number is no longer needed, which then is told here and nowhere else.
    pub fn take_back(&self, id: u32) -> bool {
        let mut released = lock(&self.released);
        let place = released.iter().rposition(|&one| one == id);
        place.map(|place| released.remove(place)).is_some()
    }

    /// The bodies that are no longer needed.
    pub fn take_released(&self) -> Vec<u32> {
        std::mem::take(&mut *lock(&self.released))
    }

    /// Keeps a large request until it is fetched by the number returned.
    pub fn keep_large(&self, bytes: Vec<u8>) -> u32 {
        self.budget().finish(bytes.capacity());
        let mut large = lock(&self.large);
        large.next = large.next.wrapping_add(1);
        let id = large.next;
        large.waiting.insert(id, bytes);
        id
    }

    /// Gives a large request away.
    pub fn take_large(&self, id: u32) -> Option<Vec<u8>> {
        let bytes = lock(&self.large).waiting.remove(&id)?;
        self.budget().fetch(bytes.capacity());
        Some(bytes)
    }
}

/// A body in memory that goes back to its letter box.
#[derive(Debug)]
struct CopiedBody {
    bytes: Vec<u8>,
    mail: Arc<MailBox>,
}

impl AsRef<[u8]> for CopiedBody {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for CopiedBody {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        // What is not kept is freed when nobody waits for the lock.
        let _rest = lock(&self.mail.spare).put(bytes);
    }
}

/// What JavaScript keeps for us.
#[derive(Debug)]
pub struct Lease {
    id: u32,
    mail: Arc<MailBox>,
}

impl Lease {
    /// Nothing came of it: JavaScript keeps nothing under its number.
    pub fn forget(&mut self) {
        self.id = 0;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.id != 0 {
            self.mail.release(self.id);
        }
    }
}

/// A body that stays in JavaScript's memory until it is sent or its connection is gone.
#[derive(Debug)]
pub struct LentBody {
    bytes: StillBytes,
    _lease: Arc<Lease>,
}

impl LentBody {
    /// Bytes that are there as long as somebody has the lease.
    pub fn new(bytes: StillBytes, lease: Arc<Lease>) -> Self {
        Self {
            bytes,
            _lease: lease,
        }
    }
}

impl AsRef<[u8]> for LentBody {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}

/// What the lock guards stays whole even if a thread panics while it holds it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
