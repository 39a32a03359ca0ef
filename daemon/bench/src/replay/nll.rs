//! `bench replay --nll`: how surprising held-out documents are, in nats for each token, as the running
//! daemon computes them: as the model is, with an adapter, with the writer's memory, with both.
//!
//! Each way on the same tokens, so that differences are paired; documents are drawn for their
//! intervals. Generic prose, where a folder is given, tells what is forgotten. The numbers are the
//! daemon's ([`inkstone_protocol::Call::Score`]): each passage is read by itself, all of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use inkstone_protocol::complete::NO_ADAPTER;
use inkstone_protocol::{SCORE_BYTES_MAX, ScoreParams, Technique, TextScore};
use serde::Serialize;

use super::bootstrap::{Difference, Resamples};
use super::corpus::Document;
use super::passages::{self, Stretch};
use super::{ReplayOptions, SEED};
use crate::error::BenchError;
use crate::observer::Observer;

/// Passages of a call: a long call would not say how far it is.
const CALL_PASSAGES: usize = 4;

/// What is scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NllOptions {
    /// Passages of the documents, and as many of generic prose, in each language.
    pub passages: usize,
    /// Tokens of a passage at most.
    pub tokens: u32,
    /// Folders of prose that is not the writer's.
    pub generic: Vec<PathBuf>,
}

/// How surprising one language's documents are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NllReport {
    /// Nats for each token with all that was asked for: the adapter, the memory.
    pub own_nll: f64,
    /// Tokens that were foretold, in each way.
    pub own_tokens: u64,
    /// Passages of the documents.
    pub own_passages: usize,
    /// The same as `own_nll` of generic prose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generic_nll: Option<f64>,
    /// Tokens of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generic_tokens: Option<u64>,
    /// Each way by its name: `base`, `adapter`, `memory`, `both`.
    pub nll_ways: BTreeMap<String, WayReport>,
}

/// What a way of computing comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WayReport {
    /// Nats for each token of the documents.
    pub own_nll: f64,
    /// By how many per cent that is more than of the model as it is.
    pub own_change_pct: Difference,
    /// Nats for each token of generic prose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generic_nll: Option<f64>,
    /// By how many per cent that is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generic_change_pct: Option<Difference>,
}

/// A way of computing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    name: &'static str,
    adapter: bool,
    memory: bool,
}

/// The name of the model as it is.
pub(super) const BASE_NAME: &str = "base";
const BASE: Way = Way {
    name: BASE_NAME,
    adapter: false,
    memory: false,
};

/// The last that is possible has all that was asked for.
const WAYS: [Way; 4] = [
    BASE,
    Way {
        name: "adapter",
        adapter: true,
        memory: false,
    },
    Way {
        name: "memory",
        adapter: false,
        memory: true,
    },
    Way {
        name: "both",
        adapter: true,
        memory: true,
    },
];

/// What is to be scored of one language.
pub(super) struct Subject<'a> {
    pub(super) language: &'a str,
    pub(super) documents: &'a [&'a Document],
    /// Prose that is not the writer's.
    pub(super) generic: &'a [&'a Document],
}

/// Scores passages in several ways.
struct Scorer<'a> {
    observer: &'a Observer,
    params: ScoreParams,
    adapter: Option<&'a str>,
}

/// Passages, and what they cost the model as it is.
struct Side<'a> {
    what: &'static str,
    stretches: Vec<Stretch<'a>>,
    base: Vec<TextScore>,
    resamples: Resamples,
}

