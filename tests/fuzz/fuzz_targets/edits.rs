//! `cargo fuzz` binary of the target `edits`; what it does is in `src/edits.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::edits::run(bytes));
