//! `cargo fuzz` binary of the target `read_email`; what it does is in `src/read_email.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_email::run(bytes));
