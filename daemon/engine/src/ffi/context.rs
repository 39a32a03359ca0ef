//! A context: the KV cache of several sequences and the batch that feeds it.

use std::ffi::{CStr, c_char};
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::adapter::RawAdapter;
use super::log;
use super::model::RawModel;
use crate::context::{BatchEntry, ContextOptions, KvType};
use crate::error::EngineError;

/// What `inkstone_guarded_decode` returns instead of a code of llama.cpp's when something was
/// thrown, as in `native/guard.cpp`.
const THROWN: i32 = -1_000;
/// Room for the text of what was thrown; the rest is cut off.
const PROBLEM_BYTES_MAX: usize = 512;

unsafe extern "C" {
    /// `llama_decode` and `llama_synchronize`, with exceptions caught: see `native/guard.cpp`.
    fn inkstone_guarded_decode(
        context: *mut sys::llama_context,
        batch: sys::llama_batch,
        problem: *mut c_char,
        problem_len: usize,
    ) -> i32;
}

/// Owns a `llama_context` and its `llama_batch`.
#[derive(Debug)]
pub(crate) struct RawContext {
    pub(super) pointer: NonNull<sys::llama_context>,
    batch: sys::llama_batch,
    batch_capacity: usize,
    vocabulary_len: usize,
    /// Computing threw: what llama.cpp was in the middle of is unknown, so it is not called any
    /// more, not even to be freed, which waits for the device and ends the process when that throws.
    is_broken: bool,
}

// SAFETY: a llama_context may move between threads; it is used through `&mut self` only, and
// `&self` methods read values that no other thread changes.
unsafe impl Send for RawContext {}

impl RawContext {
    /// The caller keeps `model` alive longer than the context, and has locked what llama.cpp changes
    /// in it (`Model::shared`) for writing.
    pub(crate) fn new(model: &RawModel, options: &ContextOptions) -> Result<Self, EngineError> {
        let failed = || EngineError::Context {
            context_tokens: options.context_tokens,
            detail: log::take_errors(),
        };
        log::take_errors();
        let threads = i32::try_from(options.threads).unwrap_or(1).max(1);
        // SAFETY: default parameters, then plain fields; the model is live, and its list of adapters,
        // which is read here, and `n_ctx_train`, which may be written, are locked by the caller.
        // Exceptions inside become null.
        let pointer = unsafe {
            let mut params = sys::llama_context_default_params();
            params.n_ctx = options.context_tokens;
            params.n_batch = options.batch_tokens;
            params.n_ubatch = options.batch_tokens;
            params.n_seq_max = options.sequences;
            // Without this bound the output buffer is reserved for every token of a batch (0.5 GB for
            // a vocabulary of 262,144).
            params.n_outputs_max = options.outputs;
            params.n_threads = threads;
            params.n_threads_batch = threads;
            params.kv_unified = true;
            // A sliding-window cache cannot be rewound past its window, which a caret move needs.
            params.swa_full = true;
            params.offload_kqv = options.offload_kv;
            // Not "enabled", which is an error where the device has no code for it.
            params.flash_attn_type = if options.flash_attention {
                sys::LLAMA_FLASH_ATTN_TYPE_AUTO
            } else {
                sys::LLAMA_FLASH_ATTN_TYPE_DISABLED
            };
            let kv_type = match options.kv_type {
                KvType::F16 => sys::GGML_TYPE_F16,
                KvType::Q8 => sys::GGML_TYPE_Q8_0,
            };
            (params.type_k, params.type_v) = (kv_type, kv_type);
            params.no_perf = true;
            sys::llama_init_from_model(model.pointer.as_ptr(), params)
        };
        let pointer = NonNull::new(pointer).ok_or_else(failed)?;
        let capacity = i32::try_from(options.batch_tokens).map_err(|_| failed())?;
        // SAFETY: allocates arrays for `capacity` tokens with one sequence id each.
        let batch = unsafe { sys::llama_batch_init(capacity, 0, 1) };
        Ok(Self {
            pointer,
            batch,
            batch_capacity: options.batch_tokens as usize,
            vocabulary_len: model.vocabulary_len(),
            is_broken: false,
        })
    }

