//! The settings that apply to this editor: files, what the editor sent, and the switch.
//!
//! Not the settings table (`inkstone-settings`). Files are read again whenever the editor says
//! that something changed; a wrong value is told once and the rest applies.

use std::collections::BTreeSet;
use std::path::PathBuf;

use inkstone_protocol::Technique;
use inkstone_settings::{Layers, Loaded, Problem, Settings};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Name of a settings file, the user's as a folder's.
pub(crate) const SETTINGS_FILE: &str = "inkstone.toml";

/// Key under which editors that share one tree of settings keep ours.
const SECTION: &str = "inkstone";

/// Key of `initializationOptions` under which a measurement names what to do without. No setting:
/// nobody is served better without what makes suggestions good.
const WITHOUT: &str = "without";

/// Key of `initializationOptions` under which a measurement names the adapter that is worn.
const ADAPTER: &str = "adapter";

/// Problems remembered as told. A client that sends ever new wrong values hears of these only.
const TOLD_PROBLEMS_MAX: usize = 256;

/// Which files count.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingsFiles {
    /// The user's; none reads no file at all, not even a workspace's.
    pub(crate) user: Option<PathBuf>,
    /// The folder that the editor opened.
    pub(crate) workspace_folder: Option<PathBuf>,
}

/// The layers and what they came to.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    files: SettingsFiles,
    initialization: Value,
    sent: Value,
    settings: Settings,
    switched: Option<bool>,
    without: Vec<Technique>,
    adapter: Option<String>,
    told: BTreeSet<String>,
}

impl Configuration {
    /// The defaults, until the first [`Self::reload`].
    pub(crate) fn new(user_file: Option<PathBuf>) -> Self {
        let files = SettingsFiles {
            user: user_file,
            workspace_folder: None,
        };
        Self {
            files,
            ..Self::default()
        }
    }

    /// What applies.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether suggestions are on in this editor.
    pub(crate) fn is_on(&self) -> bool {
        self.switched.unwrap_or(self.settings.completion.enabled)
    }

    /// What suggestions are made without, for a measurement.
    pub(crate) fn without(&self) -> &[Technique] {
        &self.without
    }

    /// What is worn for a measurement, whatever is live: an adapter by its name or file, or none.
    pub(crate) fn adapter(&self) -> Option<&str> {
        self.adapter.as_deref()
    }

    /// Switches suggestions for this editor until it ends; says what they are now.
    pub(crate) fn toggle(&mut self) -> bool {
        let on = !self.is_on();
        self.switched = Some(on);
        on
    }

    /// Takes what came with `initialize`; gives the problems to tell.
    pub(crate) fn initialize(&mut self, folder: Option<PathBuf>, options: Value) -> Vec<Problem> {
        self.files.workspace_folder = folder;
        self.initialization = section(options);
        self.without = take(WITHOUT, &mut self.initialization).unwrap_or_default();
        self.adapter = take(ADAPTER, &mut self.initialization);
        self.reload()
    }

    /// Takes what the editor sent or was asked for; gives the problems to tell.
    pub(crate) fn sent(&mut self, settings: Value) -> Vec<Problem> {
        self.sent = section(settings);
        self.reload()
    }

    /// Merges all layers again; gives the problems not told before.
    pub(crate) fn reload(&mut self) -> Vec<Problem> {
        let user_file = self.files.user.as_deref();
        let workspace_file = user_file
            .and(self.files.workspace_folder.as_ref())
            .map(|folder| folder.join(SETTINGS_FILE));
        let layers = Layers {
            user_file,
            workspace_file: workspace_file.as_deref(),
            session: None,
        };
        let mut loaded: Loaded = layers.load();
        // Two layers of one rank: what came with `initialize` stays where later news is silent.
        loaded.apply_session(&self.initialization);
        loaded.apply_session(&self.sent);
        self.settings = loaded.settings;
        let mut fresh = Vec::new();
        for problem in loaded.problems {
            if self.told.len() < TOLD_PROBLEMS_MAX && self.told.insert(problem.to_string()) {
                fresh.push(problem);
            }
        }
        fresh
    }
}

