//! `inkstone complete`: continues a text at a caret.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use inkstone_protocol::{
    Client, CompleteParams, CompleteReply, CompletionEvent, Confidence, DocumentId,
    DocumentVersion, Finish, Silence, StopRule, Timing, TokenUse, Trigger,
};
use inkstone_settings::{ALTERNATIVES_MAX, ModelName, StopBound};
use serde::Serialize;

use crate::caret::{Around, Caret};
use crate::{CommandError, Environment, ExitStatus};

/// Longest text that is read; the largest document the language server takes.
const TEXT_BYTES_MAX: u64 = 16 << 20;
/// How long a person waits here: loading the largest model of the catalogue from a slow disk.
const COMPLETE_WAIT: Duration = Duration::from_secs(60);
/// The silence that means a model is missing.
const NO_MODEL: &str = "no_model_for_language";

/// Arguments of `complete`.
#[derive(Debug, clap::Args)]
pub(crate) struct CompleteArgs {
    /// The text; without it, standard input
    file: Option<PathBuf>,
    /// Line of the caret, from 1; without it, the end of the text
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    line: Option<u32>,
    /// Column of the caret in characters, from 1; without it, the end of the line
    #[arg(long, requires = "line", value_parser = clap::value_parser!(u32).range(1..))]
    col: Option<u32>,
    /// Print the suggestion with its model, timing and token counts as JSON
    #[arg(long)]
    json: bool,
    /// A model by name instead of the one that serves the language
    #[arg(long)]
    model: Option<ModelName>,
    /// An adapter by name, or `none` for the model as it is, instead of what is live
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Longest suggestion in tokens
    #[arg(long)]
    max_tokens: Option<NonZeroU32>,
    /// Suggestions to choose from at most, one after another
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(ALTERNATIVES_MAX)))]
    alternatives: u32,
    /// Where the suggestion ends
    #[arg(long, value_parser = PossibleValuesParser::new(StopBound::WORDS))]
    stop: Option<String>,
}

pub(crate) fn run(args: &CompleteArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let text = read(args.file.as_deref())?;
    let around = args
        .caret()
        .cut(&text)
        .map_err(|error| CommandError::usage(error.to_string()))?;
    let params = args.params(around, env.is_watched && !args.json);
    let launcher = env.launcher()?;
    let (reply, shown) = env.block_on(async {
        let client = launcher.connect_or_start().await?;
        ask(&client, params, env).await
    })??;
    if let Some(notice) = &reply.notice {
        env.note(&format!("inkstone: {notice}"));
    }
    if args.json {
        env.print_json(&Output::of(&reply))?;
    } else if reply.silence.is_none() {
        env.print(&rest(&shown, &reply.text))?;
        for alternative in &reply.alternatives {
            env.print(&rest("", &alternative.text))?;
        }
    }
    match &reply.silence {
        None => Ok(ExitStatus::Done),
        Some(silence) => {
            env.note(&format!("inkstone: {}", in_words(silence)));
            Ok(if silence.reason == NO_MODEL {
                ExitStatus::Unavailable
            } else {
                ExitStatus::Found
            })
        }
    }
}

/// Asks, shows what comes while it comes, and returns the reply with what was shown.
async fn ask(
    client: &Client,
    params: CompleteParams,
    env: &Environment,
) -> Result<(CompleteReply, String), CommandError> {
    let mut stream = client.complete(params, Some(COMPLETE_WAIT))?;
    let mut shown = String::new();
    while let Some(event) = stream.next().await {
        match event {
            CompletionEvent::Loading { model, percent } => {
                if env.is_watched {
                    // Over the same line again; a closed standard error leaves nobody to tell.
                    let _ = write!(io::stderr(), "\rloading {model}: {percent} %\x1b[K");
                }
            }
            CompletionEvent::Text(piece) => {
                clear_progress(env, &shown);
                env.print(&piece)?;
                shown.push_str(&piece);
            }
            CompletionEvent::Result(result) => {
                clear_progress(env, &shown);
                return Ok((*result?, shown));
            }
        }
    }
    Err(inkstone_protocol::ClientError::WrongReply.into())
}

fn clear_progress(env: &Environment, shown: &str) {
    if env.is_watched && shown.is_empty() {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}

/// What is still to print of the suggestion, its line end included. What was shown and then taken
/// back cannot be unprinted: the whole suggestion follows in a line of its own.
fn rest(shown: &str, text: &str) -> String {
    match text.strip_prefix(shown) {
        Some(rest) => format!("{rest}\n"),
        None => format!("\n{text}\n"),
    }
}

fn in_words(silence: &Silence) -> String {
    match &silence.remedy {
        Some(remedy) => format!("{} Run: {remedy}", silence.message),
        None => silence.message.clone(),
    }
}

/// The text of a file or of standard input.
pub(super) fn read(file: Option<&Path>) -> Result<String, CommandError> {
    let name = file.map_or_else(
        || "standard input".to_owned(),
        |path| format!("`{}`", path.display()),
    );
    let failed = |error: io::Error| CommandError::usage(format!("cannot read {name}: {error}"));
    let bytes = match file {
        Some(path) => read_bounded(File::open(path).map_err(failed)?),
        None => read_bounded(io::stdin().lock()),
    };
    let bytes = bytes.map_err(failed)?;
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        let max_mb = TEXT_BYTES_MAX >> 20;
        return Err(CommandError::usage(format!(
            "{name} has more than {max_mb} MiB; give a part of it"
        )));
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        CommandError::usage(format!(
            "{name} is not UTF-8 (byte {offset}); convert it, for example with iconv"
        ))
    })
}

