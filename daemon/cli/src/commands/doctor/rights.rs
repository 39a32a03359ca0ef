//! Whether directories and socket are their owner's alone.

use std::io;
use std::path::Path;

use inkstone_platform::private::{Privacy, privacy};
use inkstone_settings::Directories;

use super::check::Check;

pub(super) fn look(directories: &Directories) -> Vec<Check> {
    let mut faults: Vec<Check> = [
        ("configuration", directories.config_dir()),
        ("data", directories.data_dir()),
        ("state", directories.state_dir()),
        ("cache", directories.cache_dir()),
        ("run", directories.run_dir()),
    ]
    .into_iter()
    .filter_map(|(name, path)| {
        check(
            &format!("{name} directory"),
            path,
            &format!("run: chmod 700 '{}'", path.display()),
        )
    })
    .collect();
    faults.extend(check(
        "socket",
        &directories.socket(),
        "run: inkstone stop && inkstone start",
    ));
    if faults.is_empty() {
        let detail = format!(
            "directories and socket are yours alone ({})",
            directories.run_dir().display()
        );
        faults.push(Check::well("rights", detail));
    }
    faults
}

/// A fault, if there is one. What does not exist yet will be made with the right mode.
fn check(what: &str, path: &Path, remedy: &str) -> Option<Check> {
    let shown = path.display();
    match privacy(path) {
        Ok(Privacy::Private) => None,
        Ok(Privacy::Open { mode }) => Some(Check::fault(
            what,
            format!("{shown} is open to others (mode {mode:03o})"),
            remedy,
        )),
        Ok(Privacy::Foreign { owner }) => {
            let remedy = "remove it, or set INKSTONE_HOME to a folder of yours";
            Some(Check::fault(
                what,
                format!("{shown} belongs to user {owner}"),
                remedy,
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let remedy = "check who owns the folders above it";
            Some(Check::fault(
                what,
                format!("{shown} cannot be looked at: {error}"),
                remedy,
            ))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_others_can_enter_is_a_fault_and_what_is_not_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().as_os_str().to_owned();
        let directories =
            Directories::from_lookup(|name| (name == "INKSTONE_HOME").then(|| home.clone()))
                .unwrap();
        assert!(!look(&directories)[0].is_fault());
        directories.ensure_private().unwrap();
        assert!(!look(&directories)[0].is_fault());
        std::fs::set_permissions(directories.run_dir(), Permissions::from_mode(0o755)).unwrap();
        let checks = look(&directories);
        assert_eq!(checks.len(), 1);
        let shown = checks[0].shown(false);
        assert!(
            checks[0].is_fault() && shown.contains("mode 755") && shown.contains("chmod 700"),
            "{shown}"
        );
    }
}
