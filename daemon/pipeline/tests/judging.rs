//! What is offered of a generated text, and why the rest is dropped.
//!
//! Not where generation ends (`stopping.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_pipeline::{
    Decision, DropReason, Ending, Place, StopReason, StopRule, Stopper, Surroundings, Verdict,
    Written, judge, trim, trim_shown,
};
use inkstone_prose::{Language, language_around};
use proptest::prelude::*;

fn judge_at(fixture: &str, generated: &str) -> Verdict {
    let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
    let held_back = &prefix[prefix.trim_end_matches([' ', '\t']).len()..];
    let around = Surroundings {
        prefix,
        suffix,
        held_back,
        place: Some(Place::guess(prefix)),
    };
    judge(generated, &around, language_around(prefix, suffix))
}

fn offers(fixture: &str, generated: &str, expected: &str) {
    let verdict = judge_at(fixture, generated);
    assert_eq!(verdict, Verdict::Offer(expected.to_owned()), "{fixture}");
}

fn drops(fixture: &str, generated: &str, reason: DropReason) {
    assert_eq!(
        judge_at(fixture, generated),
        Verdict::Drop(reason),
        "{fixture} + {generated:?}"
    );
}

#[test]
fn a_good_continuation_is_offered_as_it_is() {
    offers(
        "The fishermen stood in small groups,‸",
        " waiting for the tide.",
        " waiting for the tide.",
    );
    offers("今天早上我去公园散步，空气里‸", "有花香。", "有花香。");
    offers(
        "我们用‸",
        " Visual Studio Code 写代码。",
        " Visual Studio Code 写代码。",
    );
    offers("She wrote ‸", " 你好 on the board.", "你好 on the board.");
}

#[test]
fn a_continuation_is_fitted_to_both_sides() {
    offers("The harbour ‸ quiet.", " was very quiet.", "was very");
    offers("(it was ‸)", " quiet)", "quiet");
    offers("他说：“今天‸”", " 很安静。”", "很安静。");
    offers("One.\r\n\r\n‸", "\r\nTwo came.", "Two came.");
}

#[test]
fn nothing_is_dropped_as_empty() {
    drops("The harbour‸", "", DropReason::Empty);
    drops("The harbour‸", " \n ", DropReason::Empty);
}

#[test]
fn repetition_of_the_surroundings_is_dropped() {
    drops(
        "The harbour ‸ was quiet.",
        " was quiet.",
        DropReason::RepeatsFollowing,
    );
    drops("空气里‸有花香。", "有花香。", DropReason::RepeatsFollowing);
    drops(
        "It was dark and cold.\n‸",
        "It was dark and cold.",
        DropReason::RepeatsPreceding,
    );
    drops(
        "看到很多老人在打拳。\n‸",
        "看到很多老人在打拳。",
        DropReason::RepeatsPreceding,
    );
}

#[test]
fn loops_are_dropped() {
    drops("今天‸", "烧烧烧", DropReason::Loop);
    drops("It was‸", " so so so so so so good", DropReason::Loop);
}

#[test]
fn a_change_of_script_is_dropped() {
    drops(
        "今天早上我去公园散步，‸",
        "and then we went to the park",
        DropReason::WrongScript,
    );
    drops(
        "The fishermen stood in small groups,‸",
        "他们说今天很好",
        DropReason::WrongScript,
    );
    drops(
        "今天早上我去公园散步，‸",
        "とてもきれいでした",
        DropReason::WrongScript,
    );
    drops(
        "The fishermen stood in small groups,‸",
        " ждали начала прилива",
        DropReason::WrongScript,
    );
}

#[test]
fn text_without_words_is_dropped() {
    drops("The harbour‸", "...", DropReason::OnlyPunctuation);
    drops("今天‸", "。。。", DropReason::OnlyPunctuation);
    drops("Fine‸", " 👍", DropReason::OnlyPunctuation);
}

#[test]
fn broken_characters_and_model_markers_are_dropped() {
    drops("今天‸", "天\u{FFFD}", DropReason::InvalidText);
    drops("The‸", " har\u{0}bour", DropReason::InvalidText);
    drops("The‸", " harbour<|im_end|>", DropReason::InvalidText);
    offers(
        "Tokens such as <|im_end|> and‸",
        " <|im_start|> mark turns.",
        " <|im_start|> mark turns.",
    );
    offers("A family:‸", " 👨‍👩‍👧 and cafe\u{301}", " 👨‍👩‍👧 and cafe\u{301}");
}

