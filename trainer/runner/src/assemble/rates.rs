//! How rules and reasons fare by what a person decided, the switching off of rules that fare badly, and
//! which rules are off: as a whole, or in one folder or file, where what is a fault elsewhere is
//! meant.

use std::collections::BTreeMap;
use std::path::PathBuf;

use inkstone_corpus::clean::RuleId;
use inkstone_corpus::review::{Rate, is_accepted};
use inkstone_store::Store;
use inkstone_store::corpus::decision::RuleRow;
use serde::Serialize;

use super::AssembleError;

/// Decisions that are read at once.
const COUNTED_DECISIONS_MAX: u32 = 1_024;

/// A rule that is off by the review, as a whole or in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleOff {
    /// Its name.
    pub rule: String,
    /// The folder or file, from the name of its workspace on; empty for everywhere.
    pub place: String,
    /// Why it is off, and how to switch it on.
    pub notice: String,
    /// The workspace's number and the path in it; none for everywhere.
    #[serde(skip)]
    at: Option<(i64, Vec<u8>)>,
}

impl RuleOff {
    /// Whether it is off as a whole.
    pub fn is_everywhere(&self) -> bool {
        self.at.is_none()
    }

    /// Whether it is off in exactly this folder or file.
    pub fn is_of(&self, rule: &str, workspace: i64, prefix: &[u8]) -> bool {
        let at = self.at.as_ref();
        self.rule == rule && at.is_some_and(|(id, path)| *id == workspace && path == prefix)
    }

    /// Whether it is off for a file because of where that lies.
    pub fn holds_at(&self, workspace: i64, path: &[u8]) -> bool {
        self.at
            .as_ref()
            .is_some_and(|(id, prefix)| *id == workspace && is_at_or_below(prefix, path))
    }
}

/// Whether a path is a folder or file, or below it; everything is below the empty one.
pub fn is_at_or_below(prefix: &[u8], path: &[u8]) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| prefix.is_empty() || rest.is_empty() || rest.starts_with(b"/"))
}

/// Every rule that is off by the review: as a whole first, then by place.
pub fn rules_off(store: &mut Store) -> Result<Vec<RuleOff>, AssembleError> {
    let workspaces = store.workspaces()?;
    let rules = store.read_corpus(|corpus| corpus.rules())?;
    let everywhere = rules.into_iter().filter(|row| !row.enabled);
    let everywhere = everywhere.map(|row| RuleOff {
        notice: row.notice.unwrap_or_else(|| remedy(&row.rule)),
        rule: row.rule,
        place: String::new(),
        at: None,
    });
    let mut off: Vec<RuleOff> = everywhere.collect();
    for row in store.read_corpus(|corpus| corpus.rules_off())? {
        let found = workspaces
            .iter()
            .find(|one| one.id.as_i64() == row.workspace);
        let Some(workspace) = found else {
            // It is removed, and what is known of it goes with the next build.
            continue;
        };
        let below = String::from_utf8_lossy(&row.prefix).into_owned();
        let name = workspace.path.file_name().unwrap_or_default();
        let place = PathBuf::from(name).join(&below);
        let whole = workspace.path.join(&below);
        off.push(RuleOff {
            place: without_end(&place),
            notice: notice_at(&row.rule, &without_end(&whole)),
            rule: row.rule,
            at: Some((row.workspace, row.prefix)),
        });
    }
    Ok(off)
}

/// Joining nothing leaves a slash.
fn without_end(path: &std::path::Path) -> String {
    path.to_string_lossy().trim_end_matches('/').to_owned()
}

fn notice_at(rule: &str, path: &str) -> String {
    // As a shell takes it, whatever is in the name.
    let quoted = path.replace('\'', "'\\''");
    format!(
        "the rule `{rule}` is off in {path}: you switched it off there; {} --in '{quoted}'",
        remedy(rule)
    )
}

/// How everything fares that was judged, by the names of rules and reasons.
pub fn rates(store: &mut Store) -> Result<BTreeMap<String, Rate>, AssembleError> {
    let mut rates: BTreeMap<String, Rate> = BTreeMap::new();
    let mut after = 0;
    loop {
        let page =
            store.read_corpus(|corpus| corpus.decisions_after(after, COUNTED_DECISIONS_MAX))?;
        let Some(last) = page.last() else {
            return Ok(rates);
        };
        after = last.id;
        for row in &page {
            let Some(name) = &row.rule else { continue };
            if let Some(is_accepted) = is_accepted(name, row.keep) {
                rates.entry(name.clone()).or_default().add(is_accepted);
            }
        }
    }
}

/// Switches rules off that are surely right in fewer than `percent_min` of a hundred cases; which.
///
/// One that a person switched on again stays on until more of it is judged.
pub fn judge_rules(store: &mut Store, percent_min: u32) -> Result<Vec<RuleRow>, AssembleError> {
    let rates = rates(store)?;
    let rules = rates
        .iter()
        .filter(|(name, rate)| RuleId::named(name).is_some() && rate.is_surely_below(percent_min));
    store.change_corpus(|corpus| {
        let known = corpus.rules()?;
        let mut off = Vec::new();
        for (name, rate) in rules {
            let was = known.iter().find(|row| row.rule == *name);
            if was.is_some_and(|was| !was.enabled || was.judged >= rate.judged) {
                continue;
            }
            let row = RuleRow {
                rule: name.clone(),
                enabled: false,
                accepted: rate.accepted,
                judged: rate.judged,
                notice: Some(notice(name, *rate, percent_min)),
            };
            corpus.put_rule(&row)?;
            off.push(row);
        }
        Ok(off)
    })
}

/// Switches a rule; how it was before, if it was ever judged or switched.
pub fn switch_rule(
    store: &mut Store,
    rule: RuleId,
    enabled: bool,
) -> Result<Option<RuleRow>, AssembleError> {
    let name = rule.as_str();
    let rate = rates(store)?.get(name).copied().unwrap_or_default();
    let off = || {
        format!(
            "the rule `{name}` is off: you switched it off; {}",
            remedy(name)
        )
    };
    store.change_corpus(|corpus| {
        let was = corpus.rules()?.into_iter().find(|row| row.rule == name);
        corpus.put_rule(&RuleRow {
            rule: name.to_owned(),
            enabled,
            accepted: rate.accepted,
            judged: rate.judged,
            notice: (!enabled).then(off),
        })?;
        Ok(was)
    })
}

fn notice(name: &str, rate: Rate, percent_min: u32) -> String {
    let (low, high) = rate.interval();
    format!(
        "the rule `{name}` is off: {} of {} cases that you judged were right (that is {:.0} to {:.0} %, and corpus.rule_acceptance_percent_min asks for {percent_min}); {}",
        rate.accepted,
        rate.judged,
        low * 100.0,
        high * 100.0,
        remedy(name)
    )
}

fn remedy(name: &str) -> String {
    format!("switch it on again with: inkstone dataset review --rule-on {name}")
}
