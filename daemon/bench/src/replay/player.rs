//! One language's documents, played under some preset and without some techniques.
//!
//! Each play has a home and a daemon of its own, so that none learns from another.

use std::fmt::Write as _;
use std::io::Write as _;

use inkstone_platform::private::file_options;
use inkstone_protocol::Technique;
use inkstone_settings::Preset;
use serde::Serialize;

use super::carets::{self, Caret};
use super::corpus::Document;
use super::nll::{self, NllReport};
use super::points::{self, Point};
use super::remembered::Remembered;
use super::typing::{self, Typed};
use super::{ReplayOptions, SEED};
use crate::error::BenchError;
use crate::observer::DEADLINE_MS;
use crate::stage::{ModelFile, Setting, Stage};

/// Only a suggestion's first word counts at a point, and a word has fewer tokens than these; the
/// product's own limit would cost twice as much. What is judged by the whole text (script,
/// repetition) sees less of it: at 240 carets, three Chinese suggestions were shown that the longer
/// text would have ruled out.
const POINT_TOKENS_MAX: u32 = 8;

/// The documents of a language and how they are to be played.
pub(super) struct Player<'a> {
    options: &'a ReplayOptions,
    language: &'static str,
    documents: Vec<&'a Document>,
    /// Prose that is not the writer's, in the same language.
    generic: Vec<&'a Document>,
    remembered: Option<&'a Remembered>,
}

/// A point as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    language: &'a str,
    #[serde(flatten)]
    point: &'a Point,
}

impl<'a> Player<'a> {
    pub(super) fn new(
        options: &'a ReplayOptions,
        language: &'static str,
        (documents, generic): (Vec<&'a Document>, Vec<&'a Document>),
        remembered: Option<&'a Remembered>,
    ) -> Self {
        Self {
            options,
            language,
            documents,
            generic,
            remembered,
        }
    }

    /// How many documents there are.
    pub(super) fn documents(&self) -> usize {
        self.documents.len()
    }

    /// Asks at single carets, without the gate: the same carets every time.
    pub(super) fn points(
        &self,
        without: &[Technique],
        progress: &mut dyn FnMut(&str),
    ) -> Result<Vec<Point>, BenchError> {
        let carets: Vec<Caret> = carets::choose(&self.documents, self.options.points, SEED);
        let stage = self.stage(Preset::All, Some(POINT_TOKENS_MAX), without)?;
        // What can be chosen from is asked for where it is compared with one suggestion alone.
        let by_key = without.iter().all(|of| *of == Technique::Alternatives);
        points::measure(&stage, &self.documents, &carets, by_key, progress)
    }

    /// Types passages key by key: the same passages every time.
    pub(super) fn type_passages(
        &self,
        preset: Preset,
        without: &[Technique],
        progress: &mut dyn FnMut(&str),
    ) -> Result<Vec<Typed>, BenchError> {
        let stage = self.stage(preset, None, without)?;
        let mut told = |doing: &str| progress(&format!("{}, {doing}", preset.word()));
        typing::measure(&stage, &self.documents, self.options.passages, &mut told)
    }

    /// How surprising the documents are, if that was asked for.
    pub(super) fn nll(
        &self,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<NllReport>, BenchError> {
        let Some(wanted) = &self.options.nll else {
            return Ok(None);
        };
        let stage = self.home(Preset::All, None)?;
        let subject = nll::Subject {
            language: self.language,
            documents: &self.documents,
            generic: &self.generic,
        };
        let observer = stage.observer()?;
        nll::measure((self.options, wanted), &subject, &observer, progress).map(Some)
    }

    /// Adds points to the file that was asked for, if one was.
    pub(super) fn keep(&self, points: &[Point]) -> Result<(), BenchError> {
        let Some(file) = &self.options.points_file else {
            return Ok(());
        };
        let unwritable = |source| BenchError::Home {
            path: file.clone(),
            source,
        };
        let mut lines = String::new();
        for point in points {
            let line = serde_json::to_string(&Line {
                language: self.language,
                point,
            });
            let line = line.map_err(|error| unwritable(error.into()))?;
            // Writing to a string cannot fail.
            let _infallible = writeln!(lines, "{line}");
        }
        let opened = file_options().append(true).open(file);
        opened
            .and_then(|mut opened| opened.write_all(lines.as_bytes()))
            .map_err(unwritable)
    }

    /// `tokens_max` is the length of a suggestion; without it, as the product has it.
    fn stage(
        &self,
        preset: Preset,
        tokens_max: Option<u32>,
        without: &[Technique],
    ) -> Result<Stage, BenchError> {
        let mut stage = self.home(preset, tokens_max)?;
        // Keys come as fast as they are answered.
        let without: Vec<Technique> = without.iter().copied().chain([Technique::Pace]).collect();
        stage.start_editor_without(&without, self.options.adapter.as_deref())?;
        Ok(stage)
    }

    /// A home with what is remembered, in which nothing runs.
    fn home(&self, preset: Preset, tokens_max: Option<u32>) -> Result<Stage, BenchError> {
        let models: Vec<ModelFile> = self
            .options
            .models
            .iter()
            .map(|model| (model.model.clone(), model.file.clone()))
            .collect();
        let stage = Stage::new(Setting {
            binaries: &self.options.binaries,
            models: &models,
            settings: &settings(self.options, preset, tokens_max),
        })?;
        if let Some(remembered) = self.remembered {
            remembered.put_into(stage.home())?;
        }
        Ok(stage)
    }
}

/// What was shown earlier must not move the gate of what follows, and time is virtual.
fn settings(options: &ReplayOptions, preset: Preset, tokens_max: Option<u32>) -> String {
    let length = tokens_max.map_or_else(String::new, |tokens| format!("max_tokens = {tokens}\n"));
    let mut settings = format!(
        "[completion]\ndeadline_ms = {DEADLINE_MS}\npreset = \"{}\"\nprompt_tokens = {}\n{length}\
         learn_threshold = false\ndebounce_ms = 0\n\n\
         [engine]\nthreads = {}\n\n",
        preset.word(),
        options.prompt_tokens,
        options.threads
    );
    settings.push_str(&options.role_settings());
    settings
}
