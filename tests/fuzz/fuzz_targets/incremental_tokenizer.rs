//! `cargo fuzz` binary of the target `incremental_tokenizer`; what it does is in `src/incremental_tokenizer.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::incremental_tokenizer::run(bytes));
