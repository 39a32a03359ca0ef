//! The table as a page for people. Generated into `REFERENCE.md`; a test fails when that is stale.

use std::fmt::Write as _;

use crate::setting::{Kind, Scope, Setting};
use crate::table::{SECTIONS, TABLE};

/// Opens the page; what holds for all settings.
const INTRODUCTION: &str = "\
# Settings

One table, the same keys everywhere: in your `inkstone.toml`, in the `inkstone.toml` of a folder, and
in your editor's settings under `inkstone`. Later ones win: default, your file, the folder's file, the
editor. A key may be written as a table (`[completion]`, then `max_tokens = 24`) or in full
(`inkstone.completion.max_tokens = 24`). A value that does not fit is reported with its line, and the
rest still applies.

This page is generated from the table in `daemon/settings/src/table.rs`.
";

/// The text of `REFERENCE.md`.
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    for (section, doc) in SECTIONS {
        // proof: writing into a string cannot fail.
        let _ = write!(page, "\n## {section}\n\n{doc}\n");
        for setting in TABLE.iter().filter(|setting| in_section(setting, section)) {
            let _ = write!(
                page,
                "\n### `{}`\n\n{}\n\n- Values: {}\n- Default: {}\n- Set in: {}\n",
                setting.full_key(),
                setting.doc,
                values(setting.kind),
                default(setting),
                set_in(setting.scope),
            );
        }
    }
    page
}

fn in_section(setting: &Setting, section: &str) -> bool {
    setting
        .key
        .split_once('.')
        .is_some_and(|(its_section, _)| its_section == section)
}

fn values(kind: Kind) -> String {
    match kind {
        Kind::ModelByLanguage => format!("of each language, {}", kind.expectation()),
        _ => kind.expectation(),
    }
}

fn default(setting: &Setting) -> String {
    let values: Vec<String> = (setting.defaults)()
        .into_iter()
        .map(|(entry, value)| match entry {
            Some(language) => format!("`{language} = {value:#}`"),
            None => format!("`{value:#}`"),
        })
        .collect();
    values.join(", ")
}

fn set_in(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "your own file only, because all editors share it",
        Scope::Any => "your file, a folder's file, the editor",
        Scope::AnyWorkspaceOnlyOff => {
            "your file, the editor; a folder's file can switch it off but not on"
        }
    }
}
