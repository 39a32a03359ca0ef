//! A person's review as a conversation: they ask for a sample and say of each text what becomes of
//! it. Not how it is shown: `inkstone dataset review` shows it on a terminal, others elsewhere.
//!
//! Decisions are kept as they come. What looks like a text that was decided on follows when the
//! review is finished, or with the next build; a rule that was switched off has the files read again
//! by the next build.

use std::collections::{BTreeMap, HashSet};

use inkstone_corpus::clean::{RuleId, RuleSet, UnknownRule};
use inkstone_corpus::dataset::Digest;
use inkstone_corpus::review::{Rate, reason_name};
use inkstone_corpus::{LineRange, Reason};
use inkstone_store::Store;
use inkstone_store::corpus::decision::{DecisionRow, RuleRow};
use inkstone_store::corpus::document::At;
use serde::{Deserialize, Serialize};

use crate::assemble::{self, AssembleError, Candidate, Judged, Judgement, Measures, Stratum};

/// Texts of a stratum that can be asked for at once.
const PER_STRATUM_MAX: usize = 1_000;
/// Hexadecimal digits of an item's name: some millions of texts hardly share one.
const ITEM_DIGITS: usize = 16;
/// Steps that can be taken back.
const UNDO_MAX: usize = 10_000;

/// What a person wants.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Show texts of every stratum.
    Sample {
        /// The same texts for the same number.
        seed: u64,
        /// Of each stratum, at most.
        per_stratum: usize,
    },
    /// A text is to be learned from.
    Keep {
        /// Which.
        item: String,
    },
    /// A text is not to be learned from.
    Drop {
        /// Which.
        item: String,
    },
    /// Nothing of a text's file is to be learned from.
    Exclude {
        /// Which.
        item: String,
    },
    /// A rule is to be off.
    RuleOff {
        /// Its name.
        rule: String,
    },
    /// A rule is to be on again.
    RuleOn {
        /// Its name.
        rule: String,
    },
    /// The last of these is taken back.
    Undo,
    /// Show how rules and reasons fare.
    Rates,
    /// Apply what was decided.
    Finish,
}

/// What a person gets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The sample.
    Items(Vec<Item>),
    /// It is kept.
    Done,
    /// Whether there was something to take back.
    Undone(bool),
    /// How everything fares that was judged, by name.
    Rates(BTreeMap<String, Fares>),
    /// What follows.
    Finished {
        /// Why rules are off now that were on.
        switched_off: Vec<String>,
        /// How everything fares.
        rates: BTreeMap<String, Fares>,
    },
}

/// How a rule or a reason fares.
#[derive(Debug, Serialize)]
pub struct Fares {
    #[serde(flatten)]
    rate: Rate,
    /// Between which shares it lies, with 95 % confidence.
    low: f64,
    high: f64,
    /// Why it is off, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<String>,
}

/// A text to be judged.
#[derive(Debug, Serialize)]
pub struct Item {
    /// Its name in decisions, the same in every sample.
    pub item: String,
    /// What it stands for: `rule:NAME`, `kept:GENRE:LANGUAGE` or `left_out:REASON`.
    pub stratum: String,
    /// The rule or reason that is judged by it.
    pub judges: Option<String>,
    /// The name of its folder, its file in it, and its lines.
    pub folder: String,
    /// Its file, relative to the folder.
    pub path: String,
    /// Where in the file.
    pub lines: Option<LineRange>,
    /// As written, secrets and personal data replaced; of what was never cleaned, the beginning.
    pub original: String,
    /// What is learned from; none where nothing is.
    pub text: Option<String>,
    /// The rules that changed or flagged it, and how often.
    pub rules: BTreeMap<String, u32>,
    /// Why it stays out, if it does.
    pub left_out: Option<Reason>,
    /// What was decided on it before: whether to keep it.
    pub decided: Option<bool>,
}

/// Why something cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The item was not shown.
    #[error("no item {0} was shown; ask for the sample first, with the same seed")]
    NoItem(String),
    /// No rule has this name.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// The database.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
}

/// One conversation.
pub struct Review<'a> {
    store: &'a mut Store,
    shown: BTreeMap<String, Shown>,
    done: Vec<Step>,
}

/// An item, as decisions need it.
#[derive(Debug, Clone)]
struct Shown {
    workspace: i64,
    path: Vec<u8>,
    text: String,
    /// It stays out, and not by a decision.
    left_out: Option<Reason>,
    judges: Option<String>,
}

