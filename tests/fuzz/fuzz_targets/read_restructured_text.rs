//! `cargo fuzz` binary of the target `read_restructured_text`; what it does is in `src/read_restructured_text.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_restructured_text::run(bytes));
