//! Editors without inline completion get the same suggestion as the first item of their list.

use inkstone_bench::lsp_client::ClientProfile;
use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::turn::together;

use crate::sensible::{HARBOUR, Script, assert_sensible};

#[test]
fn an_editor_without_inline_completion_gets_the_same_text_in_its_list() {
    let _turn = together();
    let home = home::english();
    let inline = Editor::open(&home, &at_end(HARBOUR));
    assert_eq!(inline.client.capabilities().get("completionProvider"), None);
    let profile = ClientProfile {
        inline_completion: false,
        ..ClientProfile::default()
    };
    let list = Editor::open_as(&home, &at_end(HARBOUR), &profile);
    let capabilities = list.client.capabilities();
    assert_eq!(capabilities.get("inlineCompletionProvider"), None);
    assert!(
        capabilities["completionProvider"].is_object(),
        "{capabilities}"
    );
    let items = list.client.completion(&list.uri, list.caret()).unwrap();
    let texts: Vec<&str> = items
        .iter()
        .map(|item| item["textEdit"]["newText"].as_str().unwrap())
        .collect();
    assert_sensible(texts[0], Script::Latin);
    assert_eq!(inline.suggestion().as_deref(), Some(texts[0]));
    let mut first_words: Vec<Option<&str>> = texts
        .iter()
        .map(|text| text.split_whitespace().next())
        .collect();
    first_words.sort_unstable();
    first_words.dedup();
    assert_eq!(first_words.len(), texts.len(), "{texts:?}");
}
