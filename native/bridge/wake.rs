//! The threadsafe function: how an I/O thread makes JavaScript drain a batch.
//!
//! The C interface is used directly, because the call must be cheap, must bear an environment
//! that is gone, and must never throw into a thread. A closing function means: stop producing.

use std::ffi::c_void;
use std::ptr;

use napi::bindgen_prelude::{Env, Function, JsValue};
use napi::{Result, Status, sys};

/// A handle that makes the event loop of its environment call one JavaScript function.
#[derive(Debug)]
pub struct Wake {
    function: sys::napi_threadsafe_function,
}

// SAFETY: Node-API allows calls of a threadsafe function from any thread.
unsafe impl Send for Wake {}
// SAFETY: as above.
unsafe impl Sync for Wake {}

impl Wake {
    /// Wraps `drain`, which takes nothing and returns nothing. Keeps the process alive.
    pub fn new(env: &Env, drain: &Function<'_, (), ()>) -> Result<Self> {
        let mut name = ptr::null_mut();
        // SAFETY: the environment is live, the text is 8 bytes of static memory.
        check(unsafe {
            sys::napi_create_string_utf8(env.raw(), c"fasthttp".as_ptr(), 8, &mut name)
        })?;
        let mut function = ptr::null_mut();
        // There is no context and no finaliser that could dangle.
        // SAFETY: the values belong to this environment and scope; `call_drain` has the signature.
        check(unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                drain.value().value,
                ptr::null_mut(),
                name,
                0,
                1,
                ptr::null_mut(),
                None,
                ptr::null_mut(),
                Some(call_drain),
                &mut function,
            )
        })?;
        Ok(Self { function })
    }

    /// Asks for one call. Refused when the environment is closing: nobody is left to hear.
    pub fn call(&self) {
        // SAFETY: the function is released only after every thread that calls it was joined.
        let _ = unsafe {
            sys::napi_call_threadsafe_function(
                self.function,
                ptr::null_mut(),
                sys::ThreadsafeFunctionCallMode::nonblocking,
            )
        };
    }

    /// Lets the process end although the function exists.
    pub fn unref(&self, env: &Env) -> Result<()> {
        // SAFETY: called on the thread of the environment, before `release`.
        check(unsafe { sys::napi_unref_threadsafe_function(env.raw(), self.function) })
    }

    /// Keeps the process alive again.
    pub fn reref(&self, env: &Env) -> Result<()> {
        // SAFETY: called on the thread of the environment, before `release`.
        check(unsafe { sys::napi_ref_threadsafe_function(env.raw(), self.function) })
    }

    /// Gives the function up, once, after the last call.
    pub fn release(&self) {
        // SAFETY: the caller has joined every thread that calls the function.
        let _ = unsafe {
            sys::napi_release_threadsafe_function(
                self.function,
                sys::ThreadsafeFunctionReleaseMode::release,
            )
        };
    }
}

extern "C" fn call_drain(
    env: sys::napi_env,
    drain: sys::napi_value,
    _context: *mut c_void,
    _data: *mut c_void,
) {
    // The environment is going away: what was published is dropped with it.
    if env.is_null() || drain.is_null() {
        return;
    }
    let mut receiver = ptr::null_mut();
    // SAFETY: Node calls this on the environment's thread, in a handle scope.
    let status = unsafe { sys::napi_get_undefined(env, &mut receiver) };
    if status != sys::Status::napi_ok {
        return;
    }
    let (none, no_result) = (ptr::null(), ptr::null_mut());
    // SAFETY: as above; an exception stays pending and Node reports it as uncaught.
    let _ = unsafe { sys::napi_call_function(env, receiver, drain, 0, none, no_result) };
}

/// A clean-up hook: `stop` runs when the environment is torn down, unless removed before.
#[derive(Debug)]
pub struct CleanupHook {
    env: sys::napi_env,
    stop: *mut Stop,
}

type Stop = Box<dyn Fn()>;

impl CleanupHook {
    /// Registers `stop`. Hooks run last-in first-out, so one that joins threads must be
    /// registered after the function that those threads call.
    pub fn new(env: &Env, stop: Stop) -> Result<Self> {
        let stop = Box::into_raw(Box::new(stop));
        // SAFETY: `run_stop` gets the pointer it expects; it is freed there or in `remove`.
        check(unsafe { sys::napi_add_env_cleanup_hook(env.raw(), Some(run_stop), stop.cast()) })?;
        Ok(Self {
            env: env.raw(),
            stop,
        })
    }

    /// Takes the hook back.
    pub fn remove(self) {
        // A hook that had run would have stopped the server that calls this.
        // SAFETY: called on the environment's thread, and the hook has not run.
        let status = unsafe {
            sys::napi_remove_env_cleanup_hook(self.env, Some(run_stop), self.stop.cast())
        };
        if status == sys::Status::napi_ok {
            // SAFETY: the pointer is from `into_raw`, and nobody else holds it any more.
            drop(unsafe { Box::from_raw(self.stop) });
        }
    }
}

unsafe extern "C" fn run_stop(stop: *mut c_void) {
    // SAFETY: `stop` is the pointer that was registered, and Node runs a hook once.
    let stop = unsafe { Box::from_raw(stop.cast::<Stop>()) };
    stop();
}

/// What a call of Node-API says, as a result.
pub fn check(status: sys::napi_status) -> Result<()> {
    match status {
        sys::Status::napi_ok => Ok(()),
        status => Err(napi::Error::from_status(Status::from(status))),
    }
}