    /// Whether a batch ended by an exception: this context computes no more, and what it uses must
    /// not be freed.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Cells of the KV cache, which may be more than asked for.
    pub(crate) fn context_tokens(&self) -> u32 {
        // SAFETY: `self.pointer` is live as long as `self`.
        unsafe { sys::llama_n_ctx(self.pointer.as_ptr()) }
    }

    /// Whether it remembers what it has read: a context of an encoder does not, and llama.cpp ends
    /// the process when that is asked for the logits of a few of many tokens.
    pub(crate) fn has_memory(&self) -> bool {
        self.memory().is_some()
    }

    /// Its KV cache; none of an encoder, and none of a context that is not to be called any more.
    pub(super) fn memory(&self) -> Option<sys::llama_memory_t> {
        if self.is_broken {
            return None;
        }
        // SAFETY: `self.pointer` is live; the answer is null or belongs to the context.
        let memory = unsafe { sys::llama_get_memory(self.pointer.as_ptr()) };
        (!memory.is_null()).then_some(memory)
    }

    /// Runs one batch. The caller has checked token ids, sequence ids and the length, and has locked
    /// the model's list of adapters (`Model::shared`) for reading.
    pub(crate) fn decode(&mut self, entries: &[BatchEntry]) -> Result<(), EngineError> {
        if entries.len() > self.batch_capacity {
            return Err(EngineError::Batch(format!(
                "{} entries, at most {}",
                entries.len(),
                self.batch_capacity
            )));
        }
        if self.is_broken {
            return Err(EngineError::Thrown {
                detail: "the context has failed before".to_owned(),
            });
        }
        // proof: the capacity came from an i32.
        self.batch.n_tokens = i32::try_from(entries.len()).unwrap_or(i32::MAX);
        for (index, entry) in entries.iter().enumerate() {
            // SAFETY: `index` < capacity of every array; each seq_id array has room for one id.
            unsafe {
                *self.batch.token.add(index) = entry.token.0.cast_signed();
                *self.batch.pos.add(index) = entry.position.cast_signed();
                *self.batch.n_seq_id.add(index) = 1;
                **self.batch.seq_id.add(index) = i32::from(entry.sequence.0);
                *self.batch.logits.add(index) = i8::from(entry.wants_logits);
            }
        }
        log::take_errors();
        let mut problem = [0_u8; PROBLEM_BYTES_MAX];
        // SAFETY: the batch holds `n_tokens` initialised entries; llama_batch is plain data, copied
        // by value, its arrays stay ours. The model's list of adapters, which a changed set makes
        // llama.cpp read, is locked by the caller. `problem` is valid for its length and gets a
        // text with a NUL in it; nothing is thrown.
        let code = unsafe {
            inkstone_guarded_decode(
                self.pointer.as_ptr(),
                self.batch,
                problem.as_mut_ptr().cast(),
                problem.len(),
            )
        };
        match code {
            0 => Ok(()),
            THROWN => {
                self.is_broken = true;
                let problem = CStr::from_bytes_until_nul(&problem).unwrap_or_default();
                Err(EngineError::Thrown {
                    detail: problem.to_string_lossy().into_owned(),
                })
            }
            1 => Err(EngineError::CacheFull {
                context_tokens: self.context_tokens(),
            }),
            code => Err(EngineError::Decode {
                tokens: entries.len(),
                code,
                detail: log::take_errors(),
            }),
        }
    }

