//! The gate: what is shown unasked scores enough; what does not can still be had by key.

use inkstone_bench::lsp_client::requests::InlineTrigger;
use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::turn::together;

/// The threshold of `balanced`.
const SCORE_MIN: f64 = 0.4;

/// Hardly two ways to go on.
const PREDICTABLE: [&str; 2] = [
    "She counted aloud: one, two, three, four, five, six, seven,",
    "他大声数着：一、二、三、四、五、六、七、",
];

/// As many ways as there are writers.
const OPEN: [&str; 3] = [
    "The harbour was quiet, and on the table lay a letter from",
    "今天早上我去公园散步，遇见了一位",
    "# 读书 notes\n\nThe last book I read was",
];

#[test]
fn only_what_scores_enough_is_shown_unasked_and_the_rest_comes_by_key() {
    let _turn = together();
    let home = home::english_and_chinese();
    home.write_config(
        "[completion]\ndeadline_ms = 60000\npreset = \"balanced\"\n\n[engine]\nthreads = 1\n",
    );
    let (mut shown, mut withheld) = (0, 0);
    for text in PREDICTABLE.iter().chain(&OPEN) {
        let editor = Editor::open(&home, &at_end(text));
        let suggestion = editor.suggestion();
        let status = editor.status();
        let score = &status["document"]["confidence"]["score"];
        let score = score
            .as_f64()
            .unwrap_or_else(|| panic!("no score in {status}"));
        let reason = status["document"]["decision"]["reason"].as_str();
        if suggestion.is_some() {
            assert!(score >= SCORE_MIN, "{text}: {status}");
            shown += 1;
        } else if reason == Some("unlikely") {
            assert!(score < SCORE_MIN, "{text}: {status}");
            let by_key =
                editor
                    .client
                    .begin_inline(&editor.uri, editor.caret(), InlineTrigger::Invoked);
            let by_key = Editor::taken(by_key.unwrap()).unwrap();
            assert!(by_key.is_some(), "{text}: {}", editor.status());
            withheld += 1;
        }
    }
    assert!(
        shown >= 1 && withheld >= 1,
        "{shown} shown, {withheld} withheld"
    );
}
