//! The real trainer in a home of its own: a folder is added, a training planned and run.
//!
//! Not the numbers that are reported (`report.rs`).

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use inkstone_protocol::{TrainingPhase, TrainingReport};
use inkstone_settings::Directories;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{TrainOptions, TrainSettings};
use crate::error::BenchError;
use crate::stage::{HOME_VARIABLE, home_error};
use crate::trainer_home::{self, Ended, TrainerHome, answer_of, failed, generic_setting, watched};

/// Looks at the held-out documents that are kept: of more than anybody waits for.
const CURVE_POINTS_MAX: usize = 10_000;

/// Runs the trainer.
pub(super) struct Trainer {
    home: TrainerHome,
    language: String,
}

/// What it would train.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Planned {
    pub(super) own_tokens: u64,
    pub(super) documents: usize,
    pub(super) held_out_tokens: u64,
    pub(super) held_out_documents: usize,
    /// Every number of the training, as it says them.
    pub(super) chosen: Value,
}

/// What came of a training.
#[derive(Debug, Clone)]
pub(super) struct Ran {
    pub(super) registered: Registered,
    pub(super) heard: Heard,
    /// The most memory that it was seen to hold, in MiB.
    pub(super) rss_mb_max: f64,
}

/// What is read of a registered adapter.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Registered {
    pub(super) state: String,
    pub(super) sha256: String,
    pub(super) decision: Decision,
    pub(super) facts: Facts,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Decision {
    pub(super) reasons: Vec<String>,
    pub(super) own: Gain,
    pub(super) generic: Option<Gain>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Gain {
    pub(super) base_loss: f64,
    pub(super) adapter_loss: f64,
    pub(super) percent: f64,
    pub(super) low_percent: f64,
    pub(super) high_percent: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Facts {
    pub(super) best_step: u64,
    pub(super) retreats: u64,
    pub(super) seconds: f64,
    pub(super) tokens_per_s: f64,
    pub(super) peak_rss_mb: f64,
}

/// A look at the held-out documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Looked {
    pub(super) step: u64,
    /// Since the first step began.
    pub(super) seconds: f64,
    /// The best loss so far.
    pub(super) held_out: f64,
}

/// What it said on the way.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    training_since: Option<Instant>,
    /// Losses of the first step that was told of, and of the last.
    pub(super) losses: Option<(f64, f64)>,
    pub(super) curve: Vec<Looked>,
    latest: Option<TrainingReport>,
}

#[derive(Debug, Deserialize)]
struct Told {
    training: TrainingReport,
}

#[derive(Debug, Deserialize)]
struct Answer {
    trainings: Vec<Value>,
}

impl Trainer {
    /// Prepares a home; starts nothing.
    pub(super) fn new(options: &TrainOptions) -> Result<Self, BenchError> {
        let model = (options.model.model.clone(), options.model.file.clone());
        let settings = settings(options)?;
        Ok(Self {
            home: TrainerHome::furnished(&options.binaries, &settings, &[model])?,
            language: options.model.language.clone(),
        })
    }

    /// Adds a folder, and reads it.
    pub(super) fn add(&self, folder: &Path) -> Result<(), BenchError> {
        self.home.add(folder)?;
        answer_of(self.home.trainer().arg("build")).map(drop)
    }

    /// What would be trained.
    pub(super) fn plan(&self) -> Result<Planned, BenchError> {
        let answer = answer_of(self.training().arg("--dry-run"))?;
        of_answer(&answer, "planned")
    }

    /// Trains, and judges what came of it.
    pub(super) fn train(&self, progress: &mut dyn FnMut(&str)) -> Result<Ran, BenchError> {
        let mut command = self.training();
        // It ends with its input: where this measurement is killed, none goes on for nobody.
        command.arg("--attached").stdin(Stdio::piped());
        let ended: Ended<Heard> = watched(&mut command, progress)?;
        Ok(Ran {
            registered: of_answer(&ended.answer, "registered")?,
            heard: ended.heard,
            rss_mb_max: ended.rss_mb_max,
        })
    }

    /// Copies the file of an adapter that came of it.
    pub(super) fn copy_adapter(&self, sha256: &str, to: &Path) -> Result<(), BenchError> {
        let directories = Directories::from_lookup(|name| {
            (name == HOME_VARIABLE).then(|| self.home.path().as_os_str().to_owned())
        })?;
        let file = directories.adapters_dir().join(format!("{sha256}.gguf"));
        fs::copy(&file, to)
            .map(drop)
            .map_err(|source| home_error(to, source))
    }

