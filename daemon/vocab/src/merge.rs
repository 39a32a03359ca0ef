//! Merging neighbours, best pair first, until nothing merges: what both kinds of vocabulary do.
//!
//! The best pair is the one with the smallest priority, the leftmost of equals. Short sequences
//! are scanned, which is faster than any heap; long ones (a run of a thousand letters, a Chinese
//! paragraph in bytes) get a heap, so that no text takes quadratic time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::token::TokenId;

/// Symbols up to which scanning beats the heap; measured on prose, the exact value matters little.
const SCAN_SYMBOLS_MAX: usize = 48;

/// A stretch of the text that is one token, or not yet any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// How long it is, in bytes.
    pub(crate) len: usize,
    /// The token, when it is one.
    pub(crate) token: Option<TokenId>,
}

/// What two neighbours become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Merge {
    /// Smaller merges first.
    pub(crate) priority: u32,
    /// The token of both together.
    pub(crate) token: TokenId,
}

/// Merges in place until `find` knows no pair any more.
pub(crate) fn merge_all(symbols: &mut Vec<Symbol>, find: impl Fn(Symbol, Symbol) -> Option<Merge>) {
    if symbols.len() <= SCAN_SYMBOLS_MAX {
        merge_by_scan(symbols, find);
    } else {
        merge_by_heap(symbols, find);
    }
}

fn merge_by_scan(symbols: &mut Vec<Symbol>, find: impl Fn(Symbol, Symbol) -> Option<Merge>) {
    // Entry `i` is what symbols `i` and `i + 1` become.
    let mut merges: Vec<Option<Merge>> = symbols
        .windows(2)
        .map(|pair| find(pair[0], pair[1]))
        .collect();
    loop {
        let best = merges
            .iter()
            .enumerate()
            .filter_map(|(i, merge)| merge.map(|merge| (merge.priority, i, merge)))
            .min_by_key(|&(priority, i, _)| (priority, i));
        let Some((_, left, merge)) = best else { return };
        let right = symbols.remove(left + 1);
        merges.remove(left);
        symbols[left].len += right.len;
        symbols[left].token = Some(merge.token);
        if left > 0 {
            merges[left - 1] = find(symbols[left - 1], symbols[left]);
        }
        if left + 1 < symbols.len() {
            merges[left] = find(symbols[left], symbols[left + 1]);
        }
    }
}

/// A pair that could merge when it was found; stale when one of the two has changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    priority: u32,
    left: usize,
    right: usize,
    /// Bytes of both together, by which a stale candidate is known: symbols only grow or vanish.
    len: usize,
    token: TokenId,
}

fn merge_by_heap(symbols: &mut Vec<Symbol>, find: impl Fn(Symbol, Symbol) -> Option<Merge>) {
    let count = symbols.len();
    // Neighbours by index; `count` stands for none. A symbol that was merged away has length 0.
    let mut next: Vec<usize> = (1..=count).collect();
    let mut previous: Vec<usize> = std::iter::once(count).chain(0..count).take(count).collect();
    let candidate = |symbols: &[Symbol], left: usize, right: usize| {
        find(symbols[left], symbols[right]).map(|Merge { priority, token }| {
            Reverse(Candidate {
                priority,
                left,
                right,
                len: symbols[left].len + symbols[right].len,
                token,
            })
        })
    };
    let mut heap: BinaryHeap<_> = (1..count)
        .filter_map(|right| candidate(symbols, right - 1, right))
        .collect();
    while let Some(Reverse(best)) = heap.pop() {
        let (left, right) = (best.left, best.right);
        let both_there = symbols[left].len > 0 && symbols[right].len > 0;
        if !both_there || symbols[left].len + symbols[right].len != best.len {
            continue;
        }
        symbols[left].len = best.len;
        symbols[left].token = Some(best.token);
        symbols[right].len = 0;
        next[left] = next[right];
        if next[left] < count {
            previous[next[left]] = left;
            heap.extend(candidate(symbols, left, next[left]));
        }
        if previous[left] < count {
            heap.extend(candidate(symbols, previous[left], left));
        }
    }
    symbols.retain(|symbol| symbol.len > 0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letters(text: &str) -> Vec<Symbol> {
        (0..text.len())
            .map(|start| Symbol {
                start,
                len: 1,
                token: None,
            })
            .collect()
    }

    /// Merges by the text of the result, some results sharing one priority.
    fn find<'a>(
        text: &'a str,
        table: &'a [(&str, u32)],
    ) -> impl Fn(Symbol, Symbol) -> Option<Merge> + 'a {
        move |left, right| {
            let both = &text[left.start..left.start + left.len + right.len];
            let index = table.iter().position(|&(result, _)| result == both)?;
            Some(Merge {
                priority: table[index].1,
                token: TokenId(u32::try_from(index).unwrap()),
            })
        }
    }

    const TABLE: &[(&str, u32)] = &[
        ("ab", 3),
        ("abc", 1),
        ("bc", 2),
        ("aa", 4),
        ("aaa", 4),
        ("aaaa", 0),
        ("ca", 3),
        ("cab", 2),
    ];

    fn pieces(text: &str, symbols: &[Symbol]) -> Vec<String> {
        symbols
            .iter()
            .map(|symbol| text[symbol.start..symbol.start + symbol.len].to_owned())
            .collect()
    }

    #[test]
    fn the_best_pair_merges_first_and_the_leftmost_of_equals() {
        let text = "abcaaaaa";
        let mut symbols = letters(text);
        merge_by_scan(&mut symbols, find(text, TABLE));
        assert_eq!(pieces(text, &symbols), ["abc", "aaaa", "a"]);
    }

    proptest! {
        #[test]
        fn scan_and_heap_agree(text in "[abc]{0,80}") {
            let (mut scanned, mut heaped) = (letters(&text), letters(&text));
            merge_by_scan(&mut scanned, find(&text, TABLE));
            merge_by_heap(&mut heaped, find(&text, TABLE));
            prop_assert_eq!(scanned, heaped);
        }
    }
}
