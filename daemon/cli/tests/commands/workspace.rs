//! Adding, listing, marking and removing the folders that may be learnt from.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use inkstone_test_support::Home;
use serde_json::Value;

use super::Finished;

/// A writer with a home folder, a folder of texts in it, and a way to type commands.
struct Desk {
    home: Home,
    person: PathBuf,
    texts: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let home = Home::with_models(&[]);
        let person = home.scratch().canonicalize().unwrap().join("ann");
        let texts = person.join("文稿");
        fs::create_dir_all(&texts).unwrap();
        fs::write(
            person.join(".gitconfig"),
            "[user]\nname = Ann\nemail = Ann@New.example\n",
        )
        .unwrap();
        Self {
            home,
            person,
            texts,
        }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.texts.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// With git of this person's, whatever the one who runs the tests has set.
    fn set_up(&self, mut command: Command) -> Command {
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("GIT_") {
                command.env_remove(variable);
            }
        }
        command
            .env("HOME", &self.person)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null());
        command
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = self.set_up(Command::new("git"));
        let status = command
            .args(arguments)
            .current_dir(&self.texts)
            .output()
            .unwrap();
        assert!(status.status.success(), "git {arguments:?}: {status:?}");
    }

    fn workspace(&self, arguments: &[&str]) -> Finished {
        let mut command = self.set_up(self.home.command("inkstone"));
        let output = command.arg("workspace").args(arguments).output().unwrap();
        Finished {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn texts(&self) -> &str {
        self.texts.to_str().unwrap()
    }

    fn listed(&self) -> Vec<Value> {
        let listed = self.workspace(&["list", "--json"]);
        listed.check(0, &[]);
        let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
        listed["workspaces"].as_array().unwrap().clone()
    }
}

#[test]
fn nothing_is_read_without_a_word_of_its_owner() {
    let desk = Desk::new();
    desk.write("a.md", "text");
    desk.workspace(&["list"]).check(0, &["no folder is read"]);
    let asked = desk.workspace(&["add", desk.texts()]);
    asked.check(2, &["1  markdown", "--yes", desk.texts()]);
    assert_eq!(desk.listed(), [Value::Null; 0]);
}

#[test]
fn a_folder_is_added_with_the_addresses_that_git_knows() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.git(&["config", "user.email", "ann@work.example"]);
    desk.write(".mailmap", "Ann <ann@work.example> <ann@old.example>\n");
    desk.write("章/一.md", "春天来了。\n");
    desk.write("two.txt", "Two.\n");
    desk.write("main.rs", "fn main() {}\n");
    desk.git(&["add", "."]);
    desk.git(&["commit", "-q", "-m", "All"]);
    let added = desk.workspace(&["add", desk.texts(), "--yes"]);
    added.check(
        0,
        &[
            "1  markdown",
            "1  plain text",
            "all of it is yours",
            "is added",
        ],
    );
    let listed = desk.listed();
    assert_eq!(listed[0]["path"], desk.texts());
    let emails = ["ann@new.example", "ann@old.example", "ann@work.example"];
    assert_eq!(listed[0]["emails"], serde_json::json!(emails));
    let again = desk.workspace(&["add", desk.texts(), "--yes", "--identity", "x@y.example"]);
    again.check(0, &["none of its commits is yours", "was added before"]);
    assert_eq!(
        desk.listed()[0]["emails"],
        serde_json::json!(["x@y.example"])
    );
}

#[test]
fn a_folder_that_cannot_be_meant_is_refused() {
    let desk = Desk::new();
    desk.write("in/a.md", "text");
    let person = desk.person.to_str().unwrap().to_owned();
    let inner = format!("{}/in", desk.texts());
    desk.workspace(&["add", "/", "--yes"])
        .check(3, &["whole file system"]);
    desk.workspace(&["add", &person, "--yes"])
        .check(3, &["home folder"]);
    desk.workspace(&["add", "none", "--yes"])
        .check(2, &["none", "is there"]);
    let file = format!("{inner}/a.md");
    desk.workspace(&["add", &file, "--yes"])
        .check(2, &["not a folder"]);
    desk.workspace(&["add", &inner, "--yes"])
        .check(0, &["is added"]);
    let around = desk.workspace(&["add", desk.texts(), "--yes"]);
    around.check(3, &[&inner, "within each other", "inkstone workspace rm"]);
    assert_eq!(desk.listed().len(), 1);
}

#[test]
fn nobody_known_to_git_has_to_say_who_they_are_where_there_are_repositories() {
    let desk = Desk::new();
    fs::remove_file(desk.person.join(".gitconfig")).unwrap();
    desk.write("a.md", "text");
    desk.git(&["init", "-q"]);
    desk.workspace(&["add", desk.texts(), "--yes"])
        .check(2, &["--identity"]);
    let named = desk.workspace(&["add", desk.texts(), "--yes", "--identity", "ann@x.example"]);
    named.check(0, &["no commit yet", "ann@x.example"]);
}

#[test]
fn a_mark_is_shown_and_taken_away_and_a_removed_folder_is_forgotten() {
    let desk = Desk::new();
    desk.write("信/甲.md", "text");
    desk.workspace(&["add", desk.texts(), "--yes"])
        .check(0, &[]);
    let letters = format!("{}/信", desk.texts());
    let marked = desk.workspace(&["mark", &letters, "not-mine", "--json"]);
    marked.check(0, &["\"mark\": \"not-mine\""]);
    assert_eq!(
        desk.listed()[0]["marks"],
        serde_json::json!({"信": "not-mine"})
    );
    desk.workspace(&["list"]).check(0, &["信: not mine"]);
    desk.workspace(&["mark", &letters, "auto"])
        .check(0, &["as git says"]);
    assert_eq!(desk.listed()[0]["marks"], serde_json::json!({}));
    desk.workspace(&["mark", "/else/where", "mine"])
        .check(2, &["no workspace"]);
    desk.workspace(&["rm", desk.texts()]).check(2, &["--yes"]);
    desk.workspace(&["rm", &letters, "--yes"])
        .check(2, &["no workspace"]);
    // A folder that is gone can still be taken away.
    fs::remove_dir_all(&desk.texts).unwrap();
    desk.workspace(&["list"]).check(0, &["not there now"]);
    desk.workspace(&["rm", desk.texts(), "--yes"])
        .check(0, &["forgotten"]);
    assert_eq!(desk.listed(), [Value::Null; 0]);
}
