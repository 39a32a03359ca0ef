//! The conversation with `inkstone-trainer review`: a line there, a line back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Stdio};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use super::wire::{Answer, Item};
use crate::{CommandError, Environment, trainer};

/// Lines that are kept of what it says besides.
const SAID_LINES_MAX: usize = 100;

/// A trainer that answers. What it says besides is told when it has ended: a screen may be full
/// until then.
pub(super) struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    said: Option<JoinHandle<Vec<String>>>,
}

impl Talk {
    pub(super) fn start() -> Result<Self, CommandError> {
        let mut child = trainer::command()?
            .arg("review")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| trainer::failed(&error))?;
        let output = child.stdout.take();
        let output = output.ok_or_else(|| trainer::failed(&"it has no output"))?;
        let notes = child.stderr.take();
        Ok(Self {
            said: notes.map(|notes| thread::spawn(move || heard(notes))),
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
            // One that has ended takes nothing, and what it said before says more than that.
            let _unheard = writeln!(input, "{request}").and_then(|()| input.flush());
        }
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(failed)?;
        if line.is_empty() {
            self.input = None;
            let status = self.child.wait().map_err(failed)?;
            return Err(trainer::ended(status, &self.said().join("\n")));
        }
        serde_json::from_str(&line).map_err(|error| trainer::failed(&error))
    }

    /// Texts to judge; only those that were not decided on before, where these are wanted.
    pub(super) fn sample(
        &mut self,
        (seed, count): (u64, u32),
        undecided: bool,
    ) -> Result<Vec<Item>, CommandError> {
        let request = json!({
            "do": "sample", "seed": seed, "per_stratum": count, "undecided": undecided
        });
        match self.ask(&request)? {
            Answer::Items(items) => Ok(items),
            _ => Err(trainer::failed(&"it answered something else")),
        }
    }

    /// Ends it, and waits until what was decided is applied.
    pub(super) fn end(mut self, env: &Environment) -> Result<(), CommandError> {
        self.input = None;
        let said = self.said();
        for line in &said {
            env.note(line);
        }
        trainer::end(self.child, "")
    }

    /// Closes it, and waits for nothing: it applies what was decided by itself.
    pub(super) fn leave(self) {
        drop(self.input);
    }

    fn said(&mut self) -> Vec<String> {
        let said = self.said.take().map(JoinHandle::join);
        said.and_then(Result::ok).unwrap_or_default()
    }
}

/// What it says until it ends.
fn heard(notes: ChildStderr) -> Vec<String> {
    let lines = BufReader::new(notes).lines().map_while(Result::ok);
    let mut said = Vec::new();
    for line in lines {
        // The rest is read all the same: it would wait for its reader.
        if said.len() < SAID_LINES_MAX {
            said.push(line);
        }
    }
    said
}
