//! `cargo fuzz` binary of the target `email`; what it does is in `src/email.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::email::run(bytes));
