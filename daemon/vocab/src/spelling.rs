//! Which tokens can spell a text: what token healing chooses from.
//!
//! Not which of them is likely, which the model says. Built once with the vocabulary.

use inkstone_gguf::StringTable;

use crate::token::TokenId;

/// The tokens that stand for bytes, in the order of their bytes.
#[derive(Debug)]
pub(crate) struct Spelling {
    by_bytes: Vec<TokenId>,
}

impl Spelling {
    /// Sorts the tokens of a table; those without bytes spell nothing.
    pub(crate) fn new(table: &StringTable) -> Self {
        let mut by_bytes: Vec<TokenId> = (0_u32..)
            .zip(table.iter())
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(|(id, _)| TokenId(id))
            .collect();
        by_bytes.sort_unstable_by_key(|token| (bytes_of(table, *token), *token));
        Self { by_bytes }
    }

    /// Tokens whose bytes begin with `typed`.
    pub(crate) fn beginning_with(&self, table: &StringTable, typed: &[u8]) -> &[TokenId] {
        let bytes = |token: &TokenId| bytes_of(table, *token);
        let from = self.by_bytes.partition_point(|token| bytes(token) < typed);
        let rest = &self.by_bytes[from..];
        &rest[..rest.partition_point(|token| bytes(token).starts_with(typed))]
    }
}

fn bytes_of(table: &StringTable, token: TokenId) -> &[u8] {
    table.get(token.0 as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled(tokens: &[&str], typed: &str) -> Vec<String> {
        let table: StringTable = tokens.iter().map(|token| token.as_bytes()).collect();
        let spelling = Spelling::new(&table);
        let found = spelling.beginning_with(&table, typed.as_bytes()).iter();
        found
            .map(|token| tokens[token.0 as usize].to_owned())
            .collect()
    }

    #[test]
    fn tokens_begin_with_what_was_typed() {
        let tokens = [" harbour", "har", " ha", " has", " har", "", " hard", "h"];
        assert_eq!(spelled(&tokens, " har"), [" har", " harbour", " hard"]);
        assert_eq!(spelled(&tokens, " x"), Vec::<String>::new());
        assert_eq!(
            spelled(&["天", "天气", "今天", "天天"], "天"),
            ["天", "天天", "天气"]
        );
        assert_eq!(spelled(&["b", "", "a"], ""), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn it_finds_what_a_look_at_every_token_finds(
            tokens in proptest::collection::btree_set("[ab ]{0,4}", 1..40),
            typed in "[ab ]{1,5}",
        ) {
            let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
            let mut found = spelled(&tokens, &typed);
            found.sort();
            let fits = |token: &&&str| token.starts_with(&typed);
            let mut expected: Vec<String> =
                tokens.iter().filter(fits).map(ToString::to_string).collect();
            expected.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
