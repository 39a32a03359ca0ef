//! Where a training lies between two runs of the program: what it is, and its last checkpoint.
//!
//! Below the state directory, one folder for each language and workspace. Each file is written whole
//! under another name, synced and renamed, so that a process that is killed, or a disk that is full,
//! leaves the last one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use inkstone_platform::private;
use serde::{Deserialize, Serialize};

use super::chosen::Chosen;
use super::curve::Curve;

const ABOUT: &str = "about.json";
const CHECKPOINT: &str = "checkpoint";
const CURVE: &str = "curve.json";
/// Largest file of either kind: an adapter of rank 256 on a model of a billion weights with what an
/// optimizer remembers.
const FILE_BYTES_MAX: u64 = 4 << 30;

/// What a training is: where any of it differs, a checkpoint is another training's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// What these files mean; another version's are not gone on with.
    pub version: u32,
    /// Name of the base model.
    pub model: String,
    /// Hash of its file.
    pub model_sha256: String,
    /// The version of the dataset, which is held for it.
    pub dataset: String,
    /// Hash of the generic prose.
    pub replay_sha256: String,
    /// The settings of training as they were, to see whether they changed.
    pub settings: String,
    /// The numbers.
    pub chosen: Chosen,
}

/// What [`About::version`] is today.
pub const ABOUT_VERSION: u32 = 1;

/// The folder of one training.
#[derive(Debug, Clone)]
pub struct TrainingFolder {
    path: PathBuf,
}

impl TrainingFolder {
    /// Below `training`, which is its owner's alone; nothing is made yet.
    pub fn new(training: &Path, name: &str) -> Self {
        Self {
            path: training.join(name),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The training that was begun here; what cannot be read is none.
    pub fn about(&self) -> Option<About> {
        let about = self.read(ABOUT)?;
        let about: About = serde_json::from_slice(&about).ok()?;
        (about.version == ABOUT_VERSION).then_some(about)
    }

    /// Its last checkpoint; none before the first.
    pub fn checkpoint(&self) -> Option<Vec<u8>> {
        self.read(CHECKPOINT)
    }

    /// How it went until its last checkpoint, or a little further.
    pub fn curve(&self) -> Option<Curve> {
        serde_json::from_slice(&self.read(CURVE)?).ok()
    }

    /// Keeps how it went.
    pub fn keep_curve(&self, curve: &Curve) -> io::Result<()> {
        private::replace(&self.path.join(CURVE), &serde_json::to_vec(curve)?)
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.path.join(name);
        let is_sane = fs::metadata(&path).ok()?.len() <= FILE_BYTES_MAX;
        is_sane.then(|| fs::read(path).ok()).flatten()
    }

    /// Begins a training: what lay here is gone.
    pub fn begin(&self, about: &About) -> io::Result<()> {
        self.clear()?;
        fs::create_dir_all(&self.path)?;
        private::replace(&self.path.join(ABOUT), &serde_json::to_vec(about)?)
    }

    /// Keeps a checkpoint in the place of the last.
    pub fn keep(&self, checkpoint: &[u8]) -> io::Result<()> {
        private::replace(&self.path.join(CHECKPOINT), checkpoint)
    }

    /// Takes everything away.
    pub fn clear(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About {
            version: ABOUT_VERSION,
            model: "m".to_owned(),
            model_sha256: "ab".repeat(32),
            dataset: "cd".repeat(32),
            replay_sha256: String::new(),
            settings: "散文".to_owned(),
            chosen: serde_json::from_value(serde_json::json!({
                "rank": 8, "alpha": 16, "rslora": false, "dropout": "0", "targets": ["q"],
                "sgd": false, "rate": "0.0004", "decay": "cosine", "warm_up_steps": 4, "steps": 60,
                "step_tokens": 512, "pass_tokens": 512, "sequence_tokens": 512, "evaluate_every": 5,
                "patience": 3, "checkpoint_every": 20, "seed": 1, "replay_percent": 20,
                "recompute": false, "plain_bytes": 0
            }))
            .unwrap(),
        }
    }

    #[test]
    fn a_training_is_found_again_with_its_last_checkpoint_and_a_new_one_takes_its_place() {
        let state = tempfile::tempdir().unwrap();
        let folder = TrainingFolder::new(state.path(), "en");
        assert!(folder.about().is_none() && folder.checkpoint().is_none());
        folder.begin(&about()).unwrap();
        folder.keep(b"one").unwrap();
        folder.keep(b"two").unwrap();
        assert_eq!(folder.about().unwrap(), about());
        assert_eq!(folder.checkpoint().unwrap(), b"two");
        folder.begin(&about()).unwrap();
        assert!(folder.checkpoint().is_none());
        folder.clear().unwrap();
        folder.clear().unwrap();
        assert!(folder.about().is_none());
    }

    #[test]
    fn what_cannot_be_read_or_is_of_another_version_is_no_training() {
        let state = tempfile::tempdir().unwrap();
        let folder = TrainingFolder::new(state.path(), "zh");
        let mut newer = about();
        newer.version += 1;
        folder.begin(&newer).unwrap();
        assert!(folder.about().is_none());
        fs::write(folder.path().join(ABOUT), b"{\"version\":1").unwrap();
        assert!(folder.about().is_none());
    }
}
