//! The rules' own examples, and what holds for all of them together.

use inkstone_prose::Language;
use proptest::prelude::*;

use super::*;
use crate::piece::Genre;

fn cleaned_by(rule: &Rule, example: &Example) -> Cleaned {
    let only = RuleSet::only(&[rule.id.as_str()]).unwrap();
    clean(example.before, &example.context, &only)
}

#[test]
fn every_rule_does_what_its_examples_say() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for example in rule.examples {
            let cleaned = cleaned_by(rule, example);
            let is_right = match example.after {
                Outcome::Mended(text) => cleaned.text == text && cleaned.left_out.is_none(),
                Outcome::Unchanged => {
                    cleaned.text == example.before
                        && cleaned.hits.is_empty()
                        && cleaned.left_out.is_none()
                }
                Outcome::LeftOut => cleaned.left_out.is_some_and(|(id, _)| id == rule.id),
                Outcome::Flagged => !cleaned.flags.is_empty() && cleaned.text == example.before,
            };
            if !is_right {
                wrong.push(format!("{}: {:?}\n  got {cleaned:?}", rule.id, example));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_its_own_name_and_examples_for_and_against() {
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.id.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
    for rule in RULES {
        let stays = |example: &&Example| example.after == Outcome::Unchanged;
        let n = rule.examples.iter().filter(stays).count();
        assert!(n > 0 && n < rule.examples.len(), "{}", rule.id);
        assert!(
            !rule.title.is_empty() && !rule.why.is_empty(),
            "{}",
            rule.id
        );
    }
}

#[test]
fn several_rules_work_together_and_are_counted_each() {
    let context = Context::paragraph(Language::English);
    let cleaned = clean(
        "It doesnâ€™t&nbsp;matter!!!!  Really ,  see [EMAIL].\r\nBye.",
        &context,
        &RuleSet::default(),
    );
    assert_eq!(cleaned.text, "It doesn’t matter! Really, see [EMAIL]. Bye.");
    let names: Vec<&str> = cleaned.hits.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(
        names,
        [
            "mojibake_mended",
            "control_characters",
            "html_entities",
            "line_wraps",
            "spaces",
            "repeated_punctuation"
        ]
    );
}

#[test]
fn no_rule_touches_a_placeholder() {
    let text = "Write  to [EMAIL],,, or [PHONE]!!! [SECRET]  [ID_CARD_2]，[STREET_ADDRESS]……………";
    for language in [Language::English, Language::Chinese] {
        let cleaned = clean(text, &Context::paragraph(language), &RuleSet::all());
        for placeholder in [
            "[EMAIL]",
            "[PHONE]",
            "[SECRET]",
            "[ID_CARD_2]",
            "[STREET_ADDRESS]",
        ] {
            assert!(cleaned.text.contains(placeholder), "{cleaned:?}");
        }
    }
}

#[test]
fn code_and_tables_come_back_as_they_were() {
    let text = "let  x = a ,  b;\u{200b}!!!!\r\n";
    for kind in [BlockKind::Code, BlockKind::Table, BlockKind::Math] {
        let context = Context {
            kind,
            ..Context::paragraph(Language::English)
        };
        let cleaned = clean(text, &context, &RuleSet::all());
        assert_eq!(cleaned.text, text);
        assert!(cleaned.hits.is_empty() && cleaned.left_out.is_none());
    }
}

#[test]
fn a_rule_that_is_off_neither_mends_nor_counts() {
    let context = Context::paragraph(Language::English);
    let rules = RuleSet::with(&[], &["spaces"]).unwrap();
    let cleaned = clean("two  spaces", &context, &rules);
    assert_eq!(cleaned.text, "two  spaces");
    assert!(cleaned.hits.is_empty());
}

#[test]
fn long_hostile_text_is_cleaned_in_linear_time() {
    // Each of these once made some rule of this kind quadratic elsewhere.
    for unit in [
        "<",
        "&",
        "[",
        "`",
        "！",
        "嗯，",
        "um, ",
        "那个",
        "Ã",
        "\u{fffd}",
        "(^",
        "的 ",
        "\n",
        "😀",
        "www.",
        "&a中中中",
        "!! ",
        "他他的",
        "，我我我觉",
        "for for ",
        "写a",
    ] {
        let text = unit.repeat(200_000 / unit.len());
        for language in [Language::English, Language::Chinese] {
            let mut context = Context::paragraph(language);
            context.is_transcript = true;
            let cleaned = clean(&text, &context, &RuleSet::all());
            assert!(cleaned.text.len() <= text.len());
        }
    }
}

/// Pieces that rules look for, so that random text is full of them.
const DIRT: &[&str] = &[
    "um",
    "uh,",
    "you know,",
    "the the",
    "嗯，",
    "呃",
    "那个那个",
    "这个",
    "然后然后",
    "我我我",
    "因为",
    "。。。",
    "！！！",
    "......",
    "!!!!",
    "?!?!",
    "，，",
    " ,",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u{a0}",
    "\u{3000}",
    "&nbsp;",
    "&lt;",
    "&amp;amp;",
    "<br>",
    "</b>",
    "<p class='x'>",
    "â€™",
    "Ã©",
    "ä½\u{a0}",
    "浣犲ソ",
    "锛",
    "\u{fffd}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "e\u{301}",
    "\u{fb01}",
    "⼀",
    "２０",
    "Ａ",
    "[12]",
    "[EMAIL]",
    "[PHONE]",
    "⑴",
    "¹",
    "😀😀😀",
    "👨\u{200d}👩\u{200d}👧",
    "👍🏻",
    "(^_^)",
    "fjdksl",
    "今 天",
    "天气",
    "Git",
    "don",
    "t",
    "n\u{fffd}t",
    "`code",
    "`",
    "https://a.b/?utm_x=1&y=2",
    "“",
    "”",
    "\"",
    "—",
    "……",
    ".",
    "。",
    "- 12 -",
    "12.",
    "- ",
    "a-\nb",
    "第 1 页",
    "好评",
    "word",
    "Sentence ends.",
    "句子结束。",
];

fn dirt() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(DIRT).prop_map(str::to_owned),
        "\\PC{0,3}",
        Just(" ".to_owned()),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn any_context() -> impl Strategy<Value = Context> {
    let language =
        prop::sample::select(vec![Language::English, Language::Chinese, Language::Other]);
    let genre = prop::sample::select(vec![None, Some(Genre::Fiction), Some(Genre::CommentReply)]);
    let kind = prop::sample::select(vec![
        BlockKind::Paragraph,
        BlockKind::Quote,
        BlockKind::Heading(2),
    ]);
    (language, genre, kind, any::<bool>()).prop_map(|(language, genre, kind, is_transcript)| {
        Context {
            kind,
            genre,
            is_transcript,
            ..Context::paragraph(language)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn what_is_clean_stays_as_it_is(text in dirt(), context in any_context()) {
        let rules = RuleSet::all();
        let once = clean(&text, &context, &rules);
        if once.left_out.is_none() {
            let twice = clean(&once.text, &context, &rules);
            prop_assert_eq!(&twice.text, &once.text);
            prop_assert_eq!(twice.left_out, None);
            prop_assert_eq!(twice.flags, once.flags);
        }
    }

    #[test]
    fn flags_point_at_characters_and_counts_are_right(text in "\\PC{0,80}", context in any_context()) {
        let cleaned = clean(&text, &context, &RuleSet::all());
        for flag in &cleaned.flags {
            prop_assert!(cleaned.text.get(flag.range.clone()).is_some());
        }
        prop_assert!(cleaned.hits.iter().all(|(_, count)| *count > 0));
    }
}
