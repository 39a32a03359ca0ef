//! The house rules on this repository. What each means and why is in `src/rules/`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use inkstone_tidy::finding::assert_none;
use inkstone_tidy::rules::closure::PROMISES;
use inkstone_tidy::rules::fresh::Generated;
use inkstone_tidy::rules::{
    architecture, banned_calls, closure, edges, fresh, header, leaks, names, proof, size, todo,
    top_level, unsafe_code,
};
use inkstone_tidy::{Finding, Metadata, Tree};

static TREE: LazyLock<Tree> = LazyLock::new(|| Tree::read(&root()));
static METADATA: LazyLock<Metadata> = LazyLock::new(|| Metadata::read(&root()));

/// The pure crates whose own tests read no file, so that clippy itself can hold them to the list.
const LINKED_TO_THE_SHARED_LIST: [&str; 5] = [
    "daemon/pipeline",
    "daemon/scheduler",
    "daemon/words",
    "lsp/policy",
    "lsp/text",
];

fn root() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    folder
        .unwrap_or_else(|| panic!("tests/tidy lies two folders below the root"))
        .to_owned()
}

#[test]
fn every_file_says_what_it_is() {
    assert_none(&header::check(&TREE));
}

#[test]
fn files_and_functions_are_small() {
    assert_none(&size::check(&TREE));
}

#[test]
fn pure_crates_are_pure() {
    for folder in banned_calls::PURE_CRATES {
        let is_there = TREE
            .files()
            .iter()
            .any(|file| file.path.starts_with(folder));
        assert!(
            is_there,
            "{folder} is on the list of pure crates and does not exist"
        );
    }
    assert_none(&banned_calls::check(&TREE));
}

#[test]
fn pure_crates_share_one_list_of_banned_calls() {
    let text = |path: &str| {
        let read = std::fs::read_to_string(root().join(path));
        read.unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let shared = text("tests/tidy/pure.clippy.toml");
    for folder in LINKED_TO_THE_SHARED_LIST {
        // A copy instead of a link would fall behind, and a link's name as text bans nothing.
        let path = format!("{folder}/clippy.toml");
        assert!(
            text(&path) == shared,
            "{path} is not the shared list; run: ln -sf ../../tests/tidy/pure.clippy.toml {path}"
        );
    }
}

#[test]
fn unwrap_and_expect_are_proved() {
    assert_none(&proof::check(&TREE));
}

#[test]
fn unsafe_stays_in_its_places_and_says_why_it_is_sound() {
    assert_none(&unsafe_code::check(&TREE));
}

#[test]
fn work_to_be_done_names_its_issue() {
    assert_none(&todo::check(&TREE));
}

#[test]
fn no_machine_is_named() {
    assert_none(&leaks::check(&TREE));
}

#[test]
fn names_say_something() {
    assert_none(&names::check(&TREE));
}

#[test]
fn the_top_level_is_a_table_of_contents() {
    assert_none(&top_level::check(&TREE));
}

#[test]
fn dependencies_follow_the_table_of_the_architecture() {
    let page = TREE.text("ARCHITECTURE.md").unwrap_or_default();
    match architecture::read(page) {
        Ok(table) => assert_none(&edges::check(&METADATA, &table)),
        Err(problem) => {
            let remedy = "write the table `| crate | may use |`";
            assert_none(&[Finding::new("ARCHITECTURE.md", problem, remedy)]);
        }
    }
}

#[test]
fn programs_link_what_they_promise_and_no_more() {
    assert_none(&closure::check(&METADATA, PROMISES));
}

#[test]
fn generated_files_are_fresh() {
    const SETTINGS: &str = "cargo run --release -p inkstone-settings --example generate";
    let generated = [
        Generated {
            path: "daemon/settings/REFERENCE.md",
            text: inkstone_settings::reference::reference(),
            command: SETTINGS,
        },
        Generated {
            path: "daemon/settings/inkstone.schema.json",
            text: inkstone_settings::schema::schema_text(),
            command: SETTINGS,
        },
    ];
    assert_none(&fresh::check(&TREE, &generated));
}
