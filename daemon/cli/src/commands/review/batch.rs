//! Decisions of a program: one JSON object a line, in the words of the trainer.

use std::io::BufRead;

use serde_json::{Value, json};

use super::talk::Talk;
use super::wire::Answer;
use crate::CommandError;

/// Takes every decision, up to the first that cannot be taken; what follows from them. Those before
/// it are kept.
pub(super) fn run(talk: &mut Talk, input: &mut impl BufRead) -> Result<Answer, CommandError> {
    for (number, line) in (1..).zip(input.lines()) {
        let line = line.map_err(|error| CommandError::usage(format!("line {number}: {error}")))?;
        if line.trim().is_empty() {
            continue;
        }
        let taken = serde_json::from_str::<Value>(&line)
            .map_err(|error| CommandError::usage(error.to_string()))
            .and_then(|request| talk.ask(&request));
        taken.map_err(|error| error.preceded_by(&format!("line {number}: ")))?;
    }
    talk.ask(&json!({ "do": "finish" }))
}
