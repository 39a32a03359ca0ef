//! Which rules are on, and a number that stands for them.

use super::rules::RULES;
use super::{Kind, Rule, RuleId};

/// Goes up when the engine itself changes what comes of a text.
const ENGINE_VERSION: u32 = 1;

/// Which rules are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// One for each of [`RULES`].
    on: Vec<bool>,
}

/// A name that no rule has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no cleaning rule `{name}`; the rules are: {}", known())]
pub struct UnknownRule {
    /// The name.
    pub name: String,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self::where_each(|rule| rule.default_on)
    }
}

impl RuleSet {
    /// The usual rules, and then those of `on` switched on and those of `off` switched off.
    pub fn with(on: &[&str], off: &[&str]) -> Result<Self, UnknownRule> {
        let mut rules = Self::default();
        for (names, is_on) in [(on, true), (off, false)] {
            for name in names {
                rules.on[index_of(name)?] = is_on;
            }
        }
        Ok(rules)
    }

    /// These rules and no others.
    pub fn only(names: &[&str]) -> Result<Self, UnknownRule> {
        let mut rules = Self::where_each(|_| false);
        for name in names {
            rules.on[index_of(name)?] = true;
        }
        Ok(rules)
    }

    /// Every rule there is.
    pub fn all() -> Self {
        Self::where_each(|_| true)
    }

    /// The same without these; names that no rule has are those of older versions.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        for index in names.iter().filter_map(|name| index_of(name).ok()) {
            self.on[index] = false;
        }
        self
    }

    /// The same without those that refuse a block: for one that a person wants.
    #[must_use]
    pub fn that_refuse_nothing(mut self) -> Self {
        for (rule, is_on) in RULES.iter().zip(&mut self.on) {
            *is_on &= !matches!(rule.kind, Kind::LeaveOut(_));
        }
        self
    }

    /// Whether a rule is on.
    pub fn is_on(&self, id: RuleId) -> bool {
        RULES
            .iter()
            .zip(&self.on)
            .any(|(rule, on)| rule.id == id && *on)
    }

    /// The same for the same rules in the same versions, on every machine and in every build.
    pub fn fingerprint(&self) -> u64 {
        let mut hash = Fnv::new();
        hash.add(&ENGINE_VERSION.to_le_bytes());
        for (rule, on) in RULES.iter().zip(&self.on) {
            if *on {
                hash.add(rule.id.as_str().as_bytes());
                hash.add(&[0]);
                hash.add(&rule.version.to_le_bytes());
            }
        }
        hash.0
    }

    pub(crate) fn is_on_at(&self, index: usize) -> bool {
        self.on[index]
    }

    fn where_each(is_on: impl Fn(&Rule) -> bool) -> Self {
        Self {
            on: RULES.iter().map(is_on).collect(),
        }
    }
}

fn index_of(name: &str) -> Result<usize, UnknownRule> {
    let found = RULES.iter().position(|rule| rule.id.as_str() == name);
    found.ok_or_else(|| UnknownRule {
        name: name.to_owned(),
    })
}

fn known() -> String {
    let names: Vec<&str> = RULES.iter().map(|rule| rule.id.as_str()).collect();
    names.join(", ")
}

/// FNV-1a: the standard library's hasher promises no stable values.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_rule_is_named_beside_the_known_ones() {
        let error = RuleSet::with(&[], &["space"]).unwrap_err().to_string();
        assert!(error.contains("`space`"), "{error}");
        assert!(error.contains("line_wraps, "), "{error}");
    }

    #[test]
    fn switching_a_rule_changes_the_fingerprint_and_switching_it_back_restores_it() {
        let usual = RuleSet::default();
        let less = RuleSet::with(&[], &["spaces"]).unwrap();
        assert_ne!(usual.fingerprint(), less.fingerprint());
        let spaces = RuleId::named("spaces").unwrap();
        assert!(usual.is_on(spaces) && !less.is_on(spaces));
        // Off wins over on: a person who switches a rule off means it.
        let both = RuleSet::with(&["spaces"], &["spaces"]).unwrap();
        assert_eq!(both.fingerprint(), less.fingerprint());
        let on = RuleSet::with(&["spaces"], &[]).unwrap();
        assert_eq!(on.fingerprint(), usual.fingerprint());
    }
}
