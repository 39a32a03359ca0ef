//! A sequence of a context as bytes.

use llama_cpp_sys_2 as sys;

use super::context::RawContext;

impl RawContext {
    /// The last position that a layer holds of `sequence`; none when it is empty.
    pub(crate) fn last_position(&self, sequence: i32) -> Option<u32> {
        let memory = self.memory()?;
        // SAFETY: the memory belongs to this live context; the caller checked the id.
        let position = unsafe { sys::llama_memory_seq_pos_max(memory, sequence) };
        u32::try_from(position).ok()
    }

    /// What `sequence` holds, as bytes that [`RawContext::restore`] takes; empty when it cannot be
    /// told.
    pub(crate) fn save(&mut self, sequence: i32) -> Vec<u8> {
        if self.is_broken() {
            return Vec::new();
        }
        let context = self.pointer.as_ptr();
        // SAFETY: the context is live; llama.cpp waits for what is being computed before it counts.
        let bytes = unsafe { sys::llama_state_seq_get_size_ext(context, sequence, 0) };
        let mut state = vec![0_u8; bytes];
        // SAFETY: the buffer has room for `state.len()` bytes, and llama.cpp writes no more: it fails
        // with 0 instead. Exceptions inside become 0.
        let written = unsafe {
            sys::llama_state_seq_get_data_ext(context, state.as_mut_ptr(), state.len(), sequence, 0)
        };
        state.truncate(written);
        state
    }

    /// Replaces what `sequence` holds. False when the bytes are of another kind of context or there
    /// is no room; what the sequence holds then is unknown.
    ///
    /// The caller vouches that this process made the bytes with [`RawContext::save`]: llama.cpp
    /// compares their layout with its own, but does not survive every lie.
    pub(crate) fn restore(&mut self, sequence: i32, state: &[u8]) -> bool {
        if self.is_broken() {
            return false;
        }
        // SAFETY: reads at most `state.len()` bytes and checks each length; the bytes were made by
        // `save`, which the caller vouches for. Exceptions inside become 0.
        let read = unsafe {
            sys::llama_state_seq_set_data_ext(
                self.pointer.as_ptr(),
                state.as_ptr(),
                state.len(),
                sequence,
                0,
            )
        };
        read > 0
    }
}