#[test]
fn a_word_joined_across_the_writers_space_is_dropped() {
    drops("The harb ‸", "our was quiet", DropReason::BreaksWord);
}

#[test]
fn a_list_goes_on_with_its_own_marker() {
    offers("- bread\n‸", "* milk", "- milk");
    offers("1. bread\n2. milk\n‸", "3. salt", "3. salt");
    offers("一、砚台\n二、墨锭\n‸", "五、宣纸", "三、宣纸");
    offers("（1）用 Rust\n‸", "（2）写文档", "（2）写文档");
    offers("- [x] bread\n‸", "- milk", "- [ ] milk");
    offers("- bread\n- ‸", "- milk", "milk");
    offers("一、‸", "一、砚台", "砚台");
    drops("- bread\n- ‸", "- ", DropReason::Empty);
    drops("- bread\n‸", "2. ", DropReason::Empty);
}

#[test]
fn a_heading_gets_a_title_that_is_new() {
    offers("# Notes\n\nText.\n\n## The‸", " harbour.", " harbour");
    offers("# 笔记\n\n## ‸", "港口的早晨。", "港口的早晨");
    offers("## 用‸", " Rust 写 ##", " Rust 写");
    drops(
        "# Notes\n\n## The harbour\n\nText.\n\n## The‸",
        " harbour.",
        DropReason::RepeatsHeading,
    );
    drops(
        "# 港口\n\n文字。\n\n## ‸",
        "港口",
        DropReason::RepeatsHeading,
    );
}

#[test]
fn quotations_and_brackets_are_closed_once_or_not_begun() {
    offers(
        "He said, “it‸",
        " was quiet.\" And left.",
        " was quiet.” And left.",
    );
    offers("He said (it‸)", " was quiet) and left", " was quiet");
    offers("他说：“今天‸”", "很安静。”他走了", "很安静。");
    offers("Then he‸", " said, “I do not", " said,");
    offers(
        "Then he‸",
        " said, “I do not know.",
        " said, “I do not know.”",
    );
    offers("我们读‸", "书，比如《砚", "书，比如");
    offers("Then he said, ‸", "“I do not", "“I do not");
    offers("他说：‸", "“今天", "“今天");
    drops("今天‸", "）下雨", DropReason::UnbalancedMarks);
    drops("The harbour‸", ") and", DropReason::UnbalancedMarks);
}

#[test]
fn a_mark_of_the_writers_is_closed_with_its_line() {
    let whole = |fixture: &str, text: &str| {
        let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
        let around = Surroundings {
            prefix,
            suffix,
            held_back: "",
            place: Some(Place::guess(prefix)),
        };
        let ending = Ending::Whole;
        trim(Written { text, ending }, &around).unwrap()
    };
    assert_eq!(whole("He said, “it‸", " was quiet."), " was quiet.”");
    assert_eq!(whole("他说：「今天‸", "很安静。"), "很安静。」");
    assert_eq!(whole("It (the‸)", " boat"), " boat");
    assert_eq!(whole("It (the‸ lazy dog", " boat lazy dog"), " boat");
}

#[test]
fn references_that_the_document_does_not_hold_are_not_made_up() {
    offers("The harbour was quiet‸", " as shown [12].", " as shown");
    drops(
        "The harbour was quiet‸",
        " (Smith, 2019) and calm",
        DropReason::InventedReference,
    );
    offers("今天‸", "请看 https://example.org/a 网页", "请看");
    offers("见 [12]。今天‸", "再看 [12] 吧", "再看 [12] 吧");
    offers(
        "In the storm‸",
        " (1923) the pier fell.",
        " (1923) the pier fell.",
    );
    drops(
        "Write to ‸",
        " ann@example.org",
        DropReason::InventedReference,
    );
    drops("见‸", "（张三，2019）", DropReason::InventedReference);
    drops("as shown [‸", "12] before", DropReason::InventedReference);
}

