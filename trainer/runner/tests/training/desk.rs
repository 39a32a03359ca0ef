//! A home with a writer's folder of real prose, the real small model, and short trainings.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_corpus::Genre;
use inkstone_corpus::dataset::DatasetId;
use inkstone_protocol::TrainingReport;
use inkstone_settings::{Directories, Layer, Loaded, Settings};
use inkstone_store::{Identities, Store};
use inkstone_test_support::{ENGLISH_MODEL, corpora, eventually, test_models};
use inkstone_trainer::build::build;
use inkstone_trainer::train::opening::{Workshop, train};
use inkstone_trainer::train::order::{Order, Outcome, Reason};
use inkstone_trainer::train::quiet::Quiet;
use tempfile::TempDir;

/// So short that a test takes seconds, long enough to learn something.
pub(crate) const SHORT: &str = "\
corpus.held_out_percent = 30
train.steps = 16
train.sequence_tokens = 128
train.tokens_per_step = 192
train.evaluate_every_steps = 8
train.checkpoint_every_steps = 4
";

const STEP_WAIT: Duration = Duration::from_secs(300);
/// Where a home has models of its own.
const MODELS: &str = "models";

/// A writer's home.
pub(crate) struct Desk {
    _home: Option<TempDir>,
    pub(crate) home: PathBuf,
    pub(crate) directories: Directories,
    pub(crate) settings: Settings,
    /// What alone is trained on.
    pub(crate) genre: Option<Genre>,
}

impl Desk {
    pub(crate) fn new(toml: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().canonicalize().unwrap();
        let desk = Self {
            _home: Some(home),
            ..Self::at(&path, toml)
        };
        desk.directories.ensure_private().unwrap();
        fs::create_dir_all(desk.directories.training_dir()).unwrap();
        fs::create_dir_all(desk.writing()).unwrap();
        fs::create_dir_all(desk.generic()).unwrap();
        desk
    }

    /// That of another process.
    pub(crate) fn at(home: &Path, toml: &str) -> Self {
        let lookup = |variable| match variable {
            "INKSTONE_HOME" => Some(home.as_os_str().to_owned()),
            "INKSTONE_MODELS" => Some(models(home).into_os_string()),
            _ => None,
        };
        let mut loaded = Loaded::default();
        let replay = format!(
            "train.replay_folder = '{}'\n",
            home.join("generic").display()
        );
        let toml = format!("{toml}{replay}");
        loaded.apply_file_text(Layer::User, Path::new("inkstone.toml"), &toml);
        assert_eq!(loaded.problems, []);
        Self {
            _home: None,
            home: home.to_owned(),
            directories: Directories::from_lookup(lookup).unwrap(),
            settings: loaded.settings,
            genre: None,
        }
    }

    /// Gives it a copy of the English model; its file.
    pub(crate) fn own_models(&mut self) -> PathBuf {
        let (name, own) = (format!("{ENGLISH_MODEL}.gguf"), self.home.join(MODELS));
        fs::create_dir_all(&own).unwrap();
        fs::copy(test_models().join(&name), own.join(&name)).unwrap();
        let lookup = |variable| match variable {
            "INKSTONE_HOME" => Some(self.home.as_os_str().to_owned()),
            "INKSTONE_MODELS" => Some(own.as_os_str().to_owned()),
            _ => None,
        };
        self.directories = Directories::from_lookup(lookup).unwrap();
        own.join(name)
    }

    /// Waits until a training of this process has taken so many steps.
    pub(crate) fn until_step(&self, step: u64) {
        eventually(STEP_WAIT, "a step", || {
            let report = fs::read(self.directories.training_report()).ok()?;
            let report: TrainingReport = serde_json::from_slice(&report).ok()?;
            (report.steps > 0 && report.step >= step).then_some(())
        });
    }

    pub(crate) fn writing(&self) -> PathBuf {
        self.home.join("writing")
    }

    pub(crate) fn generic(&self) -> PathBuf {
        self.home.join("generic")
    }

    pub(crate) fn store(&self) -> Store {
        let mut store = Store::open(&self.directories.database()).unwrap();
        let ann = Identities::of(["ann@new.example"]);
        let known = store.workspaces().unwrap();
        if known.is_empty() {
            store.add_workspace(&self.writing(), &ann, 0).unwrap();
        }
        store
    }

    /// Trains as the command does.
    pub(crate) fn train(&self, store: &mut Store, quiet: &Quiet, reason: Reason) -> Outcome {
        self.try_train(store, quiet, reason).unwrap()
    }

    pub(crate) fn try_train(
        &self,
        store: &mut Store,
        quiet: &Quiet,
        reason: Reason,
    ) -> anyhow::Result<Outcome> {
        let workshop = Workshop {
            directories: &self.directories,
            settings: &self.settings,
            quiet,
        };
        let order = Order {
            language: "en".to_owned(),
            workspace: None,
            genre: self.genre,
            reason,
            dry_run: false,
            find_rate: false,
        };
        let mut newest = |store: &mut Store| self.build(store);
        train(&workshop, store, &order, &mut newest, true)
    }

    fn build(&self, store: &mut Store) -> anyhow::Result<DatasetId> {
        let built = build(store, &self.settings.corpus, &[], None, 0, &mut |_| ())?;
        Ok(built.dataset)
    }
}

/// Where the models of a home are.
fn models(home: &Path) -> PathBuf {
    let own = home.join(MODELS);
    if own.exists() { own } else { test_models() }
}

pub(crate) fn calm() -> Quiet {
    Quiet::new(Duration::ZERO)
}

/// Documents of some six hundred characters of an author, and generic texts; none without the corpora.
pub(crate) fn write_prose(desk: &Desk, documents: usize) -> Option<()> {
    let Some(corpora) = corpora() else {
        eprintln!("skipped: INKSTONE_CORPORA is not there");
        return None;
    };
    write_pieces(&corpora.join("en/twain"), &desk.writing(), 600, documents);
    write_pieces(&corpora.join("en/harper-texts"), &desk.generic(), 1_500, 12);
    Some(())
}

/// Paragraphs of the folder's files, put together to files of some length, each with a heading.
fn write_pieces(from: &Path, to: &Path, characters: usize, count: usize) {
    let mut files: Vec<PathBuf> = fs::read_dir(from)
        .unwrap()
        .map(|one| one.unwrap().path())
        .collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|ending| ending == "md" || ending == "txt")
    });
    files.sort();
    let mut pieces = vec![String::new()];
    'files: for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for paragraph in text.split("\n\n").filter(|one| one.len() > 80) {
            if pieces[pieces.len() - 1].len() >= characters {
                if pieces.len() == count {
                    break 'files;
                }
                pieces.push(String::new());
            }
            let last = pieces.len() - 1;
            pieces[last].push_str(paragraph.trim());
            pieces[last].push_str("\n\n");
        }
    }
    assert_eq!(pieces.len(), count);
    for (number, piece) in pieces.iter().enumerate() {
        fs::write(to.join(format!("{number:03}.md")), piece).unwrap();
    }
}