/// Our part of what an editor sent: editors with one tree for all servers wrap it.
fn section(mut settings: Value) -> Value {
    match settings.get_mut(SECTION) {
        Some(inner @ Value::Object(_)) => inner.take(),
        _ => settings,
    }
}

/// What a measurement wants under a key, taken out of the settings; a value that it cannot be stays
/// there and is told as no setting.
fn take<T: DeserializeOwned>(key: &str, options: &mut Value) -> Option<T> {
    let wanted = serde_json::from_value(options.get(key)?.clone()).ok()?;
    if let Value::Object(options) = options {
        options.remove(key);
    }
    Some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bad_value_is_told_once_and_the_rest_applies() {
        let mut configuration = Configuration::default();
        let options = json!({"inkstone": {"completion": {"max_tokens": 0, "deadline_ms": 900}}});
        let problems = configuration.initialize(None, options);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let message = problems[0].to_string();
        assert!(
            message.contains("completion.max_tokens") && message.contains('0'),
            "{message}"
        );
        assert_eq!(configuration.settings().completion.deadline_ms, 900);
        assert_eq!(configuration.reload(), Vec::new());
    }

    #[test]
    fn a_measurement_may_leave_out_what_it_names_and_nothing_else_can() {
        let mut configuration = Configuration::default();
        let options = json!({"without": ["score"], "completion": {"max_tokens": 7}});
        assert_eq!(configuration.initialize(None, options), Vec::new());
        assert_eq!(configuration.without(), [Technique::Score]);
        assert_eq!(configuration.settings().completion.max_tokens, 7);
        configuration.sent(json!({"without": []}));
        assert_eq!(configuration.without(), [Technique::Score]);
        let options = json!({"adapter": "none"});
        assert_eq!(configuration.initialize(None, options), Vec::new());
        assert_eq!(configuration.adapter(), Some("none"));
        let mut configuration = Configuration::default();
        let problems = configuration.initialize(None, json!({"without": ["luck"]}));
        assert_eq!((problems.len(), configuration.without()), (1, &[][..]));
    }

    #[test]
    fn later_news_of_the_editor_covers_its_first_and_keeps_the_rest() {
        let mut configuration = Configuration::default();
        let first = json!({"completion": {"max_tokens": 7, "deadline_ms": 900}});
        configuration.initialize(None, first);
        configuration.sent(json!({"inkstone.completion.max_tokens": 9}));
        assert_eq!(configuration.settings().completion.max_tokens, 9);
        assert_eq!(configuration.settings().completion.deadline_ms, 900);
        configuration.sent(Value::Null);
        assert_eq!(configuration.settings().completion.max_tokens, 7);
    }

    #[test]
    fn the_switch_outlives_a_reload() {
        let mut configuration = Configuration::default();
        assert!(configuration.is_on());
        assert!(!configuration.toggle());
        configuration.sent(json!({"completion": {"enabled": true}}));
        assert!(!configuration.is_on());
        assert!(configuration.toggle());
    }

    #[test]
    fn a_workspace_file_counts_between_the_user_and_the_editor() {
        let folder = tempfile::tempdir().expect("a folder");
        let user = folder.path().join("user.toml");
        std::fs::write(&user, "[completion]\nmax_tokens = 5\ndeadline_ms = 500\n")
            .expect("written");
        let workspace = folder.path().join(SETTINGS_FILE);
        std::fs::write(workspace, "[completion]\nmax_tokens = 6\n").expect("written");
        let mut configuration = Configuration::new(Some(user));
        let problems = configuration.initialize(Some(folder.path().into()), Value::Null);
        assert_eq!(problems, Vec::new());
        assert_eq!(configuration.settings().completion.max_tokens, 6);
        assert_eq!(configuration.settings().completion.deadline_ms, 500);
    }
}
