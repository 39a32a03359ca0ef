//! Plain llama.cpp as a process of its own: `inkstoned raw-decode`.
//!
//! A process, so that this crate links no model code; of the daemon's binary, so that both sides
//! run the same build of llama.cpp. JSON lines: a setup, then a task and its answer at a time, so
//! that the two sides can take turns.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::BenchError;
use crate::stage::binary;
use crate::subject::Subject;

/// The context of the comparison: the daemon's default, far more than the document needs.
const CONTEXT_TOKENS: u32 = 4_096;
/// How long an answer may take: loading the model on a busy machine, ten times over.
const ANSWER_WAIT_MS: u64 = 60_000;
/// Answers that wait to be taken; there is never more than one.
const ANSWERS_MAX: usize = 4;

/// What one prompt took.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RawStep {
    pub(super) prefill_ms: f64,
    pub(super) total_ms: f64,
    pub(super) tokens_prefilled: u32,
    pub(super) tokens_decoded: u32,
    pub(super) text: String,
}

/// A running `raw-decode` with the model in memory.
pub(super) struct RawDecoder {
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl RawDecoder {
    pub(super) fn start(options: &Subject) -> Result<Self, BenchError> {
        let mut command = Command::new(binary(&options.binaries, "inkstoned")?);
        command
            .arg("raw-decode")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(&error))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(&"no pipes to it"));
        };
        let (sender, answers) = bounded(ANSWERS_MAX);
        std::thread::spawn(move || {
            // Ends with the process's output, or when nobody listens any more.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut decoder = Self {
            child,
            input: Some(input),
            answers,
        };
        let _load_ms: Value = decoder.exchange(&json!({
            "model_path": options.model_file,
            "threads": options.threads,
            "context_tokens": CONTEXT_TOKENS,
            // As the settings of the measured daemon, which say nothing of it.
            "device": "auto",
        }))?;
        Ok(decoder)
    }

    /// Reads the prompt, as far as it differs from the last one, and decodes so many tokens.
    pub(super) fn decode(&mut self, prompt: &str, tokens: u32) -> Result<RawStep, BenchError> {
        self.exchange(&json!({ "prompt": prompt, "max_tokens": tokens }))
    }

    fn exchange<T: for<'a> Deserialize<'a>>(&mut self, line: &Value) -> Result<T, BenchError> {
        let Some(input) = &mut self.input else {
            return Err(failed(&"it has ended"));
        };
        writeln!(input, "{line}")
            .and_then(|()| input.flush())
            .map_err(|error| failed(&error))?;
        let answer = self
            .answers
            .recv_timeout(Duration::from_millis(ANSWER_WAIT_MS));
        let answer = answer.map_err(|error| match error {
            RecvTimeoutError::Timeout => failed(&format!("no answer in {ANSWER_WAIT_MS} ms")),
            RecvTimeoutError::Disconnected => failed(&"it ended early"),
        })?;
        serde_json::from_str(&answer).map_err(|error| failed(&error))
    }
}

impl Drop for RawDecoder {
    fn drop(&mut self) {
        self.input.take();
        // It ends when its input does, unless it is stuck; one that has ended cannot be killed.
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

fn failed(problem: &dyn std::fmt::Display) -> BenchError {
    BenchError::Raw {
        problem: problem.to_string(),
    }
}
