//! What is decided at a caret: tables of texts in which `‸` marks it.
//!
//! Not how zones and languages are found (`inkstone-prose`); they are read by it here, so that a
//! fixture says what the writer sees.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_policy::{
    Access, Composition, Decision, PolicyInput, Rest, Selection, Shown, SilentReason, Switches,
    Trigger, decide,
};
use inkstone_prose::{DocumentKind, zone_at};
use inkstone_text::Utf8Offset;
use proptest::prelude::*;

const ON: Switches = Switches {
    suggestions: true,
    comments_in_code: false,
};

/// A Markdown request at the `‸` of a fixture, changed by `change` before it is decided.
fn decide_with(
    fixture: &str,
    shown: Option<&Shown>,
    change: impl Fn(&mut PolicyInput<'_>),
) -> Decision {
    let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
    let text = format!("{prefix}{suffix}");
    let caret = Utf8Offset::new(prefix.len());
    let mut input = PolicyInput {
        trigger: Trigger::Automatic,
        switches: ON,
        selection: Selection::None,
        access: Access::Writable,
        composition: Composition::None,
        kind: DocumentKind::Markdown,
        zone: zone_at(&text, caret, DocumentKind::Markdown),
        caret,
        prefix,
        suffix,
        shown,
    };
    change(&mut input);
    decide(&input)
}

/// What is decided for a request that comes by itself and one that comes by key.
fn check(cases: &[(&str, Decision, Decision)]) {
    for (fixture, automatic, invoked) in cases {
        assert_eq!(
            decide_with(fixture, None, |_| {}),
            *automatic,
            "automatic: {fixture}"
        );
        let by_key = decide_with(fixture, None, |input| input.trigger = Trigger::Invoked);
        assert_eq!(by_key, *invoked, "invoked: {fixture}");
    }
}

fn silent(reason: SilentReason) -> Decision {
    Decision::Silent(reason)
}

#[test]
fn at_the_end_of_a_line_of_prose_one_asks() {
    let ask = |fixture| (fixture, Decision::Ask, Decision::Ask);
    check(&[
        ask("The morning after the storm‸"),
        ask("The morning after the storm, ‸\n\nNext paragraph"),
        ask("今天早上我去公园散步，‸"),
        ask("今天我用 Rust 写‸\r\n\r\n明天"),
        ask("# The harb‸"),
        ask("Text\n\n- an item‸\n- another"),
        ask("A family 👨‍👩‍👧 in a cafe\u{301}‸"),
    ]);
}

#[test]
fn closing_marks_after_the_caret_do_not_count_as_text() {
    let ask = |fixture| (fixture, Decision::Ask, Decision::Ask);
    check(&[
        ask("He said (it was‸)"),
        ask("He said \"it was‸\"."),
        ask("他说：“今天‸”。"),
        ask("This is **very‸** "),
        ask("It was‸.\nIt rained"),
    ]);
}

#[test]
fn text_on_the_rest_of_the_line_is_not_disturbed_unless_asked() {
    let only_by_key = |fixture, reason| (fixture, silent(reason), Decision::Ask);
    check(&[
        only_by_key("The ‸ was quiet", SilentReason::FollowingTextOnLine),
        only_by_key("The ‸harbour", SilentReason::FollowingTextOnLine),
        only_by_key("今天‸很好", SilentReason::FollowingTextOnLine),
        only_by_key("The har‸bour", SilentReason::MidWordInFollowing),
        only_by_key("gru‸\u{df}e was", SilentReason::MidWordInFollowing),
        only_by_key("Version 1‸2", SilentReason::MidWordInFollowing),
    ]);
}

#[test]
fn a_cell_of_a_table_is_asked_for_whatever_the_others_hold_and_never_one_too_many() {
    let table = |row: &str| format!("| 港口 | boats |\n|---|---|\n{row}");
    let both = |row: &str, expected: &Decision| {
        for trigger in [Trigger::Automatic, Trigger::Invoked] {
            let decision = decide_with(&table(row), None, |input| input.trigger = trigger);
            assert_eq!(decision, *expected, "{row:?} {trigger:?}");
        }
    };
    both("| one ‸ | two |", &Decision::Ask);
    both("| 一‸ | 二 |\n", &Decision::Ask);
    both("| one | two ‸", &Decision::Ask);
    both("| one | two | ‸", &silent(SilentReason::RowComplete));
}

#[test]
fn nothing_is_suggested_where_no_prose_is() {
    let never = |fixture, reason| (fixture, silent(reason), silent(reason));
    check(&[
        never("Text\n\n```sh\nls‸\n```\n", SilentReason::InCodeFence),
        never("Text `pri‸", SilentReason::InInlineCode),
        never("See https://example.org/a‸", SilentReason::InUrl),
        never("See [text](./fi‸)", SilentReason::InUrl),
        never("---\ntitle: a‸\n---\n", SilentReason::InFrontMatter),
        never("So $a + b‸$", SilentReason::InMath),
        never("Text <span cl‸", SilentReason::InHtmlTag),
        never("Text <!-- hid‸den -->", SilentReason::InComment),
    ]);
}

#[test]
fn keys_passwords_and_addresses_of_people_are_left_alone() {
    let never = |fixture, reason| (fixture, silent(reason), silent(reason));
    check(&[
        never("Set it to sk-proj-9fQ2kd83x‸", SilentReason::InSecret),
        never("他的密码：‸", SilentReason::InSecret),
        never("Write to ann@example‸", SilentReason::InUrl),
        ("修复于 9ea282c，然后‸", Decision::Ask, Decision::Ask),
        ("The password was‸", Decision::Ask, Decision::Ask),
    ]);
}

#[test]
fn unconfirmed_pinyin_waits_for_its_characters_unless_somebody_asks() {
    let composing = |fixture| (fixture, silent(SilentReason::Composing), Decision::Ask);
    let ask = |fixture| (fixture, Decision::Ask, Decision::Ask);
    check(&[
        composing("今天早上wo‸"),
        composing("今天早上，wo'men‸"),
        composing("- 列表li‸\r\n"),
        ask("今天早上我用 React‸"),
        ask("今天早上我用React‸"),
        ask("今天早上我用React写‸"),
        ask("今天早上👨‍👩‍👧‸"),
        ask("This morning wo‸"),
    ]);
}

#[test]
fn after_a_misspelt_word_one_waits_unless_somebody_asks() {
    let misspelt = |fixture| {
        let reason = SilentReason::AfterMisspelling;
        (fixture, silent(reason), Decision::Ask)
    };
    check(&[
        misspelt("The letters that we recieve ‸"),
        (
            "The letters that we receive ‸",
            Decision::Ask,
            Decision::Ask,
        ),
        ("我们在这里需要 recieve ‸", Decision::Ask, Decision::Ask),
    ]);
}

#[test]
fn a_suggestion_is_typed_through_in_latin_letters_after_chinese() {
    let shown = shown_at("我们用‸", "game 引擎");
    let decide = |fixture| decide_with(fixture, Some(&shown), |_| {});
    assert_eq!(decide("我们用ga‸"), reuse("me 引擎"));
    assert_eq!(decide("我们用ge‸"), silent(SilentReason::Composing));
}

#[test]
fn there_must_be_a_word_to_continue() {
    let never = |fixture| {
        let reason = SilentReason::EmptyDocument;
        (fixture, silent(reason), silent(reason))
    };
    check(&[
        never("‸"),
        never(" \r\n\r\n‸"),
        never("# ‸"),
        never("‸\n\nText below"),
    ]);
}

#[test]
fn whether_a_model_serves_a_language_is_the_daemons_to_say() {
    check(&[(
        "Сегодня утром мы пошли в парк и‸",
        Decision::Ask,
        Decision::Ask,
    )]);
}

#[test]
fn the_editors_state_silences_everything() {
    let text = "The harbour‸";
    for trigger in [Trigger::Automatic, Trigger::Invoked] {
        let decide_when = |change: fn(&mut PolicyInput<'_>)| {
            decide_with(text, None, |input| {
                input.trigger = trigger;
                change(input);
            })
        };
        let selected = decide_when(|input| input.selection = Selection::Active);
        assert_eq!(selected, silent(SilentReason::SelectionActive));
        let read_only = decide_when(|input| input.access = Access::ReadOnly);
        assert_eq!(read_only, silent(SilentReason::ReadOnly));
        let composing = decide_when(|input| input.composition = Composition::Active);
        assert_eq!(composing, silent(SilentReason::Composing));
        let off = decide_when(|input| input.switches.suggestions = false);
        assert_eq!(off, silent(SilentReason::Disabled));
    }
}

#[test]
fn other_kinds_have_reasons_of_their_own() {
    let at = |kind_name: &str, fixture: &str, comments_in_code: bool| {
        let kind = DocumentKind::from_language_id(kind_name);
        decide_with(fixture, None, |input| {
            let text = format!("{}{}", input.prefix, input.suffix);
            input.kind = kind;
            input.zone = zone_at(&text, input.caret, kind);
            input.switches.comments_in_code = comments_in_code;
        })
    };
    assert_eq!(
        at("latex", "See \\ref{fig:a‸", false),
        silent(SilentReason::InCommand)
    );
    assert_eq!(
        at("mail", "> you wrote‸", false),
        silent(SilentReason::InQuote)
    );
    assert_eq!(
        at("rust", "let a‸", true),
        silent(SilentReason::UnsupportedKind)
    );
    assert_eq!(
        at("rust", "// why this‸", false),
        silent(SilentReason::UnsupportedKind)
    );
    assert_eq!(at("rust", "// why this‸", true), Decision::Ask);
    assert_eq!(
        at("json", "{ \"a‸", true),
        silent(SilentReason::UnsupportedKind)
    );
}

/// Suggestions given at the `‸` of a fixture, with `/` between them.
fn shown_at(fixture: &str, text: &str) -> Shown {
    let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
    let texts = text.split('/').map(str::to_owned).collect();
    Shown::new(texts, Utf8Offset::new(prefix.len()), prefix, suffix)
}

fn reuse(text: &str) -> Decision {
    reuse_all(&[(0, text)])
}

fn reuse_all(rests: &[(usize, &str)]) -> Decision {
    let rest = |&(index, text): &(usize, &str)| Rest {
        index,
        text: text.to_owned(),
    };
    Decision::Reuse {
        rests: rests.iter().map(rest).collect(),
    }
}

#[test]
fn typing_a_shown_suggestion_needs_no_daemon() {
    let shown = shown_at("The harbour‸", " was quiet.");
    let decide = |fixture| decide_with(fixture, Some(&shown), |_| {});
    assert_eq!(decide("The harbour‸"), reuse(" was quiet."));
    assert_eq!(decide("The harbour was q‸"), reuse("uiet."));
    assert_eq!(decide("The harbour was n‸"), Decision::Ask);
    assert_eq!(decide("The harbour was quiet.‸"), Decision::Ask);
    assert_eq!(decide("The harbou‸"), Decision::Ask);
    assert_eq!(decide("An harbour was q‸"), Decision::Ask);

    let shown = shown_at("今天‸", "天气很好。");
    let decide = |fixture| decide_with(fixture, Some(&shown), |_| {});
    assert_eq!(decide("今天天气‸"), reuse("很好。"));
    assert_eq!(decide("今天下雨‸"), Decision::Ask);
}

#[test]
fn those_that_still_fit_what_is_typed_are_kept() {
    let shown = shown_at("The harbour‸", " was quiet./ had been empty./ has");
    let decide = |fixture| decide_with(fixture, Some(&shown), |_| {});
    assert_eq!(
        decide("The harbour ‸"),
        reuse_all(&[(0, "was quiet."), (1, "had been empty."), (2, "has")])
    );
    assert_eq!(
        decide("The harbour ha‸"),
        reuse_all(&[(1, "d been empty."), (2, "s")])
    );
    assert_eq!(
        decide("The harbour had‸"),
        reuse_all(&[(1, " been empty.")])
    );
    assert_eq!(decide("The harbour has‸"), Decision::Ask);
    let shown = shown_at("今天‸", "天气很好。/ React 发布了/我们");
    let decide = |fixture| decide_with(fixture, Some(&shown), |_| {});
    assert_eq!(decide("今天 Re‸"), reuse_all(&[(1, "act 发布了")]));
    assert_eq!(decide("今天我‸"), reuse_all(&[(2, "们")]));
    assert_eq!(decide("今天他‸"), Decision::Ask);
}

#[test]
fn a_suggestion_of_two_lines_is_typed_through_in_a_crlf_document() {
    let shown = shown_at("One.\r\n‸", "Two\nthree");
    assert_eq!(
        decide_with("One.\r\nTwo\r\nth‸", Some(&shown), |_| {}),
        reuse("ree")
    );
}

#[test]
fn a_change_after_the_caret_ends_the_reuse() {
    let shown = shown_at("The harbour‸", " was quiet.");
    let changed = decide_with("The harbour was‸)", Some(&shown), |_| {});
    assert_eq!(changed, Decision::Ask);
}

#[test]
fn a_key_press_asks_for_another_suggestion() {
    let shown = shown_at("The harbour‸", " was quiet.");
    let by_key = decide_with("The harbour was‸", Some(&shown), |input| {
        input.trigger = Trigger::Invoked;
    });
    assert_eq!(by_key, Decision::Ask);
}

#[test]
fn a_code_span_of_the_suggestion_is_typed_through() {
    let shown = shown_at("Call‸", " `print` here");
    assert_eq!(
        decide_with("Call `pri‸", Some(&shown), |_| {}),
        reuse("nt` here")
    );
}

proptest! {
    #[test]
    fn what_was_typed_and_what_is_left_make_the_suggestion(
        prefix in "[a-z烧👍 \n]{0,400}",
        text in "[a-z烧👍 \n]{1,40}",
        suffix in "[a-z\n]{0,80}",
        typed_chars in 0_usize..41,
    ) {
        let shown = Shown::new(vec![text.clone()], Utf8Offset::new(prefix.len()), &prefix, &suffix);
        let typed: String = text.chars().take(typed_chars).collect();
        let now = format!("{prefix}{typed}");
        let rests = shown.rests_at(Utf8Offset::new(now.len()), &now, &suffix);
        let rest = rests.first().map(|rest| rest.text.as_str());
        let expected = &text[typed.len()..];
        prop_assert_eq!(rest, (!expected.trim().is_empty()).then_some(expected));
    }

    #[test]
    fn any_offsets_and_texts_are_taken(
        at in 0_usize..50, caret in 0_usize..50, prefix in "[a烧]{0,9}", text in "[a烧]{0,9}",
    ) {
        let shown = Shown::new(vec![text.clone()], Utf8Offset::new(at), &prefix, "");
        for rest in shown.rests_at(Utf8Offset::new(caret), &prefix, "") {
            prop_assert!(text.ends_with(&rest.text));
        }
    }
}