/// Scores the documents of a language. `observer` is connected to a daemon in whose home lies what is
/// to be remembered, if anything is.
pub(super) fn measure(
    (options, wanted): (&ReplayOptions, &NllOptions),
    subject: &Subject<'_>,
    observer: &Observer,
    progress: &mut dyn FnMut(&str),
) -> Result<NllReport, BenchError> {
    let named = options.adapter.as_deref();
    let scorer = Scorer {
        observer,
        params: ScoreParams {
            language: Some(subject.language.to_owned()),
            load: true,
            tokens_max: Some(wanted.tokens),
            ..ScoreParams::default()
        },
        adapter: named.filter(|named| *named != NO_ADAPTER),
    };
    let choose = |of| passages::choose(of, wanted.passages, wanted.tokens, SEED);
    let own = Side::of("documents", choose(subject.documents), &scorer, progress)?;
    let own = own.ok_or_else(|| BenchError::TooFew {
        what: format!(
            "the documents in {} are too short to be scored",
            subject.language
        ),
    })?;
    let generic = Side::of("generic prose", choose(subject.generic), &scorer, progress)?;
    let remembers = !options.memory.is_empty() && !options.without.contains(&Technique::Memory);
    let ways = WAYS
        .into_iter()
        .filter(|way| (scorer.adapter.is_some() || !way.adapter) && (remembers || !way.memory));
    let mut reports: Vec<(Way, WayReport)> = Vec::new();
    for way in ways {
        // Where nothing of this language is remembered, that is as without.
        let Some(of_own) = own.scored(way, &scorer, progress)? else {
            continue;
        };
        let of_generic = match &generic {
            None => None,
            Some(side) => side
                .scored(way, &scorer, progress)?
                .map(|scores| (side, scores)),
        };
        let report = WayReport {
            own_nll: nats_per_token(&of_own),
            own_change_pct: own.change_pct(&of_own),
            generic_nll: of_generic
                .as_ref()
                .map(|(_, scores)| nats_per_token(scores)),
            generic_change_pct: of_generic
                .as_ref()
                .map(|(side, scores)| side.change_pct(scores)),
        };
        reports.push((way, report));
    }
    // The last one has all that was asked for and is there.
    let last = reports.last().map(|(_, report)| report.clone());
    let last = last.ok_or_else(|| BenchError::Numbers {
        problem: "nothing was scored".to_owned(),
    })?;
    let named = |(way, report): (Way, WayReport)| (way.name.to_owned(), report);
    Ok(NllReport {
        own_nll: last.own_nll,
        own_tokens: tokens(&own.base),
        own_passages: own.stretches.len(),
        generic_nll: last.generic_nll,
        generic_tokens: generic.as_ref().map(|generic| tokens(&generic.base)),
        nll_ways: reports.into_iter().map(named).collect(),
    })
}

impl Scorer<'_> {
    /// What passages cost; none where they were to be scored with a memory that is not there.
    fn score(
        &self,
        way: Way,
        stretches: &[Stretch<'_>],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Option<Vec<TextScore>>, BenchError> {
        let mut scores = Vec::new();
        for some in calls(stretches) {
            let reply = self.observer.score(ScoreParams {
                texts: some.iter().map(|one| one.text.to_owned()).collect(),
                adapter: self.adapter.filter(|_| way.adapter).map(str::to_owned),
                memory: way.memory,
                ..self.params.clone()
            })?;
            if reply.memory != way.memory {
                return Ok(None);
            }
            scores.extend(reply.scores);
            progress(scores.len());
        }
        Ok(Some(scores))
    }
}

