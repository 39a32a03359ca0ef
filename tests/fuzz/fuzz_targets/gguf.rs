//! `cargo fuzz` binary of the target `gguf`; what it does is in `src/gguf.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::gguf::run(bytes));
