//! A folder of files that are made of versions of the dataset, and go with them: profiles and n-grams.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use inkstone_platform::is_alive;

/// Takes away every file of the folder but those that are kept, and what a process that was killed had
/// written. What is kept is asked for once the folder is open, so that a file that came with a newer
/// version is not taken for one without.
pub(crate) fn remove_but<K: Fn(&Path) -> bool>(
    folder: &Path,
    kept: impl FnOnce() -> anyhow::Result<K>,
) -> anyhow::Result<()> {
    let named = || folder.display().to_string();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(named),
    };
    let is_kept = kept()?;
    for entry in entries {
        let path = entry.with_context(named)?.path();
        if is_kept(&path) || is_being_written(&path) {
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
fn is_being_written(path: &Path) -> bool {
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
