//! What node's loop has of a server that runs on JavaScript's own thread: a descriptor that it
//! watches, an alarm, and a way to have a turn without either.
//!
//! Three handles in memory that libuv uses until it has closed them. They end when the server does
//! or with their environment, whichever comes first: its clean-up waits for them.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::io;
use std::ptr;
use std::rc::Rc;

use napi::bindgen_prelude::Env;
use napi::sys;

use crate::bridge::uv::{Functions, READABLE, Raw, kind};

/// Who has the turns. Nothing that it does may unwind.
pub trait Turns {
    /// There is something to do.
    fn turn(&self);
    /// The alarm went off, which it does once.
    fn alarm(&self);
    /// The environment goes: `Watch::close` is to be called, if it was not before.
    fn stop(&self);
}

/// The handles of a server.
#[derive(Debug)]
pub struct Watch {
    uv: &'static Functions,
    shared: *const Shared,
    is_busy: Cell<bool>,
}

/// What libuv points to.
struct Shared {
    uv_loop: Raw,
    poll: Memory,
    timer: Memory,
    idle: Memory,
    hook: Cell<sys::napi_async_cleanup_hook_handle>,
    open: Cell<usize>,
    target: Rc<dyn Turns>,
}

/// Memory of a handle, aligned for anything.
struct Memory(Box<[Cell<u128>]>);

impl Memory {
    fn new(uv: &Functions, kind: c_int) -> Self {
        // SAFETY: a question about one of libuv's kinds.
        let size = unsafe { (uv.uv_handle_size)(kind) };
        Self(vec![Cell::new(0); size.div_ceil(size_of::<u128>())].into_boxed_slice())
    }

    fn handle(&self) -> Raw {
        self.0.as_ptr().cast_mut().cast()
    }
}

impl Watch {
    /// Has node's loop watch a descriptor; keeps the process alive. Fails with what libuv says.
    pub fn start(
        uv: &'static Functions,
        env: &Env,
        fd: c_int,
        target: Rc<dyn Turns>,
    ) -> io::Result<Self> {
        let uv_loop = uv.loop_of(env).ok_or(io::ErrorKind::Unsupported)?;
        let shared = Box::new(Shared {
            uv_loop,
            poll: Memory::new(uv, kind::POLL),
            timer: Memory::new(uv, kind::TIMER),
            idle: Memory::new(uv, kind::IDLE),
            hook: Cell::new(ptr::null_mut()),
            open: Cell::new(0),
            target,
        });
        let poll = shared.poll.handle();
        // SAFETY: the memory has the size that libuv asked for; the descriptor is open.
        checked(unsafe { (uv.uv_poll_init)(uv_loop, poll, fd) })?;
        let shared: *const Shared = Box::into_raw(shared);
        let watch = Self {
            uv,
            shared,
            is_busy: Cell::new(false),
        };
        watch.open(env).inspect_err(|_| watch.close())?;
        Ok(watch)
    }

    /// The first handle is open: opens the others.
    fn open(&self, env: &Env) -> io::Result<()> {
        let (uv, shared) = (self.uv, self.shared());
        let data: Raw = self.shared.cast_mut().cast();
        let [poll, timer, idle] = shared.handles();
        // SAFETY: the memory has the size that libuv asked for. This cannot fail.
        unsafe { (uv.uv_timer_init)(shared.uv_loop, timer) };
        // SAFETY: as above.
        unsafe { (uv.uv_idle_init)(shared.uv_loop, idle) };
        for handle in [poll, timer, idle] {
            // SAFETY: the handle is open; what it points to lives until it is closed.
            unsafe { (uv.uv_handle_set_data)(handle, data) };
        }
        shared.open.set(3);
        for handle in [timer, idle] {
            // One that keeps the process alive is enough.
            // SAFETY: the handle is open.
            unsafe { (uv.uv_unref)(handle) };
        }
        let mut hook = ptr::null_mut();
        // SAFETY: the environment is live; what the hook gets lives until it is removed.
        let status = unsafe {
            sys::napi_add_async_cleanup_hook(env.raw(), Some(on_cleanup), data, &mut hook)
        };
        if status != sys::Status::napi_ok {
            return Err(io::ErrorKind::Other.into());
        }
        shared.hook.set(hook);
        // SAFETY: the handle is open, and the function has the signature.
        checked(unsafe { (uv.uv_poll_start)(poll, READABLE, on_poll) })
    }

