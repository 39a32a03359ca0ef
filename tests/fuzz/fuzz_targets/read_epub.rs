//! `cargo fuzz` binary of the target `read_epub`; what it does is in `src/read_epub.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_epub::run(bytes));