/// One byte more than the limit tells that there is more.
fn read_bounded(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl CompleteArgs {
    /// Where the text lies, which may decide what the model wears.
    fn path(&self) -> Option<String> {
        let path = self.file.as_ref()?.canonicalize().ok()?;
        path.into_os_string().into_string().ok()
    }

    fn caret(&self) -> Caret {
        let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        self.line.map_or(Caret::End, |line| Caret::At {
            line: index(line),
            column: self.col.map(index),
        })
    }

    fn params(&self, around: Around<'_>, is_streaming: bool) -> CompleteParams {
        // A name of its own: no document of an editor's is superseded by a command.
        let document = DocumentId(format!("inkstone-complete-{}", std::process::id()));
        CompleteParams {
            prefix_start: around.prefix_start as u64,
            suffix: around.suffix.to_owned(),
            stop: self
                .stop
                .as_deref()
                .and_then(StopBound::from_word)
                .map(StopRule::of_setting),
            max_tokens: self.max_tokens.map(NonZeroU32::get),
            alternatives_max: self.alternatives,
            model: self.model.as_ref().map(ModelName::to_string),
            adapter: self.adapter.clone(),
            path: self.path(),
            trigger: Trigger::Invoked,
            stream: is_streaming,
            ..CompleteParams::new(document, DocumentVersion(1), around.prefix)
        }
    }
}

/// The JSON of `--json`: every key is always there.
#[derive(Debug, Serialize)]
struct Output<'a> {
    text: &'a str,
    alternatives: Vec<&'a str>,
    model: Option<&'a str>,
    adapter: Option<&'a str>,
    finish: Option<Finish>,
    silence: Option<&'a Silence>,
    notice: Option<&'a str>,
    mean_logprob: Option<f32>,
    confidence: Option<Confidence>,
    timing: Timing,
    tokens: TokenUse,
}

impl<'a> Output<'a> {
    fn of(reply: &'a CompleteReply) -> Self {
        Self {
            text: &reply.text,
            alternatives: reply.alternatives.iter().map(|a| a.text.as_str()).collect(),
            model: reply.model.as_deref(),
            adapter: reply.adapter.as_deref(),
            finish: reply.finish,
            silence: reply.silence.as_ref(),
            notice: reply.notice.as_deref(),
            mean_logprob: reply.mean_logprob,
            confidence: reply.confidence,
            timing: reply.timing,
            tokens: reply.tokens,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_streamed_is_not_printed_again() {
        assert_eq!(rest("", " and left."), " and left.\n");
        assert_eq!(rest(" and", " and left."), " left.\n");
        assert_eq!(rest("花香", "花香"), "\n");
        assert_eq!(rest(" and left", " and"), "\n and\n");
    }

    #[test]
    fn the_json_has_every_key_also_of_a_silence() {
        let silence = Silence {
            reason: "empty".to_owned(),
            message: "m".to_owned(),
            remedy: None,
        };
        let reply = CompleteReply {
            text: String::new(),
            word_ends: Vec::new(),
            alternatives: Vec::new(),
            silence: Some(silence),
            finish: None,
            model: None,
            adapter: None,
            notice: None,
            mean_logprob: None,
            confidence: None,
            timing: Timing::default(),
            tokens: TokenUse::default(),
        };
        let json = serde_json::to_value(Output::of(&reply)).unwrap();
        for key in [
            "text",
            "alternatives",
            "model",
            "finish",
            "silence",
            "timing",
            "tokens",
        ] {
            assert!(json.get(key).is_some(), "{key}: {json}");
        }
        assert_eq!(json["silence"]["reason"], "empty");
    }

    #[test]
    fn a_silence_in_words_names_its_command() {
        let silence = Silence {
            reason: NO_MODEL.to_owned(),
            message: "No model writes Chinese.".to_owned(),
            remedy: Some("inkstone model pull gemma-3-270m".to_owned()),
        };
        assert_eq!(
            in_words(&silence),
            "No model writes Chinese. Run: inkstone model pull gemma-3-270m"
        );
    }

    #[test]
    fn input_over_the_limit_is_noticed_without_reading_it_all() {
        let read = read_bounded(io::repeat(b'x')).unwrap();
        assert_eq!(read.len() as u64, TEXT_BYTES_MAX + 1);
    }
}
