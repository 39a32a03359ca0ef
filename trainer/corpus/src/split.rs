//! Which documents are held out of training.
//!
//! Not which pieces: a document is on one side as a whole. Called by the build of a dataset and by
//! whoever measures on what was held out.
//!
//! The side of a document depends on its key alone, which the store keeps over edits and renames, so
//! it never changes and no other document has a say: a text that was held out once is not trained on
//! later. Raising the share moves documents from training to the held-out side only.
//!
//! The price is that the share is rough while documents are few. Of `n` documents none is held out
//! with a probability of `0.9^n` at 10 percent: 35 % of 10 documents, 4 % of 30, and of 100
//! documents 4 to 16 are (two standard deviations). Who needs held-out text checks that there is
//! some. An exact share would need to know the other documents, and would move old ones across with
//! every new one.
//!
//! No near-duplicate that [`crate::dedup`] finds lies across the split, since of any two it keeps one:
//! the split is made of what is kept. It misses 1 in 70 of the pairs that are just alike enough, and
//! fewer the more alike they are ([`crate::dedup::band`]); short answers it leaves alone.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many percent of the documents are held out, unless the settings say otherwise.
pub const HELD_OUT_PERCENT: u8 = 10;

/// Changing it would move documents across the split in every dataset there is.
const SALT: &[u8] = b"inkstone held-out split 1\0";

/// The side of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// It is trained on.
    Train,
    /// It is kept from training, to measure by.
    HeldOut,
}

impl Split {
    /// The side of the document with this key. At 0 percent none is held out, from 100 on all are.
    pub fn of(key: &str, held_out_percent: u8) -> Self {
        let digest = Sha256::new()
            .chain_update(SALT)
            .chain_update(key)
            .finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        // The hash as a fraction of 2^64, in percent. The product has 71 bits.
        let percent = (u128::from(u64::from_be_bytes(first)) * 100) >> 64;
        if percent < u128::from(held_out_percent) {
            Self::HeldOut
        } else {
            Self::Train
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_out(percent: u8) -> Vec<u32> {
        let documents = 0..20_000;
        let is_held_out = |n: &u32| Split::of(&format!("文稿/{n}.md"), percent) == Split::HeldOut;
        documents.filter(is_held_out).collect()
    }

    #[test]
    fn the_share_is_about_what_was_asked_for() {
        // Four standard deviations of 20,000 draws are 0.85 percent.
        for percent in [1_u8, 10, 50] {
            let share = held_out(percent).len() as f64 / 200.0;
            assert!(
                (share - f64::from(percent)).abs() < 1.5,
                "{percent}: {share}"
            );
        }
        assert!(held_out(0).is_empty());
        assert_eq!(held_out(100).len(), 20_000);
        assert_eq!(held_out(255).len(), 20_000);
    }

    #[test]
    fn a_larger_share_keeps_what_was_held_out() {
        let (few, more) = (held_out(10), held_out(20));
        assert!(few.iter().all(|n| more.contains(n)));
    }

    #[test]
    fn the_side_of_a_key_never_changes() {
        let sides: String = (0..60)
            .map(|n| match Split::of(&format!("document-{n}"), 10) {
                Split::Train => '.',
                Split::HeldOut => 'H',
            })
            .collect();
        assert_eq!(
            sides,
            "......H..................................H...............H.."
        );
    }
}
