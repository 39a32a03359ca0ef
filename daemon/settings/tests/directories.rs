//! Directories: which variables count, who may enter, how long a socket's path may be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::ffi::OsString;
use std::path::Path;

use inkstone_settings::directories::SOCKET_PATH_BYTES_MAX;
use inkstone_settings::{Directories, SettingsError};

/// Resolves a set of variables.
fn resolve(variables: &[(&str, &str)]) -> Result<Directories, SettingsError> {
    Directories::from_lookup(|name| {
        variables
            .iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, value)| OsString::from(value))
    })
}

#[test]
fn inkstone_home_holds_everything() {
    let directories =
        resolve(&[("INKSTONE_HOME", "/ink"), ("XDG_DATA_HOME", "/elsewhere")]).expect("paths");
    assert_eq!(
        directories.config_file(),
        Path::new("/ink/config/inkstone.toml")
    );
    assert_eq!(directories.models_dir(), Path::new("/ink/data/models"));
    assert_eq!(
        directories.stopped_marker(),
        Path::new("/ink/state/stopped")
    );
    assert_eq!(directories.log_dir(), Path::new("/ink/state/logs"));
    assert_eq!(directories.cache_dir(), Path::new("/ink/cache"));
    assert_eq!(directories.socket(), Path::new("/ink/run/inkstoned.sock"));
    assert_eq!(directories.lock(), Path::new("/ink/run/inkstoned.lock"));
    assert_eq!(directories.extra_models_dir(), None);
}

#[test]
fn without_it_the_xdg_directories_count() {
    let directories = resolve(&[
        ("HOME", "/home/阿"),
        ("XDG_CONFIG_HOME", "/c"),
        ("XDG_DATA_HOME", "relative is ignored"),
        ("XDG_RUNTIME_DIR", "/run/user/7"),
        ("INKSTONE_MODELS", "/models"),
    ])
    .expect("paths");
    assert_eq!(directories.config_dir(), Path::new("/c/inkstone"));
    assert_eq!(
        directories.data_dir(),
        Path::new("/home/阿/.local/share/inkstone")
    );
    assert_eq!(directories.run_dir(), Path::new("/run/user/7/inkstone"));
    assert_eq!(directories.extra_models_dir(), Some(Path::new("/models")));
}

#[test]
fn without_a_runtime_directory_the_socket_lies_in_the_state_directory() {
    let directories = resolve(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", "")]).expect("paths");
    assert_eq!(
        directories.run_dir(),
        Path::new("/h/.local/state/inkstone/run")
    );
}

#[test]
fn nothing_to_go_by_and_relative_paths_are_refused() {
    assert!(matches!(resolve(&[]), Err(SettingsError::NoHome)));
    let relative = resolve(&[("INKSTONE_HOME", "ink")]);
    assert!(matches!(
        relative,
        Err(SettingsError::NotAbsolute {
            variable: "INKSTONE_HOME",
            ..
        })
    ));
}

#[test]
fn a_socket_path_over_the_limit_of_the_system_is_refused_with_its_length() {
    let fits = |length: usize| {
        let home = format!("/{}", "h".repeat(length - "/run/inkstoned.sock".len() - 1));
        resolve(&[("INKSTONE_HOME", &home)])
    };
    assert!(fits(SOCKET_PATH_BYTES_MAX).is_ok());
    let error = fits(SOCKET_PATH_BYTES_MAX + 1).expect_err("too long");
    assert!(
        error
            .to_string()
            .contains(&format!("{} bytes", SOCKET_PATH_BYTES_MAX + 1)),
        "{error}"
    );
}

#[cfg(unix)]
mod rights {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::{SettingsError, resolve};

    #[test]
    fn directories_are_created_for_their_owner_alone() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let home = folder.path().join("ink");
        let directories =
            resolve(&[("INKSTONE_HOME", home.to_str().expect("path"))]).expect("paths");
        directories.ensure_private().expect("created");
        fs::set_permissions(directories.run_dir(), Permissions::from_mode(0o755))
            .expect("loosened");
        directories.ensure_private().expect("tightened again");
        for path in [
            home.as_path(),
            directories.run_dir(),
            &directories.models_dir(),
            &directories.log_dir(),
            &directories.adapters_dir(),
        ] {
            let mode = fs::metadata(path).expect("directory").permissions().mode() & 0o777;
            assert_eq!(mode, 0o700, "{}", path.display());
        }
    }

    #[test]
    fn a_run_directory_that_is_a_link_is_refused() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let home = folder.path().join("ink");
        fs::create_dir_all(&home).expect("home");
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).expect("target");
        std::os::unix::fs::symlink(&elsewhere, home.join("run")).expect("link");
        let directories =
            resolve(&[("INKSTONE_HOME", home.to_str().expect("path"))]).expect("paths");
        assert!(matches!(
            directories.ensure_private(),
            Err(SettingsError::NotADirectory { .. })
        ));
    }
}
