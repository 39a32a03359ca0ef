//! `cargo fuzz` binary of the target `markup`; what it does is in `src/markup.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::markup::run(bytes));
