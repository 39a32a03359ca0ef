//! A loaded model: weights and vocabulary.

use std::ffi::{CString, c_char, c_void};
use std::path::Path;
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::backend::DeviceHandle;
use super::log;
use crate::error::EngineError;

/// How to load.
pub(crate) struct RawLoadOptions<'a> {
    pub(crate) vocabulary_only: bool,
    pub(crate) gpu_layers: i32,
    /// Devices that may hold layers; empty for the CPU alone.
    pub(crate) devices: &'a [DeviceHandle],
    /// Called with 0.0 to 1.0; `false` stops the load.
    pub(crate) progress: &'a mut dyn FnMut(f32) -> bool,
}

/// Owns a `llama_model`.
#[derive(Debug)]
pub(crate) struct RawModel {
    pub(super) pointer: NonNull<sys::llama_model>,
    vocab: NonNull<sys::llama_vocab>,
}

// SAFETY: nothing in a llama_model is bound to a thread.
unsafe impl Send for RawModel {}
// SAFETY: the methods below only read what loading wrote, and llama.h calls the tokenizer
// thread-safe. Two parts are changed later: the list of adapters (when one is loaded or freed, while
// contexts read it to size their graphs) and `n_ctx_train` (when a context is made). Whoever calls
// into llama.cpp to change or read those takes the lock `Model::shared` first: `Adapter::load`, its
// drop and `Context::new` for writing, `Context::decode` for reading.
unsafe impl Sync for RawModel {}

impl RawModel {
    pub(crate) fn load(path: &Path, options: &mut RawLoadOptions<'_>) -> Result<Self, EngineError> {
        let c_path =
            CString::new(path.as_os_str().as_encoded_bytes()).map_err(|_| EngineError::Path {
                path: path.to_owned(),
            })?;
        let mut devices: Vec<sys::ggml_backend_dev_t> =
            options.devices.iter().map(|d| d.0).collect();
        devices.push(std::ptr::null_mut());
        let mut progress: &mut dyn FnMut(f32) -> bool = &mut *options.progress;
        log::take_errors();
        // SAFETY: default parameters, then fields of the documented types; `devices` is terminated
        // by null and, like `progress`, outlives the call, which does not keep either; `c_path` is
        // NUL-terminated. C++ exceptions are caught inside and become null.
        let pointer = unsafe {
            let mut params = sys::llama_model_default_params();
            params.vocab_only = options.vocabulary_only;
            params.n_gpu_layers = options.gpu_layers;
            params.devices = devices.as_mut_ptr();
            params.progress_callback = Some(on_progress);
            params.progress_callback_user_data = (&raw mut progress).cast::<c_void>();
            sys::llama_model_load_from_file(c_path.as_ptr(), params)
        };
        let failed = |what| EngineError::Load {
            path: path.to_owned(),
            what,
            detail: log::take_errors(),
        };
        let pointer = NonNull::new(pointer).ok_or_else(|| failed("model"))?;
        // SAFETY: `pointer` is a live model.
        let vocab = unsafe { sys::llama_model_get_vocab(pointer.as_ptr()) };
        let Some(vocab) = NonNull::new(vocab.cast_mut()) else {
            // SAFETY: loaded above and not shared yet.
            unsafe { sys::llama_model_free(pointer.as_ptr()) };
            return Err(failed("model"));
        };
        Ok(Self { pointer, vocab })
    }

    /// Layers of the model, the output layer not counted.
    pub(crate) fn layers(&self) -> u32 {
        // SAFETY: `self.pointer` is live as long as `self`.
        u32::try_from(unsafe { sys::llama_model_n_layer(self.pointer.as_ptr()) }).unwrap_or(0)
    }

    /// Whether it reads with an encoder, alone or in front of a decoder.
    pub(crate) fn has_encoder(&self) -> bool {
        // SAFETY: as above.
        unsafe { sys::llama_model_has_encoder(self.pointer.as_ptr()) }
    }

    /// Whether it can write.
    pub(crate) fn has_decoder(&self) -> bool {
        // SAFETY: as above.
        unsafe { sys::llama_model_has_decoder(self.pointer.as_ptr()) }
    }

    /// Whether it writes a whole text at once, in steps.
    pub(crate) fn is_diffusion(&self) -> bool {
        // SAFETY: as above.
        unsafe { sys::llama_model_is_diffusion(self.pointer.as_ptr()) }
    }

    /// Whether it keeps a running state instead of a cache.
    pub(crate) fn is_recurrent(&self) -> bool {
        // SAFETY: as above.
        unsafe { sys::llama_model_is_recurrent(self.pointer.as_ptr()) }
    }