    fn training(&self) -> Command {
        let mut command = self.home.trainer();
        command.args(["train", "--now", "--language", &self.language]);
        command
    }
}

impl Heard {
    fn told(&mut self, report: TrainingReport, now: Instant) {
        if report.phase == TrainingPhase::Training {
            let since = *self.training_since.get_or_insert(now);
            if let Some(loss) = report.loss {
                let first = self.losses.map_or(loss, |(first, _)| first);
                self.losses = Some((first, loss));
            }
            let held_out = report.held_out.or(report.held_out_at_start);
            let last = self.curve.last().map(|looked| looked.held_out);
            if let Some(held_out) = held_out
                && last != Some(held_out)
                && self.curve.len() < CURVE_POINTS_MAX
            {
                self.curve.push(Looked {
                    step: report.step,
                    seconds: now.duration_since(since).as_secs_f64(),
                    held_out,
                });
            }
        }
        self.latest = Some(report);
    }
}

impl trainer_home::Heard for Heard {
    fn take(&mut self, line: &str) -> bool {
        let told = serde_json::from_str::<Told>(line);
        told.map(|told| self.told(told.training, Instant::now()))
            .is_ok()
    }

    fn words(&self) -> String {
        let Some(report) = &self.latest else {
            return "preparing".to_owned();
        };
        let mut words = match report.phase {
            TrainingPhase::Preparing | TrainingPhase::Other => "preparing".to_owned(),
            TrainingPhase::Sampling => "drawing samples of the model".to_owned(),
            TrainingPhase::Searching => "trying learning rates".to_owned(),
            TrainingPhase::Training => format!("step {} of {}", report.step, report.steps),
            TrainingPhase::Judging => "judging".to_owned(),
        };
        // Writing to a string cannot fail.
        if let Some(rate) = report.tokens_per_s {
            let _infallible = write!(words, ", {rate:.0} tokens/s");
        }
        if let Some(waits) = &report.waits {
            let _infallible = write!(words, ", waits: {waits}");
        }
        words
    }
}

/// The outcome that was asked for, or what came instead, as it was said.
fn of_answer<T: DeserializeOwned>(answer: &[u8], wanted: &str) -> Result<T, BenchError> {
    let answer: Answer =
        serde_json::from_slice(answer).map_err(|error| failed(&error.to_string()))?;
    let outcome = answer.trainings.into_iter().next().unwrap_or_default();
    if outcome["outcome"] != wanted {
        return Err(failed(&format!("nothing was trained: {outcome}")));
    }
    serde_json::from_value(outcome).map_err(|error| failed(&error.to_string()))
}