    /// Sets the alarm, in milliseconds from now.
    pub fn set_alarm(&self, after_ms: u64) {
        let timer = self.shared().timer.handle();
        // SAFETY: the handle is open, and the function has the signature.
        unsafe { (self.uv.uv_timer_start)(timer, on_alarm, after_ms, 0) };
    }

    /// Whether there is a turn as soon as everybody else on this thread had one.
    pub fn set_busy(&self, is_busy: bool) {
        if self.is_busy.replace(is_busy) == is_busy {
            return;
        }
        let idle = self.shared().idle.handle();
        if is_busy {
            // SAFETY: the handle is open, and the function has the signature.
            unsafe { (self.uv.uv_idle_start)(idle, on_idle) };
        } else {
            // SAFETY: the handle is open.
            unsafe { (self.uv.uv_idle_stop)(idle) };
        }
    }

    /// Keeps the process alive, or not.
    pub fn set_ref(&self, keep: bool) {
        let poll = self.shared().poll.handle();
        let set = if keep {
            self.uv.uv_ref
        } else {
            self.uv.uv_unref
        };
        // SAFETY: the handle is open.
        unsafe { set(poll) };
    }

    /// Milliseconds for which node's loop had nothing to do, since it began.
    pub fn idle_ms(&self) -> u64 {
        // SAFETY: the loop lives as long as its environment.
        let nanoseconds = unsafe { (self.uv.uv_metrics_idle_time)(self.shared().uv_loop) };
        nanoseconds / 1_000_000
    }

    /// Closes the handles, once; nothing of this is used afterwards.
    pub fn close(&self) {
        for handle in self.shared().handles() {
            // SAFETY: the handle is open.
            unsafe { (self.uv.uv_close)(handle, Some(on_close)) };
        }
    }

    fn shared(&self) -> &Shared {
        // SAFETY: it is freed when the last handle is closed, after `close`.
        unsafe { &*self.shared }
    }
}

impl Shared {
    fn handles(&self) -> [Raw; 3] {
        [&self.poll, &self.timer, &self.idle].map(Memory::handle)
    }
}

fn checked(status: c_int) -> io::Result<()> {
    if status < 0 {
        return Err(io::Error::from_raw_os_error(-status));
    }
    Ok(())
}

/// What a handle belongs to.
///
/// # Safety
///
/// The handle is one of a `Shared`, and not closed.
unsafe fn shared_of<'a>(handle: Raw) -> &'a Shared {
    // Whoever opened one has all of them.
    let uv = Functions::get().expect("they were found before");
    // SAFETY: the caller's promise.
    let data = unsafe { (uv.uv_handle_get_data)(handle) };
    // SAFETY: as above: it points to that.
    unsafe { &*data.cast::<Shared>() }
}

unsafe extern "C" fn on_poll(handle: Raw, _status: c_int, _events: c_int) {
    // SAFETY: libuv calls this for a handle that is open.
    unsafe { shared_of(handle) }.target.turn();
}

unsafe extern "C" fn on_idle(handle: Raw) {
    // SAFETY: as above.
    unsafe { shared_of(handle) }.target.turn();
}

unsafe extern "C" fn on_alarm(handle: Raw) {
    // SAFETY: as above.
    unsafe { shared_of(handle) }.target.alarm();
}

unsafe extern "C" fn on_cleanup(_hook: sys::napi_async_cleanup_hook_handle, data: *mut c_void) {
    // SAFETY: the hook is removed before what it points to is freed.
    unsafe { &*data.cast::<Shared>() }.target.stop();
}

unsafe extern "C" fn on_close(handle: Raw) {
    // SAFETY: libuv calls this once for each handle, before it lets go of its memory.
    let shared = unsafe { shared_of(handle) };
    let left = shared.open.get() - 1;
    shared.open.set(left);
    if left > 0 {
        return;
    }
    let hook = shared.hook.get();
    if !hook.is_null() {
        // SAFETY: the hook was added and is removed once; it keeps its environment until then.
        unsafe { sys::napi_remove_async_cleanup_hook(hook) };
    }
    let shared: *const Shared = shared;
    // SAFETY: the pointer is from `into_raw`; the last handle that had it is closed.
    drop(unsafe { Box::from_raw(shared.cast_mut()) });
}
