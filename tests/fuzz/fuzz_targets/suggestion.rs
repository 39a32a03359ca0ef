//! `cargo fuzz` binary of the target `suggestion`; what it does is in `src/suggestion.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::suggestion::run(bytes));
