//! `cargo fuzz` binary of the target `read_org`; what it does is in `src/read_org.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_org::run(bytes));
