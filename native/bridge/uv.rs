//! The few functions of libuv that let node's loop watch a descriptor for us.
//!
//! They are looked up when the first server asks for them, and only after JavaScript has seen that
//! the runtime is Node: others lack them, or have some that end the process when they are called.

use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use napi::bindgen_prelude::Env;
use napi::sys;

use crate::net::fd::symbol;

/// A loop or a handle: what is in it is libuv's business.
pub type Raw = *mut c_void;
/// Called for a timer, an idle handle, or one that is closed.
pub type OnHandle = unsafe extern "C" fn(Raw);
/// Called for a descriptor.
pub type OnPoll = unsafe extern "C" fn(Raw, c_int, c_int);

/// `uv_handle_type`.
pub mod kind {
    use std::ffi::c_int;

    /// `UV_IDLE`.
    pub const IDLE: c_int = 6;
    /// `UV_POLL`.
    pub const POLL: c_int = 8;
    /// `UV_TIMER`.
    pub const TIMER: c_int = 13;
}

/// `UV_READABLE`.
pub const READABLE: c_int = 1;

macro_rules! functions {
    ($($name:ident: $type:ty;)*) => {
        /// The functions by libuv's names.
        #[derive(Clone, Copy, Debug)]
        #[allow(missing_docs, reason = "see libuv")]
        pub struct Functions {
            $(pub $name: $type,)*
        }

        impl Functions {
            fn look_up() -> Option<Self> {
                Some(Self {
                    $($name: {
                        let name = concat!(stringify!($name), "\0");
                        let found = symbol(CStr::from_bytes_with_nul(name.as_bytes()).ok()?)?;
                        // SAFETY: a function of this name has this type since libuv 1.39.
                        unsafe { std::mem::transmute_copy::<Raw, $type>(&found) }
                    },)*
                })
            }
        }
    };
}

functions! {
    napi_get_uv_event_loop: unsafe extern "C" fn(sys::napi_env, *mut Raw) -> sys::napi_status;
    uv_handle_size: unsafe extern "C" fn(c_int) -> usize;
    uv_handle_set_data: unsafe extern "C" fn(Raw, Raw);
    uv_handle_get_data: unsafe extern "C" fn(Raw) -> Raw;
    uv_ref: unsafe extern "C" fn(Raw);
    uv_unref: unsafe extern "C" fn(Raw);
    uv_close: unsafe extern "C" fn(Raw, Option<OnHandle>);
    uv_poll_init: unsafe extern "C" fn(Raw, Raw, c_int) -> c_int;
    uv_poll_start: unsafe extern "C" fn(Raw, c_int, OnPoll) -> c_int;
    uv_timer_init: unsafe extern "C" fn(Raw, Raw) -> c_int;
    uv_timer_start: unsafe extern "C" fn(Raw, OnHandle, u64, u64) -> c_int;
    uv_timer_stop: unsafe extern "C" fn(Raw) -> c_int;
    uv_idle_init: unsafe extern "C" fn(Raw, Raw) -> c_int;
    uv_idle_start: unsafe extern "C" fn(Raw, OnHandle) -> c_int;
    uv_idle_stop: unsafe extern "C" fn(Raw) -> c_int;
    uv_metrics_idle_time: unsafe extern "C" fn(Raw) -> u64;
}

impl Functions {
    /// All of them, or `None` if the process lacks one.
    pub fn get() -> Option<&'static Self> {
        static FOUND: OnceLock<Option<Functions>> = OnceLock::new();
        FOUND.get_or_init(Self::look_up).as_ref()
    }

    /// The loop of an environment.
    pub fn loop_of(&self, env: &Env) -> Option<Raw> {
        let mut found = ptr::null_mut();
        // SAFETY: the environment is live, and this is its thread.
        let status = unsafe { (self.napi_get_uv_event_loop)(env.raw(), &mut found) };
        (status == sys::Status::napi_ok && !found.is_null()).then_some(found)
    }
}