/// The settings file of the home.
fn settings(options: &TrainOptions) -> Result<String, BenchError> {
    let TrainSettings {
        steps,
        step_tokens,
        sequence_tokens,
        rank,
        alpha,
        targets,
        rate,
        warm_up_steps,
        evaluate_every_steps,
        patience,
        replay_percent,
        memory_mb_max,
        threads,
        seed,
        held_out_percent,
    } = &options.settings;
    let mut lines = vec![
        "automatic = \"off\"".to_owned(),
        // It is measured how long it takes, not how hot it gets.
        "celsius_max = 0".to_owned(),
        format!("steps = {steps}"),
        format!("rank = {rank}"),
        format!("alpha = {alpha}"),
        format!("rate = {rate:?}"),
        format!("evaluate_every_steps = {evaluate_every_steps}"),
        format!("memory_mb_max = {memory_mb_max}"),
        format!("threads = {threads}"),
    ];
    let mut add = |key: &str, value: Option<u32>| {
        lines.extend(value.map(|value| format!("{key} = {value}")));
    };
    add("tokens_per_step", *step_tokens);
    add("sequence_tokens", *sequence_tokens);
    add("warm_up_steps", *warm_up_steps);
    add("patience", *patience);
    add("replay_percent", *replay_percent);
    add("seed", *seed);
    if !targets.is_empty() {
        lines.push(format!("targets = {}", Value::from(targets.clone())));
    }
    if let Some(generic) = &options.generic {
        lines.push(generic_setting(generic)?);
    }
    let model = &options.model;
    let held_out = held_out_percent.map_or_else(String::new, |percent| {
        format!("[corpus]\nheld_out_percent = {percent}\n\n")
    });
    Ok(format!(
        "{held_out}[model.completion]\n{} = \"{}\"\n\n[train]\n{}\n",
        model.language,
        model.model,
        lines.join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::replay::LanguageModel;
    use crate::trainer_home::Heard as _;

    fn options() -> TrainOptions {
        TrainOptions {
            binaries: PathBuf::new(),
            corpus: PathBuf::new(),
            generic: None,
            model: LanguageModel {
                language: "zh".to_owned(),
                model: "gemma-3-270m".to_owned(),
                file: PathBuf::new(),
            },
            own_tokens_max: None,
            settings: TrainSettings {
                steps: 4,
                rate: 3e-4,
                targets: vec!["q".to_owned(), "v".to_owned()],
                seed: Some(7),
                held_out_percent: Some(30),
                ..TrainSettings::default()
            },
            gain_percent: 5.0,
            adapter_file: None,
        }
    }

    #[test]
    fn the_settings_are_those_of_the_product_but_for_what_was_asked_for() {
        let folder = tempfile::Builder::new()
            .prefix("散文 \"x\"")
            .tempdir()
            .unwrap();
        let options = TrainOptions {
            generic: Some(folder.path().to_owned()),
            ..options()
        };
        let text = settings(&options).unwrap();
        let file = folder.path().join("inkstone.toml");
        fs::write(&file, &text).unwrap();
        let layers = inkstone_settings::Layers {
            user_file: Some(&file),
            ..inkstone_settings::Layers::default()
        };
        let loaded = layers.load();
        assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
        assert_eq!(loaded.settings.corpus.held_out_percent, 30);
        let train = loaded.settings.train;
        assert_eq!((train.steps, train.rank, train.seed), (4, 0, 7), "{text}");
        assert_eq!(train.rate.to_bits(), 3e-4_f64.to_bits());
        assert_eq!(train.targets, ["q", "v"]);
        assert_eq!(
            train.tokens_per_step,
            inkstone_settings::Train::default().tokens_per_step
        );
        let folder = folder.path().canonicalize().unwrap();
        assert_eq!(train.replay_folder, Some(folder), "{text}");
        let missing = TrainOptions {
            generic: Some(PathBuf::from("/no/such/folder")),
            ..options
        };
        assert!(settings(&missing).is_err());
    }

    fn told(line: &str) -> TrainingReport {
        serde_json::from_str::<Told>(line).unwrap().training
    }

    #[test]
    fn what_the_trainer_says_becomes_a_curve() {
        let mut heard = Heard::default();
        let begun = Instant::now();
        for (after_s, line) in [
            (
                0,
                r#"{"training":{"pid":1,"phase":"preparing","language":"en","model":"m","step":0,"steps":0}}"#,
            ),
            (
                5,
                r#"{"training":{"pid":1,"phase":"training","language":"en","model":"m","step":0,"steps":4,"held_out_at_start":3.4,"held_out":3.4}}"#,
            ),
            (
                7,
                r#"{"training":{"pid":1,"phase":"training","language":"en","model":"m","step":1,"steps":4,"loss":3.5,"held_out_at_start":3.4,"held_out":3.4}}"#,
            ),
            (
                9,
                r#"{"training":{"pid":1,"phase":"training","language":"en","model":"m","step":2,"steps":4,"loss":3.2,"held_out_at_start":3.4,"held_out":3.1}}"#,
            ),
            (
                10,
                r#"{"training":{"pid":1,"phase":"judging","language":"en","model":"m","step":0,"steps":0,"loss":3.2,"held_out":3.1}}"#,
            ),
        ] {
            heard.told(told(line), begun + Duration::from_secs(after_s));
        }
        assert_eq!(heard.losses, Some((3.5, 3.2)));
        let curve: Vec<(u64, f64)> = heard
            .curve
            .iter()
            .map(|one| (one.step, one.seconds))
            .collect();
        assert_eq!(curve, [(0, 0.0), (2, 4.0)]);
        assert_eq!(heard.words(), "judging");
    }

    #[test]
    fn another_outcome_than_the_wanted_one_is_told_as_it_was_said() {
        let small =
            br#"{"trainings":[{"language":"en","outcome":"too_small","found":9,"needed":4000}]}"#;
        let refused = of_answer::<Planned>(small, "planned").unwrap_err();
        assert!(refused.to_string().contains("4000"), "{refused}");
        assert!(of_answer::<Planned>(b"{\"trainings\":[]}", "planned").is_err());
        assert!(of_answer::<Planned>(b"no", "planned").is_err());
    }
}