    /// Whether some of its layers do.
    pub(crate) fn is_hybrid(&self) -> bool {
        // SAFETY: as above.
        unsafe { sys::llama_model_is_hybrid(self.pointer.as_ptr()) }
    }

    /// Tokens that its layers with a sliding window see; 0 without any.
    pub(crate) fn sliding_window_tokens(&self) -> u32 {
        // SAFETY: as above.
        u32::try_from(unsafe { sys::llama_model_n_swa(self.pointer.as_ptr()) }).unwrap_or(0)
    }

    /// Bytes of all tensors.
    pub(crate) fn size_bytes(&self) -> u64 {
        // SAFETY: as above.
        unsafe { sys::llama_model_size(self.pointer.as_ptr()) }
    }

    pub(crate) fn vocabulary_len(&self) -> usize {
        // SAFETY: `self.vocab` belongs to the model and lives as long.
        usize::try_from(unsafe { sys::llama_vocab_n_tokens(self.vocab.as_ptr()) }).unwrap_or(0)
    }

    pub(crate) fn adds_bos(&self) -> bool {
        // SAFETY: as above.
        unsafe { sys::llama_vocab_get_add_bos(self.vocab.as_ptr()) }
    }

    /// `token` must be below [`RawModel::vocabulary_len`]; others are never end tokens.
    pub(crate) fn is_end_of_generation(&self, token: i32) -> bool {
        // SAFETY: as above; the lookup is in a set and takes any id.
        unsafe { sys::llama_vocab_is_eog(self.vocab.as_ptr(), token) }
    }

    pub(crate) fn tokenize(
        &self,
        text: &str,
        add_special: bool,
        parse_special: bool,
    ) -> Result<Vec<i32>, EngineError> {
        let too_long = || EngineError::TextTooLong { bytes: text.len() };
        let text_len = i32::try_from(text.len()).map_err(|_| too_long())?;
        // A token covers at least one byte in practice; two more for BOS and EOS.
        let mut tokens = vec![0_i32; text.len() + 2];
        for _attempt in 0..2 {
            let capacity = i32::try_from(tokens.len()).map_err(|_| too_long())?;
            // SAFETY: `text` is valid for `text_len` bytes, `tokens` for `capacity` writes.
            let count = unsafe {
                sys::llama_tokenize(
                    self.vocab.as_ptr(),
                    text.as_ptr().cast::<c_char>(),
                    text_len,
                    tokens.as_mut_ptr(),
                    capacity,
                    add_special,
                    parse_special,
                )
            };
            if let Ok(count) = usize::try_from(count) {
                tokens.truncate(count);
                return Ok(tokens);
            }
            // Negative: the number of tokens that would have been needed.
            let needed = count
                .checked_neg()
                .and_then(|n| usize::try_from(n).ok())
                .ok_or_else(too_long)?;
            tokens.resize(needed, 0);
        }
        Err(too_long())
    }

    /// The bytes a token stands for; empty for control tokens and ids out of range.
    pub(crate) fn token_bytes(&self, token: i32) -> Vec<u8> {
        if usize::try_from(token).map_or(true, |id| id >= self.vocabulary_len()) {
            return Vec::new();
        }
        let mut buffer = vec![0_u8; 64];
        for _attempt in 0..2 {
            let capacity = i32::try_from(buffer.len()).unwrap_or(i32::MAX);
            // SAFETY: `token` is in range (checked above), `buffer` is valid for `capacity` writes.
            let written = unsafe {
                sys::llama_token_to_piece(
                    self.vocab.as_ptr(),
                    token,
                    buffer.as_mut_ptr().cast::<c_char>(),
                    capacity,
                    0,
                    false,
                )
            };
            if let Ok(written) = usize::try_from(written) {
                buffer.truncate(written);
                return buffer;
            }
            buffer.resize(written.unsigned_abs() as usize, 0);
        }
        Vec::new()
    }
}

impl Drop for RawModel {
    fn drop(&mut self) {
        // SAFETY: contexts and adapters hold an `Arc` of the owner, so none outlives this call.
        unsafe { sys::llama_model_free(self.pointer.as_ptr()) };
    }
}

unsafe extern "C" fn on_progress(fraction: f32, user_data: *mut c_void) -> bool {
    // SAFETY: `user_data` is the `&mut &mut dyn FnMut` that `RawModel::load` keeps alive during the
    // load, which calls back from the loading thread only.
    let progress = unsafe { &mut *user_data.cast::<&mut dyn FnMut(f32) -> bool>() };
    progress(fraction)
}
