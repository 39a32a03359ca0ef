//! Where generation ends, fed in pieces of any size.
//!
//! Not whether the text is offered (`judging.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_pipeline::{CharCount, Decision, Ending, Place, StopReason, StopRule, Stopper};
use proptest::prelude::*;

/// Feeds `generated` character by character, then ends it.
fn run(rule: StopRule, before: &str, generated: &str) -> (String, StopReason) {
    let mut stopper = Stopper::new(rule, before).within(Place::guess(before), before);
    for c in generated.chars() {
        if let Decision::Stop(reason) = stopper.push(c.encode_utf8(&mut [0; 4])) {
            return (stopper.text().to_owned(), reason);
        }
    }
    match stopper.finish() {
        Decision::Stop(reason) => (stopper.text().to_owned(), reason),
        Decision::Continue => unreachable!("finish always stops"),
    }
}

fn check(rule: StopRule, generated: &str, text: &str, reason: StopReason) {
    assert_eq!(
        run(rule, "Before", generated),
        (text.to_owned(), reason),
        "{generated:?}"
    );
}

#[test]
fn a_line_ends_at_its_break() {
    let line = StopRule::Line;
    check(
        line,
        " was quiet. It\nrained",
        " was quiet. It",
        StopReason::LineEnd,
    );
    check(line, "很安静。他\r\n说", "很安静。他", StopReason::LineEnd);
    check(line, "\n\nNext", "", StopReason::LineEnd);
    check(
        line,
        " was quiet",
        " was quiet",
        StopReason::EndOfGeneration,
    );
}

#[test]
fn breaks_at_the_start_of_a_line_are_passed() {
    let ended = run(StopRule::Line, "Before.\n\n", "\nIt rained\nagain");
    assert_eq!(ended, ("\nIt rained".to_owned(), StopReason::LineEnd));
}

#[test]
fn an_english_sentence_ends_once_the_next_begins() {
    let sentence = StopRule::Sentence;
    check(
        sentence,
        " was quiet. It rained.",
        " was quiet.",
        StopReason::SentenceEnd,
    );
    check(
        sentence,
        " said \"No.\" It rained",
        " said \"No.\"",
        StopReason::SentenceEnd,
    );
    check(
        sentence,
        " was quiet\nIt",
        " was quiet",
        StopReason::LineEnd,
    );
    check(
        sentence,
        " is 3.14 metres. It",
        " is 3.14 metres.",
        StopReason::SentenceEnd,
    );
    check(
        sentence,
        " met Mr. Smith. They",
        " met Mr. Smith.",
        StopReason::SentenceEnd,
    );
    check(
        sentence,
        " was quiet.",
        " was quiet.",
        StopReason::EndOfGeneration,
    );
}

#[test]
fn a_chinese_sentence_ends_after_its_closing_quote() {
    let sentence = StopRule::Sentence;
    check(
        sentence,
        "很安静。他走了。",
        "很安静。",
        StopReason::SentenceEnd,
    );
    check(
        sentence,
        "说：“好。”他走了",
        "说：“好。”",
        StopReason::SentenceEnd,
    );
    check(
        sentence,
        "想了想……然后走了。好",
        "想了想……然后走了。",
        StopReason::SentenceEnd,
    );
    check(sentence, "是👨‍👩‍👧。他", "是👨‍👩‍👧。", StopReason::SentenceEnd);
}

