//! References that a model made up: addresses, identifiers and citations that the document does not
//! hold. A writer may overlook one, and a reader will follow it.
//!
//! Not facts, names or numbers in prose, which are the writer's to check, nor years in brackets.
//! Called by `trim.rs`; [`forms`] knows what a reference looks like.

mod citation;
mod forms;

use inkstone_text::{first_bytes, last_bytes, last_line};

use forms::{Reference, references};

/// How much text before the caret may be the beginning of a reference.
const BEFORE_BYTES_MAX: usize = 128;

/// So many references of the document's own are looked up; a suggestion with more is cut.
const LOOKED_UP_MAX: usize = 16;

/// The suggestion up to the first reference that the document does not hold.
pub fn cut_invented<'a>(suggestion: &'a str, prefix: &str, suffix: &str) -> &'a str {
    let both = Both::of(suggestion, prefix);
    let end = both.first_unknown(prefix, suffix, |_| false);
    &suggestion[..end]
}

/// What [`cut_invented`] keeps in any case of a suggestion that begins with `shown`: nothing that
/// may yet become a reference.
pub fn cut_invented_so_far<'a>(shown: &'a str, prefix: &str, suffix: &str) -> &'a str {
    let both = Both::of(shown, prefix);
    let text_end = both.text.len();
    let end = both.first_unknown(prefix, suffix, |reference| reference.end == text_end);
    let pending = forms::pending_start(&both.text).saturating_sub(both.start);
    first_bytes(shown, end.min(pending))
}

/// The end of the caret's line and the suggestion.
struct Both {
    text: String,
    /// Where the suggestion starts.
    start: usize,
}

impl Both {
    fn of(suggestion: &str, prefix: &str) -> Self {
        let before = last_bytes(last_line(prefix), BEFORE_BYTES_MAX);
        Self {
            text: format!("{before}{suggestion}"),
            start: before.len(),
        }
    }

