//! `cargo fuzz` binary of the target `read_commit_message`; what it does is in `src/read_commit_message.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inkstone_fuzz::read_commit_message::run(bytes));
