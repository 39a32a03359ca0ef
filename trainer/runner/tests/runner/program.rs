//! The program itself, as the daemon and the command line start it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use inkstone_test_support::eventually;
use serde_json::Value;

use crate::desk::Desk;

const WAIT: Duration = Duration::from_secs(60);
/// A user with no rights, on all systems that have one.
const NOBODY: u32 = 65_534;

fn trainer(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inkstone-trainer"));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("INKSTONE_") {
            command.env_remove(variable);
        }
    }
    command.env("INKSTONE_HOME", home).env("HOME", home);
    command
}

/// A trainer that follows a folder until its input ends.
struct Following {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
}

impl Following {
    fn start(mut command: Command, folder: &Path) -> std::io::Result<Self> {
        let mut child = command
            .args(["follow", "--attached"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        let (said, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap();
                if said.send(value).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            child,
            input,
            lines,
        })
    }

    /// The next line that has a field with this value; those before it are passed over.
    #[track_caller]
    fn wait_for(&self, field: &str, value: &str) -> Vec<Value> {
        let mut passed = Vec::new();
        loop {
            let line = self.lines.recv_timeout(WAIT);
            let line = line.unwrap_or_else(|_| panic!("no {field} {value} after {passed:?}"));
            if line[field] == value {
                return passed;
            }
            passed.push(line);
        }
    }

    fn has_ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().unwrap()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_says_what_changes_and_ends_with_whoever_started_it() {
    let (home, desk) = (Desk::new(), Desk::new());
    desk.write("a.md", "one");
    home.write("config/inkstone.toml", "corpus.debounce_ms = 20\n");
    let mut following = Following::start(trainer(&home.root), &desk.root).unwrap();
    following.wait_for("added", "a.md");
    desk.write("二.md", "two");
    following.wait_for("added", "二.md");
    let mut input = following.input.take().unwrap();
    writeln!(input, "{}", desk.at("a.md").display()).unwrap();
    assert_eq!(following.has_ended(), None);
    drop(input);
    let ended = eventually(WAIT, "the end", || following.has_ended());
    assert!(ended.success(), "{ended}");
}

#[test]
fn it_ends_when_it_is_told_to() {
    let (home, desk) = (Desk::new(), Desk::new());
    desk.write("a.md", "one");
    home.write("config/inkstone.toml", "corpus.debounce_ms = 20\n");
    let mut following = Following::start(trainer(&home.root), &desk.root).unwrap();
    following.wait_for("added", "a.md");
    let pid = rustix::process::Pid::from_child(&following.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    eventually(WAIT, "the end", || following.has_ended());
}

#[test]
fn a_file_that_may_not_be_read_is_skipped_and_what_is_known_of_it_stays() {
    let (home, desk) = (Desk::new(), Desk::new());
    desk.write("a.md", "one");
    desk.write("in/b.md", "two");
    home.write("config/inkstone.toml", "corpus.debounce_ms = 20\n");
    let open = |path: &str, mode: u32| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(desk.at(path), permissions).unwrap();
    };
    for path in ["", "in"] {
        open(path, 0o755);
    }
    for folder in [home.at(""), home.at("config")] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = trainer(&home.root);
    if rustix::process::geteuid().is_root() {
        // The superuser may read everything.
        command.uid(NOBODY).gid(NOBODY);
    }
    let following = match Following::start(command, &desk.root) {
        Ok(following) => following,
        Err(error) => return eprintln!("skipped: nobody cannot run the program: {error}"),
    };
    following.wait_for("added", "in/b.md");
    open("a.md", 0o000);
    following.wait_for("skipped", "a.md");
    open("in", 0o000);
    let passed = following.wait_for("skipped", "in");
    desk.write("c.md", "three");
    let passed: Vec<Value> = passed
        .into_iter()
        .chain(following.wait_for("added", "c.md"))
        .collect();
    open("in", 0o755);
    assert!(
        passed.iter().all(|line| line
            .get("removed")
            .is_none_or(|removed| !removed.is_string())),
        "{passed:?}"
    );
}

#[test]
fn a_survey_counts_without_opening_a_document() {
    let (home, desk) = (Desk::new(), Desk::new());
    desk.write("a.md", "one");
    desk.write("书/b.md", "two");
    desk.write("c.org", "three");
    desk.write("main.rs", "");
    // Opening it would wait for ever.
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(
        rustix::fs::CWD,
        desk.at("d.md"),
        rustix::fs::FileType::Fifo,
        mode,
        0,
    )
    .unwrap();
    let output = trainer(&home.root)
        .arg("survey")
        .arg(&desk.root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let survey: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(survey["formats"]["markdown"]["files"], 2);
    assert_eq!(survey["formats"]["markdown"]["bytes"], 6);
    assert_eq!(survey["formats"]["org"]["files"], 1);
    assert_eq!(survey["skipped"]["no_format"], 1);
    assert_eq!(survey["skipped"]["not_a_file"], 1);
    let missing = trainer(&home.root)
        .args(["survey", "/not/there"])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
}
