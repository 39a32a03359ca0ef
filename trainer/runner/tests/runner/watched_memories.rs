//! What models remember while `inkstone-trainer watch` is at work: all folders, and nothing when nobody
//! wants it.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use inkstone_memory::Memory;
use inkstone_settings::Directories;
use inkstone_store::{Identities, Store};
use inkstone_test_support::{ENGLISH_MODEL, Home, eventually};

use crate::desk::Desk;
use crate::remembering::english;

const WAIT: Duration = Duration::from_secs(120);
/// Of each folder.
const FILES: usize = 9;

#[test]
fn models_remember_every_folder_from_the_first_looks_on_and_forget_when_told_to() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let directories = Directories::from_lookup(|name| home.variable(name)).unwrap();
    directories.ensure_private().unwrap();
    let settings = |more: &str| {
        home.write_config(&format!(
            "corpus.debounce_ms = 20\ncorpus.held_out_percent = 1\n{more}"
        ));
    };
    settings("");
    let desks = [Desk::new(), Desk::new(), Desk::new()];
    let mut store = Store::open(&directories.database()).unwrap();
    for (folder, desk) in desks.iter().enumerate() {
        for number in 0..FILES {
            let text = english(folder * 100 + number);
            desk.write(&format!("{number}.md"), &text);
        }
        let ann = Identities::of(["ann@new.example"]);
        store.add_workspace(&desk.root, &ann, 0).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_inkstone-trainer"));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("INKSTONE_") {
            command.env_remove(variable);
        }
    }
    command.env("HOME", home.root());
    for variable in ["INKSTONE_HOME", "INKSTONE_MODELS"] {
        command.envs(home.variable(variable).map(|value| (variable, value)));
    }
    let mut child = command
        .arg("watch")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let documents = || {
        let mut files = fs::read_dir(directories.memory_dir()).ok()?.flatten();
        let memory = Memory::open(fs::read(files.next()?.path()).ok()?).ok()?;
        Some(memory.header().documents)
    };
    // More than two folders have, and of all three hardly any is held out.
    eventually(WAIT, "all folders are remembered", || {
        documents().filter(|documents| *documents as usize > 2 * FILES)
    });
    settings("memory.enabled = false\n");
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "look").unwrap();
    eventually(WAIT, "all is forgotten", || {
        documents().is_none().then_some(())
    });
    drop(input);
    child.wait().unwrap();
}
