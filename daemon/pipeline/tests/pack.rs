//! The prompt fits its budget, and typing does not move its start.
//!
//! Not what a model makes of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_pipeline::{PackRequest, Packed, TokenCount, pack};
use proptest::prelude::*;

/// Counts as a tokenizer of words would: about four letters, one Han character, one mark each.
fn words(text: &str) -> usize {
    let mut tokens = 0;
    let mut letters = 0;
    for c in text.chars() {
        if c.is_ascii_alphabetic() {
            letters += 1;
            tokens += usize::from(letters % 4 == 1);
        } else {
            letters = 0;
            tokens += usize::from(c != ' ');
        }
    }
    tokens
}

/// Counts as a tokenizer without the script does: a token a byte, and one for the start.
fn bytes(text: &str) -> usize {
    text.len() + 1
}

fn pack_text(prefix: &str, budget: usize, count: &dyn Fn(&str) -> usize) -> Packed {
    let request = PackRequest {
        prefix,
        title: None,
        headings: &[],
        unwraps: true,
        budget: TokenCount::new(budget),
    };
    pack(&request, count)
}

fn english(paragraphs: usize) -> String {
    "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, and \
     the fishermen stood in small groups.\n\n"
        .repeat(paragraphs)
}

fn chinese(paragraphs: usize) -> String {
    "今天早上我去公园散步，看到很多老人在打太极拳。湖边的柳树已经发芽了，空气里有花香。\n\n"
        .repeat(paragraphs)
}

#[test]
fn a_text_within_the_budget_is_the_prompt() {
    let packed = pack_text("One.\n\nTwo, and‸".trim_end_matches('‸'), 100, &words);
    assert_eq!(packed.prompt, "One.\n\nTwo, and");
    assert_eq!(packed.held_back, "");
    assert_eq!(packed.cut.get(), 0);
}

#[test]
fn spaces_at_the_caret_are_held_back_and_line_breaks_are_not() {
    let packed = pack_text("The harbour \t", 100, &words);
    assert_eq!(
        (packed.prompt.as_str(), packed.held_back.as_str()),
        ("The harbour", " \t")
    );
    let packed = pack_text("今天。\r\n\r\n", 100, &words);
    assert_eq!(
        (packed.prompt.as_str(), packed.held_back.as_str()),
        ("今天。\n\n", "")
    );
    let packed = pack_text("  ", 100, &words);
    assert_eq!(
        (packed.prompt.as_str(), packed.held_back.as_str()),
        ("", "  ")
    );
}

#[test]
fn a_long_text_is_cut_at_a_paragraph_and_fills_most_of_the_budget() {
    for (text, budget) in [(english(500), 1_000), (chinese(500), 1_000)] {
        let packed = pack_text(&text, budget, &words);
        let starts = packed.prompt.starts_with("The morning") || packed.prompt.starts_with("今天");
        assert!(starts, "{}", &packed.prompt[..30]);
        let tokens = words(&packed.prompt);
        assert!(
            tokens <= budget && tokens * 3 >= budget,
            "{tokens} of {budget}"
        );
        assert!(text.trim_end().ends_with(packed.prompt.trim_end()));
    }
}

#[test]
fn typing_moves_the_cut_rarely() {
    let budget = 512;
    for (mut text, typed) in [
        (english(60), "And so it went on, "),
        (chinese(60), "然后又来了一个人，"),
    ] {
        let mut cut = pack_text(&text, budget, &words).cut;
        let mut moves = 0;
        let start_bytes = text.len();
        for key in typed.chars().cycle().take(4_000) {
            text.push(key);
            let now = pack_text(&text, budget, &words).cut;
            assert!(now >= cut, "the cut went back");
            moves += usize::from(now != cut);
            cut = now;
        }
        let typed_bytes = text.len() - start_bytes;
        assert!(moves >= 1, "nothing was cut");
        assert!(
            moves <= typed_bytes / budget + 1,
            "{moves} moves in {typed_bytes} bytes"
        );
    }
}

#[test]
fn a_prompt_grows_by_what_is_typed() {
    let mut text = english(60);
    let mut before = pack_text(&text, 512, &words);
    for key in "The boats had not come back yet".chars() {
        text.push(key);
        let now = pack_text(&text, 512, &words);
        assert!(now.prompt.starts_with(&before.prompt));
        before = now;
    }
}

