//! `inkstone score`: how surprising a text is to a model, paragraph by paragraph.
//!
//! The numbers by which a dataset's outliers are found; this is how a person sees them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_protocol::{Client, SCORE_BYTES_MAX, SCORE_TEXTS_MAX, ScoreParams, TextScore};
use inkstone_settings::ModelName;
use serde::Serialize;

use super::complete::read;
use crate::{CommandError, Environment, ExitStatus};

/// How long one call may take: loading a large model from a slow disk, and reading what a call holds.
const SCORE_WAIT: Duration = Duration::from_secs(300);
/// Longest text that is scored: a long book.
const TEXT_BYTES_MAX: usize = 2 << 20;

/// Arguments of `score`.
#[derive(Debug, clap::Args)]
pub(crate) struct ScoreArgs {
    /// The text; without it, standard input
    file: Option<PathBuf>,
    /// The language whose model scores; without it, that of the first paragraph
    #[arg(long, value_parser = ["en", "zh", "und"])]
    lang: Option<String>,
    /// A model by name instead of the one that serves the language
    #[arg(long, conflicts_with = "lang")]
    model: Option<ModelName>,
    /// What the model wears: an adapter by name, its file, or `live`, what suggestions wear; without it,
    /// nothing
    #[arg(long, value_name = "NAME|FILE|live")]
    adapter: Option<String>,
    /// With what you wrote before mixed in, as in suggestions
    #[arg(long)]
    memory: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A paragraph of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Paragraph<'a> {
    /// Where it begins, from 1.
    line: usize,
    text: &'a str,
}

/// The JSON of `--json`.
#[derive(Debug, Serialize)]
struct Output {
    model: String,
    model_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<String>,
    memory: bool,
    #[serde(flatten)]
    whole: Numbers,
    paragraphs: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    line: usize,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Debug, Serialize)]
struct Numbers {
    nats: f64,
    tokens: u32,
    characters: u32,
    nats_per_token: Option<f64>,
    nats_per_character: Option<f64>,
    /// How many tokens it might have been as well, on average.
    perplexity: Option<f64>,
}

pub(crate) fn run(args: &ScoreArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let text = read(args.file.as_deref())?;
    if text.len() > TEXT_BYTES_MAX {
        let max_mb = TEXT_BYTES_MAX >> 20;
        let message = format!("the text has more than {max_mb} MiB; give a part of it");
        return Err(CommandError::usage(message));
    }
    let paragraphs = paragraphs(&text);
    if paragraphs.is_empty() {
        return Err(CommandError::usage("there is no text to score"));
    }
    let launcher = env.launcher()?;
    let output = env.block_on(async {
        let client = launcher.connect_or_start().await?;
        ask(&client, args, &paragraphs).await
    })??;
    if args.json {
        env.print_json(&output)?;
    } else {
        env.print(&output.table())?;
    }
    Ok(ExitStatus::Done)
}

async fn ask(
    client: &Client,
    args: &ScoreArgs,
    paragraphs: &[Paragraph<'_>],
) -> Result<Output, CommandError> {
    let mut params = ScoreParams {
        texts: Vec::new(),
        language: args.lang.clone(),
        model: args.model.as_ref().map(ModelName::to_string),
        load: true,
        adapter: args.adapter.as_deref().map(absolute),
        memory: args.memory,
        tokens_max: None,
    };
    let (mut hash, mut adapter, mut memory) = (String::new(), None, false);
    let mut scores: Vec<TextScore> = Vec::new();
    for texts in calls(paragraphs) {
        params.texts = texts
            .iter()
            .map(|paragraph| paragraph.text.to_owned())
            .collect();
        let reply = client.score(params.clone(), SCORE_WAIT).await?;
        // The rest goes to the same model, whatever its language.
        params.model = Some(reply.model);
        (hash, adapter, memory) = (reply.model_hash, reply.adapter, reply.memory);
        scores.extend(reply.scores);
    }
    let rows = paragraphs
        .iter()
        .zip(&scores)
        .map(|(paragraph, score)| Row {
            line: paragraph.line,
            numbers: Numbers::of(score),
        });
    let sum = |sum: TextScore, more: &TextScore| TextScore {
        nats: sum.nats + more.nats,
        tokens: sum.tokens.saturating_add(more.tokens),
        characters: sum.characters.saturating_add(more.characters),
    };
    Ok(Output {
        model: params.model.unwrap_or_default(),
        model_hash: hash,
        adapter,
        memory,
        paragraphs: rows.collect(),
        whole: Numbers::of(&scores.iter().fold(TextScore::default(), sum)),
    })
}

/// A file by its absolute path, since the daemon works elsewhere; a name as it is.
fn absolute(named: &str) -> String {
    let path = Path::new(named);
    let path = path.is_file().then(|| path.canonicalize().ok()).flatten();
    let path = path.and_then(|path| path.into_os_string().into_string().ok());
    path.unwrap_or_else(|| named.to_owned())
}

/// What is between empty lines; a longer one than a call may hold goes on in another.
fn paragraphs(text: &str) -> Vec<Paragraph<'_>> {
    let mut found: Vec<Paragraph<'_>> = Vec::new();
    let mut begins_at: Option<(usize, usize)> = None;
    let mut at = 0;
    let ends = [""].into_iter();
    for (number, line) in (1..).zip(text.split_inclusive('\n').chain(ends)) {
        match begins_at {
            None if !line.trim().is_empty() => begins_at = Some((number, at)),
            Some((first, start)) if line.trim().is_empty() => {
                cut(first, text[start..at].trim_end(), &mut found);
                begins_at = None;
            }
            _ => {}
        }
        at += line.len();
    }
    found
}

