//! `cargo fuzz` binary of the target `docx`; what it does is in `src/docx.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::docx::run(bytes));
