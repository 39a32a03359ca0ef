//! `cargo fuzz` binary of the target `memory`; what it does is in `src/memory.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::memory::run(bytes));