fn cut<'a>(line: usize, mut text: &'a str, found: &mut Vec<Paragraph<'a>>) {
    while !text.is_empty() {
        let mut end = text.len().min(SCORE_BYTES_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let (text_now, rest) = text.split_at(end);
        found.push(Paragraph {
            line,
            text: text_now,
        });
        text = rest;
    }
}

/// As many paragraphs to a call as it may hold.
fn calls<'p, 'a>(paragraphs: &'p [Paragraph<'a>]) -> Vec<&'p [Paragraph<'a>]> {
    let mut calls = Vec::new();
    let mut rest = paragraphs;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(SCORE_TEXTS_MAX).take_while(|paragraph| {
            bytes += paragraph.text.len();
            bytes <= SCORE_BYTES_MAX
        });
        // One alone always fits.
        let (call, after) = rest.split_at(fits.count().max(1));
        calls.push(call);
        rest = after;
    }
    calls
}

impl Numbers {
    fn of(score: &TextScore) -> Self {
        Self {
            nats: score.nats,
            tokens: score.tokens,
            characters: score.characters,
            nats_per_token: score.nats_per_token(),
            nats_per_character: score.nats_per_character(),
            perplexity: score.nats_per_token().map(f64::exp),
        }
    }

    fn row(&self, name: &str) -> String {
        let number =
            |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
        format!(
            "{name:>8} {:>9} {:>10} {:>14} {:>18}\n",
            self.tokens,
            self.characters,
            number(self.nats_per_token),
            number(self.nats_per_character)
        )
    }
}

impl Output {
    fn table(&self) -> String {
        let mut text = format!(
            "{:>8} {:>9} {:>10} {:>14} {:>18}\n",
            "line", "tokens", "characters", "nats per token", "nats per character"
        );
        for row in &self.paragraphs {
            text.push_str(&row.numbers.row(&row.line.to_string()));
        }
        text.push_str(&self.whole.row("all"));
        // proof: writing into a string cannot fail.
        let _ = writeln!(text, "by {}", self.model);
        if let Some(perplexity) = self.whole.perplexity {
            let _ = writeln!(text, "perplexity {perplexity:.1} per token");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_what_stands_between_empty_lines_with_the_line_they_begin_in() {
        let of = |text: &'static str| {
            let found = paragraphs(text).into_iter();
            found.map(|one| (one.line, one.text)).collect::<Vec<_>>()
        };
        assert_eq!(
            of("One.\r\nStill one.\r\n\r\n二。"),
            [(1, "One.\r\nStill one."), (4, "二。")]
        );
        assert_eq!(of("\n \n  a 👩‍👩‍👧\n\n\n"), [(3, "  a 👩‍👩‍👧")]);
        assert_eq!(of(""), []);
        assert_eq!(of("\n\t\n"), []);
    }

    #[test]
    fn a_long_paragraph_is_cut_between_characters_and_calls_hold_what_they_may() {
        let long = "海".repeat(SCORE_BYTES_MAX / 2);
        let text = format!("{long}\n\nshort\n\nshorter");
        let found = paragraphs(&text);
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|one| one.text.len() <= SCORE_BYTES_MAX));
        let whole: String = found[..2].iter().map(|one| one.text).collect();
        assert_eq!(whole, long);
        let calls = calls(&found);
        let sizes: Vec<usize> = calls.iter().map(|call| call.len()).collect();
        assert_eq!(sizes, [1, 3]);
        let many = "a\n\n".repeat(SCORE_TEXTS_MAX + 1);
        assert_eq!(super::calls(&paragraphs(&many)).len(), 2);
    }

    #[test]
    fn a_table_has_a_row_for_each_paragraph_and_one_for_all() {
        let score = |nats, tokens| TextScore {
            nats,
            tokens,
            characters: tokens * 4,
        };
        let row = |line, score| Row {
            line,
            numbers: Numbers::of(&score),
        };
        let output = Output {
            model: "m".to_owned(),
            model_hash: "00".to_owned(),
            adapter: None,
            memory: false,
            paragraphs: vec![row(1, score(30.0, 10)), row(3, TextScore::default())],
            whole: Numbers::of(&score(30.0, 10)),
        };
        let table = output.table();
        let mut lines = table.lines();
        assert!(
            lines
                .next()
                .is_some_and(|line| line.contains("nats per character"))
        );
        assert!(lines.next().is_some_and(|line| line.ends_with("0.750")));
        assert!(lines.next().is_some_and(|line| line.ends_with('–')));
        assert!(
            table.ends_with("by m\nperplexity 20.1 per token\n"),
            "{table}"
        );
        let json = serde_json::to_value(&output).unwrap();
        assert_eq!(json["paragraphs"][0]["nats_per_token"], 3.0);
        assert_eq!(json["characters"], 40);
    }
}
