//! Pure crates touch no file, clock, environment, async runtime, thread or terminal: values and
//! readers in, values out. Their tests may.

use crate::tokens::{self, Mention};
use crate::{Finding, RustFile, Tree};

/// Folders of the pure crates.
pub const PURE_CRATES: &[&str] = &[
    "lsp/text",
    "lsp/prose",
    "lsp/policy",
    "daemon/gguf",
    "daemon/memory",
    "daemon/pipeline",
    "daemon/scheduler",
    "daemon/vocab",
    "daemon/words",
    "daemon/privacy",
    "trainer/corpus",
    "trainer/lora",
];

/// Files of pure crates that exist to open a file for the rest, which takes readers.
const DOORS: &[&str] = &["daemon/gguf/src/file.rs"];

/// What is banned, and what to do in its place.
const BANNED: &[(&str, &str)] = &[
    (
        "std::fs",
        "take text, bytes or an `impl Read` from the caller",
    ),
    (
        "std::env",
        "take the value from the caller, which has read the settings",
    ),
    ("std::net", "leave it to the daemon or the language server"),
    ("std::process", "leave it to the caller"),
    ("std::thread", "leave it to the caller"),
    ("std::io::stdin", "take an `impl Read` from the caller"),
    ("std::io::stdout", "return the text"),
    ("std::io::stderr", "return the problem as a value"),
    ("Instant::now", "take the time as an argument"),
    ("SystemTime::now", "take the time as an argument"),
    ("tokio", "return what to do; the caller waits"),
    ("rand", "take the seed or the number from the caller"),
    ("fastrand", "take the seed or the number from the caller"),
    ("getrandom", "take the seed or the number from the caller"),
];

/// Macros that talk to a terminal.
const BANNED_MACROS: &[&str] = &["println", "eprintln", "print", "eprint", "dbg"];

const MACRO_REMEDY: &str = "return the text or the problem as a value";

/// Banned paths and macros in the pure crates.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.rust_files();
    let pure = files.iter().filter(|file| is_pure(file));
    pure.flat_map(check_file).collect()
}

fn is_pure(file: &RustFile) -> bool {
    let is_in = |folder: &&str| {
        file.path
            .strip_prefix(*folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    PURE_CRATES.iter().any(is_in) && !DOORS.contains(&file.path.as_str())
}

fn check_file(file: &RustFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Mention { path, line } in tokens::mentions(file) {
        if let Some((banned, remedy)) = BANNED.iter().find(|(banned, _)| is_of(&path, banned)) {
            findings.push(Finding::at(
                &file.path,
                line,
                format!("`{banned}` in a pure crate"),
                remedy,
            ));
        }
    }
    for Mention { path, line } in tokens::macro_calls(file) {
        if BANNED_MACROS.contains(&path.as_str()) {
            let problem = format!("`{path}!` in a pure crate");
            findings.push(Finding::at(&file.path, line, problem, MACRO_REMEDY));
        }
    }
    findings.retain(|finding| {
        let line = finding
            .place
            .rsplit(':')
            .next()
            .and_then(|line| line.parse().ok());
        !line.is_some_and(|line| file.is_test_line(line))
    });
    // A path in a `use` is also seen as tokens.
    findings.dedup();
    findings
}

/// Whether a path names the banned one or something in it: `std::fs` and `std::fs::read`, and
/// `std::time::Instant::now` for `Instant::now`.
fn is_of(path: &str, banned: &str) -> bool {
    let begins = path
        .strip_prefix(banned)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    let ends = banned.ends_with("::now")
        && path
            .strip_suffix(banned)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with("::"));
    // A local variable or field called `rand` is not the crate: only its paths are.
    begins && (path.contains("::") || !is_crate_name(banned)) || ends
}

fn is_crate_name(banned: &str) -> bool {
    !banned.contains("::")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    fn found(path: &str, text: &str) -> Vec<String> {
        let findings = check(&sample(&[(path, text)]));
        findings
            .into_iter()
            .map(|finding| finding.problem)
            .collect()
    }

    #[test]
    fn each_way_to_the_outside_is_found_in_a_pure_crate() {
        for text in [
            "fn a() { std::fs::read(\"x\"); }",
            "use std::fs;",
            "use std::{env, io};",
            "use std::time::Instant;\nfn a() { let _ = Instant::now(); }",
            "fn a() { let _ = std::time::SystemTime::now(); }",
            "fn a() { assert!(std::env::var(\"A\").is_ok()); }",
            "use tokio::sync::mpsc;",
            "fn a() -> u8 { rand::random() }",
            "fn a() { println!(\"x\"); }",
            "fn a() { std::thread::spawn(|| ()); }",
        ] {
            assert!(!found("lsp/text/src/a.rs", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_no_way_out_is_not_found() {
        for text in [
            "use std::io::Read;\nfn a(input: impl Read) {}",
            "use std::time::{Duration, Instant};\nfn a(now: Instant) -> Instant { now }",
            "const A: &str = env!(\"CARGO_PKG_VERSION\");",
            "fn a(rand: u8) -> u8 { rand }",
            "#[cfg(test)]\nmod tests {\n    use std::fs;\n    fn a() { println!(\"x\"); }\n}",
        ] {
            assert_eq!(
                found("lsp/text/src/a.rs", text),
                Vec::<String>::new(),
                "{text}"
            );
        }
    }

    #[test]
    fn other_crates_tests_and_doors_may() {
        let text = "use std::fs;";
        for path in [
            "lsp/server/src/a.rs",
            "lsp/text/tests/a.rs",
            "daemon/gguf/src/file.rs",
        ] {
            assert_eq!(found(path, text), Vec::<String>::new(), "{path}");
        }
    }
}
