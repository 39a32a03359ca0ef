//! Which of what is left out a person wants back.
//!
//! A text that is left out is known by the beginning that is kept of it, which is what a person sees,
//! and by the reason: what was taken for code and is wanted may be somebody else's all the same, and
//! is then left out for that. Pure; the trainer keeps the decisions, [`crate::document`] asks.

use std::collections::HashMap;

use crate::dataset::Digest;
use crate::dedup::{Fingerprint, Seniority, Signature, bands, is_duplicate};
use crate::left_out::{Reason, WayBack};

/// A decision on a text that was left out. The text itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Of the text and the reason: [`left_out_key`].
    pub key: Vec<u8>,
    /// Why it was left out.
    pub reason: Reason,
    /// How many words its kept beginning has.
    pub words: u32,
    /// What it is compared by, if it is long enough.
    pub signature: Option<Signature>,
    /// Whether it is wanted back.
    pub keep: bool,
    /// Whether its owner said that the words are theirs.
    pub is_theirs: bool,
    /// Milliseconds since 1970: of two that apply to a text, the later one does.
    pub made_ms: i64,
}

/// All of them, to be asked about many texts.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    said: Vec<Said>,
    by_key: HashMap<Vec<u8>, usize>,
    by_band: HashMap<(Reason, u64), Vec<usize>>,
}

impl Wanted {
    /// Of decisions in any order.
    pub fn of(mut said: Vec<Said>) -> Self {
        // So that nothing hangs on the order in which they were made.
        said.sort_by(|a, b| a.key.cmp(&b.key));
        let mut wanted = Self::default();
        for (index, one) in said.iter().enumerate() {
            wanted.by_key.insert(one.key.clone(), index);
            for band in one.signature.iter().flat_map(bands) {
                let alike = wanted.by_band.entry((one.reason, band)).or_default();
                alike.push(index);
            }
        }
        wanted.said = said;
        wanted
    }

    /// Whether nothing was decided, so that nobody need ask.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Whether a text that is left out is wanted back: by the decision on this very text, or by the
    /// latest on one that looks like it and was left out for the same reason. `excerpt` is what is
    /// kept of it.
    ///
    /// What may not come back does not, whatever was decided.
    pub fn has(&self, reason: Reason, excerpt: &str) -> bool {
        if self.said.is_empty() {
            return false;
        }
        let said = match self.by_key.get(&left_out_key(reason, excerpt)) {
            Some(index) => self.said.get(*index),
            None => self.latest_alike(reason, excerpt),
        };
        said.is_some_and(|said| {
            said.keep
                && match reason.way_back() {
                    WayBack::Open => true,
                    WayBack::IfTheirs => said.is_theirs,
                    WayBack::Closed(_) => false,
                }
        })
    }

    /// The same for the same decisions.
    pub fn fingerprint(&self) -> u64 {
        let said = self.said.iter();
        let bytes = said.flat_map(|one| {
            let flags = [u8::from(one.keep), u8::from(one.is_theirs)];
            let made = one.made_ms.to_le_bytes();
            [&one.key[..], &flags, &made].concat()
        });
        let digest = Digest::of(&bytes.collect::<Vec<u8>>());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.0[..8]);
        u64::from_le_bytes(first)
    }

    fn latest_alike(&self, reason: Reason, excerpt: &str) -> Option<&Said> {
        let text = Fingerprint::of(excerpt);
        let keys = text.signature.as_ref().map(bands).unwrap_or_default();
        let near = keys
            .iter()
            .filter_map(|key| self.by_band.get(&(reason, *key)));
        let near = near.flatten().filter_map(|index| self.said.get(*index));
        near.filter(|said| is_alike(&text, said))
            .max_by_key(|said| (said.made_ms, &said.key))
    }
}

/// Names a text that was left out, with its reason. No hash of a text alone is this long.
pub fn left_out_key(reason: Reason, excerpt: &str) -> Vec<u8> {
    Digest::of(format!("left out {reason:?} {excerpt}").as_bytes())
        .0
        .to_vec()
}

