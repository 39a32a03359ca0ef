//! How rules and reasons fare by what a person decided, and the switching off of rules that fare
//! badly. A rule is switched as a whole: what it does in one folder it does in another, and a text
//! that shall be read otherwise can be kept or dropped by itself.

use std::collections::BTreeMap;

use inkstone_corpus::clean::RuleId;
use inkstone_corpus::review::{Rate, is_accepted};
use inkstone_store::Store;
use inkstone_store::corpus::decision::RuleRow;

use super::AssembleError;

/// Decisions that are read at once.
const COUNTED_DECISIONS_MAX: u32 = 1_024;

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