impl<'a> Side<'a> {
    /// None where there is no passage.
    fn of(
        what: &'static str,
        stretches: Vec<Stretch<'a>>,
        scorer: &Scorer<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<Self>, BenchError> {
        let documents = stretches.iter().map(|one| one.document + 1).max();
        let Some(documents) = documents else {
            return Ok(None);
        };
        let mut side = Self {
            what,
            stretches,
            base: Vec::new(),
            resamples: Resamples::new(documents, SEED),
        };
        side.base = side.ask(BASE, scorer, progress)?.unwrap_or_default();
        Ok(Some(side))
    }

    /// What its passages cost in some way; that of the base is known already.
    fn scored(
        &self,
        way: Way,
        scorer: &Scorer<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<Vec<TextScore>>, BenchError> {
        if way == BASE {
            return Ok(Some(self.base.clone()));
        }
        self.ask(way, scorer, progress)
    }

    fn ask(
        &self,
        way: Way,
        scorer: &Scorer<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<Vec<TextScore>>, BenchError> {
        let (what, all) = (self.what, self.stretches.len());
        scorer.score(way, &self.stretches, &mut |done| {
            progress(&format!("scoring {what}, {}, {done} of {all}", way.name));
        })
    }

    /// By how many per cent these cost more than the model as it is.
    fn change_pct(&self, scores: &[TextScore]) -> Difference {
        self.resamples.gain(|weights| {
            let sum = |of: &[TextScore]| -> f64 {
                let each = self.stretches.iter().zip(of);
                each.map(|(one, score)| weights[one.document] as f64 * score.nats)
                    .sum()
            };
            match sum(&self.base) {
                base if base > 0.0 => 100.0 * (sum(scores) / base - 1.0),
                _ => 0.0,
            }
        })
    }
}

/// As many passages to a call as it may hold.
fn calls<'s, 'a>(stretches: &'s [Stretch<'a>]) -> Vec<&'s [Stretch<'a>]> {
    let mut calls = Vec::new();
    let mut rest = stretches;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fit = rest.iter().take_while(|one| {
            bytes += one.text.len();
            bytes <= SCORE_BYTES_MAX
        });
        let count = fit.take(CALL_PASSAGES).count().max(1);
        let (some, others) = rest.split_at(count);
        calls.push(some);
        rest = others;
    }
    calls
}

fn tokens(scores: &[TextScore]) -> u64 {
    scores.iter().map(|score| u64::from(score.tokens)).sum()
}

fn nats_per_token(scores: &[TextScore]) -> f64 {
    let nats: f64 = scores.iter().map(|score| score.nats).sum();
    nats / tokens(scores).max(1) as f64
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn report() -> NllReport {
        let way = |own_nll| WayReport {
            own_nll,
            own_change_pct: Difference {
                gain: -5.0,
                low: -6.0,
                high: -4.0,
            },
            generic_nll: None,
            generic_change_pct: None,
        };
        NllReport {
            own_nll: 3.0,
            own_tokens: 4_800,
            own_passages: 10,
            generic_nll: None,
            generic_tokens: None,
            nll_ways: [
                ("base".to_owned(), way(3.2)),
                ("adapter".to_owned(), way(3.0)),
            ]
            .into(),
        }
    }

    fn stretches(texts: &[&'static str]) -> Vec<Stretch<'static>> {
        let texts = texts.iter().enumerate();
        texts
            .map(|(document, text)| Stretch { document, text })
            .collect()
    }

    fn score(nats: f64) -> TextScore {
        TextScore {
            nats,
            tokens: 10,
            characters: 40,
        }
    }

    #[test]
    fn changes_are_paired_and_counted_by_document() {
        let stretches = stretches(&["a", "b", "砚"]);
        let side = Side {
            what: "documents",
            base: vec![score(10.0), score(20.0), score(30.0)],
            resamples: Resamples::new(3, SEED),
            stretches,
        };
        // Every document got cheaper by a tenth, however dear it was.
        let scores = [score(9.0), score(18.0), score(27.0)];
        let change = side.change_pct(&scores);
        for end in [change.gain, change.low, change.high] {
            assert!((end + 10.0).abs() < 1e-9, "{change:?}");
        }
        let uneven = side.change_pct(&[score(5.0), score(20.0), score(30.0)]);
        assert!(uneven.low < uneven.gain && uneven.gain < uneven.high);
        assert!((nats_per_token(&scores) - 1.8).abs() < 1e-9);
        assert!(nats_per_token(&[]).abs() < 1e-9);
    }

    #[test]
    fn calls_hold_no_more_than_they_may() {
        let long: &'static str = Box::leak("砚".repeat(SCORE_BYTES_MAX / 6).into_boxed_str());
        let all = stretches(&[long, long, "a", "b", "c", "d", "e", "f"]);
        let counts: Vec<usize> = calls(&all).iter().map(|call| call.len()).collect();
        assert_eq!(counts.iter().sum::<usize>(), 8);
        for call in calls(&all) {
            let bytes: usize = call.iter().map(|one| one.text.len()).sum();
            assert!(call.len() <= CALL_PASSAGES && bytes <= SCORE_BYTES_MAX);
        }
    }
}
