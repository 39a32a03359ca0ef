//! `inkstone dataset profile`: the habits of the writer, counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;

use super::dataset_table::{short, words};
use crate::{CommandError, Environment, ExitStatus, trainer};

/// Marks that a summary names.
const MARKS_SHOWN: usize = 8;

/// Arguments of `dataset profile`.
#[derive(Debug, clap::Args)]
pub(crate) struct DatasetProfileArgs {
    /// The version, by the beginning of its name; without it, the newest
    #[arg(long, value_name = "ID")]
    dataset: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(
    args: &DatasetProfileArgs,
    env: &Environment,
) -> Result<ExitStatus, CommandError> {
    let mut asked = vec!["profile".to_owned()];
    asked.extend(args.dataset.iter().map(|name| format!("--dataset={name}")));
    let answer: Value = trainer::ask(&asked, &mut |_| ())?;
    if args.json {
        env.print_json(&answer)?;
        return Ok(ExitStatus::Done);
    }
    let answer: Answer = serde_json::from_value(answer).map_err(|error| trainer::failed(&error))?;
    env.print(&answer.text())?;
    Ok(ExitStatus::Done)
}

#[derive(Debug, Deserialize)]
struct Answer {
    dataset: String,
    file: String,
    styles: Vec<Described>,
}

#[derive(Debug, Deserialize)]
struct Described {
    language: String,
    genre: Option<String>,
    style: Style,
}

#[derive(Debug, Deserialize)]
struct Style {
    words: u64,
    vocabulary: Vec<(String, u64)>,
    names: Vec<(String, u64)>,
    sentence_length: Spread,
    paragraph_length: Spread,
    marks: BTreeMap<String, f64>,
    contracted: Option<f64>,
    british: Option<f64>,
    serial_comma: Option<f64>,
    han_latin_spaced: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Spread {
    mean: f64,
    quantiles: [usize; 5],
}

impl Answer {
    fn text(&self) -> String {
        let mut text = format!("profile of dataset {}\n", short(&self.dataset));
        for described in &self.styles {
            described.write(&mut text);
        }
        // Writing to a string cannot fail.
        let _infallible = write!(text, "\nall of it: {}", self.file);
        text
    }
}

impl Described {
    fn write(&self, text: &mut String) {
        let genre = self.genre.as_deref().map(words).unwrap_or_default();
        let of = format!("{} {genre}", self.language);
        let style = &self.style;
        let mut line = |what: &str, value: &str| {
            // Writing to a string cannot fail.
            let _infallible = writeln!(text, "  {what:<20} {value}");
        };
        line("", "");
        line(of.trim_end(), &format!("{} words", style.words));
        line("sentences", &style.sentence_length.text());
        line("paragraphs", &style.paragraph_length.text());
        line("marks of 1,000", &most(&style.marks));
        for (what, share) in [
            ("contracted", style.contracted),
            ("British spelling", style.british),
            ("serial comma", style.serial_comma),
            ("汉字 Latin spaced", style.han_latin_spaced),
        ] {
            if let Some(share) = share {
                line(what, &format!("{:.0} %", share * 100.0));
            }
        }
        line("words", &listed(&style.vocabulary));
        line("names", &listed(&style.names));
    }
}

impl Spread {
    fn text(&self) -> String {
        let [tenth, .., most] = self.quantiles;
        format!("{:.1} on average, mostly {tenth} to {most}", self.mean)
    }
}

fn most(marks: &BTreeMap<String, f64>) -> String {
    let mut marks: Vec<(&String, &f64)> = marks.iter().filter(|(_, rate)| **rate > 0.0).collect();
    marks.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let marks = marks.iter().take(MARKS_SHOWN);
    let marks: Vec<String> = marks
        .map(|(mark, rate)| format!("{} {rate:.1}", words(mark)))
        .collect();
    marks.join(", ")
}

fn listed(counted: &[(String, u64)]) -> String {
    let names: Vec<&str> = counted.iter().map(|(name, _)| name.as_str()).collect();
    names.join(", ")
}