    /// Logits of the batch entry `index` of the last decode; none when it asked for none.
    pub(crate) fn logits(&self, index: usize) -> Option<&[f32]> {
        let index = i32::try_from(index).ok().filter(|_| !self.is_broken)?;
        // SAFETY: returns null for an index without logits; else a row of `vocabulary_len` floats
        // that stays valid until the next decode, which needs `&mut self`.
        unsafe {
            let row = sys::llama_get_logits_ith(self.pointer.as_ptr(), index);
            (!row.is_null()).then(|| std::slice::from_raw_parts(row, self.vocabulary_len))
        }
    }

    /// Forgets what `sequence` holds from position `keep` on; false when the memory cannot.
    pub(crate) fn truncate(&mut self, sequence: i32, keep: i32) -> bool {
        let Some(memory) = self.memory() else {
            return false;
        };
        // SAFETY: the memory belongs to this live context; ids and positions are checked inside.
        unsafe { sys::llama_memory_seq_rm(memory, sequence, keep, -1) }
    }

    /// The first position that every layer holds of `sequence`; none when it is empty. More than 0
    /// where a layer with a sliding window has given up what was out of sight.
    pub(crate) fn first_position(&self, sequence: i32) -> Option<u32> {
        let memory = self.memory()?;
        // SAFETY: the memory belongs to this live context; the caller checked the id.
        let position = unsafe { sys::llama_memory_seq_pos_min(memory, sequence) };
        u32::try_from(position).ok()
    }

    /// Whether positions can be changed after they were computed.
    pub(crate) fn can_shift(&self) -> bool {
        // SAFETY: the memory belongs to this live context.
        self.memory()
            .is_some_and(|memory| unsafe { sys::llama_memory_can_shift(memory) })
    }

    /// Forgets the positions from `from` to before `until` and moves those from `until` on to `to`;
    /// false when the memory cannot. The caller has checked that it can shift and that no other
    /// sequence shares the moved cells.
    pub(crate) fn move_back(&mut self, sequence: i32, from: i32, until: i32, to: i32) -> bool {
        let Some(memory) = self.memory() else {
            return false;
        };
        // SAFETY: as in `truncate`. `seq_add` ends the process on a memory that cannot shift, which
        // the caller has excluded; the keys themselves are turned with the next decode.
        unsafe {
            let is_removed = sys::llama_memory_seq_rm(memory, sequence, from, until);
            if is_removed {
                sys::llama_memory_seq_add(memory, sequence, until, -1, to - until);
            }
            is_removed
        }
    }

    /// Lets the sequence `to` hold the positions from `start` to before `end` of `from`, too.
    pub(crate) fn copy(&mut self, from: i32, to: i32, start: i32, end: i32) {
        if let Some(memory) = self.memory() {
            // SAFETY: the memory belongs to this live context and is unified, so that a copy of a
            // part only marks cells; the caller checked the ids.
            unsafe { sys::llama_memory_seq_cp(memory, from, to, start, end) };
        }
    }

    /// Replaces the set of adapters; the KV cache is the caller's concern.
    pub(crate) fn set_adapters(&mut self, adapters: &[(&RawAdapter, f32)]) -> bool {
        if self.is_broken {
            return false;
        }
        let mut pointers: Vec<_> = adapters
            .iter()
            .map(|(adapter, _)| adapter.pointer.as_ptr())
            .collect();
        let mut scales: Vec<f32> = adapters.iter().map(|(_, scale)| *scale).collect();
        // SAFETY: both arrays have `len` entries and are copied; the adapters belong to this model
        // and outlive their use (the owner keeps them until they are replaced).
        let code = unsafe {
            sys::llama_set_adapters_lora(
                self.pointer.as_ptr(),
                pointers.as_mut_ptr(),
                pointers.len(),
                scales.as_mut_ptr(),
            )
        };
        code == 0
    }
}

impl Drop for RawContext {
    fn drop(&mut self) {
        // SAFETY: both were made in `new` and are freed once; the model is still live. A broken
        // context is left as it is, and its owner keeps the model for it.
        unsafe {
            sys::llama_batch_free(self.batch);
            if !self.is_broken {
                sys::llama_free(self.pointer.as_ptr());
            }
        }
    }
}