#[test]
fn a_phrase_ends_at_a_mark_or_with_its_sentence_or_line() {
    let phrase = StopRule::Phrase;
    check(
        phrase,
        " was quiet, and",
        " was quiet,",
        StopReason::PhraseEnd,
    );
    check(
        phrase,
        " was quiet. It",
        " was quiet.",
        StopReason::SentenceEnd,
    );
    check(phrase, " was quiet\nIt", " was quiet", StopReason::LineEnd);
    check(
        phrase,
        " was quiet,",
        " was quiet,",
        StopReason::EndOfGeneration,
    );
    check(phrase, "很安静，他走了", "很安静，", StopReason::PhraseEnd);
    check(phrase, "说：“好。”他", "说：", StopReason::PhraseEnd);
    check(phrase, "是👨‍👩‍👧。他", "是👨‍👩‍👧。", StopReason::SentenceEnd);
    check(
        phrase,
        " went out with the tide and came back in the evening",
        " went out with the tide and came back",
        StopReason::PhraseEnd,
    );
}

#[test]
fn a_phrase_that_the_token_limit_ends_does_not_end_with_a_word_that_leads_on() {
    let mut stopper = Stopper::new(StopRule::Phrase, "Before");
    stopper.push(" went out of the harb");
    assert_eq!(stopper.shown(), " went out");
    stopper.finish_at_limit();
    assert_eq!(stopper.text(), " went out");
}

#[test]
fn a_word_ends_before_the_next_one() {
    let word = StopRule::Word;
    check(word, " quiet harbour", " quiet", StopReason::WordEnd);
    check(word, "et harbour", "et", StopReason::WordEnd);
    check(word, "安静的港口", "安静的港", StopReason::WordEnd);
    check(word, "，他走了", "，他走了", StopReason::EndOfGeneration);
    check(word, "\nIt", "", StopReason::LineEnd);
    check(word, " quiet", " quiet", StopReason::EndOfGeneration);
}

/// Where text ends that a rule would let go on, at a place.
fn ends_at(place: Place, before: &str, generated: &str, text: &str, reason: StopReason) {
    for rule in [StopRule::Line, StopRule::Paragraph] {
        let mut stopper = Stopper::new(rule, before).within(place, before);
        let decision = stopper.push(generated);
        assert_eq!(
            decision,
            Decision::Stop(reason),
            "{before:?} + {generated:?}"
        );
        assert_eq!(stopper.text(), text, "{before:?} + {generated:?}");
    }
}

#[test]
fn an_item_never_runs_on_into_the_next() {
    let line = StopReason::LineEnd;
    ends_at(
        Place::ListItem,
        "- bread",
        " and milk\n- salt",
        " and milk",
        line,
    );
    for before in ["- ", "a\n3. ", "- [ ] ", "一、", "（1）"] {
        ends_at(Place::Prose, before, "砚 stone\n墨", "砚 stone", line);
    }
    ends_at(
        Place::Prose,
        "1. bread\n",
        "2. milk\n3. salt",
        "2. milk",
        line,
    );
    ends_at(
        Place::Prose,
        "一、砚\r\n",
        "\n二、墨\r\n三、",
        "\n二、墨",
        line,
    );
}

#[test]
fn a_heading_ends_with_its_line_and_a_cell_with_its_bar() {
    ends_at(
        Place::Heading,
        "## The",
        " harbour\n\nIt",
        " harbour",
        StopReason::LineEnd,
    );
    ends_at(
        Place::Heading,
        "## 港",
        "口\n文字",
        "口",
        StopReason::LineEnd,
    );
    let cell = StopReason::CellEnd;
    ends_at(
        Place::Table,
        "| a | ",
        "two words | three |",
        "two words",
        cell,
    );
    ends_at(Place::Table, "| 一 | ", "二 \\| 三 | 四", "二 \\| 三", cell);
    ends_at(Place::Table, "| a | ", "| b", "", cell);
    ends_at(
        Place::Table,
        "| a | ",
        "two\n| b",
        "two",
        StopReason::LineEnd,
    );
    check(
        StopRule::Paragraph,
        " a | b",
        " a | b",
        StopReason::EndOfGeneration,
    );
}

