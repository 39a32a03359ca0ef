//! Where the profiles of the writer lie: beside the database under their versions' names, for
//! diagnostics and gates, as long as there is that version.
//!
//! Not what is in one (`inkstone_corpus::profile`). A profile holds the writer's words and the names
//! that they use, so it goes when its version does: with every build and every removed folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use inkstone_corpus::dataset::DatasetId;
use inkstone_corpus::profile::{PROFILE_VERSION, Profile};
use inkstone_platform::private;
use inkstone_settings::Directories;
use inkstone_store::Store;

use crate::assemble;
use crate::swept_folder;

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
    swept_folder::remove_but(&directories.profiles_dir(), || {
        let versions = assemble::versions(store)?;
        let kept: Vec<PathBuf> = versions
            .iter()
            .map(|one| file_of(directories, one.id))
            .collect();
        Ok(move |path: &Path| kept.iter().any(|one| one == path))
    })
}
