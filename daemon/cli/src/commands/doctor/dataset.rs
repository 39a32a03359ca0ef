//! Whether the dataset of the writer's prose can be read, is theirs alone and is that of today, and
//! whether the folders that it is made of are there and can be watched. Makes none and reads no file
//! of theirs.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use inkstone_platform::private::{Privacy, privacy};
use inkstone_settings::{Corpus, Directories};
use inkstone_store::corpus::state::CorpusState;
use inkstone_store::{Store, Workspace};

use super::check::Check;

/// How the remedy begins that most of it has.
const BUILD: &str = "run: inkstone dataset build";
/// Where Linux says how many folders one user's programs may watch together.
const WATCH_LIMIT: &str = "/proc/sys/fs/inotify/max_user_watches";

// A method of the borrowed corpus is for one lifetime, where `read_corpus` asks for all.
#[allow(clippy::redundant_closure_for_method_calls)]
pub(super) fn look(directories: &Directories, corpus: &Corpus) -> Vec<Check> {
    let database = directories.database();
    match database.try_exists() {
        Ok(true) => {}
        Ok(false) => return vec![Check::well("dataset", "none, as no folder was added")],
        Err(error) => return vec![unreadable(format!("{}: {error}", database.display()))],
    }
    let mut checks = of_rights(&database, &directories.profiles_dir());
    let opened = Store::open(&database).and_then(|mut store| {
        let workspaces = store.workspaces()?;
        let state = store.read_corpus(|corpus| corpus.state())?;
        Ok((workspaces, state))
    });
    match opened {
        Err(error) => checks.push(unreadable(error.to_string())),
        Ok((workspaces, state)) => {
            checks.extend(of_state(&state, workspaces.len()));
            checks.extend(workspaces.iter().filter_map(of_folder));
            if corpus.watch && !workspaces.is_empty() {
                checks.extend(of_watches(watch_limit(), corpus.watches_max));
            }
        }
    }
    checks
}

fn unreadable(problem: String) -> Check {
    Check::fault("dataset", problem, "mend that, then run: inkstone doctor")
}

/// What others can read of what the writer wrote.
fn of_rights(database: &Path, profiles: &Path) -> Vec<Check> {
    let with_end = |end: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let mut paths: Vec<PathBuf> = ["", "-wal", "-shm"].map(with_end).to_vec();
    let entries = std::fs::read_dir(profiles).into_iter().flatten().flatten();
    paths.extend(entries.map(|entry| entry.path()));
    let of = |path: &PathBuf| {
        let shown = path.display();
        match privacy(path) {
            Ok(Privacy::Private) => None,
            Ok(Privacy::Open { mode }) => Some(Check::fault(
                "dataset",
                format!("{shown} is open to others (mode {mode:03o})"),
                format!("run: chmod 600 '{shown}'"),
            )),
            Ok(Privacy::Foreign { owner }) => Some(Check::fault(
                "dataset",
                format!("{shown} belongs to user {owner}"),
                format!("move it away, then {BUILD}"),
            )),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => Some(unreadable(format!("{shown}: {error}"))),
        }
    };
    paths.iter().filter_map(of).collect()
}

fn of_state(state: &CorpusState, folders: usize) -> Vec<Check> {
    let mut checks = Vec::new();
    if state.folders_to_forget > 0 {
        checks.push(Check::fault(
            "dataset",
            format!(
                "what was read of {} removed folders is still kept",
                state.folders_to_forget
            ),
            BUILD,
        ));
    }
    let files = state.documents;
    let of = format!("{files} files of {folders} folders");
    let waiting = state.documents_waiting + state.files_to_reread;
    let remedy = || Some(BUILD.to_owned());
    checks.push(if folders == 0 && files == 0 {
        Check::well("dataset", "empty, as no folder is read")
    } else if waiting > 0 {
        let detail = format!("{of}; {waiting} files wait to be read again or compared");
        Check::note("dataset", detail, remedy())
    } else if state.published_ms.is_none() {
        Check::note("dataset", format!("{of}; no version yet"), remedy())
    } else if state.is_current {
        Check::well(
            "dataset",
            format!("{of}; the newest version is that of today"),
        )
    } else {
        let detail = format!("{of}; the newest version is older than what was read since");
        Check::note("dataset", detail, remedy())
    });
    checks
}

fn of_folder(workspace: &Workspace) -> Option<Check> {
    let shown = workspace.path.display();
    let what = match std::fs::read_dir(&workspace.path) {
        Ok(_) => return None,
        Err(error) if error.kind() == ErrorKind::NotFound => "is not there now".to_owned(),
        Err(error) => format!("cannot be read: {error}"),
    };
    Some(Check::note(
        "folder",
        format!("{shown} {what}; what is known of it stays"),
        Some(format!(
            "connect its disk or mend its rights; if it is gone for good: inkstone workspace rm '{shown}'"
        )),
    ))
}