#[test]
fn the_marker_of_an_item_is_neither_a_word_nor_a_phrase() {
    let ended = run(StopRule::Phrase, "一、砚\n", "二、墨，纸");
    assert_eq!(ended, ("二、墨，".to_owned(), StopReason::PhraseEnd));
    let ended = run(StopRule::Word, "1. bread\n", "2. white milk");
    assert_eq!(ended, ("2. white".to_owned(), StopReason::WordEnd));
    let ended = run(StopRule::Sentence, "1. bread\n", "2. Milk. Salt");
    assert_eq!(ended, ("2. Milk.".to_owned(), StopReason::SentenceEnd));
}

#[test]
fn how_a_text_ended_goes_with_it() {
    let ending = |rule, generated: &str| {
        let mut stopper = Stopper::new(rule, "Before");
        stopper.push(generated);
        stopper.written().ending
    };
    assert_eq!(ending(StopRule::Line, " was quiet.\n"), Ending::Whole);
    assert_eq!(ending(StopRule::Line, "很安静。\n"), Ending::Whole);
    assert_eq!(
        ending(StopRule::Line, " was\nquiet"),
        Ending::Cut,
        "a line broken"
    );
    let mut item = Stopper::new(StopRule::Line, "- \"The").within(Place::ListItem, "- \"The");
    item.push(" boat\n");
    assert_eq!(item.written().ending, Ending::Whole);
    assert_eq!(
        ending(StopRule::Sentence, " was quiet. It"),
        Ending::Sentence
    );
    assert_eq!(ending(StopRule::Sentence, " was quiet"), Ending::Cut);
    assert_eq!(ending(StopRule::Phrase, " was quiet, and"), Ending::Cut);
}

#[test]
fn an_abbreviation_that_began_before_the_caret_is_known() {
    let ended = run(StopRule::Sentence, "He met Mr", ". Smith. They");
    assert_eq!(ended, (". Smith.".to_owned(), StopReason::SentenceEnd));
}

#[test]
fn a_paragraph_ends_at_a_blank_line() {
    let rule = StopRule::Paragraph;
    check(
        rule,
        " was.\nIt rained.\n\nThen",
        " was.\nIt rained.",
        StopReason::ParagraphEnd,
    );
    check(rule, " was.\r\n\r\nThen", " was.", StopReason::ParagraphEnd);
    check(rule, "很好。\n \n然后", "很好。", StopReason::ParagraphEnd);
}

#[test]
fn a_length_ends_between_words() {
    let rule = |characters| StopRule::Length {
        max_chars: CharCount::new(characters),
    };
    check(
        rule(12),
        " was quiet again",
        " was quiet",
        StopReason::MaxLength,
    );
    check(
        rule(10),
        " was quiet again",
        " was quiet",
        StopReason::MaxLength,
    );
    check(rule(9), " was quiet again", " was", StopReason::MaxLength);
    check(rule(3), "今天早上", "今天早", StopReason::MaxLength);
    check(rule(3), "harbour", "har", StopReason::MaxLength);
    check(rule(99), " was", " was", StopReason::EndOfGeneration);
}

#[test]
fn every_rule_ends_at_some_length() {
    let endless: String = (0..2_000_u32)
        .flat_map(|n| [n.to_string(), " ".to_owned()])
        .collect();
    for rule in [
        StopRule::Phrase,
        StopRule::Line,
        StopRule::Sentence,
        StopRule::Paragraph,
    ] {
        let (text, reason) = run(rule, "", &endless);
        assert!(matches!(
            reason,
            StopReason::MaxLength | StopReason::PhraseEnd
        ));
        assert!(text.chars().count() <= inkstone_pipeline::stop::SUGGESTION_CHARS_MAX);
    }
}

#[test]
fn a_loop_ends_with_its_first_round() {
    check(StopRule::Line, "火烧烧烧烧烧烧烧", "火烧", StopReason::Loop);
    let again = " They had lost their way and".repeat(4);
    check(
        StopRule::Line,
        &again,
        " They had lost their way and",
        StopReason::Loop,
    );
}

