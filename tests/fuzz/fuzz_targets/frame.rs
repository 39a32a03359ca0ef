//! `cargo fuzz` binary of the target `frame`; what it does is in `src/frame.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::frame::run(bytes));
