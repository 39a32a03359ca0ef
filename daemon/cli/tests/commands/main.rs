//! Commands as a person types them: the real binary in a home of its own, on the real small model.
//!
//! Here are those about models. Whether suggestions come is tested in `tests/e2e`.

#![cfg(unix)] // Pipes and modes; elsewhere the same promises need words of their own.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.

mod adapter;
mod dataset;
mod doctor;
mod feedback;
mod model;
mod pull;
mod review;
mod review_screen;
mod setup;
mod workspace;

use std::fs;
use std::process::Stdio;

use inkstone_test_support::Home;

/// A search path on which no pip is found: what would be fetched fails at once, without a network.
const NO_PROGRAMS: &str = "/nowhere";

/// What a command did.
#[derive(Debug)]
struct Finished {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs `inkstone`, and nothing else, in a home.
fn inkstone(home: &Home, arguments: &[&str]) -> Finished {
    let output = home
        .command("inkstone")
        .args(arguments)
        .env("PATH", NO_PROGRAMS)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Finished {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

impl Finished {
    /// Ended with this code and said all of this on either output.
    fn check(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, code, "{self:#?}");
        let all = format!("{}{}", self.stdout, self.stderr);
        for words in said {
            assert!(all.contains(words), "`{words}` is missing: {self:#?}");
        }
        assert!(!all.contains("panicked"), "{self:#?}");
    }
}

/// The files where models are published, hidden ones too.
fn published(home: &Home) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(home.root().join("data/models"))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
