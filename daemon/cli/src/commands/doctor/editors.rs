//! Whether an editor is here, and whether its configuration mentions Inkstone. Notes only: the
//! command line works without any editor, and a configuration may be elsewhere.

use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::check::Check;

/// Configuration files that are looked into; a collection of plugins may have thousands.
const FILES_MAX: usize = 500;
/// How deep below the configuration's folder.
const DEPTH_MAX: usize = 4;
/// How much of a file is read.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// What a configuration that uses us says.
const MENTION: &str = "inkstone";

/// An editor with a client of ours.
struct Editor {
    name: &'static str,
    /// Its binaries; the first that exists counts.
    programs: &'static [&'static str],
    /// Its folder in the user's configuration.
    folder: &'static str,
    /// Endings of its configuration files.
    endings: &'static [&'static str],
}

const EDITORS: [Editor; 2] = [
    Editor {
        name: "Neovim",
        programs: &["nvim"],
        folder: "nvim",
        endings: &["lua", "vim"],
    },
    Editor {
        name: "Helix",
        programs: &["hx", "helix"],
        folder: "helix",
        endings: &["toml"],
    },
];

pub(super) fn look() -> Vec<Check> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let configuration = configuration_folder(|name| std::env::var_os(name).map(PathBuf::from));
    let found: Vec<Check> = EDITORS
        .iter()
        .filter_map(|editor| editor.check(&path, configuration.as_deref()))
        .collect();
    if found.is_empty() {
        let remedy = "install Neovim 0.11 or newer, or Helix; then see: inkstone setup";
        return vec![Check::note(
            "editors",
            "neither Neovim nor Helix is on PATH",
            Some(remedy.to_owned()),
        )];
    }
    found
}

fn configuration_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let given = variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    given.or_else(|| variable("HOME").map(|home| home.join(".config")))
}

impl Editor {
    /// None: it is not installed.
    fn check(&self, path: &OsStr, configuration: Option<&Path>) -> Option<Check> {
        let program = self.programs.iter().find_map(|name| {
            let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            std::env::split_paths(path)
                .map(|folder| folder.join(&file))
                .find(|path| path.is_file())
        })?;
        let mentioned = configuration.and_then(|folder| {
            let mut files = Vec::new();
            collect(
                &folder.join(self.folder),
                self.endings,
                DEPTH_MAX,
                &mut files,
            );
            files.into_iter().find(|file| mentions(file))
        });
        Some(match mentioned {
            Some(file) => Check::well(
                self.name,
                format!("{}, configured in {}", program.display(), file.display()),
            ),
            None => Check::note(
                self.name,
                format!(
                    "{}, whose configuration does not mention inkstone",
                    program.display()
                ),
                Some("paste the snippet that this prints: inkstone setup".to_owned()),
            ),
        })
    }
}

/// Files with one of the endings. Links to folders are not followed: they may lead in a circle.
fn collect(folder: &Path, endings: &[&str], depth_left: usize, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for path in entries {
        if files.len() >= FILES_MAX {
            return;
        }
        let has_ending = path
            .extension()
            .and_then(OsStr::to_str)
            .is_some_and(|ending| endings.contains(&ending));
        if path.is_dir() && !path.is_symlink() {
            if depth_left > 0 {
                collect(&path, endings, depth_left - 1, files);
            }
        } else if has_ending && path.is_file() {
            files.push(path);
        }
    }
}

fn mentions(file: &Path) -> bool {
    let mut bytes = Vec::new();
    let read =
        fs::File::open(file).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
    read.is_ok() && String::from_utf8_lossy(&bytes).contains(MENTION)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_editor_is_found_and_its_configuration_looked_through() {
        let folder = tempfile::tempdir().unwrap();
        let (bin, config) = (folder.path().join("bin"), folder.path().join("config"));
        let neovim = &EDITORS[0];
        let shown = || {
            neovim
                .check(bin.as_os_str(), Some(&config))
                .map(|check| check.shown(false))
        };
        assert_eq!(shown(), None);
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join("nvim"), "").unwrap();
        assert!(shown().unwrap().contains("does not mention inkstone"));
        let lua = config.join("nvim/lua/plugins");
        fs::create_dir_all(&lua).unwrap();
        fs::write(lua.join("notes.md"), "inkstone").unwrap();
        assert!(shown().unwrap().starts_with("note"));
        // A circle must not keep us.
        std::os::unix::fs::symlink(&config, lua.join("circle")).unwrap();
        fs::write(lua.join("砚.lua"), "return { 'inkstone' }").unwrap();
        let found = shown().unwrap();
        assert!(
            found.starts_with("ok") && found.contains("砚.lua"),
            "{found}"
        );
    }

    #[test]
    fn the_configuration_lies_where_xdg_says_or_in_the_home() {
        let with = |xdg: Option<&str>| {
            let lookup = |name: &str| match name {
                "XDG_CONFIG_HOME" => xdg.map(PathBuf::from),
                "HOME" => Some(PathBuf::from("/home/x")),
                _ => None,
            };
            configuration_folder(lookup).unwrap()
        };
        assert_eq!(with(Some("/xdg")), Path::new("/xdg"));
        assert_eq!(with(Some("relative")), Path::new("/home/x/.config"));
        assert_eq!(with(None), Path::new("/home/x/.config"));
    }
}
