//! `cargo fuzz` binary of the target `utf8_stream`; what it does is in `src/utf8_stream.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::utf8_stream::run(bytes));
