//! A private `INKSTONE_HOME`: a directory, its models, its commands, and the end of all of it.
//!
//! Every test that starts a binary of ours has its own, so that tests run side by side and never
//! meet the daemon of the person who runs them. Dropping it ends every process started in it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::place::{bin, test_models};
use crate::process::{self, HomeProcess};
use crate::wait::eventually_or;

/// The default model, as the catalogue names it.
pub const ENGLISH_MODEL: &str = "smollm2-135m-instruct";
/// The model that serves Chinese, as the catalogue names it.
pub const CHINESE_MODEL: &str = "gemma-3-270m";

/// Settings of a writer with patience, for tests of what is suggested and not of how soon.
///
/// A suggestion is given up after seconds where people wait for it; here the machine is shared
/// with other tests. For the same reason each daemon has one thread: two that wait for each other on
/// a busy processor take turns in milliseconds instead of microseconds, and the whole suite takes an
/// hour. And whatever makes sense is shown: how sure the model is of a sentence is not what is
/// tested, and another model would be sure of others.
pub const PATIENT_SETTINGS: &str =
    "[completion]\ndeadline_ms = 60000\npreset = \"all\"\n\n[engine]\nthreads = 1\n";

/// How long a process may take to end in order before it is killed: longer than the daemon gives
/// its requests.
const STOP_WAIT_MS: u64 = 8_000;
/// How many lines of each log a failed test prints: enough for the last requests.
const LOG_TAIL_LINES: usize = 40;

/// A home directory of its own for the binaries under test.
#[derive(Debug)]
pub struct Home {
    dir: TempDir,
    /// The home itself; its sibling `models` stays reachable when a test breaks the home.
    root: PathBuf,
    models: PathBuf,
}

impl Home {
    /// A home in which both test models are installed.
    ///
    /// # Panics
    /// When the directory cannot be made or a model file is missing.
    pub fn new() -> Self {
        Self::with_models(&[ENGLISH_MODEL, CHINESE_MODEL])
    }

    /// A home in which only these models are installed.
    ///
    /// # Panics
    /// When the directory cannot be made or a model file is missing.
    pub fn with_models(names: &[&str]) -> Self {
        // A short prefix: the path of a Unix socket has room for a hundred bytes.
        let dir = tempfile::Builder::new().prefix("ink").tempdir();
        let dir = dir.unwrap_or_else(|error| panic!("no temporary directory: {error}"));
        let base = dir.path().canonicalize();
        let base = base.unwrap_or_else(|error| panic!("no temporary directory: {error}"));
        let (root, models) = (base.join("home"), base.join("models"));
        for folder in [&root, &models] {
            fs::create_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        }
        let home = Self { dir, root, models };
        for name in names {
            home.install_model(name);
        }
        home
    }

    /// Makes one of the test models reachable, as copying its file to `INKSTONE_MODELS` would.
    ///
    /// # Panics
    /// When its file is missing.
    pub fn install_model(&self, name: &str) {
        let file = format!("{name}.gguf");
        let source = test_models().join(&file);
        assert!(
            source.is_file(),
            "the test model {} is missing; run: make test (or set INKSTONE_TEST_MODELS)",
            source.display()
        );
        let link = self.models.join(&file);
        link_file(&source, &link).unwrap_or_else(|error| panic!("{}: {error}", link.display()));
    }

