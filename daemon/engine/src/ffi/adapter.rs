//! A LoRA adapter in memory.

use std::ffi::CString;
use std::path::Path;
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::log;
use super::model::RawModel;
use crate::error::EngineError;

/// Owns a `llama_adapter_lora`; its keeper holds the model alive.
#[derive(Debug)]
pub(crate) struct RawAdapter {
    pub(super) pointer: NonNull<sys::llama_adapter_lora>,
}

// SAFETY: read-only after loading; the contexts that use it synchronise on their own `&mut`.
unsafe impl Send for RawAdapter {}
// SAFETY: as above.
unsafe impl Sync for RawAdapter {}

impl RawAdapter {
    pub(crate) fn load(model: &RawModel, path: &Path) -> Result<Self, EngineError> {
        let c_path =
            CString::new(path.as_os_str().as_encoded_bytes()).map_err(|_| EngineError::Path {
                path: path.to_owned(),
            })?;
        log::take_errors();
        // SAFETY: the model is live and `c_path` NUL-terminated; llama.cpp adds the adapter to the
        // model's list, which `Adapter::load` has locked against every reader and writer.
        let pointer =
            unsafe { sys::llama_adapter_lora_init(model.pointer.as_ptr(), c_path.as_ptr()) };
        let pointer = NonNull::new(pointer).ok_or_else(|| EngineError::Load {
            path: path.to_owned(),
            what: "adapter",
            detail: log::take_errors(),
        })?;
        Ok(Self { pointer })
    }

    /// Frees the adapter.
    ///
    /// # Safety
    /// The model it was loaded with is live, no context uses the adapter any more, and the caller
    /// has locked the model's list of adapters (`Model::shared`) for writing.
    pub(crate) unsafe fn free(&mut self) {
        // SAFETY: by the contract of this function.
        unsafe { sys::llama_adapter_lora_free(self.pointer.as_ptr()) };
    }
}
