//! Prose of any length in which no sentence comes twice.
//!
//! A suggestion that repeats what stands before it is rightly withheld, so a long text made of one
//! paragraph over and over would get none.

use std::fmt::Write as _;

const WHO: [&str; 5] = ["fisherman", "baker", "teacher", "ferryman", "doctor"];
const DID: [&str; 7] = [
    "mended", "painted", "carried", "sold", "counted", "lost", "found",
];
const WHAT: [&str; 11] = [
    "nets", "lamps", "barrels", "ropes", "books", "boats", "apples", "clocks", "bells", "maps",
    "coats",
];
const WHERE: [&str; 9] = [
    "by the pier",
    "in the old hall",
    "behind the church",
    "on the hill",
    "at the market",
    "under the bridge",
    "near the mill",
    "along the wall",
    "in the rain",
];

/// So many sentences, four to a paragraph, and an empty line after the last. A sentence has about
/// fifteen tokens.
pub fn sentences(count: usize) -> String {
    let mut text = String::new();
    for index in 0..count {
        let (who, did) = (WHO[index % WHO.len()], DID[index % DID.len()]);
        let (what, place) = (WHAT[index % WHAT.len()], WHERE[index % WHERE.len()]);
        let end = if index % 4 == 3 || index + 1 == count {
            "\n\n"
        } else {
            " "
        };
        // Writing to a string cannot fail.
        let _infallible = write!(
            text,
            "On day {index} the {who} {did} the {what} {place}.{end}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_comes_twice() {
        let text = sentences(400);
        let mut seen = std::collections::HashSet::new();
        assert!(
            text.split_inclusive('.')
                .all(|sentence| seen.insert(sentence.trim()))
        );
        assert!(text.ends_with(".\n\n"));
    }
}
