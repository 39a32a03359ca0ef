//! How files are read: what of the settings and of this program decides what comes of one.

use inkstone_corpus::clean::{RuleId, RuleSet, UnknownRule};
use inkstone_corpus::read::ReadLimits;
use inkstone_prose::Language;
use inkstone_settings::{Corpus, MainLanguage};

use crate::content::ContentHash;

/// Counted up with every change of readers, filters, detectors or tags: what older ones made is made
/// again. Rules have numbers of their own.
const READERS_VERSION: u32 = 3;

/// How files are read.
#[derive(Debug, Clone)]
pub struct Manner {
    pub(super) limits: ReadLimits,
    pub(super) rules: RuleSet,
    pub(super) main_language: Language,
}

impl Manner {
    /// As the settings say, with the rules off that the review has switched off.
    pub fn of(corpus: &Corpus, switched_off: &[String]) -> Result<Self, UnknownRule> {
        let on: Vec<&str> = corpus.rules_on.iter().map(String::as_str).collect();
        let off = corpus.rules_off.iter().chain(switched_off);
        let off: Vec<&str> = off.map(String::as_str).collect();
        let bytes = |size: u32, shift: u32| (size as usize) << shift;
        let limits = ReadLimits {
            file_bytes_max: bytes(corpus.file_mb_max, 20),
            unpacked_bytes_max: bytes(corpus.unpacked_mb_max, 20),
            line_bytes_max: bytes(corpus.line_kb_max, 10),
            ..ReadLimits::default()
        };
        Ok(Self {
            limits,
            rules: RuleSet::with(&on, &off)?,
            main_language: match corpus.main_language {
                MainLanguage::Chinese => Language::Chinese,
                MainLanguage::English => Language::English,
            },
        })
    }

    /// Whether a rule is on.
    pub fn is_on(&self, rule: RuleId) -> bool {
        self.rules.is_on(rule)
    }

    /// Names this manner and whose a folder's files are.
    pub(super) fn fingerprint(&self, attribution: &[u8]) -> Vec<u8> {
        let manner = format!(
            "{READERS_VERSION} {:?} {} {:?} ",
            self.limits,
            self.rules.fingerprint(),
            self.main_language
        );
        let whole = [manner.as_bytes(), attribution].concat();
        ContentHash::of(&whole).as_bytes().to_vec()
    }
}