/// What can be taken back.
enum Step {
    Judged(Shown, Option<DecisionRow>),
    Excluded(i64, Vec<u8>),
    Switched(RuleId, Option<RuleRow>),
}

impl<'a> Review<'a> {
    /// Begins one.
    pub fn of(store: &'a mut Store) -> Self {
        Self {
            store,
            shown: BTreeMap::new(),
            done: Vec::new(),
        }
    }

    /// Does what is asked, but for the finishing; `now_ms` is milliseconds since 1970.
    pub fn answer(&mut self, request: &Request, now_ms: i64) -> Result<Answer, ReviewError> {
        match request {
            Request::Sample { seed, per_stratum } => {
                let count = (*per_stratum).min(PER_STRATUM_MAX);
                return self.sample(*seed, count).map(Answer::Items);
            }
            Request::Keep { item } => self.judge(item, true, now_ms)?,
            Request::Drop { item } => self.judge(item, false, now_ms)?,
            Request::Exclude { item } => self.exclude(item, now_ms)?,
            Request::RuleOff { rule } => self.switch(rule, false)?,
            Request::RuleOn { rule } => self.switch(rule, true)?,
            Request::Undo => return Ok(Answer::Undone(self.undo()?)),
            Request::Rates | Request::Finish => return Ok(Answer::Rates(self.rates()?)),
        }
        Ok(Answer::Done)
    }

    /// Applies what was decided to what looks like it, and switches off rules that are surely right
    /// in fewer than `percent_min` of a hundred cases.
    pub fn finish(&mut self, measures: Measures, percent_min: u32) -> Result<Answer, ReviewError> {
        let off = assemble::judge_rules(self.store, percent_min)?;
        assemble::settle(self.store, measures)?;
        Ok(Answer::Finished {
            switched_off: off.into_iter().filter_map(|row| row.notice).collect(),
            rates: self.rates()?,
        })
    }

    fn sample(&mut self, seed: u64, per_stratum: usize) -> Result<Vec<Item>, ReviewError> {
        let mut items = Vec::new();
        let mut is_drawn = HashSet::new();
        for (stratum, candidates) in assemble::sample(self.store, seed, per_stratum)? {
            for candidate in candidates {
                // A text of several strata is judged for the first.
                if is_drawn.insert((candidate.document, candidate.place)) {
                    items.push(self.show(&stratum, candidate)?);
                }
            }
        }
        Ok(items)
    }

    fn show(&mut self, stratum: &Stratum, candidate: Candidate) -> Result<Item, ReviewError> {
        let name = format!("{} {}", candidate.document, candidate.place);
        let mut name = Digest::of(name.as_bytes()).to_string();
        name.truncate(ITEM_DIGITS);
        let path = String::from_utf8_lossy(&candidate.path).into_owned();
        let judges = match stratum {
            Stratum::Rule(rule) => Some(rule.clone()),
            Stratum::Kept { .. } | Stratum::LeftOut(Reason::Reviewed | Reason::Excluded) => None,
            Stratum::LeftOut(reason) => Some(reason_name(*reason)),
        };
        let mut item = Item {
            item: name.clone(),
            stratum: stratum_name(stratum),
            judges,
            folder: candidate.folder,
            path,
            lines: None,
            original: String::new(),
            text: None,
            rules: BTreeMap::new(),
            left_out: None,
            decided: None,
        };
        match candidate.judged {
            Judged::Piece(piece, verdict) => {
                item.lines = piece.lines;
                item.original = piece.original;
                item.text = Some(piece.text);
                item.rules = piece.rules;
                item.left_out = verdict;
            }
            Judged::Block(block) => {
                item.lines = block.lines;
                item.original = block.excerpt;
                item.rules = block.rule.into_iter().map(|rule| (rule, 1)).collect();
                item.left_out = Some(block.reason);
            }
        }
        let shown = Shown {
            workspace: candidate.workspace,
            path: candidate.path,
            text: item.text.clone().unwrap_or_else(|| item.original.clone()),
            left_out: item.left_out.filter(|reason| *reason != Reason::Reviewed),
            judges: item.judges.clone(),
        };
        let decided = assemble::decided(self.store, &shown.text, shown.left_out)?;
        item.decided = decided.map(|row| row.keep);
        self.shown.insert(name, shown);
        Ok(item)
    }

