//! The bytes of an array of `Uint8Array`.

use std::ptr;

use napi::bindgen_prelude::{JsValue, Unknown};
use napi::sys;

use crate::bridge::memory::StillBytes;

/// The elements of an array, one by one, up to what is no `Uint8Array`.
#[derive(Debug)]
pub struct StillPieces {
    env: sys::napi_env,
    array: sys::napi_value,
    next: u32,
}

impl StillPieces {
    /// Those of `array`, for the call that it is an argument of.
    pub fn new(array: &Unknown<'_>) -> Self {
        let value = array.value();
        Self {
            env: value.env,
            array: value.value,
            next: 0,
        }
    }
}

impl Iterator for StillPieces {
    type Item = StillBytes;

    /// The bytes of the next one, which JavaScript keeps for as long as it has promised.
    fn next(&mut self) -> Option<StillBytes> {
        let mut element = ptr::null_mut();
        // SAFETY: the array is an argument of the call under way, in whose scope this is.
        let got = unsafe { sys::napi_get_element(self.env, self.array, self.next, &mut element) };
        if got != sys::Status::napi_ok {
            return None;
        }
        self.next += 1;
        let (mut kind, mut len, mut data) = (-1, 0, ptr::null_mut());
        let (no_buffer, no_offset) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the element belongs to this environment and scope.
        let told = unsafe {
            sys::napi_get_typedarray_info(
                self.env, element, &mut kind, &mut len, &mut data, no_buffer, no_offset,
            )
        };
        if told != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
            return None;
        }
        if len == 0 {
            return Some(StillBytes::new(&[]));
        }
        // SAFETY: the engine says that there are so many bytes.
        let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
        Some(StillBytes::new(bytes))
    }
}
