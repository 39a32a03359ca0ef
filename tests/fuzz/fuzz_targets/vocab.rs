//! `cargo fuzz` binary of the target `vocab`; what it does is in `src/vocab.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::vocab::run(bytes));
