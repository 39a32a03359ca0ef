//! `cargo fuzz` binary of the target `read_latex`; what it does is in `src/read_latex.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_latex::run(bytes));
