//! `cargo fuzz` binary of the target `read_html`; what it does is in `src/read_html.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_html::run(bytes));
