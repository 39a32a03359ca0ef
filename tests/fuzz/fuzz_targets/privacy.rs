//! `cargo fuzz` binary of the target `privacy`; what it does is in `src/privacy.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::privacy::run(bytes));
