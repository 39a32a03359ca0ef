//! `cargo fuzz` binary of the target `read_plain_text`; what it does is in `src/read_plain_text.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_plain_text::run(bytes));
