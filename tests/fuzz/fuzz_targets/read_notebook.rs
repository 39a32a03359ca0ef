//! `cargo fuzz` binary of the target `read_notebook`; what it does is in `src/read_notebook.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_notebook::run(bytes));