fn is_alike(text: &Fingerprint, said: &Said) -> bool {
    let rank = |modified_ms| Seniority {
        modified_ms,
        document: String::new(),
        piece: 0,
    };
    let other = Fingerprint {
        // Of another text for sure: this one would have been found by its key.
        exact: crate::dedup::ExactHash([0; 16]),
        words: said.words,
        signature: said.signature.clone(),
    };
    is_duplicate(&rank(0), text, [(&rank(1), &other)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "    To reach the island take the early ferry, walk past the two lighthouses \
        and ask at the shop; the keeper has the key to the house and will not let it go easily. He \
        counts every ship that passes in the long winter, writes their names into a book that nobody \
        reads, and tells whoever brings him tobacco about the storm that took the old pier, his boat \
        and the only photograph of his brother, all in one night, thirty years before we were born.";
    const ISLAND: &str = "要去岛上，先坐早班船，走过两座灯塔，再到店里问一问；守灯人有那座房子的钥匙，\
        他可不会轻易交出来，除非你带了他爱喝的茶。整个冬天他数着每一艘经过的船，把船名写进一本没有人看的书里；\
        谁要是给他带了烟草，他就说起那场风暴，说它怎样在一个晚上卷走了旧码头、他的船，还有他兄弟唯一的一张照片，\
        那是在我们出生以前三十年的事了，村里再也没有别的人记得。";

    fn said(reason: Reason, text: &str, keep: bool, made_ms: i64) -> Said {
        let fingerprint = Fingerprint::of(text);
        Said {
            key: left_out_key(reason, text),
            reason,
            words: fingerprint.words,
            signature: fingerprint.signature,
            keep,
            is_theirs: false,
            made_ms,
        }
    }

    #[test]
    fn what_is_wanted_comes_back_with_what_looks_like_it_in_both_languages() {
        let wanted = Wanted::of(vec![
            said(Reason::Code, NOTE, true, 1),
            said(Reason::Table, ISLAND, true, 2),
        ]);
        assert!(wanted.has(Reason::Code, NOTE));
        assert!(wanted.has(Reason::Code, &NOTE.replace("early", "first")));
        assert!(wanted.has(Reason::Table, &ISLAND.replace("早班", "晚班")));
        // Not for another reason, nor another text.
        assert!(!wanted.has(Reason::Spam, NOTE));
        assert!(!wanted.has(Reason::Code, "let island = ferry.reach(house)?;"));
        assert!(!Wanted::default().has(Reason::Code, NOTE));
    }

    #[test]
    fn the_very_text_outweighs_what_looks_like_it_and_the_later_the_earlier() {
        let alike = NOTE.replace("early", "first");
        let other = NOTE.replace("early", "last");
        let wanted = Wanted::of(vec![
            said(Reason::Code, NOTE, true, 1),
            said(Reason::Code, &alike, false, 2),
        ]);
        assert!(wanted.has(Reason::Code, NOTE));
        assert!(!wanted.has(Reason::Code, &alike));
        assert!(!wanted.has(Reason::Code, &other));
        let wanted = Wanted::of(vec![
            said(Reason::Code, NOTE, true, 3),
            said(Reason::Code, &alike, false, 2),
        ]);
        assert!(wanted.has(Reason::Code, &other));
    }

    #[test]
    fn words_of_others_come_back_only_when_their_owner_says_that_they_are_theirs() {
        let mut one = said(Reason::OtherAuthor, NOTE, true, 1);
        assert!(!Wanted::of(vec![one.clone()]).has(Reason::OtherAuthor, NOTE));
        one.is_theirs = true;
        assert!(Wanted::of(vec![one]).has(Reason::OtherAuthor, NOTE));
        for closed in [Reason::Duplicate, Reason::Excluded] {
            let mut one = said(closed, NOTE, true, 1);
            one.is_theirs = true;
            assert!(!Wanted::of(vec![one]).has(closed, NOTE), "{closed:?}");
        }
    }

    #[test]
    fn every_decision_changes_the_fingerprint_and_their_order_does_not() {
        let (one, other) = (
            said(Reason::Code, NOTE, true, 1),
            said(Reason::Table, ISLAND, true, 2),
        );
        let both = Wanted::of(vec![one.clone(), other.clone()]).fingerprint();
        assert_eq!(
            both,
            Wanted::of(vec![other.clone(), one.clone()]).fingerprint()
        );
        assert_ne!(both, Wanted::of(vec![one.clone()]).fingerprint());
        let denied = Said { keep: false, ..one };
        assert_ne!(both, Wanted::of(vec![denied, other]).fingerprint());
    }
}
