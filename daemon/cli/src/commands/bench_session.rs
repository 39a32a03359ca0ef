//! `inkstone bench session`: a recorded typing session, beside a completion server.

use std::path::PathBuf;

use inkstone_bench::session::{self, Recording, SessionOptions};

use super::bench::{subject, write_json};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `bench session`.
#[derive(Debug, clap::Args)]
pub(crate) struct SessionArgs {
    /// A server with `/v1/completions` on this machine, such as `http://127.0.0.1:8080`, with the
    /// same model and as many threads; without it, the session is only recorded
    #[arg(long, value_name = "URL")]
    against: Option<String>,
    /// The server's log, if it names the prompt tokens it computes only there (llama-cpp-python)
    #[arg(long, value_name = "FILE", requires = "against")]
    against_log: Option<PathBuf>,
    /// The recording; made first when there is none
    #[arg(long, value_name = "FILE")]
    recording: PathBuf,
    /// A text of more than 4,000 tokens to record in
    #[arg(long, value_name = "FILE", required_unless_present = "against")]
    corpus: Option<PathBuf>,
    /// Keys to record
    #[arg(long, default_value_t = 500)]
    keys: usize,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The model; without it, the one that completes English
    #[arg(long)]
    model: Option<String>,
}

pub(super) fn run(args: &SessionArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let subject = subject(args.model.as_deref(), env)?;
    if !args.recording.exists() {
        let Some(corpus) = &args.corpus else {
            return Err(CommandError::usage(format!(
                "`{}` does not exist; record it with: --corpus FILE",
                args.recording.display()
            )));
        };
        let made = session::record(&subject, corpus, args.keys, &mut |doing| {
            env.note(&format!("recording: {doing}"));
        })?;
        made.write(&args.recording)?;
    }
    let Some(against) = &args.against else {
        env.print(&format!("recorded: {}\n", args.recording.display()))?;
        return Ok(ExitStatus::Done);
    };
    let recording = Recording::read(&args.recording)?;
    let options = SessionOptions {
        subject,
        against: against.clone(),
        against_log: args.against_log.clone(),
    };
    let report = session::play(&options, &recording, &mut |doing| {
        env.note(&format!("playing: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}
