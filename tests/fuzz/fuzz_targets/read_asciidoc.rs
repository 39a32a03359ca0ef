//! `cargo fuzz` binary of the target `read_asciidoc`; what it does is in `src/read_asciidoc.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_asciidoc::run(bytes));
