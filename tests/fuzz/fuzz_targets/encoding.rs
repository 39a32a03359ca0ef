//! `cargo fuzz` binary of the target `encoding`; what it does is in `src/encoding.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::encoding::run(bytes));
