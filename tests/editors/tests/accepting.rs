//! Suggestions taken in parts, in both Neovims: by word, sentence and line, each a step for `u`.

use std::time::Duration;

use inkstone_editor_tests::neovim::Neovim;
use inkstone_editor_tests::scene::Scene;
use inkstone_prose::sentence_ends;
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, eventually};
use inkstone_words::word_ends;

const ENGLISH: &str = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, \
                       and the fishermen stood in small groups,";
const CHINESE: &str = "暴风雨过后的早晨，港口很安静。折断的桅杆横在码头上，渔民们三三两两地站着，";

/// How long Neovim may take to do what a command asks.
const WAIT: Duration = Duration::from_secs(30);

/// Suggestions of several sentences.
const LONG: &str = "vim.lsp.config('inkstone', { init_options = { completion = { stop = 'paragraph', max_tokens = 48 } } })";

/// Neovim counts with its server in this encoding alone.
fn counting_in(encoding: &str) -> String {
    format!(
        "vim.lsp.config('inkstone', {{ capabilities = {{ general = {{ positionEncodings = {{ '{encoding}' }} }} }} }})"
    )
}

fn await_reused(neovim: &Neovim<'_>) {
    eventually(WAIT, "the rest, without the daemon", || {
        let status = neovim.status();
        (status["document"]["decision"]["outcome"] == "reused").then_some(())
    });
}

