//! `cargo fuzz` binary of the target `read_docx`; what it does is in `src/read_docx.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_docx::run(bytes));
