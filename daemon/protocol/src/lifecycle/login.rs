//! Which login this is. What should last only until the next one carries its name.
//!
//! A login's name is the machine's boot and a token in the run directory. With a session manager
//! the run directory (below `XDG_RUNTIME_DIR`) is emptied when its user has logged out everywhere,
//! so the next login makes a new token. Without one (the run directory lies below `INKSTONE_HOME`
//! or the state directory) the token stays, and a login lasts until the machine boots again. Where
//! a boot has no name either (Windows), it lasts until the token is removed.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read as _};
use std::path::Path;

use inkstone_platform::private;
use inkstone_settings::Directories;

use crate::lifecycle::error::{StartError, state_error};

/// Longest token that is read: 16 hexadecimal digits and room for a person's edit.
const TOKEN_BYTES_MAX: u64 = 64;

/// The name of this login.
pub fn name(directories: &Directories) -> Result<String, StartError> {
    let path = directories.run_dir().join("login");
    let token = token(&path).map_err(state_error(&path))?;
    let boot = inkstone_platform::boot_id().unwrap_or_default();
    Ok(format!("{boot}/{token}"))
}

/// The token there, or a new one: of several that make one at once, the first counts for all.
fn token(path: &Path) -> io::Result<String> {
    match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let token = format!("{:016x}", RandomState::new().build_hasher().finish());
            private::publish_new(path, token.as_bytes())?;
            read(path)
        }
        read => read,
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut token = String::new();
    std::fs::File::open(path)?
        .take(TOKEN_BYTES_MAX)
        .read_to_string(&mut token)?;
    Ok(token)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Directories in a home of the test's own.
    pub(in crate::lifecycle) fn home() -> (tempfile::TempDir, Directories) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().as_os_str().to_owned();
        let lookup = |name| (name == "INKSTONE_HOME").then(|| root.clone());
        let directories = Directories::from_lookup(lookup).unwrap();
        directories.ensure_private().unwrap();
        (folder, directories)
    }

    #[test]
    fn a_login_keeps_its_name_until_the_run_directory_is_emptied() {
        let (_folder, directories) = home();
        let first = name(&directories).unwrap();
        assert_eq!(name(&directories).unwrap(), first);
        std::fs::remove_dir_all(directories.run_dir()).unwrap();
        directories.ensure_private().unwrap();
        assert_ne!(name(&directories).unwrap(), first);
    }

    #[test]
    fn all_who_ask_at_once_get_one_name() {
        let (_folder, directories) = home();
        for _ in 0..50 {
            std::fs::remove_dir_all(directories.run_dir()).unwrap();
            directories.ensure_private().unwrap();
            let names: Vec<String> = std::thread::scope(|scope| {
                let asking: Vec<_> = (0..8)
                    .map(|_| scope.spawn(|| name(&directories).unwrap()))
                    .collect();
                asking.into_iter().map(|one| one.join().unwrap()).collect()
            });
            assert!(!names[0].ends_with('/'), "{names:?}");
            assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
        }
    }
}