    /// Where in the suggestion the first reference starts that is not in the document, or its end.
    fn first_unknown(
        &self,
        prefix: &str,
        suffix: &str,
        is_unfinished: impl Fn(&Reference<'_>) -> bool,
    ) -> usize {
        let in_suggestion = references(&self.text).filter(|reference| reference.end > self.start);
        for (looked_up, reference) in in_suggestion.enumerate() {
            let is_known = looked_up < LOOKED_UP_MAX
                && !is_unfinished(&reference)
                && reference.is_known(|needle| prefix.contains(needle) || suffix.contains(needle));
            if !is_known {
                // Of a link that the writer has begun the text is theirs, the target is not.
                let is_begun = reference.start < self.start;
                let invented = if is_begun {
                    reference.target
                } else {
                    reference.start
                };
                return invented.max(self.start) - self.start;
            }
        }
        self.text.len() - self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::fit_pairs_so_far;

    /// `‸` marks the caret; what is left of the suggestion.
    fn check(fixture: &str, suggestion: &str, expected: &str) {
        let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
        let kept = cut_invented(suggestion, prefix, suffix).trim_end();
        assert_eq!(kept, expected, "{fixture} + {suggestion:?}");
        for (end, _) in suggestion.char_indices() {
            let shown = suggestion[..end]
                .trim_end_matches(char::is_alphanumeric)
                .trim_end();
            // Open brackets are held back by their own rule.
            let early =
                fit_pairs_so_far(cut_invented_so_far(shown, prefix, suffix), prefix, suffix);
            assert!(
                suggestion[..kept.len()].starts_with(early.trim_end()),
                "{early:?} of {kept:?}"
            );
        }
    }

    fn cuts(suggestion: &str, expected: &str) {
        check("The harbour was quiet‸", suggestion, expected);
    }

    fn keeps(suggestion: &str) {
        cuts(suggestion, suggestion);
    }

    #[test]
    fn addresses_are_cut() {
        cuts(" and see https://example.org/a for more", " and see");
        cuts(" and see www.example.org.", " and see");
        cuts(" or write to ann@example.org today", " or write to");
        cuts(" at example.com/harbour now", " at");
        cuts(" <https://example.org>", " <");
        check("请看‸", "网页https://example.org/路", "网页");
    }

    #[test]
    fn identifiers_are_cut() {
        cuts(" (10.1234/abc.5) and", " (");
        cuts(" doi:10.1234/abc", "");
        cuts(" in arXiv:2301.12345v2", " in");
        cuts(" in arXiv 2301.12345", " in");
        cuts(" as ISBN 978-3-16-148410-0 says", " as");
        cuts(" as ISBN: 978 3 16 148410 0", " as");
        check("砚‸", "见ISBN 9787020002207。", "见");
    }

    #[test]
    fn citation_marks_are_cut() {
        cuts(" as shown [12].", " as shown");
        cuts(" as shown [1, 3-5] before", " as shown");
        cuts(" as shown [^2].", " as shown");
        cuts(" as shown [see @smith2019, p. 3].", " as shown");
        cuts(" as @smith2019 says", " as");
        cuts(" as shown \\cite{smith2019} before", " as shown");
        cuts(" as shown~\\autocite[3]{smith, jones}", " as shown~");
        cuts(" in section \\ref{sec:a}", " in section");
        check("如图‸", "所示【12】。", "所示");
        check("如图‸", "所示［3］。", "所示");
    }

    #[test]
    fn links_are_cut() {
        cuts(" and [the pier](pier.md) too", " and");
        cuts(" and ![the pier](pier.png) too", " and");
        cuts(" and [the pier][pier] too", " and");
        cuts(" and [[The Pier]] too", " and");
        cuts(" and \\href{https://a.b}{pier}", " and");
    }

    #[test]
    fn authors_with_years_are_cut() {
        cuts(" (Smith, 2019) before", "");
        cuts(" here (see Smith & Jones, 2019a, p. 4).", " here");
        cuts(" here (Smith et al., 2019; Doe, 2020).", " here");
        cuts(" here (van der Berg 1998)", " here");
        cuts(" as Smith et al. (2019) say", " as Smith");
        check("砚‸", "很重（张三，2019）。", "很重");
        check("砚‸", "很重（王明等, 2020）。", "很重");
        check("砚‸", "由张三等（2019）说", "由张三等");
    }

    #[test]
    fn what_only_looks_like_a_reference_stays() {
        keeps(" in the storm (1923) and");
        keeps(" he wrote [sic] and");
        keeps(" was 12.5 km, 3.14 and 1,000");
        keeps(" (in May 2019) and");
        keeps(" (May 2019) and (Spring 2020)");
        keeps(" (founded in 1850)");
        keeps(" and/or he/she at 24/7");
        keeps(" at Amazon.com and Node.js");
        keeps(" [x] done");
        keeps(" (a small one) was [very] there");
        keeps(" e.g. this, i.e. that");
        keeps(" on 2019-05-12 at 10:30");
        check("砚‸", "很重（1923年）。", "很重（1923年）。");
        check(
            "砚‸",
            "很重（民国十二年，1923年）。",
            "很重（民国十二年，1923年）。",
        );
        check("砚‸", "等等（见下）。", "等等（见下）。");
    }

    #[test]
    fn the_text_of_a_link_that_the_writer_has_begun_is_finished_without_its_target() {
        check("see [the ‸", "old pier](pier.md) and", "old pier");
        check("see [the o‸", "ld pier](https://a.b/c", "ld pier");
        check("see [the ‸", "old pier][pier] and", "old pier");
        check("见[旧‸", "码头](码头.md)。", "码头");
        check("见 [React ‸", "的 👨‍👩‍👧 文档](https://a.b)", "的 👨‍👩‍👧 文档");
    }

    #[test]
    fn what_the_document_holds_may_be_said_again() {
        let known = "See https://example.org/a, [12], \\cite{smith2019}, [@doe], (Smith, 2019) and \
                     [a](pier.md). Smith et al. say. ‸";
        for text in [
            "And https://example.org/a too",
            "And [12] too",
            "And \\cite{smith2019} too",
            "And [@doe] too",
            "And (Smith, 2019) too",
            "And [the pier](pier.md) too",
            "And Smith et al. too",
        ] {
            check(known, text, text);
        }
        check(known, "And https://example.org/ab too", "And");
        check("‸\n\n[12]: text", "As [12] says", "As [12] says");
    }

    #[test]
    fn a_reference_that_the_writer_has_begun_is_not_made_up_either() {
        check("as shown (Smith, ‸", "2019) before", "");
        check("as shown [‸", "12] before", "");
        check("as shown [1‸", "2] before", "");
        check("见（张三，‸", "2019）。", "");
        check("see [the pier](‸", "pier.md) and", "");
        check("see [the pier]‸", "(pier.md) and", "");
        check("as shown (Smith, 2019)‸", " before", " before");
    }
}
