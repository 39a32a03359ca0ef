//! The folder that a person names, and those that are never added.

use std::path::{Path, PathBuf};

use crate::{CommandError, ExitStatus};

/// The canonical form of a folder that is there.
pub(super) fn existing(folder: &Path) -> Result<PathBuf, CommandError> {
    let missing = |why: String| {
        let shown = folder.display();
        CommandError::usage(format!("{shown}: {why}; name a folder that is there"))
    };
    let canonical = folder
        .canonicalize()
        .map_err(|error| missing(error.to_string()))?;
    if canonical.is_dir() {
        Ok(canonical)
    } else {
        Err(missing("not a folder".to_owned()))
    }
}

/// The same for a file or folder that may be gone: as it was when it was there.
pub(super) fn named(path: &Path) -> Result<PathBuf, CommandError> {
    if let Ok(canonical) = path.canonicalize() {
        return Ok(canonical);
    }
    let absolute = std::path::absolute(path);
    let absolute =
        absolute.map_err(|error| CommandError::usage(format!("{}: {error}", path.display())))?;
    // What is above it may still be there, under a link.
    let above = absolute.ancestors().skip(1).find_map(|above| {
        let canonical = above.canonicalize().ok()?;
        Some(canonical.join(absolute.strip_prefix(above).ok()?))
    });
    Ok(above.unwrap_or(absolute))
}

/// Refuses the whole machine and the whole home: too much to be meant.
pub(super) fn refuse_too_much(folder: &Path, home: Option<&Path>) -> Result<(), CommandError> {
    let refuse = |what: &str| {
        let shown = folder.display();
        let message = format!("{shown} is {what}; add the folders in it that hold your writing");
        Err(CommandError::new(ExitStatus::Refused, message))
    };
    if folder.parent().is_none() {
        return refuse("the whole file system");
    }
    let home = home.map(|home| home.canonicalize().unwrap_or_else(|_| home.to_owned()));
    match home {
        Some(home) if home == folder => refuse("your whole home folder"),
        Some(home) if home.starts_with(folder) => refuse("a folder of everybody's homes"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_and_the_home_are_refused_and_what_is_in_the_home_is_not() {
        let base = tempfile::tempdir().unwrap();
        let base = base.path().canonicalize().unwrap();
        let (home, writing) = (base.join("ann"), base.join("ann/随笔"));
        std::fs::create_dir_all(&writing).unwrap();
        let check = |folder: &Path| refuse_too_much(folder, Some(&home));
        for refused in [Path::new("/"), &base, &home] {
            assert!(check(refused).is_err(), "{}", refused.display());
        }
        assert!(check(&writing).is_ok());
        assert!(refuse_too_much(&base, None).is_ok());
    }

    #[test]
    fn a_folder_that_is_gone_has_the_name_that_it_had() {
        let base = tempfile::tempdir().unwrap();
        let canonical = base.path().canonicalize().unwrap();
        let gone = base.path().join("a/b");
        assert_eq!(named(&gone).unwrap(), canonical.join("a/b"));
        assert!(existing(&gone).is_err());
        let file = base.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(existing(&file).is_err());
    }
}
