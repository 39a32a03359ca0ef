//! A private home with the models in it, and the language server that runs there.
//!
//! Not the user's home: the measurement must find a cold daemon, and must not disturb a warm one.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use inkstone_protocol::{Launcher, Technique};
use inkstone_settings::Directories;
use serde_json::json;
use tempfile::TempDir;

use crate::error::BenchError;
use crate::lsp_client::{ClientProfile, LspClient, file_uri};
use crate::observer::Observer;

/// How long the editor waits: longer than the daemon may take.
pub(crate) const ANSWER_WAIT: Duration = Duration::from_secs(75);
/// If the end of the measurement cannot stop the daemon, it ends by itself soon after.
const IDLE_EXIT_S: u32 = 60;

/// Says where the binaries keep everything.
pub(crate) const HOME_VARIABLE: &str = "INKSTONE_HOME";
/// Says where further models lie.
pub(crate) const MODELS_VARIABLE: &str = "INKSTONE_MODELS";
/// Where they lie here.
pub(crate) const MODELS_FOLDER: &str = "models";

/// A model's name and its file.
pub(crate) type ModelFile = (String, PathBuf);

/// What the home holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'a> {
    /// The folder with `inkstoned` and `inkstone-lsp`.
    pub(crate) binaries: &'a Path,
    /// The models that are installed there.
    pub(crate) models: &'a [ModelFile],
    /// The settings file, TOML, beside what every measurement needs.
    pub(crate) settings: &'a str,
}

/// Dropping it ends the language server and the daemon.
pub(crate) struct Stage {
    /// Before the home: it must have ended when the home is removed.
    client: Option<LspClient>,
    launcher: Launcher,
    server: PathBuf,
    home: TempDir,
}

impl Stage {
    /// Prepares the home; starts nothing.
    pub(crate) fn new(setting: Setting<'_>) -> Result<Self, BenchError> {
        let settings = format!(
            "{}\n[daemon]\nidle_exit_s = {IDLE_EXIT_S}\n",
            setting.settings
        );
        let home = furnished(&settings, setting.models)?;
        let models = home.path().join(MODELS_FOLDER);
        let root = home.path().to_owned();
        let variables = [(HOME_VARIABLE, root), (MODELS_VARIABLE, models)];
        let directories = Directories::from_lookup(|name| {
            let variable = variables.iter().find(|(known, _)| *known == name);
            variable.map(|(_, value)| value.clone().into_os_string())
        })?;
        let mut launcher = Launcher::new(directories, "inkstone-bench", env!("CARGO_PKG_VERSION"))
            .with_daemon_binary(binary(setting.binaries, "inkstoned")?);
        for (name, value) in variables {
            launcher = launcher.with_environment(name, value);
        }
        let server = binary(setting.binaries, "inkstone-lsp")?;
        Ok(Self {
            client: None,
            launcher,
            server,
            home,
        })
    }

    /// Starts the language server of [`Stage::client`].
    pub(crate) fn start_editor(&mut self) -> Result<(), BenchError> {
        self.start_editor_without(&[], None)
    }

    /// Starts the language server, which makes its suggestions without some techniques, and with an
    /// adapter where one is named.
    pub(crate) fn start_editor_without(
        &mut self,
        without: &[Technique],
        adapter: Option<&str>,
    ) -> Result<(), BenchError> {
        self.client = Some(self.editor_without(without, adapter)?);
        Ok(())
    }

    /// Starts another language server in this home, as a second editor window does. It must end
    /// before the stage does.
    pub(crate) fn editor(&self) -> Result<LspClient, BenchError> {
        self.editor_without(&[], None)
    }

    fn editor_without(
        &self,
        without: &[Technique],
        adapter: Option<&str>,
    ) -> Result<LspClient, BenchError> {
        let mut init_options = json!({ "without": without });
        if let Some(adapter) = adapter {
            init_options["adapter"] = adapter.into();
        }
        let mut command = Command::new(&self.server);
        command
            .env(HOME_VARIABLE, self.home.path())
            .env(MODELS_VARIABLE, self.home.path().join(MODELS_FOLDER))
            .current_dir(self.home.path());
        let profile = ClientProfile {
            answer_wait: ANSWER_WAIT,
            init_options,
            ..ClientProfile::default()
        };
        Ok(LspClient::start(command, &profile)?)
    }

    /// The language server.
    pub(crate) fn client(&self) -> Result<&LspClient, BenchError> {
        self.client.as_ref().ok_or(BenchError::NoEditor)
    }

    /// Where everything is kept.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The URI of a document in the home; the file need not exist.
    pub(crate) fn uri(&self, name: &str) -> String {
        file_uri(&self.home.path().join(name))
    }

    /// A connection to the daemon, which is started if none runs.
    pub(crate) fn observer(&self) -> Result<Observer, BenchError> {
        Observer::connect_or_start(&self.launcher)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.client.take();
        Observer::stop(&self.launcher);
    }
}

/// A binary of ours beside the running one.
pub(crate) fn binary(folder: &Path, name: &str) -> Result<PathBuf, BenchError> {
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() {
        Ok(path)
    } else {
        Err(BenchError::Binary { path })
    }
}

/// A home with nothing in it.
pub(crate) fn private_home() -> Result<TempDir, BenchError> {
    // A short prefix: the path of a Unix socket has room for a hundred bytes.
    let home = tempfile::Builder::new().prefix("ink").tempdir();
    home.map_err(|source| home_error(&std::env::temp_dir(), source))
}

/// A home with a settings file, TOML, and models.
pub(crate) fn furnished(settings: &str, models: &[ModelFile]) -> Result<TempDir, BenchError> {
    let home = private_home()?;
    let (config, folder) = (home.path().join("config"), home.path().join(MODELS_FOLDER));
    for folder in [&config, &folder] {
        fs::create_dir(folder).map_err(|source| home_error(folder, source))?;
    }
    let file = config.join("inkstone.toml");
    fs::write(&file, settings).map_err(|source| home_error(&file, source))?;
    // One model may serve several languages.
    let distinct: BTreeSet<&ModelFile> = models.iter().collect();
    for model in distinct {
        link_model(model, &folder)?;
    }
    Ok(home)
}

/// Puts a model into the folder of a home.
fn link_model((name, file): &ModelFile, models: &Path) -> Result<(), BenchError> {
    let source = file.canonicalize().map_err(|_missing| BenchError::Model {
        path: file.clone(),
        model: name.clone(),
    })?;
    let link = models.join(format!("{name}.gguf"));
    link_file(&source, &link).map_err(|source| home_error(&link, source))
}

/// A second name for a file without copying its hundreds of megabytes.
fn link_file(source: &Path, link: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(source, link);
    #[cfg(not(unix))]
    return fs::hard_link(source, link).or_else(|_other_volume| fs::copy(source, link).map(drop));
}

/// A home that cannot be prepared.
pub(crate) fn home_error(path: &Path, source: io::Error) -> BenchError {
    BenchError::Home {
        path: path.to_owned(),
        source,
    }
}
