//! Whether what models remember of the writer can be read and is theirs alone. Makes none; the trainer
//! does, and takes away what is old.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use inkstone_memory::{FILE_BYTES_MAX, Header, Memory};
use inkstone_platform::MappedFile;
use inkstone_platform::private::{Privacy, privacy};

use super::check::Check;

const WHAT: &str = "personal memory";
const BUILD: &str = "run: inkstone dataset build";
/// There is one for each model; more are a mistake that one line tells as well.
const FILES_MAX: usize = 64;

pub(super) fn look(folder: &Path, is_on: bool) -> Vec<Check> {
    if !is_on {
        return vec![Check::well(WHAT, "off (memory.enabled)")];
    }
    let mut files: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            let problem = format!("{}: {error}", folder.display());
            return vec![Check::fault(
                WHAT,
                problem,
                "mend that, then run: inkstone doctor",
            )];
        }
    };
    files.sort();
    files.truncate(FILES_MAX);
    if files.is_empty() {
        return vec![Check::well(
            WHAT,
            "none yet; a build of the dataset makes it",
        )];
    }
    files.iter().map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Check {
    let shown = file.display();
    match privacy(file) {
        Ok(Privacy::Private) => {}
        Ok(Privacy::Open { mode }) => {
            let problem = format!("{shown} is open to others (mode {mode:03o})");
            return Check::fault(WHAT, problem, format!("run: chmod 600 '{shown}'"));
        }
        Ok(Privacy::Foreign { owner }) => {
            let problem = format!("{shown} belongs to user {owner}");
            return Check::fault(WHAT, problem, format!("move it away, then {BUILD}"));
        }
        Err(error) => return broken(file, &error),
    }
    match header(file) {
        Ok(header) => Check::well(
            WHAT,
            format!(
                "{} tokens of {} documents of yours are remembered",
                header.tokens, header.documents
            ),
        ),
        Err(problem) => broken(file, &problem),
    }
}

fn header(file: &Path) -> Result<Header, String> {
    let mapped = MappedFile::open(file, FILE_BYTES_MAX).map_err(|error| error.to_string())?;
    let memory = Memory::open(mapped).map_err(|error| error.to_string())?;
    memory.verify().map_err(|error| error.to_string())?;
    Ok(*memory.header())
}

/// Suggestions come all the same, without it.
fn broken(file: &Path, problem: &dyn std::fmt::Display) -> Check {
    let shown = file.display();
    let remedy = format!("run: rm '{shown}' && inkstone dataset build");
    Check::fault(WHAT, format!("{shown} cannot be used: {problem}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_memory::{Builder, file_name};
    use inkstone_platform::private::replace;

    fn shown(folder: &Path) -> String {
        let checks = look(folder, true);
        checks.iter().map(|check| check.shown(false)).collect()
    }

    #[test]
    fn a_broken_file_is_found_with_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(shown(&folder.path().join("none")).contains("none yet"));
        let mut bytes = Builder::new([1; 32], [2; 32]).finish(0);
        let file = folder.path().join(file_name(&[1; 32], &[2; 32]));
        replace(&file, &bytes).unwrap();
        assert!(shown(folder.path()).contains("0 tokens of 0 documents"));
        bytes[40] ^= 1;
        replace(&file, &bytes).unwrap();
        let text = shown(folder.path());
        assert!(
            text.contains("checksum") && text.contains("dataset build"),
            "{text}"
        );
        replace(&file, "不是记忆".as_bytes()).unwrap();
        assert!(shown(folder.path()).contains("it is no memory"));
        let off = look(folder.path(), false);
        assert!(!off[0].is_fault(), "what is not used is not looked at");
    }
}
