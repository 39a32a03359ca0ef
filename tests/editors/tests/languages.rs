//! The lists of the extensions cover the languages of the settings: each is written down once more
//! there, in the editor's own words, and may not fall behind.

use std::collections::BTreeSet;

use inkstone_editor_tests::place::extension;
use inkstone_prose::DocumentKind;
use inkstone_settings::Settings;

fn kind(language: &str) -> Option<DocumentKind> {
    Some(DocumentKind::from_language_id(language))
        .filter(|kind| !matches!(kind, DocumentKind::Code(_)))
}

fn assert_covers(what: &str, names: &BTreeSet<String>) {
    for name in names {
        assert!(
            kind(name).is_some(),
            "{what} names `{name}`, which is no prose to the server"
        );
    }
    for language in Settings::default().lsp.languages {
        let is_covered = names.iter().any(|name| kind(name) == kind(&language));
        assert!(is_covered, "{what} lacks `{language}`");
    }
}

#[test]
fn the_neovim_plugin_starts_the_server_for_every_language() {
    let config =
        std::fs::read_to_string(extension("neovim").join("lua/inkstone/config.lua")).unwrap();
    let list = config
        .split_once("filetypes = {")
        .unwrap()
        .1
        .split_once('}')
        .unwrap()
        .0;
    let names = list
        .split('\'')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert_covers("extensions/neovim/lua/inkstone/config.lua", &names);
}

#[test]
fn the_helix_configuration_names_every_language() {
    let text = std::fs::read_to_string(extension("helix").join("languages.toml")).unwrap();
    let blocks = text.split("[[language]]").skip(1);
    let names = blocks.map(|block| {
        block
            .split_once("name = \"")
            .unwrap()
            .1
            .split_once('"')
            .unwrap()
            .0
            .to_owned()
    });
    assert_covers("extensions/helix/languages.toml", &names.collect());
}
