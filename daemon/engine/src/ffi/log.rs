//! llama.cpp's log lines, sent to `tracing`, and the recent errors kept for error messages.
//!
//! They speak of tensors and devices, never of the user's text.

use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_void};
use std::sync::{Mutex, Once, PoisonError};

use llama_cpp_sys_2 as sys;

/// Error lines kept to explain a failed call; older ones are dropped.
const ERRORS_KEPT_MAX: usize = 4;

static RECENT_ERRORS: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());
static INSTALL: Once = Once::new();

/// Routes llama.cpp's log to `tracing`; further calls do nothing.
pub(crate) fn install() {
    INSTALL.call_once(|| {
        // SAFETY: `forward` has the required signature, lives for the whole program and ignores
        // `user_data`.
        unsafe {
            sys::llama_log_set(Some(forward), std::ptr::null_mut());
            sys::ggml_log_set(Some(forward), std::ptr::null_mut());
        }
    });
}

/// Takes the errors logged since the last call, as one line.
pub(crate) fn take_errors() -> String {
    let mut errors = RECENT_ERRORS.lock().unwrap_or_else(PoisonError::into_inner);
    let joined = errors.drain(..).collect::<Vec<_>>().join("; ");
    if joined.is_empty() {
        "no further detail".to_owned()
    } else {
        joined
    }
}

unsafe extern "C" fn forward(
    level: sys::ggml_log_level,
    text: *const c_char,
    _user_data: *mut c_void,
) {
    if text.is_null() {
        return;
    }
    // SAFETY: llama.cpp passes a NUL-terminated string that outlives this call.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let line = text.trim();
    if line.is_empty() || line.chars().all(|c| c == '.') {
        return;
    }
    match level {
        sys::GGML_LOG_LEVEL_ERROR => {
            tracing::error!(target: "llama", "{line}");
            let mut errors = RECENT_ERRORS.lock().unwrap_or_else(PoisonError::into_inner);
            if errors.len() == ERRORS_KEPT_MAX {
                errors.pop_front();
            }
            errors.push_back(line.to_owned());
        }
        sys::GGML_LOG_LEVEL_WARN => tracing::debug!(target: "llama", "{line}"),
        _ => tracing::trace!(target: "llama", "{line}"),
    }
}