#[test]
fn what_is_shown_early_is_fitted_as_the_whole_is() {
    let check = |fixture: &str, shown: &str, expected: &str| {
        let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
        let held_back = &prefix[prefix.trim_end_matches([' ', '\t']).len()..];
        let around = Surroundings {
            prefix,
            suffix,
            held_back,
            place: Some(Place::guess(prefix)),
        };
        assert_eq!(
            trim_shown(shown, &around),
            expected,
            "{fixture} + {shown:?}"
        );
    };
    check("The harbour‸", " was very", " was very");
    check("The harbour ‸", " was very", "was very");
    check("今天早上‸", " 天气很", "天气很");
    check("我们用‸", " Rust 写", " Rust 写");
    check("One.\r\n\r\n‸", "\r\nTwo came", "Two came");
    check("第一。\n‸", "\n 第二", "第二");
    check("The harb ‸", "our was", "");
    check("The harbour‸", " \n", "");
    // May yet turn out to be what follows: half of it, and one Han character.
    check("The fox‸ over the lazy dog.", " jumps over the", " jumps");
    check(
        "The fox‸ over the lazy dog.",
        " jumps over the fence",
        " jumps over the fence",
    );
    check("看到很多老人‸在打太极拳。", "坐在", "坐");
    check("看到很多老人‸在打太极拳。", "坐在湖边", "坐在湖边");
    // May yet be a marker, an open quotation, a reference, the end of a title.
    check("- bread\n‸", "*", "");
    check("- bread\n‸", "* milk", "- milk");
    check("- ‸", "- [", "");
    check("He‸", " said, “I do", " said,");
    check("He‸", " said, “I do” and", " said, “I do” and");
    check("See‸", " the page www.", " the page");
    check("## The‸", " old harbour.", " old");
}

#[test]
fn every_reason_has_its_own_code() {
    let mut codes: Vec<&str> = DropReason::ALL.iter().map(|reason| reason.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), DropReason::ALL.len());
}

const PIECES: [&str; 44] = [
    "a",
    " ",
    "word",
    "\n",
    "\r\n",
    "。",
    ".",
    "”",
    "\"",
    "(",
    ")",
    "烧",
    "今天",
    "👨‍👩‍👧",
    "e\u{301}",
    "\t",
    "B",
    "\u{FFFD}",
    "“",
    "’",
    "‘",
    "（",
    "）",
    "「",
    "《",
    "》",
    "[",
    "]",
    "\"",
    "- ",
    "2. ",
    "一、",
    "12",
    "Smith, 2019",
    " et",
    " al",
    "https://a.b/",
    "@",
    "\\cite{",
    "}",
    "ISBN",
    "#",
    "|",
    "\\",
];

fn place() -> impl Strategy<Value = Place> {
    proptest::sample::select(&[Place::Prose, Place::Heading, Place::ListItem, Place::Table][..])
}

fn ending() -> impl Strategy<Value = Ending> {
    proptest::sample::select(&[Ending::Cut, Ending::Sentence, Ending::Whole][..])
}

/// The letters and digits of a text: what is left when marks, spaces and markers are put right.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..25)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_offer_is_part_of_what_was_generated(
        prefix in text(),
        suffix in text(),
        generated in text(),
        place in place(),
        ending in ending(),
    ) {
        let held_back = &prefix[prefix.trim_end_matches([' ', '\t']).len()..];
        let around = Surroundings { prefix: &prefix, suffix: &suffix, held_back, place: Some(place) };
        let written = Written { text: &generated, ending };
        if let Verdict::Offer(text) = judge(written, &around, Language::English) {
            // Another item may have got another number.
            let number = |c: char| c.is_numeric() || "一二三".contains(c);
            let said = words(&text);
            let said = said.trim_start_matches(number);
            prop_assert!(words(&generated).contains(said), "{text:?} of {generated:?}");
            prop_assert!(text.contains(|c: char| c.is_alphanumeric()));
        }
    }

    #[test]
    fn an_offer_begins_with_what_was_shown_of_it(
        prefix in text(),
        suffix in text(),
        pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..25),
        follows in any::<bool>(),
        place in place(),
    ) {
        let held_back = &prefix[prefix.trim_end_matches([' ', '\t']).len()..];
        let around = Surroundings { prefix: &prefix, suffix: &suffix, held_back, place: Some(place) };
        let mut stopper = Stopper::new(StopRule::Paragraph, &prefix).within(place, &prefix);
        let mut shown = Vec::new();
        let then = if follows { suffix.as_str() } else { "" };
        for piece in pieces.into_iter().chain(then.split_inclusive(' ')) {
            stopper.push(piece);
            shown.push(trim_shown(stopper.shown(), &around));
        }
        let is_loop = stopper.finish() == Decision::Stop(StopReason::Loop);
        if let (false, Ok(text)) = (is_loop, trim(stopper.written(), &around)) {
            for part in shown {
                prop_assert!(text.starts_with(&part), "{part:?} of {text:?}");
            }
        }
    }
}
