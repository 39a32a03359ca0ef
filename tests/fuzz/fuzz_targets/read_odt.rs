//! `cargo fuzz` binary of the target `read_odt`; what it does is in `src/read_odt.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_odt::run(bytes));
