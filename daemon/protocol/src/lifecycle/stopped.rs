//! The mark of a stop by hand: while it lies in the state directory, no client starts the daemon on
//! its own. It ends with `inkstone start` and with the login in which it was made.

use std::io;

use inkstone_platform::private;
use inkstone_settings::Directories;

use crate::lifecycle::error::{StartError, state_error};
use crate::lifecycle::login;

/// Makes the mark.
pub fn set(directories: &Directories) -> Result<(), StartError> {
    let path = directories.stopped_marker();
    let login = login::name(directories)?;
    private::replace(&path, login.as_bytes()).map_err(state_error(path))
}

/// Removes the mark.
pub fn clear(directories: &Directories) -> Result<(), StartError> {
    let path = directories.stopped_marker();
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(state_error(path)(error)),
        _ => Ok(()),
    }
}

/// Whether the mark was made in this login. An empty one, made by hand, counts in every login.
pub fn is_set(directories: &Directories) -> Result<bool, StartError> {
    let path = directories.stopped_marker();
    match std::fs::read(&path) {
        Ok(made_in) if made_in.is_empty() => Ok(true),
        Ok(made_in) => Ok(made_in == login::name(directories)?.into_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(state_error(path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::login::tests::home;

    #[test]
    fn the_mark_lasts_until_it_is_cleared() {
        let (_folder, directories) = home();
        assert!(!is_set(&directories).unwrap());
        clear(&directories).unwrap();
        set(&directories).unwrap();
        assert!(is_set(&directories).unwrap());
        clear(&directories).unwrap();
        assert!(!is_set(&directories).unwrap());
    }

    #[test]
    fn the_mark_of_an_earlier_login_does_not_count() {
        let (_folder, directories) = home();
        set(&directories).unwrap();
        std::fs::remove_file(directories.run_dir().join("login")).unwrap();
        assert!(!is_set(&directories).unwrap());
        std::fs::write(directories.stopped_marker(), "another boot/0123").unwrap();
        assert!(!is_set(&directories).unwrap());
    }

    #[test]
    fn a_mark_made_by_hand_counts() {
        let (_folder, directories) = home();
        std::fs::write(directories.stopped_marker(), "").unwrap();
        assert!(is_set(&directories).unwrap());
    }
}
