//! `cargo fuzz` binary of the target `catalogue`; what it does is in `src/catalogue.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::catalogue::run(bytes));
