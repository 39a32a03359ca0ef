//! How files are read: what of the settings, of the review and of this program decides what comes of
//! one.

use std::borrow::Cow;

use inkstone_corpus::clean::{RuleId, RuleSet, UnknownRule};
use inkstone_corpus::read::ReadLimits;
use inkstone_corpus::review::wanted::Wanted;
use inkstone_prose::Language;
use inkstone_settings::{Corpus, MainLanguage};

use crate::assemble::{self, RuleOff};
use crate::content::ContentHash;

/// Counted up with every change of readers, filters, detectors or tags: what older ones made is made
/// again. Rules have numbers of their own.
const READERS_VERSION: u32 = 4;

/// How files are read.
#[derive(Debug, Clone)]
pub struct Manner {
    pub(super) limits: ReadLimits,
    rules: RuleSet,
    /// Rules that are off in one place.
    off_at: Vec<RuleOff>,
    pub(super) wanted: Wanted,
    pub(super) main_language: Language,
}

impl Manner {
    /// As the settings say, with the rules off that the review has switched off, and what it wants
    /// back.
    pub fn of(
        corpus: &Corpus,
        switched_off: Vec<RuleOff>,
        wanted: Wanted,
    ) -> Result<Self, UnknownRule> {
        let rules = rules_of(corpus)?;
        let (everywhere, off_at): (Vec<RuleOff>, _) =
            switched_off.into_iter().partition(RuleOff::is_everywhere);
        let everywhere: Vec<&str> = everywhere.iter().map(|one| one.rule.as_str()).collect();
        let bytes = |size: u32, shift: u32| (size as usize) << shift;
        let limits = ReadLimits {
            file_bytes_max: bytes(corpus.file_mb_max, 20),
            unpacked_bytes_max: bytes(corpus.unpacked_mb_max, 20),
            line_bytes_max: bytes(corpus.line_kb_max, 10),
            ..ReadLimits::default()
        };
        Ok(Self {
            limits,
            // The settings' names are their writer's to mend; those of the review may be of rules
            // that there are no longer.
            rules: rules.without(&everywhere),
            off_at,
            wanted,
            main_language: match corpus.main_language {
                MainLanguage::Chinese => Language::Chinese,
                MainLanguage::English => Language::English,
            },
        })
    }

    /// The same with the places in which rules are off now: a file that is renamed takes them along.
    pub(super) fn with_places(&self, switched_off: Vec<RuleOff>) -> Cow<'_, Self> {
        let off_at: Vec<RuleOff> = switched_off
            .into_iter()
            .filter(|one| !one.is_everywhere())
            .collect();
        if off_at == self.off_at {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self {
            off_at,
            ..self.clone()
        })
    }

    /// Whether a rule is on.
    pub fn is_on(&self, rule: RuleId) -> bool {
        self.rules.is_on(rule)
    }

    /// What is read of a file.
    pub fn limits(&self) -> &ReadLimits {
        &self.limits
    }

    /// What is wanted of what is left out.
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// The rules that are on for a file of a workspace.
    pub(super) fn rules_at(&self, workspace: i64, path: &str) -> Cow<'_, RuleSet> {
        let off = self.off_at(workspace, path);
        if off.is_empty() {
            return Cow::Borrowed(&self.rules);
        }
        Cow::Owned(self.rules.clone().without(&off))
    }

    /// Names the rules that are off where a file lies; nothing where none is, so that a switch in one
    /// folder has no file of another read again.
    pub(super) fn fingerprint_at(&self, workspace: i64, path: &str) -> Vec<u8> {
        self.off_at(workspace, path).join(" ").into_bytes()
    }

    fn off_at(&self, workspace: i64, path: &str) -> Vec<&str> {
        let here = |one: &&RuleOff| one.holds_at(workspace, path.as_bytes());
        let mut rules: Vec<&str> = self
            .off_at
            .iter()
            .filter(here)
            .map(|one| one.rule.as_str())
            .collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// Names this manner and whose a folder's files are.
    pub(super) fn fingerprint(&self, attribution: &[u8]) -> Vec<u8> {
        // What compares texts that were read has none of them read again.
        let by_reading = self.rules.clone();
        let by_reading = match assemble::rule() {
            Some(rule) => by_reading.without(&[rule.as_str()]),
            None => by_reading,
        };
        let manner = format!(
            "{READERS_VERSION} {:?} {} {:?} ",
            self.limits,
            by_reading.fingerprint(),
            self.main_language
        );
        let whole = [manner.as_bytes(), attribution].concat();
        ContentHash::of(&whole).as_bytes().to_vec()
    }
}
/// The rules that the settings have on.
pub fn rules_of(corpus: &Corpus) -> Result<RuleSet, UnknownRule> {
    let on: Vec<&str> = corpus.rules_on.iter().map(String::as_str).collect();
    let off: Vec<&str> = corpus.rules_off.iter().map(String::as_str).collect();
    RuleSet::with(&on, &off)
}