#[test]
fn at_the_last_token_the_text_ends_with_its_last_whole_word() {
    let check = |generated: &str, expected: &str| {
        let mut stopper = Stopper::new(StopRule::Paragraph, "Before");
        stopper.push(generated);
        let shown = stopper.shown().to_owned();
        let decision = stopper.finish_at_limit();
        assert_eq!(decision, Decision::Stop(StopReason::MaxLength));
        assert_eq!(stopper.text(), expected, "{generated:?}");
        assert!(stopper.text().starts_with(&shown), "{shown:?}");
    };
    check(" and the fisher", " and the");
    check(" and the ", " and the");
    check(" and so,", " and so,");
    check(" it isn't", " it");
    check(" cafe\u{301} re\u{301}sume\u{301}", " cafe\u{301}");
    check("空气里有花", "空气里有花");
    check("我们用 Rust 写代", "我们用 Rust 写代");
    check("我们用 Rus", "我们用");
    check("我们用Rus", "我们用");
    check("是👨‍👩‍👧 famil", "是👨‍👩‍👧");
    check(" was.\r\nIt", " was.");
    check("our", "our");
    check(" harb", " harb");
    check("", "");
}

#[test]
fn after_a_stop_nothing_changes() {
    let mut stopper = Stopper::new(StopRule::Line, "");
    assert_eq!(
        stopper.push("one\ntwo"),
        Decision::Stop(StopReason::LineEnd)
    );
    assert_eq!(stopper.push("three"), Decision::Stop(StopReason::LineEnd));
    assert_eq!(stopper.finish(), Decision::Stop(StopReason::LineEnd));
    assert_eq!(
        stopper.finish_at_limit(),
        Decision::Stop(StopReason::LineEnd)
    );
    assert_eq!(stopper.text(), "one");
    assert_eq!(stopper.shown(), "one");
}

const PIECES: [&str; 25] = [
    " and",
    " but",
    "，",
    "和",
    "-",
    "a",
    "A",
    " ",
    ". ",
    ".",
    "?",
    "…",
    "。",
    "”",
    "\"",
    "Mr",
    "3",
    "\n",
    "\r\n",
    "好",
    "烧",
    ",",
    "👨‍👩‍👧",
    "e\u{301}",
    "word ",
];

fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..60)
}

fn rule() -> impl Strategy<Value = StopRule> {
    prop_oneof![
        Just(StopRule::Word),
        Just(StopRule::Phrase),
        Just(StopRule::Line),
        Just(StopRule::Sentence),
        Just(StopRule::Paragraph),
        (1_usize..30).prop_map(|max| StopRule::Length {
            max_chars: CharCount::new(max)
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn how_the_text_is_cut_into_pieces_does_not_matter(pieces in pieces(), rule in rule()) {
        let whole = pieces.concat();
        let mut at_once = Stopper::new(rule, "Before");
        at_once.push(&whole);
        at_once.finish();
        let (text, _) = run(rule, "Before", &whole);
        prop_assert_eq!(at_once.text(), text);
    }

    #[test]
    fn what_is_shown_is_never_taken_back_but_for_a_loop(
        pieces in pieces(),
        rule in rule(),
        at_limit in any::<bool>(),
    ) {
        let mut stopper = Stopper::new(rule, "Before");
        let mut shown: Vec<String> = Vec::new();
        let mut decision = Decision::Continue;
        for piece in pieces {
            decision = stopper.push(piece);
            shown.push(stopper.shown().to_owned());
            if decision != Decision::Continue {
                break;
            }
        }
        if decision == Decision::Continue {
            decision = if at_limit { stopper.finish_at_limit() } else { stopper.finish() };
        }
        if decision != Decision::Stop(StopReason::Loop) {
            for part in shown {
                prop_assert!(stopper.text().starts_with(&part), "{part:?} of {:?}", stopper.text());
            }
        }
    }
}
