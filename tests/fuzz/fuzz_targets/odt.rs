//! `cargo fuzz` binary of the target `odt`; what it does is in `src/odt.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::odt::run(bytes));