    /// A variable of the environment as our programs find it in this home; for code that looks its
    /// directories up in the process of the test.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        match name {
            "INKSTONE_HOME" => Some(self.root.clone().into()),
            "INKSTONE_MODELS" => Some(self.models.clone().into()),
            _ => None,
        }
    }

    /// What the binaries get as `INKSTONE_HOME`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the binaries get as `INKSTONE_MODELS`.
    pub fn models(&self) -> &Path {
        &self.models
    }

    /// A scratch directory beside the home, for the documents of a test.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// Where the daemon of this home listens.
    pub fn socket(&self) -> PathBuf {
        self.root.join("run").join("inkstoned.sock")
    }

    /// Writes the user's settings file.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write_config(&self, toml: &str) {
        let folder = self.root.join("config");
        let file = folder.join("inkstone.toml");
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&file, toml))
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// A command that runs one of our binaries in this home. Settings of the person who runs the
    /// tests do not reach it.
    ///
    /// # Panics
    /// When the binary is not built.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(bin(name));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("INKSTONE_") {
                command.env_remove(variable);
            }
        }
        command
            .env_remove("RUST_LOG")
            .env("INKSTONE_HOME", &self.root)
            .env("INKSTONE_MODELS", &self.models)
            .current_dir(self.dir.path());
        command
    }

    /// The processes that run in this home now.
    pub fn processes(&self) -> Vec<HomeProcess> {
        process::of_home(&self.root)
    }

    /// The daemons that run in this home now: at most one, if all is well.
    pub fn daemons(&self) -> Vec<HomeProcess> {
        let mut processes = self.processes();
        processes.retain(|process| process.name.starts_with("inkstoned"));
        processes
    }

    /// Every log line written in this home so far.
    pub fn logs(&self) -> String {
        let mut files = Vec::new();
        collect_files(&self.root.join("state"), &mut files);
        files.sort();
        let texts = files.iter().filter_map(|file| fs::read(file).ok());
        texts
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }

    fn end_processes(&self) {
        if cfg!(not(target_os = "linux")) {
            // Elsewhere no process is found by its environment; the daemon is asked by its socket.
            let _asked = self.command("inkstone").arg("stop").output();
        }
        #[cfg(unix)]
        {
            for process in self.processes() {
                process.terminate();
            }
            let wait = Duration::from_millis(STOP_WAIT_MS);
            let ended = eventually_or(wait, || self.processes().is_empty().then_some(()));
            if ended.is_none() {
                for process in self.processes() {
                    eprintln!("killed: {} ({}) did not end", process.name, process.pid);
                    process.kill();
                }
            }
        }
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.end_processes();
        if std::thread::panicking() {
            let logs = self.logs();
            let lines: Vec<&str> = logs.lines().collect();
            let tail = &lines[lines.len().saturating_sub(LOG_TAIL_LINES)..];
            eprintln!(
                "last log lines of {}:\n{}",
                self.root.display(),
                tail.join("\n")
            );
        }
    }
}

/// Makes a file reachable under a second name without copying hundreds of megabytes.
fn link_file(source: &Path, link: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(source.canonicalize()?, link);
    #[cfg(not(unix))]
    return fs::hard_link(source, link);
}

fn collect_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::wait::eventually;

    #[test]
    fn dropping_a_home_ends_what_runs_in_it_and_removes_it() {
        let home = Home::with_models(&[]);
        let (root, scratch) = (home.root().to_owned(), home.scratch().to_owned());
        // Ignores the polite signal, so that the last resort is needed.
        let mut stubborn = Command::new("sh")
            .args(["-c", "trap '' TERM; while :; do sleep 1; done"])
            .env("INKSTONE_HOME", &root)
            .spawn()
            .unwrap();
        // The trap is set when the loop runs.
        let looping = || (home.processes().len() > 1).then_some(());
        eventually(Duration::from_secs(30), "the loop's first sleep", looping);
        drop(home);
        let ended = || stubborn.try_wait().unwrap();
        let status = eventually(Duration::from_secs(30), "the end of the loop", ended);
        assert!(!status.success());
        assert!(!scratch.exists());
        assert_eq!(process::of_home(&root), []);
    }

    #[test]
    fn logs_of_nested_folders_are_read() {
        let home = Home::with_models(&[]);
        let folder = home.root().join("state/logs");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("inkstoned.log"), "one line\n").unwrap();
        assert_eq!(home.logs(), "one line\n");
    }
}
