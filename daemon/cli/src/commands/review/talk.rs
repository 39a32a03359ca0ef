//! The conversation with `inkstone-trainer review`: a line there, a line back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::wire::{Answer, Item};
use crate::{CommandError, trainer};

/// A trainer that answers. What it says besides goes to standard error as it is.
pub(super) struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Talk {
    pub(super) fn start() -> Result<Self, CommandError> {
        let mut child = trainer::command()?
            .arg("review")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| trainer::failed(&error))?;
        let output = child.stdout.take();
        let output = output.ok_or_else(|| trainer::failed(&"it has no output"))?;
        Ok(Self {
            input: child.stdin.take(),
            output: BufReader::new(output),
            child,
        })
    }

    /// Asks; a refusal is an error of the person's asking.
    pub(super) fn ask(&mut self, request: &Value) -> Result<Answer, CommandError> {
        match self.try_ask(request)? {
            Answer::Error(why) => Err(CommandError::usage(why)),
            answer => Ok(answer),
        }
    }

    /// Asks; a refusal is an answer.
    pub(super) fn try_ask(&mut self, request: &Value) -> Result<Answer, CommandError> {
        let failed = |error: std::io::Error| trainer::failed(&error);
        if let Some(input) = &mut self.input {
            writeln!(input, "{request}").map_err(failed)?;
            input.flush().map_err(failed)?;
        }
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(failed)?;
        if line.is_empty() {
            self.input = None;
            let said = "the review cannot be held; see what inkstone-trainer said above";
            let status = self.child.wait().map_err(failed)?;
            return Err(trainer::ended(status, said));
        }
        serde_json::from_str(&line).map_err(|error| trainer::failed(&error))
    }

    pub(super) fn sample(&mut self, seed: u64, count: u32) -> Result<Vec<Item>, CommandError> {
        let request = json!({ "do": "sample", "seed": seed, "per_stratum": count });
        match self.ask(&request)? {
            Answer::Items(items) => Ok(items),
            _ => Err(trainer::failed(&"it answered something else")),
        }
    }

    /// Ends it, and waits until what was decided is applied.
    pub(super) fn end(mut self) -> Result<(), CommandError> {
        self.input = None;
        trainer::end(self.child, "")
    }
}
