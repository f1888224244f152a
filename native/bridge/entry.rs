//! How JavaScript is called from a callback of node's loop: as node calls it itself, with what
//! `nextTick` and promises have left run behind, and with what is thrown an uncaught exception.

use std::ptr;

use napi::bindgen_prelude::{Env, Function, JsValue};
use napi::{Result, sys};

use crate::bridge::wake::check;

/// A function that takes nothing and returns nothing.
#[derive(Debug)]
pub struct Entry {
    env: sys::napi_env,
    function: sys::napi_ref,
    context: sys::napi_async_context,
}

impl Entry {
    /// Keeps `drain`.
    pub fn new(env: &Env, drain: &Function<'_, (), ()>) -> Result<Self> {
        let mut name = ptr::null_mut();
        // SAFETY: the environment is live, the text is 8 bytes of static memory.
        check(unsafe {
            sys::napi_create_string_utf8(env.raw(), c"fasthttp".as_ptr(), 8, &mut name)
        })?;
        let mut context = ptr::null_mut();
        // SAFETY: the name belongs to this environment and scope.
        check(unsafe { sys::napi_async_init(env.raw(), ptr::null_mut(), name, &mut context) })?;
        let mut function = ptr::null_mut();
        // SAFETY: the function belongs to this environment and scope.
        check(unsafe {
            sys::napi_create_reference(env.raw(), drain.value().value, 1, &mut function)
        })?;
        Ok(Self {
            env: env.raw(),
            function,
            context,
        })
    }

    /// The environment that it is of.
    pub fn env(&self) -> Env {
        Env::from_raw(self.env)
    }

    /// Calls the function, from a callback of libuv and from nowhere else.
    pub fn call(&self) {
        let mut handles = ptr::null_mut();
        // SAFETY: this is the thread of the environment, which is live: its hook closes what calls this.
        let opened = unsafe { sys::napi_open_handle_scope(self.env, &mut handles) };
        if opened != sys::Status::napi_ok {
            return;
        }
        self.call_in_scope();
        // SAFETY: the scope was opened above.
        unsafe { sys::napi_close_handle_scope(self.env, handles) };
    }

    fn call_in_scope(&self) {
        let (env, mut scope) = (self.env, ptr::null_mut());
        let (mut receiver, mut function) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the environment is live.
        let has_receiver = unsafe { sys::napi_get_undefined(env, &mut receiver) };
        // SAFETY: the reference is deleted by `release` only.
        let has_function =
            unsafe { sys::napi_get_reference_value(env, self.function, &mut function) };
        if has_receiver != sys::Status::napi_ok || has_function != sys::Status::napi_ok {
            return;
        }
        // SAFETY: the context is destroyed by `release` only; the object is not looked at.
        let opened = unsafe {
            sys::napi_open_callback_scope(env, ptr::null_mut(), self.context, &mut scope)
        };
        if opened != sys::Status::napi_ok {
            return;
        }
        let (none, no_result) = (ptr::null(), ptr::null_mut());
        // SAFETY: function and receiver belong to this environment and scope.
        let called =
            unsafe { sys::napi_call_function(env, receiver, function, 0, none, no_result) };
        if called == sys::Status::napi_pending_exception {
            self.report();
        }
        // SAFETY: the scope was opened above.
        unsafe { sys::napi_close_callback_scope(env, scope) };
    }

    /// Makes the exception that is pending an uncaught one.
    fn report(&self) {
        let mut error = ptr::null_mut();
        // SAFETY: the environment is live.
        let taken = unsafe { sys::napi_get_and_clear_last_exception(self.env, &mut error) };
        if taken == sys::Status::napi_ok {
            // SAFETY: the value belongs to this environment and scope. One that ends runs nothing.
            unsafe { sys::napi_fatal_exception(self.env, error) };
        }
    }

    /// Gives the function up, once, after the last call.
    pub fn release(&self) {
        // SAFETY: it was made by `new`, and the caller sees to it that it is the only time.
        unsafe { sys::napi_delete_reference(self.env, self.function) };
        // SAFETY: as above.
        unsafe { sys::napi_async_destroy(self.env, self.context) };
    }
}
