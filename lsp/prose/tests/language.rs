//! Which language the text at a caret is in, in documents of two languages.
//!
//! Not real documents (`corpus.rs`), nor plain sentences (beside the code). What a bilingual writer
//! expects: the model of the language that is being written right now.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_prose::{Language, language_around};
use inkstone_test_support::effort::least_of_three;

/// Asserts the language at `‸` of every fixture.
fn check(expected: Language, fixtures: &[&str]) {
    for fixture in fixtures {
        let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
        assert_eq!(language_around(prefix, suffix), expected, "{fixture}");
    }
}

#[test]
fn a_heading_does_not_speak_for_the_text_below_it() {
    check(
        Language::Chinese,
        &[
            "# Weekly Meeting Notes\n今天‸",
            "# Weekly Meeting Notes\r\n今天‸",
            "Weekly Meeting Notes\n====================\n今天‸",
            "== Notes from the Weekly Meeting\n今天‸",
            "* Notes from the Weekly Meeting\n今天‸",
            "\\section{Notes from the Weekly Meeting}\n今天‸",
            "<h1>Notes from the Weekly Meeting</h1><p>今天‸",
            "## 会议记录\n\n‸",
            "A page of English text about willows.\n\n## 会议记录\n\n‸",
        ],
    );
    check(
        Language::English,
        &[
            "# 每周会议记录和下周工作安排\nThe meeting was‸",
            "每周会议记录和下周工作安排\n==========================\nThe meeting was‸",
            "= 每周会议记录和下周工作安排\nThe meeting was‸",
            "\\section{每周会议记录和下周工作安排}\nThe meeting was‸",
            "# Weekly Meeting Notes\n\n‸",
        ],
    );
}

#[test]
fn the_item_at_the_caret_goes_before_the_ones_above() {
    check(
        Language::Chinese,
        &[
            "- Buy milk\n- Call mom\n- 今天早上‸",
            "1. Buy milk and eggs\n2. Call mom about dinner\n3. 今天‸",
            "+ Buy milk and eggs\n+ Call mom about dinner\n+ 今天‸",
            "- [ ] Buy milk and eggs\n- [ ] 今天‸",
            "\\item Buy milk and eggs\n\\item 今天‸",
            "<li>Buy milk and eggs</li>\n<li>今天‸",
            "<li>Buy milk and eggs</li><li>今天‸",
            "- 安装依赖\n- npm install react\n- ‸",
            "- 今天去公园\n- React‸",
            "- 今天去公园\n- Visual Studio Code‸",
        ],
    );
    check(
        Language::English,
        &[
            "- 今天去公园\n- 买菜\n- The quick brown‸",
            "1、今天去公园散步看到很多人\n2、The quick brown‸",
            "- 今天去公园散步看到很多人\n  The quick brown‸",
            "- Buy milk\n- Call mom\n- ‸",
        ],
    );
}

#[test]
fn an_indented_line_goes_on_with_its_item() {
    check(
        Language::Chinese,
        &["- 今天去公园散步看到很多人，其中有\n  React‸"],
    );
}

#[test]
fn the_cell_at_the_caret_goes_before_its_row_and_column() {
    check(
        Language::Chinese,
        &[
            "| Word | Meaning |\n|---|---|\n| the quick brown fox | 今天‸ |",
            "| Greeting in English | 中文 |\n|---|---|\n| good morning to you | ‸ |",
        ],
    );
    check(
        Language::English,
        &[
            "| 词语 | 意思 |\n|---|---|\n| 敏捷的棕色狐狸跳过去 | The quick brown‸ |",
            "| 中文 | What they say in English |\n|---|---|\n| 早上好今天天气不错 | ‸ |",
        ],
    );
}

#[test]
fn a_quote_does_not_speak_for_its_reader() {
    check(
        Language::Chinese,
        &[
            "> you wrote this in English\n我回答‸",
            "今天早上我去公园散步。\n\n> We should ship it now\n\n‸",
            "> 今天早上我们去公园散步\n> React‸",
        ],
    );
    check(
        Language::English,
        &[
            "> 今天早上我们去公园散步看到很多老人\nThe quick brown‸",
            "> We went to the park today\n> and then 今天‸",
        ],
    );
}

