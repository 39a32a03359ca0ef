//! `cargo fuzz` binary of the target `settings`; what it does is in `src/settings.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::settings::run(bytes));
