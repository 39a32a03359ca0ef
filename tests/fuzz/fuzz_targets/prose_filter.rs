//! `cargo fuzz` binary of the target `prose_filter`; what it does is in `src/prose_filter.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::prose_filter::run(bytes));
