//! Where the profiles of the writer lie: beside the database under their versions' names, for
//! diagnostics and gates, as long as there is that version.
//!
//! Not what is in one (`inkstone_corpus::profile`). A profile holds the writer's words and the names
//! that they use, so it goes when its version does: with every build and every removed folder.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use inkstone_corpus::dataset::DatasetId;
use inkstone_corpus::profile::{PROFILE_VERSION, Profile};
use inkstone_platform::{is_alive, private};
use inkstone_settings::Directories;
use inkstone_store::Store;

use crate::assemble;

/// How the name of a profile's file ends.
const ENDING: &str = ".json";

/// Where the profile of a version lies, if there is one.
pub fn file_of(directories: &Directories, id: DatasetId) -> PathBuf {
    directories.profiles_dir().join(format!("{id}{ENDING}"))
}

/// A profile that was counted as it is counted today; whatever else lies there is made anew.
pub fn read(file: &Path) -> Option<Profile> {
    let profile: Profile = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    (profile.version == PROFILE_VERSION).then_some(profile)
}

/// Keeps a profile.
pub fn write(file: &Path, profile: &Profile) -> anyhow::Result<()> {
    let named = || file.display().to_string();
    if let Some(folder) = file.parent() {
        // Within the data directory, which is its owner's alone.
        fs::create_dir_all(folder).with_context(named)?;
    }
    private::replace(file, &serde_json::to_vec(profile)?).with_context(named)
}

/// Takes away the profiles of versions that are no longer kept, and what a process that was killed
/// had written of one.
pub fn forget_old(directories: &Directories, store: &mut Store) -> anyhow::Result<()> {
    let folder = directories.profiles_dir();
    let named = || folder.display().to_string();
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(named),
    };
    let versions = assemble::versions(store)?;
    let kept: Vec<PathBuf> = versions
        .iter()
        .map(|one| file_of(directories, one.id))
        .collect();
    for entry in entries {
        let path = entry.with_context(named)?.path();
        if kept.contains(&path) || is_being_written(&path) {
            continue;
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| path.display().to_string());
            }
            // It is gone, through this or through another process.
            _ => {}
        }
    }
    Ok(())
}

/// Whether a process that lives is writing it: `NAME.PROCESS.NUMBER.new`.
pub(crate) fn is_being_written(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let parts: Vec<&str> = name.unwrap_or_default().rsplit('.').collect();
    match parts[..] {
        ["new", _, process, ..] => process.parse().is_ok_and(is_alive),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_living_process_writes_stays_and_what_a_dead_one_left_goes() {
        let own = std::process::id();
        assert!(is_being_written(Path::new(&format!(
            "/p/ab.json.{own}.3.new"
        ))));
        for name in [
            "/p/ab.json.2147483632.3.new",
            "/p/ab.json",
            "/p/new",
            "/p/词.x.y.new",
        ] {
            assert!(!is_being_written(Path::new(name)), "{name}");
        }
    }
}
