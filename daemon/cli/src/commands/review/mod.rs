//! `inkstone dataset review`: a person judges a sample of what was read. The trainer draws it and keeps
//! what is decided; here it is shown and asked for.
//!
//! In reading order: [`wire`] (what the trainer tells), [`talk`] (the conversation), [`list`] and
//! [`batch`] (for programs), then the terminal: [`state`] (what is shown and what a key does, pure),
//! [`difference`] and [`wrap`] (a text and its cleaned form, in lines), [`draw`] (the screen) and
//! [`terminal`] (keys in, screens out).

mod batch;
mod difference;
mod draw;
mod list;
mod state;
mod talk;
mod terminal;
mod wire;
mod wrap;

use std::io::IsTerminal as _;

use serde_json::json;

use crate::{CommandError, Environment, ExitStatus};
use talk::Talk;
use wire::Answer;

/// Texts of each stratum that are shown unless somebody says otherwise: some hundred in all.
const PER_STRATUM: u32 = 5;

/// Arguments of `dataset review`.
#[derive(Debug, clap::Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch that is typed"
)]
pub(crate) struct ReviewArgs {
    /// Draws another sample; the same number draws the same
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Texts of each kind, at most: of each rule, each reason, each kind of writing and language
    #[arg(long, value_name = "N", default_value_t = PER_STRATUM, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    per_stratum: u32,
    /// Print the sample and ask nothing
    #[arg(long, conflicts_with_all = ["batch", "rates"])]
    list: bool,
    /// Read decisions from standard input, one JSON object a line, such as {"do":"drop","item":"…"};
    /// the others are keep, exclude, rule_off, rule_on and undo
    #[arg(long, conflicts_with = "rates")]
    batch: bool,
    /// Print how often each rule was right
    #[arg(long)]
    rates: bool,
    /// Switch a rule off
    #[arg(long, value_name = "NAME", conflicts_with_all = ["list", "batch", "rates"])]
    rule_off: Option<String>,
    /// Switch a rule on again
    #[arg(long, value_name = "NAME", conflicts_with_all = ["list", "batch", "rates", "rule_off"])]
    rule_on: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ReviewArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let switched = (args.rule_off.as_ref().map(|rule| (rule, "off")))
        .or(args.rule_on.as_ref().map(|rule| (rule, "on")));
    if let Some((rule, state)) = switched {
        return switch(rule, state, args, env);
    }
    if args.rates {
        let mut talk = Talk::start()?;
        let rates = talk.ask(&json!({ "do": "rates" }))?;
        talk.end()?;
        return show(&rates, args, env);
    }
    let is_on_terminal = std::io::stdin().is_terminal() && env.is_watched;
    if !args.list && !args.batch && !is_on_terminal {
        let message = "the review needs a terminal; without one, use --list and --batch";
        return Err(CommandError::usage(message));
    }
    let mut talk = Talk::start()?;
    let items = talk.sample(args.seed, args.per_stratum)?;
    if args.list {
        talk.end()?;
        return show(&Answer::Items(items), args, env);
    }
    if args.batch {
        let finished = batch::run(&mut talk, &mut std::io::stdin().lock())?;
        talk.end()?;
        return show(&finished, args, env);
    }
    if items.is_empty() {
        talk.end()?;
        env.note("there is nothing to review yet; run: inkstone dataset build");
        return Ok(ExitStatus::Done);
    }
    let ended = terminal::run(items, &mut talk);
    // Also after a failure: what was decided is applied.
    let finished = talk.ask(&json!({ "do": "finish" }));
    ended?;
    let finished = finished?;
    talk.end()?;
    show(&finished, args, env)
}

fn switch(
    rule: &str,
    state: &str,
    args: &ReviewArgs,
    env: &Environment,
) -> Result<ExitStatus, CommandError> {
    let mut talk = Talk::start()?;
    let done = talk.ask(&json!({ "do": format!("rule_{state}"), "rule": rule }))?;
    talk.end()?;
    if args.json {
        return show(&done, args, env);
    }
    env.print(&format!(
        "the rule `{rule}` is {state}; files are read by it from the next `inkstone dataset build` on\n"
    ))?;
    Ok(ExitStatus::Done)
}

fn show(answer: &Answer, args: &ReviewArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    if args.json {
        env.print_json(answer)?;
    } else {
        env.print(&list::text(answer))?;
    }
    Ok(ExitStatus::Done)
}
