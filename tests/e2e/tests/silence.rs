//! Where nothing is suggested, and why: the reason is there for who asks.

use std::sync::Arc;

use inkstone_bench::lsp_client::ClientProfile;
use inkstone_e2e::editor::{Editor, at_end, start_client};
use inkstone_e2e::home;
use inkstone_e2e::turn::together;
use inkstone_test_support::CHINESE_MODEL;

use crate::sensible::{HARBOUR, PARK};

#[test]
fn chinese_without_its_model_is_silent_and_says_how_to_install_it() {
    let _turn = together();
    let home = home::english();
    let editor = Editor::open(&home, &at_end(PARK));
    assert_eq!(editor.suggestion(), None);
    let (reason, message) = editor.decision();
    assert_eq!(reason, "no_model_for_language");
    let command = format!("inkstone model pull {CHINESE_MODEL}");
    assert!(message.contains(&command), "{message}");
}

#[test]
fn the_reason_goes_when_the_model_comes() {
    let _turn = together();
    let home = home::english();
    let mut editor = Editor::open(&home, &at_end(PARK));
    assert_eq!(editor.suggestion(), None);
    home.install_model(CHINESE_MODEL);
    // The next key, as after an installation in another window.
    editor.type_text("弥");
    assert!(editor.suggestion().is_some(), "{:?}", editor.decision());
}

#[test]
fn code_addresses_and_front_matter_get_nothing() {
    let _turn = together();
    let home = home::english();
    let client = Arc::new(start_client(&home, &ClientProfile::default()));
    let places = [
        (
            "fence",
            format!("{HARBOUR}\n\n```python\ndef main():\n    print(‸\n```\n\nIt prints.\n"),
        ),
        ("open fence", format!("{HARBOUR}\n\n~~~\nlet harbour = ‸")),
        (
            "crlf fence",
            format!("{HARBOUR}\r\n\r\n```\r\nlet harbour = ‸\r\n```\r\n"),
        ),
        (
            "chinese fence",
            "程序如下:\n\n```rust\nfn main() { ‸ }\n```\n".to_owned(),
        ),
        ("span", "To begin, call `harbour.‸` and wait.\n".to_owned()),
        (
            "address",
            "The harbour is described at https://example.org/harbour/‸\n".to_owned(),
        ),
        (
            "chinese address",
            "详情请见 https://example.org/港口/‸\n".to_owned(),
        ),
        (
            "link",
            "See [the harbour](https://example.org/‸) for more.\n".to_owned(),
        ),
        (
            "front matter",
            format!("---\ntitle: The harbour and ‸\n---\n\n{HARBOUR}\n"),
        ),
        (
            "toml",
            format!("+++\ntitle = \"The harbour and ‸\"\n+++\n\n{HARBOUR}\n"),
        ),
    ];
    for (name, marked) in places {
        let marked = format!("//- {name}.md\n{marked}");
        let editor = Editor::in_client(&home, &client, &marked);
        assert_eq!(editor.suggestion(), None, "{name}");
        let (reason, message) = editor.decision();
        assert!(
            !reason.is_empty() && !message.is_empty(),
            "{name} gives no reason"
        );
    }
    // The same words outside of all these are continued, so the silence was theirs.
    let marked = format!("//- prose.md\n```\ncode\n```\n\n{HARBOUR}‸");
    assert!(
        Editor::in_client(&home, &client, &marked)
            .suggestion()
            .is_some()
    );
}

#[test]
fn a_document_of_another_kind_gets_nothing() {
    let _turn = together();
    let home = home::english();
    let editor = Editor::open(&home, &at_end(HARBOUR));
    let uri = format!("{}.rs", editor.uri);
    editor.client.did_open(&uri, "rust", HARBOUR).unwrap();
    assert_eq!(editor.client.inline(&uri, editor.caret()).unwrap(), []);
    assert!(editor.suggestion().is_some());
}
