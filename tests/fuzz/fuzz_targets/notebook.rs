//! `cargo fuzz` binary of the target `notebook`; what it does is in `src/notebook.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::notebook::run(bytes));
