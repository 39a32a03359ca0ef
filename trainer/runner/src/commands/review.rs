//! `inkstone-trainer review`: the review as lines of JSON, a request on each line of standard input
//! and its answer on a line of standard output. It ends with the input, and applies what was decided.

use std::io::{self, BufRead, Read as _};

use anyhow::Context as _;
use serde_json::json;

use super::{ALONE_WAIT, Desk, answer};
use crate::build::measures;
use crate::clock::now_ms;
use crate::keep::rules_of;
use crate::review::{Answer, Request, Review};
use crate::single::OneTrainer;

/// Longest request that is read: names are short.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Answers until the input ends.
pub fn run() -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let mut store = desk.store()?;
    let rules = rules_of(&desk.settings.corpus)?;
    let mut review = Review::of(&mut store, rules);
    let mut input = io::stdin().lock();
    let mut is_finished = true;
    while let Some(line) = next_line(&mut input)? {
        let request: Request = match serde_json::from_slice(&line) {
            Ok(request) => request,
            Err(error) => {
                answer(&json!({ "error": format!("not a request: {error}") }))?;
                continue;
            }
        };
        let answered = if request == Request::Finish {
            is_finished = true;
            finish(&desk, &mut review)
        } else {
            is_finished &= matches!(request, Request::Sample { .. } | Request::Rates);
            review.answer(&request, now_ms()).map_err(Into::into)
        };
        match answered {
            Ok(answered) => answer(&answered)?,
            Err(error) => answer(&json!({ "error": format!("{error:#}") }))?,
        }
    }
    if !is_finished {
        finish(&desk, &mut review)?;
    }
    Ok(())
}

fn finish(desk: &Desk, review: &mut Review<'_>) -> anyhow::Result<Answer> {
    let _alone = OneTrainer::become_it_within(&desk.directories, ALONE_WAIT)
        .context("what you decided is kept, and applied by the next build")?;
    let corpus = &desk.settings.corpus;
    Ok(review.finish(measures(corpus), corpus.rule_acceptance_percent_min)?)
}

fn next_line(input: &mut impl BufRead) -> anyhow::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    input.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    if line.len() as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
        // The rest of it would be taken for further requests, and each answer for the next one's.
        input.skip_until(b'\n')?;
    }
    Ok((!line.is_empty()).then_some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_one_request_that_cannot_be_read() {
        let long = "x".repeat(3 * usize::try_from(LINE_BYTES_MAX).unwrap());
        let text = format!("{long}\n{{\"do\":\"undo\"}}\n");
        let mut input = text.as_bytes();
        let first = next_line(&mut input).unwrap().unwrap();
        assert_eq!(first.len() as u64, LINE_BYTES_MAX);
        let second = next_line(&mut input).unwrap().unwrap();
        let request: Request = serde_json::from_slice(&second).unwrap();
        assert_eq!(request, Request::Undo);
        assert!(next_line(&mut input).unwrap().is_none());
    }
}
