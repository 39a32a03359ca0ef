//! `inkstone-trainer stats`: what a version of the dataset holds.

use inkstone_corpus::dataset::{DatasetId, Statistics};
use inkstone_store::Store;
use serde::Serialize;

use super::failure::WrongUse;
use super::{Desk, answer};
use crate::assemble::{self, GroupScores, ScoredBy, Tokenizer, Version};
use crate::build::limits;
use crate::tokens::Counter;

/// What the command line gets.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    dataset: String,
    published_ms: i64,
    /// The model whose tokens were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_of: Option<String>,
    versions: Vec<Named>,
    statistics: Statistics,
    /// Whose scores decided what is in it.
    scored_by: Vec<ScoredBy>,
    /// How surprising the pieces are that lie in the folders now, by language and genre.
    scores: Vec<GroupScores>,
    /// Rules that are off, by the review or by the settings. As it is now, whichever the version.
    rules_off: Vec<Off>,
}

#[derive(Debug, Serialize)]
struct Off {
    rule: String,
    /// The folder or file; none for everywhere.
    place: Option<String>,
    notice: String,
}

#[derive(Debug, Serialize)]
struct Named {
    dataset: String,
    published_ms: i64,
    pinned_by: Vec<String>,
}

/// Prints the statistics of a version: the newest, unless named by its hash or the beginning of it.
pub fn run(dataset: Option<&str>) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let mut store = desk.store()?;
    answer(&of(&desk, &mut store, dataset)?)
}

pub(super) fn of(desk: &Desk, store: &mut Store, dataset: Option<&str>) -> anyhow::Result<Answer> {
    let versions = assemble::versions(store)?;
    let version = find(&versions, dataset)?;
    let (id, published_ms) = (version.id, version.published_ms);
    let counter = Counter::of_models(&desk.directories, &desk.settings);
    let count = counter
        .as_ref()
        .map(|counter| |text: &str| counter.count(text));
    let tokenizer = counter
        .as_ref()
        .zip(count.as_ref())
        .map(|(counter, count)| Tokenizer {
            name: counter.name(),
            count,
        });
    let statistics = assemble::statistics(store, id, tokenizer)?;
    let named = versions.iter().map(|version| Named {
        dataset: version.id.to_string(),
        published_ms: version.published_ms,
        pinned_by: version.pins.clone(),
    });
    let by_settings = desk.settings.corpus.rules_off.iter().map(|rule| Off {
        rule: rule.clone(),
        place: None,
        notice: format!("the rule `{rule}` is off by corpus.rules_off in your settings"),
    });
    let by_review = assemble::rules_off(store)?.into_iter().map(|off| Off {
        place: (!off.is_everywhere()).then_some(off.place),
        rule: off.rule,
        notice: off.notice,
    });
    Ok(Answer {
        rules_off: by_settings.chain(by_review).collect(),
        dataset: id.to_string(),
        published_ms,
        tokens_of: counter.as_ref().map(|counter| counter.name().to_owned()),
        versions: named.collect(),
        statistics,
        scored_by: assemble::scored_by(store, id)?,
        scores: assemble::scores(store, &limits(&desk.settings.corpus))?,
    })
}

/// The version with a name, or the newest.
pub(super) fn find<'a>(
    versions: &'a [Version],
    dataset: Option<&str>,
) -> anyhow::Result<&'a Version> {
    let Some(name) = dataset else {
        return Ok(versions.first().ok_or(WrongUse::NoDataset)?);
    };
    let mut named = versions
        .iter()
        .filter(|version| version.id.to_string().starts_with(name));
    match (named.next(), named.next()) {
        (Some(version), None) => Ok(version),
        (Some(_), Some(_)) => Err(WrongUse::Ambiguous { name: name.into() }.into()),
        (None, _) => Err(WrongUse::NoVersion { name: name.into() }.into()),
    }
}

/// The newest version's name.
pub(super) fn newest(store: &mut Store) -> anyhow::Result<DatasetId> {
    Ok(find(&assemble::versions(store)?, None)?.id)
}
