//! `cargo fuzz` binary of the target `lsp_message`; what it does is in `src/lsp_message.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::lsp_message::run(bytes));