#[test]
fn lines_broken_to_fit_a_page_are_one_for_the_model_and_typing_on_changes_only_the_end() {
    let english = "The morning after the storm the harbour was full of broken\r\nboats, and nobody \
                   said a word about whose they might have";
    let packed = pack_text(english, 100, &words);
    assert!(packed.prompt.contains("broken boats"), "{}", packed.prompt);
    let chinese = "我常想在纷扰中寻出一点闲静来，然而委实不容易。目前是这么离奇，心里是\n这么";
    let packed = pack_text(chinese, 100, &words);
    assert!(packed.prompt.ends_with("心里是这么"), "{}", packed.prompt);
    // Typed key by key, wrapped by the editor.
    let mut before = String::new();
    for (end, _) in chinese.char_indices().skip(1) {
        let now = pack_text(&chinese[..end], 100, &words).prompt;
        let kept = before.trim_end_matches('\n');
        assert!(now.starts_with(kept), "{before:?} {now:?}");
        before = now;
    }
    let as_it_is = PackRequest {
        prefix: chinese,
        title: None,
        headings: &[],
        unwraps: false,
        budget: TokenCount::new(100),
    };
    assert_eq!(pack(&as_it_is, &words).prompt, chinese);
}

#[test]
fn title_and_headings_are_put_before_a_text_that_lost_them() {
    let headings = ["港口".to_owned(), "The Storm".to_owned()];
    let mut request = PackRequest {
        prefix: "",
        title: Some("港口"),
        headings: &headings,
        unwraps: true,
        budget: TokenCount::new(300),
    };
    let document = format!("# 港口\n\n## The Storm\n\n{}It was", english(200));
    request.prefix = &document;
    let packed = pack(&request, &words);
    let header = "# 港口\n\n## The Storm\n\nThe morning";
    assert!(
        packed.prompt.starts_with(header),
        "{}",
        &packed.prompt[..60]
    );
    assert!(words(&packed.prompt) <= 300);

    let short = "# 港口\n\n## The Storm ##\n\nIt was";
    request.prefix = short;
    assert_eq!(pack(&request, &words).prompt, short);
}

#[test]
fn a_header_too_long_for_the_budget_is_left_out() {
    let headings = ["A heading ".repeat(40)];
    let document = english(20);
    let request = PackRequest {
        prefix: &document,
        title: None,
        headings: &headings,
        unwraps: true,
        budget: TokenCount::new(60),
    };
    assert!(!pack(&request, &words).prompt.contains("A heading"));
}

#[test]
fn headings_without_number_or_end_cost_no_more_than_a_few() {
    let document = format!("{} 港口很安静。", "x".repeat(6_000));
    let deep: Vec<String> = (0..260_000).map(|n| n.to_string()).collect();
    let empty = vec![String::new(); 260_000];
    let broken = vec!["One\nTwo".to_owned(), "\r".to_owned(), " ".to_owned()];
    let long = vec!["港口".repeat(300_000); 4];
    for headings in [deep, empty, broken, long] {
        let request = PackRequest {
            prefix: &document,
            title: Some("港口"),
            headings: &headings,
            unwraps: true,
            budget: TokenCount::new(2_000),
        };
        let packed = pack(&request, &words);
        let header = packed.prompt.split_once("xxx").unwrap().0;
        assert!(header.starts_with("# 港口\n\n"), "{header:?}");
        assert!(header.len() <= 512, "{} bytes", header.len());
        assert!(!header.contains("#######"), "{header:?}");
        assert_eq!(header.contains("###### 6\n"), headings[0] == "0");
        assert!(!header.contains("One") && !header.contains("## \n"));
    }
}

proptest! {
    #[test]
    fn the_budget_holds_for_any_text_and_tokenizer(
        pieces in proptest::collection::vec(
            proptest::sample::select(&[
                "a", "word ", "烧", "今天，", "\n", "\n\n", "\r\n", "  ", "👨‍👩‍👧", "e\u{301}", "# ",
                "a-long-word-without-any-space-in-it", ". ",
            ][..]),
            0..600,
        ),
        budget in 0_usize..400,
        title in proptest::option::of("[a-z烧]{1,40}"),
    ) {
        let prefix = pieces.concat();
        for count in [&words as &dyn Fn(&str) -> usize, &bytes] {
            let request = PackRequest {
                prefix: &prefix,
                title: title.as_deref(),
                headings: &[],
                unwraps: true,
                budget: TokenCount::new(budget),
            };
            let packed = pack(&request, count);
            // Even the empty prompt has a token for some tokenizers.
            prop_assert!(count(&packed.prompt) <= budget.max(count("")));
            prop_assert!(!packed.prompt.ends_with(' '));
            prop_assert!(prefix.ends_with(&packed.held_back));
        }
    }
}