in_both! {
    fn a_word_is_taken_and_the_rest_stays(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        let suggestion = neovim.await_shown();
        let words: Vec<&str> = suggestion.split_whitespace().collect();
        assert!(words.len() > 2, "too short to take in parts: {suggestion:?}");
        neovim.keys("<M-Right>");
        let one = format!("{ENGLISH} {}", words[0]);
        neovim.await_text(&one);
        let rest = neovim.await_shown();
        assert_eq!(format!("{one}{rest}"), format!("{ENGLISH}{suggestion}"));
        await_reused(&neovim);
        assert_eq!(neovim.await_shown(), rest);
        neovim.keys("<M-Right>");
        neovim.await_text(&format!("{one} {}", words[1]));
        neovim.keys("<Tab>");
        neovim.await_text(&format!("{ENGLISH}{suggestion}"));
        // One suggestion, in however many parts.
        eventually(WAIT, "the count", || {
            (neovim.status()["suggestions"]["accepted"] == 1).then_some(())
        });
    }

    fn a_sentence_is_taken_and_the_rest_stays(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start_with(&scene, program, LONG);
        neovim.keys("A");
        let suggestion = neovim.await_shown();
        let ends = sentence_ends(ENGLISH, &suggestion);
        assert!(ends.len() > 1, "one sentence only: {suggestion:?}");
        for end in ends {
            neovim.await_shown();
            neovim.keys("<M-)>");
            neovim.await_text(&format!("{ENGLISH}{}", &suggestion[..end]));
        }
    }

    fn a_chinese_suggestion_is_taken_by_word_and_line_between_crlf_line_ends(program) {
        let before = "# 日记\r\n\r\n";
        let scene = Scene::with_models(
            &format!("{before}{CHINESE}\r\n"),
            &[ENGLISH_MODEL, CHINESE_MODEL],
        );
        let neovim = Neovim::start(&scene, program);
        assert_eq!(neovim.lua("vim.bo.fileformat"), "dos");
        neovim.keys("GA");
        let suggestion = neovim.await_shown();
        let (word, rest) = suggestion.split_at(word_ends(CHINESE, &suggestion)[0]);
        assert!((1..=4).contains(&word.chars().count()), "a word of {suggestion:?}: {word:?}");
        let held = |taken: &str| format!("{before}{CHINESE}{taken}").replace('\r', "");
        neovim.keys("<M-Right>");
        neovim.await_text(&held(word));
        assert_eq!(neovim.await_shown(), rest);
        let line = suggestion.lines().next().unwrap_or_default();
        neovim.keys("<M-Down>");
        neovim.await_text(&held(line));
        neovim.keys("<Esc>:write<CR>");
        let saved = format!("{before}{CHINESE}{line}\r\n");
        eventually(WAIT, "the saved document", || (scene.saved_text()? == saved).then_some(()));
    }

    fn words_of_a_chinese_suggestion_end_where_the_server_says_in_every_encoding(program) {
        for encoding in ["utf-16", "utf-32", "utf-8"] {
            // What is counted differently stands before the caret.
            let before = "👨\u{200d}👩\u{200d}👧 cafe\u{301}：";
            let scene = Scene::with_models(&format!("{before}{CHINESE}"), &[ENGLISH_MODEL, CHINESE_MODEL]);
            let neovim = Neovim::start_with(&scene, program, &counting_in(encoding));
            assert_eq!(neovim.status()["position_encoding"], encoding);
            neovim.keys("A");
            let suggestion = neovim.await_shown();
            let ends = word_ends(CHINESE, &suggestion);
            assert!(ends.len() > 1, "one word only: {suggestion:?}");
            for end in ends.into_iter().take(3) {
                neovim.await_shown();
                neovim.keys("<M-Right>");
                neovim.await_text(&format!("{before}{CHINESE}{}", &suggestion[..end]));
            }
        }
    }

    fn parts_between_emoji_and_combining_marks_end_alike_in_every_encoding(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        for (encoding, ends) in [("utf-8", "3, 21, 25"), ("utf-16", "2, 10, 12"), ("utf-32", "2, 7, 9")] {
            let lua = format!(
                "(function() local text = 'e\u{301}👨\u{200d}👩\u{200d}👧 好' \
                   local command = {{ arguments = {{ {{ id = 1 }}, {{ ends = {{ words = {{ {ends} }} }} }} }} }} \
                   local part = require('inkstone.part') \
                   return part.ends(text, command, '{encoding}').words end)()"
            );
            assert_eq!(neovim.lua(&lua), serde_json::json!([3, 21, 25]), "{encoding}");
        }
    }

    fn each_part_taken_is_one_step_to_undo_and_to_redo(program) {
        let scene = Scene::new("");
        let neovim = Neovim::start(&scene, program);
        neovim.keys(&format!("i{ENGLISH}"));
        let suggestion = neovim.await_shown_pressing("<M-Bslash>");
        let ends = word_ends(ENGLISH, &suggestion);
        assert!(ends.len() > 3, "too short to take in parts: {suggestion:?}");
        let taken = |words: usize| format!("{ENGLISH}{}", &suggestion[..ends[words - 1]]);
        neovim.keys("<M-Right>");
        neovim.await_text(&taken(1));
        neovim.await_shown();
        neovim.keys("<M-Right>");
        neovim.await_text(&taken(2));
        // Typed after it: a step of its own again, also where it is what the suggestion says.
        neovim.keys(" so");
        let typed = format!("{} so", taken(2));
        neovim.await_text(&typed);
        neovim.keys("<Esc>");
        let steps = [typed, taken(2), taken(1), ENGLISH.to_owned(), String::new()];
        for step in &steps[1..] {
            neovim.keys("u");
            neovim.await_text(step);
        }
        for step in steps[..4].iter().rev() {
            neovim.keys("<C-r>");
            neovim.await_text(step);
        }
        // And once more within one insertion, with nothing typed after it.
        neovim.keys("A and");
        let base = format!("{} and", steps[0]);
        neovim.await_text(&base);
        let suggestion = neovim.await_shown_pressing("<M-Bslash>");
        neovim.keys("<Tab>");
        neovim.await_text(&format!("{base}{suggestion}"));
        neovim.keys("<Esc>u");
        neovim.await_text(&base);
        neovim.keys("<C-r>");
        neovim.await_text(&format!("{base}{suggestion}"));
        neovim.keys("uu");
        neovim.await_text(&steps[0]);
    }
}
