//! Where everything of Inkstone lies: one folder (`INKSTONE_HOME`) or the XDG base directories.
//! All of it belongs to its owner alone. Every program resolves the same paths here, so that a
//! client and the daemon meet at the same socket.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::SettingsError;

/// Longest path of a Unix socket in bytes: `sun_path` minus the closing zero. 108 on Linux, 104 on
/// the BSDs and macOS.
pub const SOCKET_PATH_BYTES_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Name of our folder in each XDG base directory.
const OUR_FOLDER: &str = "inkstone";

/// The directories and what lies in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    config: PathBuf,
    data: PathBuf,
    state: PathBuf,
    cache: PathBuf,
    run: PathBuf,
    extra_models: Option<PathBuf>,
}

impl Directories {
    /// The directories that this process's environment names.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_lookup(std::env::var_os)
    }

    /// The directories that a set of variables names. Pure: creates and reads nothing.
    pub fn from_lookup(
        lookup: impl Fn(&'static str) -> Option<OsString>,
    ) -> Result<Self, SettingsError> {
        let path_of = |variable| {
            lookup(variable)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let absolute = |variable: &'static str| match path_of(variable) {
            Some(value) if !value.is_absolute() => {
                Err(SettingsError::NotAbsolute { variable, value })
            }
            other => Ok(other),
        };
        let extra_models = absolute("INKSTONE_MODELS")?;
        let directories = if let Some(home) = absolute("INKSTONE_HOME")? {
            Self::below(&home, extra_models)
        } else {
            // The XDG specification says to ignore relative paths.
            let base = |variable| path_of(variable).filter(|path| path.is_absolute());
            let home = absolute("HOME")?;
            Self::of_xdg(base, home.as_deref(), extra_models).ok_or(SettingsError::NoHome)?
        };
        directories.check_socket_path()?;
        Ok(directories)
    }

    /// Everything below one folder.
    fn below(home: &Path, extra_models: Option<PathBuf>) -> Self {
        Self {
            config: home.join("config"),
            data: home.join("data"),
            state: home.join("state"),
            cache: home.join("cache"),
            run: home.join("run"),
            extra_models,
        }
    }

    /// A folder of ours in each XDG base directory; none when neither it nor `HOME` is known.
    fn of_xdg(
        base: impl Fn(&'static str) -> Option<PathBuf>,
        home: Option<&Path>,
        extra_models: Option<PathBuf>,
    ) -> Option<Self> {
        let ours = |variable, below: &str| {
            let directory = base(variable).or_else(|| home.map(|home| home.join(below)))?;
            Some(directory.join(OUR_FOLDER))
        };
        let state = ours("XDG_STATE_HOME", ".local/state")?;
        // Without a session manager the socket goes to the state directory: a folder in /tmp could
        // be prepared by somebody else.
        let run =
            base("XDG_RUNTIME_DIR").map_or_else(|| state.join("run"), |path| path.join(OUR_FOLDER));
        Some(Self {
            config: ours("XDG_CONFIG_HOME", ".config")?,
            data: ours("XDG_DATA_HOME", ".local/share")?,
            cache: ours("XDG_CACHE_HOME", ".cache")?,
            state,
            run,
            extra_models,
        })
    }

    /// Creates what is missing and makes every directory the owner's alone (mode 0700).
    pub fn ensure_private(&self) -> Result<(), SettingsError> {
        for directory in [
            &self.config,
            &self.data,
            &self.state,
            &self.cache,
            &self.run,
        ] {
            private::ensure(directory)?;
        }
        private::refuse_foreign(&self.run)?;
        for directory in [self.models_dir(), self.adapters_dir(), self.log_dir()] {
            private::ensure(&directory)?;
        }
        Ok(())
    }

    /// Settings and the user's catalogue.
    pub fn config_dir(&self) -> &Path {
        &self.config
    }

    /// What must not be lost.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// What is kept between runs but could be lost.
    pub fn state_dir(&self) -> &Path {
        &self.state
    }

    /// What can be computed or fetched again.
    pub fn cache_dir(&self) -> &Path {
        &self.cache
    }

    /// What lives as long as the processes.
    pub fn run_dir(&self) -> &Path {
        &self.run
    }

    /// The user's settings file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("inkstone.toml")
    }

    /// The user's own catalogue entries.
    pub fn user_catalogue_file(&self) -> PathBuf {
        self.config.join("catalogue.toml")
    }

    /// The socket on which the daemon listens.
    pub fn socket(&self) -> PathBuf {
        self.run.join("inkstoned.sock")
    }

    /// The file whose lock the one daemon holds.
    pub fn lock(&self) -> PathBuf {
        self.run.join("inkstoned.lock")
    }

    /// The file that keeps the daemon off after `inkstone stop`.
    pub fn stopped_marker(&self) -> PathBuf {
        self.state.join("stopped")
    }

    /// The counts by which a writer's feedback moves the gate.
    pub fn learned_file(&self) -> PathBuf {
        self.state.join("learned.json")
    }

    /// How often suggestions were right, by what was worn.
    pub fn outcomes_file(&self) -> PathBuf {
        self.state.join("outcomes.json")
    }

    /// The log files.
    pub fn log_dir(&self) -> PathBuf {
        self.state.join("logs")
    }

    /// How models are computed best here, as `inkstone setup` measured.
    pub fn tuning_file(&self) -> PathBuf {
        self.state.join("tuning.toml")
    }

    /// There while the daemon tries a graphics card; left behind by one that the driver has ended.
    pub fn card_trial_file(&self) -> PathBuf {
        self.state.join("card-trial")
    }

    /// The database of workspaces and of what was read of them.
    pub fn database(&self) -> PathBuf {
        self.data.join("inkstone.db")
    }

    /// What the one trainer locks while it works.
    pub fn trainer_lock(&self) -> PathBuf {
        self.run.join("inkstone-trainer")
    }

    /// The habits of the writer, by version of the dataset.
    pub fn profiles_dir(&self) -> PathBuf {
        self.data.join("profiles")
    }

    /// Trainings that were begun, and what they need again.
    pub fn training_dir(&self) -> PathBuf {
        self.state.join("training")
    }

    /// How the training is that runs, as it says itself.
    pub fn training_report(&self) -> PathBuf {
        self.training_dir().join("now.json")
    }

    /// The writer's own n-grams, by model and version of the dataset.
    pub fn memory_dir(&self) -> PathBuf {
        self.data.join("memory")
    }

    /// The installed models.
    pub fn models_dir(&self) -> PathBuf {
        self.data.join("models")
    }

    /// The files of adapters, named by their hash.
    pub fn adapters_dir(&self) -> PathBuf {
        self.data.join("adapters")
    }

    /// A second, read-only directory of models (`INKSTONE_MODELS`).
    pub fn extra_models_dir(&self) -> Option<&Path> {
        self.extra_models.as_deref()
    }

    fn check_socket_path(&self) -> Result<(), SettingsError> {
        let path = self.socket();
        let len_bytes = path.as_os_str().len();
        if len_bytes <= SOCKET_PATH_BYTES_MAX {
            return Ok(());
        }
        Err(SettingsError::SocketPathTooLong {
            path,
            len_bytes,
            max_bytes: SOCKET_PATH_BYTES_MAX,
        })
    }
}

