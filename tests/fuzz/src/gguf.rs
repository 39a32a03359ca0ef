//! Any bytes are a model's header or an error; a header that was read fits its file.

use inkstone_gguf::{Gguf, ModelInfo};

/// Reads the bytes as a whole file.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let file_len = bytes.len() as u64;
    let gguf = match Gguf::read(&mut &bytes[..], file_len) {
        Ok(gguf) => gguf,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(gguf.required_bytes() <= file_len);
    for tensor in gguf.tensors() {
        assert!(gguf.data_offset() + tensor.offset + tensor.bytes <= file_len);
    }
    let _valid_or_named = inkstone_gguf::vocabulary::check(&gguf);
    if let Ok(info) = ModelInfo::from_gguf(&gguf) {
        // Callers multiply these to plan memory; the limits promise that they may.
        let per_layer = u64::from(info.head_count_kv) * u64::from(info.key_length + info.value_length);
        assert!((u64::from(info.block_count) * per_layer * 2).checked_mul(u64::from(u16::MAX)).is_some());
    }
}
