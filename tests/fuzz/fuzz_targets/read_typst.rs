//! `cargo fuzz` binary of the target `read_typst`; what it does is in `src/read_typst.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_typst::run(bytes));
