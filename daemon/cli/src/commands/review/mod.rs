//! `inkstone dataset review`: a person judges a sample of what was read. The trainer draws it and keeps
//! what is decided; here it is shown and asked for.
//!
//! In reading order: [`wire`] (what the trainer tells), [`talk`] (the conversation), [`list`] and
//! [`batch`] (for programs), then the terminal: [`state`] (what is shown and what a key does, pure),
//! [`difference`] and [`wrap`] (a text and its cleaned form, in lines), [`draw`] (the screen),
//! [`terminal`] (keys in, screens out) and [`signals`] (the polite ways to end it from outside).

mod batch;
mod difference;
mod draw;
mod list;
mod signals;
mod state;
mod talk;
mod terminal;
mod wire;
mod wrap;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use serde_json::json;

use crate::{CommandError, Environment, ExitStatus};
use talk::Talk;
use terminal::Ended;
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
    /// On the terminal, show texts again that you decided on before
    #[arg(long)]
    again: bool,
    /// Print the sample and ask nothing
    #[arg(long, conflicts_with_all = ["batch", "rates"])]
    list: bool,
    /// Read decisions from standard input, one JSON object a line, such as {"do":"drop","item":"…"};
    /// the others are keep (with "mine":true for words that were taken for another's), exclude,
    /// rule_off (with "item" for its folder, "path" for a folder or file, or for everywhere), rule_on
    /// and undo
    #[arg(long, conflicts_with = "rates")]
    batch: bool,
    /// Print how often each rule was right, and where it is off
    #[arg(long)]
    rates: bool,
    /// Switch a rule off, everywhere or --in a folder or file
    #[arg(long, value_name = "NAME", conflicts_with_all = ["list", "batch", "rates"])]
    rule_off: Option<String>,
    /// Switch a rule on again
    #[arg(long, value_name = "NAME", conflicts_with_all = ["list", "batch", "rates", "rule_off"])]
    rule_on: Option<String>,
    /// The folder or file in which a rule is switched
    #[arg(long = "in", value_name = "PATH", conflicts_with_all = ["list", "batch", "rates"])]
    place: Option<PathBuf>,
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
    if args.place.is_some() {
        let message = "--in says where a rule is switched; add --rule-off NAME or --rule-on NAME";
        return Err(CommandError::usage(message));
    }
    if args.rates {
        let mut talk = Talk::start()?;
        let rates = talk.ask(&json!({ "do": "rates" }))?;
        talk.end(env)?;
        return show(&rates, args, env);
    }
    if args.list || args.batch {
        return without_terminal(args, env);
    }
    if !can_fill_the_screen(env) {
        let message = "the review needs a terminal; without one, use --list and --batch";
        return Err(CommandError::usage(message));
    }
    on_terminal(args, env)
}

/// For programs: what was decided before is listed too, so that it can be decided otherwise.
fn without_terminal(args: &ReviewArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let mut talk = Talk::start()?;
    let items = talk.sample((args.seed, args.per_stratum), false)?;
    let answer = if args.batch {
        batch::run(&mut talk, &mut std::io::stdin().lock())?
    } else {
        Answer::Items(items)
    };
    talk.end(env)?;
    show(&answer, args, env)
}

fn on_terminal(args: &ReviewArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let mut talk = Talk::start()?;
    let items = talk.sample((args.seed, args.per_stratum), !args.again)?;
    if items.is_empty() {
        let rates = talk.ask(&json!({ "do": "rates" }))?;
        talk.end(env)?;
        env.note(
            if matches!(&rates, Answer::Rates(rates) if rates.is_empty()) {
                "there is nothing to review yet; run: inkstone dataset build"
            } else {
                "you have judged all of it; --again shows it once more"
            },
        );
        return Ok(ExitStatus::Done);
    }
    let ended = terminal::run(items, &mut talk);
    if let Ok(Ended::Signal(signal)) = ended {
        talk.leave();
        env.note("ended from outside; what you decided is kept, and applied by the next build");
        signals::die_of(signal);
        return Ok(ExitStatus::Internal);
    }
    // Also after a failure: what was decided is applied.
    let finished = talk.ask(&json!({ "do": "finish" }));
    ended?;
    let finished = finished?;
    talk.end(env)?;
    show(&finished, args, env)
}

/// Whether a person watches and types, on a terminal that can be drawn on.
fn can_fill_the_screen(env: &Environment) -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdin().is_terminal() && env.is_watched && !is_dumb
}

fn switch(
    rule: &str,
    state: &str,
    args: &ReviewArgs,
    env: &Environment,
) -> Result<ExitStatus, CommandError> {
    let mut request = json!({ "do": format!("rule_{state}"), "rule": rule });
    let mut place = String::new();
    if let Some(path) = &args.place {
        // A folder that is gone can be named all the same, to take back what was switched in it.
        let whole = path.canonicalize().or_else(|_| std::path::absolute(path));
        let whole =
            whole.map_err(|error| CommandError::usage(format!("{}: {error}", path.display())))?;
        place = format!(" in {}", whole.display());
        request["path"] = json!(whole);
    }
    let mut talk = Talk::start()?;
    let done = talk.ask(&request)?;
    talk.end(env)?;
    if args.json {
        return show(&done, args, env);
    }
    env.print(&format!(
        "the rule `{rule}` is {state}{place}; files are read by it from the next `inkstone dataset build` on\n"
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