/// How many folders the system lets a user's programs watch together; none where it has no limit, or
/// does not tell.
fn watch_limit() -> Option<u64> {
    let text = std::fs::read_to_string(WATCH_LIMIT).ok()?;
    text.trim().parse().ok()
}

fn of_watches(limit: Option<u64>, watches_max: u32) -> Option<Check> {
    let limit = limit.filter(|limit| *limit < u64::from(watches_max))?;
    Some(Check::note(
        "watching",
        format!(
            "the system lets your programs watch {limit} folders together, fewer than corpus.watches_max ({watches_max}); with more, changes are looked for from time to time"
        ),
        Some(format!(
            "run: sudo sysctl fs.inotify.max_user_watches={}",
            u64::from(watches_max) * 4
        )),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_store::corpus::document::{At, NewDocument};
    use inkstone_store::{Identities, StoreError};

    fn desk() -> (tempfile::TempDir, Directories) {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().as_os_str().to_owned();
        let lookup = |name: &str| (name == "INKSTONE_HOME").then(|| home.clone());
        let directories = Directories::from_lookup(lookup).unwrap();
        directories.ensure_private().unwrap();
        (folder, directories)
    }

    fn shown(checks: &[Check]) -> String {
        checks.iter().map(|check| check.shown(false)).collect()
    }

    #[test]
    fn where_no_folder_was_added_all_is_well_and_nothing_is_made() {
        let (_folder, directories) = desk();
        let checks = look(&directories, &Corpus::default());
        assert!(shown(&checks).starts_with("ok     dataset: none"));
        assert!(!directories.database().exists());
    }

    #[test]
    fn folders_that_vanished_files_that_wait_and_what_was_removed_are_told() {
        let (folder, directories) = desk();
        let mut store = Store::open(&directories.database()).unwrap();
        let nobody = Identities::default();
        let gone = folder.path().join("随笔");
        store.add_workspace(&gone, &nobody, 1).unwrap();
        let id = store.workspaces().unwrap()[0].id.as_i64();
        let put: Result<i64, StoreError> = store.change_corpus(|corpus| {
            corpus.insert_document(&NewDocument {
                at: At {
                    workspace: id,
                    path: b"a.md",
                },
                key: b"key",
                content_hash: b"hash",
                modified: 1,
                made_by: b"rules",
                folder: "essays",
                likeness: b"",
                reading: b"",
            })
        });
        put.unwrap();
        let text = shown(&look(&directories, &Corpus::default()));
        assert!(
            text.contains("1 files of 1 folders; 1 files wait"),
            "{text}"
        );
        assert!(text.contains("随笔 is not there now"), "{text}");
        assert!(text.contains("inkstone workspace rm"), "{text}");
        store.remove_workspace(&gone).unwrap();
        let checks = look(&directories, &Corpus::default());
        assert!(checks[0].is_fault(), "{}", shown(&checks));
        assert!(shown(&checks).contains("1 removed folders is still kept"));
    }

    #[test]
    fn the_newest_version_is_of_today_or_older_or_not_there() {
        let state = |published_ms, is_current| CorpusState {
            documents: 3,
            published_ms,
            is_current,
            ..CorpusState::default()
        };
        let of = |state| shown(&of_state(&state, 1));
        assert!(of(state(None, false)).contains("no version yet"));
        assert!(of(state(Some(1), true)).starts_with("ok"));
        let older = of(state(Some(1), false));
        assert!(
            older.starts_with("note") && older.contains(BUILD),
            "{older}"
        );
    }

    #[test]
    fn a_database_that_is_none_is_a_fault() {
        let (_folder, directories) = desk();
        std::fs::write(directories.database(), "不是数据库。".repeat(500)).unwrap();
        let checks = look(&directories, &Corpus::default());
        assert!(checks.iter().any(Check::is_fault), "{}", shown(&checks));
        assert!(shown(&checks).contains("is damaged"), "{}", shown(&checks));
    }

    #[cfg(unix)]
    #[test]
    fn what_others_can_read_is_a_fault_with_the_command_that_mends_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, directories) = desk();
        drop(Store::open(&directories.database()).unwrap());
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(directories.database(), open.clone()).unwrap();
        std::fs::create_dir_all(directories.profiles_dir()).unwrap();
        let profile = directories.profiles_dir().join("ab.json");
        std::fs::write(&profile, "{}").unwrap();
        std::fs::set_permissions(&profile, open).unwrap();
        let checks = look(&directories, &Corpus::default());
        let text = shown(&checks);
        assert_eq!(text.matches("mode 644").count(), 2, "{text}");
        assert!(text.contains("chmod 600"), "{text}");
    }

    #[test]
    fn fewer_watches_than_may_be_set_are_told_with_the_command_that_helps() {
        assert_eq!(of_watches(None, 16_384), None);
        assert_eq!(of_watches(Some(16_384), 16_384), None);
        let few = of_watches(Some(8_192), 16_384).unwrap().shown(false);
        assert!(
            few.contains("8192") && few.contains("max_user_watches=65536"),
            "{few}"
        );
    }
}