/// Owner-only directories where the system has owners.
#[cfg(unix)]
mod private {
    use std::fs::{self, DirBuilder, Permissions};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    use std::path::Path;

    use super::SettingsError;

    /// Owner may do everything, others nothing.
    const OWNER_ONLY_MODE: u32 = 0o700;
    /// The bits of group and others.
    const OTHERS_MASK: u32 = 0o077;

    pub(super) fn ensure(path: &Path) -> Result<(), SettingsError> {
        let failed = |source| SettingsError::Directory {
            path: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(OWNER_ONLY_MODE)
            .create(path)
            .map_err(failed)?;
        let metadata = fs::metadata(path).map_err(failed)?;
        let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
        if is_ours && metadata.permissions().mode() & OTHERS_MASK != 0 {
            fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY_MODE)).map_err(failed)?;
        }
        Ok(())
    }

    /// The socket's directory decides who can answer in the daemon's name.
    pub(super) fn refuse_foreign(path: &Path) -> Result<(), SettingsError> {
        let metadata = fs::symlink_metadata(path).map_err(|source| SettingsError::Directory {
            path: path.to_owned(),
            source,
        })?;
        if !metadata.is_dir() {
            return Err(SettingsError::NotADirectory {
                path: path.to_owned(),
            });
        }
        let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
        if owner == own {
            return Ok(());
        }
        Err(SettingsError::ForeignDirectory {
            path: path.to_owned(),
            owner,
            own,
        })
    }
}

/// On other systems the profile directory is private by itself.
#[cfg(not(unix))]
mod private {
    use std::path::Path;

    use super::SettingsError;

    pub(super) fn ensure(path: &Path) -> Result<(), SettingsError> {
        std::fs::create_dir_all(path).map_err(|source| SettingsError::Directory {
            path: path.to_owned(),
            source,
        })
    }

    pub(super) fn refuse_foreign(_path: &Path) -> Result<(), SettingsError> {
        Ok(())
    }
}
