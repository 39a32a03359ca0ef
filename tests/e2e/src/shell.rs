//! The command line as a person uses it: arguments and standard input in, output and code out.

use std::io::Write;
use std::process::{Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use inkstone_test_support::Home;
use serde_json::Value;

/// How long a command may run: a measurement, on a busy machine.
const COMMAND_WAIT_S: u64 = 300;

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// The same, if the command succeeded.
    ///
    /// # Panics
    /// When it did not.
    #[expect(clippy::return_self_not_must_use)] // Most callers want the check alone.
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is something else.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs `inkstone` in a home.
///
/// # Panics
/// When it cannot be started or does not end.
pub fn inkstone(home: &Home, arguments: &[&str]) -> Finished {
    inkstone_with_input(home, arguments, b"")
}

/// Runs `inkstone` in a home with this standard input.
///
/// # Panics
/// When it cannot be started or does not end.
pub fn inkstone_with_input(home: &Home, arguments: &[&str], input: &[u8]) -> Finished {
    let mut command = home.command("inkstone");
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let started = command.spawn();
    let mut child = started.unwrap_or_else(|error| panic!("inkstone {arguments:?}: {error}"));
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input may close it.
        let _not_read = stdin.write_all(input);
    }
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // The test may have given up waiting.
        let _nobody_waits = sender.send(child.wait_with_output());
    });
    match receiver.recv_timeout(Duration::from_secs(COMMAND_WAIT_S)) {
        Ok(Ok(output)) => finished(&output),
        Ok(Err(error)) => panic!("inkstone {arguments:?}: {error}"),
        Err(error) => panic!("inkstone {arguments:?}, {COMMAND_WAIT_S} s: {error}"),
    }
}

fn finished(output: &Output) -> Finished {
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec()).unwrap_or_else(|error| panic!("not UTF-8: {error}"))
    };
    Finished {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}
