//! Finds a token by its bytes, compactly: one allocation for all texts, four bytes per slot.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use inkstone_gguf::StringTable;

use crate::token::TokenId;

/// Keys of tokens and the way back from a key to its token. The hash is seeded, so that a hostile
/// vocabulary cannot be built to collide.
#[derive(Debug)]
pub(crate) struct TokenTable {
    keys: StringTable,
    slots: HashTable<u32>,
    hash: DefaultHashBuilder,
    key_bytes_max: usize,
}

impl TokenTable {
    /// A table of `keys` by their index; only those that `is_findable` can be found. When two are
    /// equal, gives the later one's index instead.
    pub(crate) fn new(
        keys: StringTable,
        is_findable: impl Fn(usize) -> bool,
    ) -> Result<Self, usize> {
        let hash = DefaultHashBuilder::default();
        let mut slots = HashTable::with_capacity(keys.len());
        let mut key_bytes_max = 0;
        for (index, key) in keys
            .iter()
            .enumerate()
            .filter(|&(index, _)| is_findable(index))
        {
            key_bytes_max = key_bytes_max.max(key.len());
            let hashed = hash.hash_one(key);
            let Ok(id) = u32::try_from(index) else { break };
            if slots
                .find(hashed, |&other: &u32| keys.get(other as usize) == Some(key))
                .is_some()
            {
                return Err(index);
            }
            slots.insert_unique(hashed, id, |&other| {
                hash.hash_one(keys.get(other as usize).unwrap_or_default())
            });
        }
        Ok(Self {
            keys,
            slots,
            hash,
            key_bytes_max,
        })
    }

    /// The token with exactly this key.
    pub(crate) fn find(&self, key: &[u8]) -> Option<TokenId> {
        if key.len() > self.key_bytes_max {
            return None;
        }
        self.slots
            .find(self.hash.hash_one(key), |&id| {
                self.keys.get(id as usize) == Some(key)
            })
            .map(|&id| TokenId(id))
    }

    pub(crate) fn keys(&self) -> &StringTable {
        &self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findable_keys_are_found_and_others_are_not() {
        let table =
            TokenTable::new(["a", "砚", "hidden"].iter().collect(), |index| index != 2).unwrap();
        assert_eq!(table.find("砚".as_bytes()), Some(TokenId(1)));
        for absent in ["", "b", "hidden", "a very long key that no table has"] {
            assert_eq!(table.find(absent.as_bytes()), None, "{absent}");
        }
    }

    #[test]
    fn equal_keys_are_reported_by_the_later_index() {
        assert_eq!(
            TokenTable::new(["a", "b", "a"].iter().collect(), |_| true).unwrap_err(),
            2
        );
        assert!(TokenTable::new(["a", "b", "a"].iter().collect(), |index| index != 2).is_ok());
    }
}
