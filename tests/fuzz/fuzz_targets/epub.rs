//! `cargo fuzz` binary of the target `epub`; what it does is in `src/epub.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::epub::run(bytes));
