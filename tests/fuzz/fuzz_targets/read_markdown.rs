//! `cargo fuzz` binary of the target `read_markdown`; what it does is in `src/read_markdown.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_markdown::run(bytes));
