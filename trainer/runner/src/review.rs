//! A person's review as a conversation: they ask for a sample and say of each text what becomes of
//! it. Not how it is shown: `inkstone dataset review` shows it on a terminal, others elsewhere.
//!
//! Decisions are kept as they come. What looks like a text that was decided on follows when the
//! review is finished, or with the next build. A rule that was switched off, and a text that was left
//! out while its file was read and is wanted back, have files read again by the next build.

mod error;
mod item;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inkstone_corpus::clean::{RuleId, RuleSet, UnknownRule};
use inkstone_corpus::review::Rate;
use inkstone_corpus::{Reason, WayBack};
use inkstone_store::Store;
use inkstone_store::corpus::decision::RuleRow;
use inkstone_store::corpus::document::At;
use serde::{Deserialize, Serialize};

use crate::assemble::{
    self, AssembleError, Before, Candidate, Judgement, Measures, RuleOff, Stratum, Wish,
};

pub use error::ReviewError;
pub use item::Item;
use item::Shown;

/// Texts of a stratum that can be asked for at once.
const PER_STRATUM_MAX: usize = 1_000;
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
        /// Only those that were not decided on before.
        #[serde(default)]
        undecided: bool,
    },
    /// A text is to be learned from; one that was left out comes back.
    Keep {
        /// Which.
        item: String,
        /// Its words are its owner's, whoever they were taken for.
        #[serde(default)]
        mine: bool,
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
    /// A rule is to be off: in the folder of a text, in a folder or file, or, with neither, everywhere.
    RuleOff {
        /// Its name.
        rule: String,
        /// The text.
        #[serde(default)]
        item: Option<String>,
        /// The folder or file, from the root.
        #[serde(default)]
        path: Option<PathBuf>,
    },
    /// A rule is to be on again where it was switched off.
    RuleOn {
        /// Its name.
        rule: String,
        /// The folder or file; none for everywhere.
        #[serde(default)]
        path: Option<PathBuf>,
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
    /// It is kept, and counts for the reason, but the text stays out; why.
    StaysOut(String),
    /// The rule is off there.
    Off(String),
    /// Whether there was something to take back.
    Undone(bool),
    /// How everything fares that was judged, by name.
    Rates(BTreeMap<String, Fares>),
    /// What follows.
    Finished {
        /// Why rules are off now that were on.
        switched_off: Vec<String>,
        /// Whether files are read anew by the next build, so that all of it shows only then.
        needs_build: bool,
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
    /// Folders and files in which it is off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    off_in: Vec<String>,
}

/// One conversation.
pub struct Review<'a> {
    store: &'a mut Store,
    /// The rules that the settings have on.
    rules: RuleSet,
    shown: BTreeMap<String, Shown>,
    done: Vec<Step>,
    needs_build: bool,
}

/// What can be taken back.
enum Step {
    Judged(Box<(Shown, Before)>),
    Excluded(i64, Vec<u8>),
    Included(i64, Vec<u8>),
    Switched(RuleId, Option<RuleRow>),
    /// A rule in a folder or file, and whether it was switched on there.
    SwitchedAt(String, i64, Vec<u8>, bool),
    /// Something that changed nothing.
    Nothing,
}

impl<'a> Review<'a> {
    /// Begins one; `rules` are those that the settings have on.
    pub fn of(store: &'a mut Store, rules: RuleSet) -> Self {
        Self {
            store,
            rules,
            shown: BTreeMap::new(),
            done: Vec::new(),
            needs_build: false,
        }
    }

    /// Does what is asked, but for the finishing; `now_ms` is milliseconds since 1970.
    pub fn answer(&mut self, request: &Request, now_ms: i64) -> Result<Answer, ReviewError> {
        match request {
            Request::Sample {
                seed,
                per_stratum,
                undecided,
            } => {
                let wish = Wish {
                    seed: *seed,
                    per_stratum_max: (*per_stratum).min(PER_STRATUM_MAX),
                    has_decided: !undecided,
                };
                self.sample(wish).map(Answer::Items)
            }
            Request::Keep { item, mine } => self.keep(item, *mine, now_ms),
            Request::Drop { item } => {
                let shown = self.shown(item)?;
                self.judge(shown, false, false, now_ms)?;
                Ok(Answer::Done)
            }
            Request::Exclude { item } => self.exclude(item, now_ms),
            Request::RuleOff { rule, item, path } => match (item, path) {
                (None, None) => self.switch(rule, false),
                (Some(item), _) => {
                    let shown = self.shown(item)?;
                    let folder = shown.folder().to_vec();
                    self.switch_at(rule, shown.workspace, folder, now_ms)
                }
                (None, Some(path)) => {
                    let (workspace, prefix) = self.place(path)?;
                    self.switch_at(rule, workspace, prefix, now_ms)
                }
            },
            Request::RuleOn { rule, path: None } => self.switch(rule, true),
            Request::RuleOn {
                rule,
                path: Some(path),
            } => self.switch_on_at(rule, path, now_ms),
            Request::Undo => Ok(Answer::Undone(self.undo(now_ms)?)),
            Request::Rates | Request::Finish => Ok(Answer::Rates(self.rates()?)),
        }
    }

    /// Applies what was decided to what looks like it, and switches off rules that are surely right
    /// in fewer than `percent_min` of a hundred cases.
    pub fn finish(&mut self, measures: Measures, percent_min: u32) -> Result<Answer, ReviewError> {
        let off = assemble::judge_rules(self.store, percent_min)?;
        assemble::settle(self.store, measures)?;
        Ok(Answer::Finished {
            needs_build: std::mem::take(&mut self.needs_build) || !off.is_empty(),
            switched_off: off.into_iter().filter_map(|row| row.notice).collect(),
            rates: self.rates()?,
        })
    }

    fn sample(&mut self, wish: Wish) -> Result<Vec<Item>, ReviewError> {
        let off = assemble::rules_off(self.store)?;
        let mut items = Vec::new();
        for (stratum, candidates) in assemble::sample(self.store, wish)? {
            for candidate in candidates {
                items.push(self.show(&stratum, candidate, &off)?);
            }
        }
        Ok(items)
    }

    fn show(
        &mut self,
        stratum: &Stratum,
        candidate: Candidate,
        off: &[RuleOff],
    ) -> Result<Item, ReviewError> {
        let is_here = |one: &&RuleOff| one.holds_at(candidate.workspace, &candidate.path);
        let off_here = off.iter().filter(is_here).map(|one| one.rule.clone());
        let mut item = Item::of(stratum, &candidate, off_here.collect());
        let shown = Shown::of(stratum, candidate);
        let decided = assemble::decided(self.store, &shown.text, shown.left_out)?;
        item.decided = decided.map(|row| row.keep);
        self.shown.insert(item.item.clone(), shown);
        Ok(item)
    }

    fn shown(&self, item: &str) -> Result<Shown, ReviewError> {
        let found = self.shown.get(item).cloned();
        found.ok_or_else(|| ReviewError::NoItem(item.to_owned()))
    }

    fn keep(&mut self, item: &str, mine: bool, made_ms: i64) -> Result<Answer, ReviewError> {
        let shown = self.shown(item)?;
        let Some(reason) = shown.left_out else {
            self.judge(shown, true, mine, made_ms)?;
            return Ok(Answer::Done);
        };
        if reason == Reason::Excluded {
            let at = At {
                workspace: shown.workspace,
                path: &shown.path,
            };
            if assemble::include(self.store, at)? {
                self.note(Step::Included(shown.workspace, shown.path));
                return Ok(Answer::Done);
            }
        }
        let stays_out = match reason.way_back() {
            WayBack::IfTheirs if !mine => {
                let item = item.to_owned();
                return Err(ReviewError::Claim { item, reason });
            }
            WayBack::Closed(why) => Some(why.to_owned()),
            WayBack::Open | WayBack::IfTheirs => None,
        };
        self.judge(shown, true, mine, made_ms)?;
        Ok(stays_out.map_or(Answer::Done, Answer::StaysOut))
    }

    fn judge(
        &mut self,
        shown: Shown,
        keep: bool,
        is_theirs: bool,
        made_ms: i64,
    ) -> Result<(), ReviewError> {
        let judgement = Judgement {
            text: &shown.text,
            keep,
            rule: shown.judges.as_deref(),
            made_ms,
        };
        let before = assemble::decide(self.store, shown.left_out, is_theirs, &judgement)?;
        // What was reviewed before is compared anew at once.
        let is_read_again = shown
            .left_out
            .is_some_and(|reason| reason != Reason::Reviewed);
        self.needs_build |= keep && is_read_again;
        self.note(Step::Judged(Box::new((shown, before))));
        Ok(())
    }

    fn exclude(&mut self, item: &str, made_ms: i64) -> Result<Answer, ReviewError> {
        let shown = self.shown(item)?;
        let at = At {
            workspace: shown.workspace,
            path: &shown.path,
        };
        assemble::exclude(self.store, at, made_ms)?;
        self.note(Step::Excluded(shown.workspace, shown.path));
        Ok(Answer::Done)
    }

    fn switch(&mut self, rule: &str, enabled: bool) -> Result<Answer, ReviewError> {
        let id = named(rule)?;
        let was = assemble::switch_rule(self.store, id, enabled)?;
        self.needs_build = true;
        self.note(Step::Switched(id, was));
        if enabled && !self.rules.is_on(id) {
            let rule = rule.to_owned();
            return Err(ReviewError::OffBySettings { rule });
        }
        Ok(Answer::Done)
    }

    fn switch_at(
        &mut self,
        rule: &str,
        workspace: i64,
        prefix: Vec<u8>,
        made_ms: i64,
    ) -> Result<Answer, ReviewError> {
        named(rule)?;
        let at = At {
            workspace,
            path: &prefix,
        };
        let has_changed = assemble::switch_rule_at(self.store, at, rule, false, made_ms)?;
        let off = assemble::rules_off(self.store)?;
        let here = off.iter().find(|one| one.is_of(rule, workspace, &prefix));
        let place = here.map_or_else(String::new, |one| one.place.clone());
        self.needs_build |= has_changed;
        self.note(if has_changed {
            Step::SwitchedAt(rule.to_owned(), workspace, prefix, false)
        } else {
            Step::Nothing
        });
        Ok(Answer::Off(place))
    }

    fn switch_on_at(
        &mut self,
        rule: &str,
        path: &Path,
        made_ms: i64,
    ) -> Result<Answer, ReviewError> {
        named(rule)?;
        let (workspace, prefix) = self.place(path)?;
        let at = At {
            workspace,
            path: &prefix,
        };
        if !assemble::switch_rule_at(self.store, at, rule, true, made_ms)? {
            return Err(ReviewError::NotOff {
                rule: rule.to_owned(),
                path: path.to_owned(),
            });
        }
        self.needs_build = true;
        self.note(Step::SwitchedAt(rule.to_owned(), workspace, prefix, true));
        Ok(Answer::Done)
    }

    /// The workspace that a path lies in, and where in it.
    fn place(&mut self, path: &Path) -> Result<(i64, Vec<u8>), ReviewError> {
        let workspaces = self.store.workspaces().map_err(AssembleError::from)?;
        let found = workspaces.iter().find_map(|workspace| {
            let below = path.strip_prefix(&workspace.path).ok()?;
            let parts = below.iter().map(|part| part.to_string_lossy());
            let below = parts.collect::<Vec<_>>().join("/");
            Some((workspace.id.as_i64(), below.into_bytes()))
        });
        found.ok_or_else(|| ReviewError::NoFolder(path.to_owned()))
    }

    fn note(&mut self, step: Step) {
        if self.done.len() == UNDO_MAX {
            self.done.remove(0);
        }
        self.done.push(step);
    }

    /// Takes the last step back that is not one of a folder that was removed since; whether there was one.
    fn undo(&mut self, now_ms: i64) -> Result<bool, ReviewError> {
        while let Some(step) = self.done.pop() {
            match self.take_back(step, now_ms) {
                Err(AssembleError::Removed) => {}
                taken => return Ok(taken.map(|()| true)?),
            }
        }
        Ok(false)
    }

    fn take_back(&mut self, step: Step, now_ms: i64) -> Result<(), AssembleError> {
        let store = &mut *self.store;
        match step {
            Step::Judged(judged) => {
                let (shown, before) = *judged;
                assemble::undecide(store, shown.left_out, &shown.text, before)?;
            }
            Step::Excluded(workspace, path) => {
                let path = &path;
                assemble::include(store, At { workspace, path })?;
            }
            Step::Included(workspace, path) => {
                let path = &path;
                assemble::exclude(store, At { workspace, path }, now_ms)?;
            }
            Step::Switched(rule, was) => {
                assemble::switch_rule(store, rule, was.is_none_or(|was| was.enabled))?;
            }
            Step::SwitchedAt(rule, workspace, path, was_switched_on) => {
                let path = &path;
                let at = At { workspace, path };
                assemble::switch_rule_at(store, at, &rule, !was_switched_on, now_ms)?;
            }
            Step::Nothing => {}
        }
        Ok(())
    }

    fn rates(&mut self) -> Result<BTreeMap<String, Fares>, ReviewError> {
        let mut rates = assemble::rates(self.store)?;
        let off = assemble::rules_off(self.store)?;
        for one in &off {
            rates.entry(one.rule.clone()).or_default();
        }
        let fares = rates.into_iter().map(|(name, rate)| {
            let (low, high) = rate.interval();
            let mine = off.iter().filter(|one| one.rule == name);
            let everywhere = mine.clone().find(|one| one.is_everywhere());
            let fares = Fares {
                rate,
                low,
                high,
                off: everywhere.map(|one| one.notice.clone()),
                off_in: mine
                    .filter(|one| !one.is_everywhere())
                    .map(|one| one.place.clone())
                    .collect(),
            };
            (name, fares)
        });
        Ok(fares.collect())
    }
}

/// The rule of a name; the error names the rules that there are.
fn named(rule: &str) -> Result<RuleId, ReviewError> {
    RuleSet::only(&[rule])?;
    RuleId::named(rule).ok_or_else(|| {
        ReviewError::Rule(UnknownRule {
            name: rule.to_owned(),
        })
    })
}