    fn shown(&self, item: &str) -> Result<Shown, ReviewError> {
        let found = self.shown.get(item).cloned();
        found.ok_or_else(|| ReviewError::NoItem(item.to_owned()))
    }

    fn judge(&mut self, item: &str, keep: bool, made_ms: i64) -> Result<(), ReviewError> {
        let shown = self.shown(item)?;
        let was = assemble::decided(self.store, &shown.text, shown.left_out)?;
        self.put(&shown, keep, shown.judges.as_deref(), made_ms)?;
        self.note(Step::Judged(shown, was));
        Ok(())
    }

    fn put(
        &mut self,
        shown: &Shown,
        keep: bool,
        rule: Option<&str>,
        made_ms: i64,
    ) -> Result<(), AssembleError> {
        let judgement = Judgement {
            text: &shown.text,
            keep,
            rule,
            made_ms,
        };
        match shown.left_out {
            Some(reason) => assemble::judge_left_out(self.store, reason, &judgement),
            None => assemble::decide(self.store, &judgement),
        }
    }

    fn exclude(&mut self, item: &str, made_ms: i64) -> Result<(), ReviewError> {
        let shown = self.shown(item)?;
        let at = At {
            workspace: shown.workspace,
            path: &shown.path,
        };
        assemble::exclude(self.store, at, made_ms)?;
        self.note(Step::Excluded(shown.workspace, shown.path));
        Ok(())
    }

    fn switch(&mut self, rule: &str, enabled: bool) -> Result<(), ReviewError> {
        let Some(id) = RuleId::named(rule) else {
            // Its error names the rules that there are.
            return RuleSet::only(&[rule]).map(drop).map_err(ReviewError::from);
        };
        let was = assemble::switch_rule(self.store, id, enabled)?;
        self.note(Step::Switched(id, was));
        Ok(())
    }

    fn note(&mut self, step: Step) {
        if self.done.len() == UNDO_MAX {
            self.done.remove(0);
        }
        self.done.push(step);
    }

    fn undo(&mut self) -> Result<bool, ReviewError> {
        match self.done.pop() {
            None => return Ok(false),
            Some(Step::Judged(shown, Some(was))) => {
                self.put(&shown, was.keep, was.rule.as_deref(), was.made)?;
            }
            Some(Step::Judged(shown, None)) => match shown.left_out {
                Some(reason) => assemble::withdraw_left_out(self.store, reason, &shown.text)?,
                None => {
                    assemble::withdraw_decision(self.store, &shown.text)?;
                }
            },
            Some(Step::Excluded(workspace, path)) => {
                let at = At {
                    workspace,
                    path: &path,
                };
                assemble::include(self.store, at)?;
            }
            Some(Step::Switched(rule, was)) => {
                assemble::switch_rule(self.store, rule, was.is_none_or(|was| was.enabled))?;
            }
        }
        Ok(true)
    }

    fn rates(&mut self) -> Result<BTreeMap<String, Fares>, ReviewError> {
        let mut rates = assemble::rates(self.store)?;
        let rows = self.store.read_corpus(|corpus| corpus.rules());
        let rows = rows.map_err(AssembleError::from)?;
        for row in rows.iter().filter(|row| !row.enabled) {
            rates.entry(row.rule.clone()).or_default();
        }
        let fares = rates.into_iter().map(|(name, rate)| {
            let (low, high) = rate.interval();
            let off = rows.iter().find(|row| row.rule == name && !row.enabled);
            let off = off.and_then(|row| row.notice.clone());
            let fares = Fares {
                rate,
                low,
                high,
                off,
            };
            (name, fares)
        });
        Ok(fares.collect())
    }
}

fn stratum_name(stratum: &Stratum) -> String {
    let word = |value: serde_json::Result<serde_json::Value>| {
        let value = value.ok();
        let word = value.as_ref().and_then(serde_json::Value::as_str);
        word.unwrap_or_default().to_owned()
    };
    match stratum {
        Stratum::Rule(rule) => format!("rule:{rule}"),
        Stratum::Kept { genre, language } => {
            format!("kept:{}:{language}", word(serde_json::to_value(genre)))
        }
        Stratum::LeftOut(reason) => format!("left_out:{}", word(serde_json::to_value(reason))),
    }
}