#[test]
fn code_says_nothing_about_the_text_around_it() {
    check(
        Language::Chinese,
        &[
            "我们先看代码：\n\n```rust\nfn main() { let the_answer = of(life); }\n```\n‸",
            "我们先看代码：\n\n~~~\nthis is how we do it\n~~~\n\nReact‸",
            "我们先看代码：\n#+begin_src sh\nif this then do that\n#+end_src\n\n‸",
            "我们先看代码：\n\n[source,sh]\n----\nif this then do that\n----\n\n‸",
            "我们先看代码：\n\\begin{verbatim}\nif this then do that\n\\end{verbatim}\n\n‸",
            "<p>我们先看代码</p>\n<pre>\nif this then do that\n</pre>\n‸",
            "用 `if this then do that` 来‸",
            "参见[说明](https://example.org/how-we-do-it-when-this-is-not-that)‸",
            "请看 https://example.org/how/we/do/it/when/this/is/not ‸",
            "<span class=\"this is what we do\" id=\"if\">今天</span>‸",
        ],
    );
    check(
        Language::English,
        &[
            "Look at the code:\n\n```\n// 今天我们去公园散步看到很多老人\n```\n‸",
            "Look at `今天我们去公园散步看到` and‸",
        ],
    );
}

#[test]
fn metadata_says_nothing_but_the_title() {
    check(
        Language::Chinese,
        &[
            "---\ntitle: Notes from the weekly meeting\nlayout: post\n---\n今天‸",
            "---\ntitle: 会议记录\nlayout: post\ndate: 2024-01-01\ntags: [a, b]\n---\n\n‸",
            "+++\ntitle = \"会议记录\"\nlayout = \"this is what we use\"\n+++\n\n‸",
        ],
    );
    check(
        Language::English,
        &[
            "---\ntitle: 每周会议记录和下周工作安排\nlayout: post\n---\nThe meeting was‸",
            "---\ntitle: Weekly notes\nauthor: 王小明\n---\n\n‸",
        ],
    );
}

#[test]
fn names_and_commands_in_a_chinese_sentence_leave_it_chinese() {
    check(
        Language::Chinese,
        &[
            "我们使用 Kubernetes‸",
            "我用 Visual Studio Code‸",
            "我喜欢 The Lord of the Rings‸",
            "The Lord of the Rings 是一本‸",
            "GitHub Actions 很好，我们用 Visual Studio Code‸",
            "我们使用 docker compose‸",
            "我们使用 the Kubernetes API‸",
            "这个 bug 的 root cause 是‸",
            "我们 team 的 weekly meeting 改到 Friday‸",
            "如果你运行 npm install react-dom‸",
            "# React 和 Vue 的‸",
        ],
    );
}

#[test]
fn the_language_of_the_clause_that_is_being_written_decides() {
    check(
        Language::English,
        &[
            "今天我们讨论 the quick brown fox jumps over‸",
            "他昨天在会议上说了很多话，其中最重要的一句是 we should ship it now‸",
            "这是一行没有句号的中文笔记\nThe quick brown‸",
        ],
    );
    check(
        Language::Chinese,
        &[
            "The boss told me to buy milk and eggs and then 我觉得这样不太好‸",
            "The boss told me to buy milk and eggs and then 我觉得 React 这样不好‸",
            "Weekly notes about what we did with the team\n今天‸",
            "Weekly notes about what we did with the team\n今天用 Kubernetes‸",
        ],
    );
}

#[test]
fn a_quoted_word_in_an_english_sentence_leaves_it_english() {
    check(
        Language::English,
        &[
            "The students all learn to write the characters 你好‸",
            "In the first lesson they wrote 中文 and‸",
            "We have seen it on the board:\n中文 and what it‸",
            "The API returns 错误代码 404 when‸",
        ],
    );
}

#[test]
fn text_after_the_caret_counts_to_the_end_of_its_block() {
    check(
        Language::Chinese,
        &[
            "今天‸早上我去公园",
            "<p>今天‸</p><p>The next paragraph is English, all of it.</p>",
            "| 今天‸ | The other cell is in English, all of it |",
        ],
    );
    check(Language::English, &["The ‸ morning after the storm"]);
}

#[test]
fn a_japanese_sentence_that_starts_with_han_is_japanese() {
    check(Language::Other, &["昨日は東京へ行きました。今日‸"]);
}

#[test]
fn a_long_prefix_is_not_read_as_a_whole_on_a_keystroke() {
    // A bound on the ratio, not on time: a hundred times the document, as long a look at it.
    let text = |repeats: usize| "今天 we went\n\n- item\n".repeat(repeats) + "今天早上";
    let (short, long) = (text(400), text(40_000));
    let [short, long] = [&short, &long].map(|text| {
        least_of_three(|| {
            std::hint::black_box(language_around(text, ""));
        })
    });
    println!("{short:?}, then {long:?}");
    let floor = short.max(std::time::Duration::from_micros(50));
    assert!(long < floor * 10, "{short:?}, then {long:?}");
}
