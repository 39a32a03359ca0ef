//! What the reader of messages of commits makes of small ones.

use inkstone_corpus::format::Format::CommitMessage;

use crate::{check, reading};

#[test]
fn subject_body_and_trailers_are_told_apart() {
    let text = "lsp: answer in time\n\nThe server waited for the model\neven when nobody asked.\n\n- one reason\n- 另一个原因\n\nSigned-off-by: Jane <jane@example.org>\nFixes: #12\n";
    check(
        CommitMessage,
        text,
        &[
            "h1 0-1 lsp: answer in time",
            "p 2-4 The server waited for the model⏎even when nobody asked.",
            "item 5-6 one reason",
            "item 6-7 另一个原因",
            "markup 8-10 Signed-off-by: Jane <jane@example.org>⏎Fixes: #12",
        ],
    );
    assert_eq!(
        reading(CommitMessage, text).title.as_deref(),
        Some("lsp: answer in time")
    );
}

#[test]
fn what_git_wrote_into_the_file_is_markup() {
    check(
        CommitMessage,
        "修正错误\n\n原因在于顺序。\n# Please enter the message\n#\n# ------------------------ >8 ------------------------\ndiff --git a b\n",
        &[
            "h1 0-1 修正错误",
            "p 2-3 原因在于顺序。",
            "markup 3-7 # Please enter the message⏎#⏎# ------------------------ >8 ------------------------⏎diff --git a b",
        ],
    );
    check(
        CommitMessage,
        "Merge branch 'a' into b\n",
        &["markup 0-1 Merge branch 'a' into b"],
    );
    check(
        CommitMessage,
        "# only a comment\n",
        &["markup 0-1 # only a comment"],
    );
}
