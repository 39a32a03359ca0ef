//! Texts that are scored beside what is typed: which model does it, whether there is room, and when its
//! turn is, which is when nothing else is to be computed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use inkstone_engine::{EngineError, Model};
use inkstone_models::ModelName;
use inkstone_prose::{Language, language_around};
use inkstone_protocol::complete::NO_ADAPTER;
use inkstone_protocol::{
    ErrorCode, LIVE_ADAPTER, Release, ReleaseReason, Released, SCORE_BYTES_MAX, SCORE_TEXTS_MAX,
    ScoreParams, Silence, WireError,
};

use super::adapters::{panicked as reading_panicked, spawn};
use super::{RETRY_AFTER, Residency};
use crate::serving::computation;
use crate::serving::mail::Mail;
use crate::serving::memory;
use crate::serving::refusal::{adapter_refused, load_failed, panicked};
use crate::serving::report::SharedReport;
use crate::serving::resident::{Resident, State};
use crate::serving::scoring::{
    Dressed, Guise, ScoreSubmission, Scorer, ScoringDressed, Wardrobe, Worn, bytes_wanted, failed,
    not_now,
};
use crate::serving::silence::{no_role, not_a_name, not_installed};
use crate::serving::waiting::Waiting;

impl Residency {
    /// Takes texts to be scored, or says why not.
    pub(in crate::serving) fn submit_score(
        &mut self,
        submission: ScoreSubmission,
        report: &SharedReport,
    ) {
        let load = submission.params.load;
        let (name, language) = match self.scorer_for(&submission.params) {
            Ok(found) => found,
            Err(error) => return submission.end(Err(error)),
        };
        let guise = self.guise(&name, &submission.params, language);
        let resident = self.residents.entry(name.clone()).or_default();
        let absent = match &resident.state {
            State::Loaded(_) | State::Resting { .. } => None,
            State::Failed { problem, at } if at.elapsed() < RETRY_AFTER => {
                let error = load_failed(&name, problem);
                return submission.end(Err(error));
            }
            State::Loading { .. } => Some("is being loaded"),
            State::Unloaded | State::Failed { .. } => Some("is not in memory"),
        };
        if let Some(absent) = absent.filter(|_| !load) {
            let why = format!("the model {name} {absent}, and this is not worth loading it");
            return submission.end(Err(not_now(why)));
        }
        resident.scorer.push(submission, guise, language);
        if absent.is_some() && !matches!(resident.state, State::Loading { .. }) {
            self.start_loading(&name, Waiting::default(), report);
            self.end_scorings_without_model();
        }
    }

    /// The model that is to score, and the language of the texts.
    fn scorer_for(&self, params: &ScoreParams) -> Result<(ModelName, Language), WireError> {
        check(params)?;
        let language = language_of(params)?;
        let name = if let Some(name) = &params.model {
            name.parse().map_err(|_| unavailable(not_a_name(name)))?
        } else {
            let name = self.role(language);
            name.ok_or_else(|| unavailable(no_role(language)))?
        };
        if self.registry.is_installed(&name) {
            return Ok((name, language));
        }
        let remedy = self.remedy_for(&name);
        Err(unavailable(not_installed(&name, None, &remedy)))
    }

    /// What texts are to be scored in.
    fn guise(&self, name: &ModelName, params: &ScoreParams, language: Language) -> Guise {
        let worn = match params.adapter.as_deref() {
            None | Some(NO_ADAPTER) => Worn::Nothing,
            Some(LIVE_ADAPTER) => {
                let live = self.stock.live(name, language);
                live.map_or(Worn::Nothing, |live| Worn::Live(Box::new(live.clone())))
            }
            Some(named) => Worn::Named(named.to_owned()),
        };
        Guise {
            worn,
            memory: params.memory,
        }
    }

    /// Whether there is something to score now.
    pub(in crate::serving) fn has_scorings(&self) -> bool {
        self.residents.values().any(is_ready_to_score)
    }

    /// One batch of one model. Called when nobody waits for a suggestion.
    pub(super) fn step_scoring(&mut self, report: &SharedReport) {
        let ready = |(name, resident): (&ModelName, &Resident)| {
            let model = resident
                .model_in_memory()
                .filter(|_| is_ready_to_score(resident))?;
            Some((name.clone(), Arc::clone(model)))
        };
        let Some((name, model)) = self.residents.iter().find_map(ready) else {
            return;
        };
        let done = catch_unwind(AssertUnwindSafe(|| self.score_with(&name, &model)));
        let error = match done {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => {
                tracing::error!(model = %name, "scoring panicked");
                return self.end_scorings_of(&name, &panicked());
            }
        };
        tracing::error!(model = %name, %error, "a text cannot be scored");
        self.end_scorings_of(&name, &failed(&error));
        if matches!(error, EngineError::Card { .. }) {
            self.lose_card_of(&name, &error, report);
        }
    }

    fn score_with(&mut self, name: &ModelName, model: &Arc<Model>) -> Result<(), EngineError> {
        let has_context = self
            .residents
            .get(name)
            .is_some_and(|r| r.scorer.has_context());
        if !has_context {
            let ceiling_mb = u64::from(self.settings.engine.memory_mb_max);
            let holdings = self.residents.values().map(Resident::holding);
            let held = memory::total(holdings) + self.scoring_bytes();
            if held + bytes_wanted(model.info()) > ceiling_mb << 20 {
                let why = format!(
                    "engine.memory_mb_max, {ceiling_mb} MiB, leaves no room to score beside what is open"
                );
                self.end_scorings_of(name, &not_now(why));
                return Ok(());
            }
        }
        let threads = self.threads_for(name);
        let Some(resident) = self.residents.get_mut(name) else {
            return Ok(());
        };
        if !has_context {
            resident.scorer.prepare(model, threads)?;
        }
        match resident.scorer.lacks().cloned() {
            None => resident.scorer.step(name.as_str()),
            Some(guise) if guise.is_plain() => resident.scorer.dress(Dressed::default()),
            Some(guise) => {
                // What it wears makes room first.
                resident.scorer.dress(Dressed::default())?;
                self.start_dressing(name, model, guise);
                Ok(())
            }
        }
    }

    /// Reads what a call is to be scored in, apart: hashing files takes longer than a key may wait.
    fn start_dressing(&mut self, name: &ModelName, model: &Arc<Model>, guise: Guise) {
        let wardrobe = Wardrobe {
            adapters: self.stock.reader(),
            memory_dir: self.loader.memory_dir(),
            memory: self.settings.memory.clone(),
        };
        let mailbox = self.loader.mailbox();
        let (of, wanted) = (name.clone(), Arc::clone(model));
        let asked_for = guise.clone();
        let started = spawn("guise", move || {
            let read = || wardrobe.read(&asked_for, &of, &wanted);
            let result = catch_unwind(AssertUnwindSafe(read));
            let result = result.unwrap_or_else(|_| Err(reading_panicked()));
            // Fails only when the engine thread has ended.
            let _ = mailbox.send(Mail::ScoringDressed(Box::new(ScoringDressed {
                model: of,
                of: wanted,
                guise: asked_for,
                result,
            })));
        });
        let Some(resident) = self.residents.get_mut(name) else {
            return;
        };
        match started {
            Ok(()) => resident.scorer.wait_for(guise),
            Err(problem) => resident.scorer.refuse(&guise, adapter_refused(&problem)),
        }
    }

    /// What a call is to be scored in was read.
    pub(in crate::serving) fn scoring_dressed(&mut self, letter: ScoringDressed) {
        let ScoringDressed {
            model: name,
            of,
            guise,
            result,
        } = letter;
        let ceiling_mb = u64::from(self.settings.engine.memory_mb_max);
        let holdings = self.residents.values().map(Resident::holding);
        let held = memory::total(holdings) + self.scoring_bytes();
        let fits = |dressed: &Dressed| held + dressed.adapter_bytes() <= ceiling_mb << 20;
        let Some(resident) = self.residents.get_mut(&name) else {
            return;
        };
        if !resident.scorer.waited_for(&guise) {
            return;
        }
        let is_same = |model: &Arc<Model>| Arc::ptr_eq(model, &of);
        match result {
            // Of a model that was replaced meanwhile: it is read for the new one.
            Ok(_) if !resident.model_in_memory().is_some_and(is_same) => {}
            Ok(dressed) if !fits(&dressed) => {
                let why = format!(
                    "engine.memory_mb_max, {ceiling_mb} MiB, leaves no room to score with this adapter beside what is open"
                );
                resident.scorer.refuse(&guise, not_now(why));
            }
            Ok(dressed) => {
                if let Err(error) = resident.scorer.dress(dressed) {
                    tracing::error!(model = %name, %error, "a text cannot be scored so");
                    resident.scorer.end_all(&failed(&error));
                }
            }
            Err(problem) => resident.scorer.refuse(&guise, adapter_refused(&problem)),
        }
    }

    /// As many as the lane computes with; without one, as the settings say.
    fn threads_for(&self, name: &ModelName) -> u32 {
        if let Some(State::Loaded(lane)) = self.residents.get(name).map(|found| &found.state) {
            return lane.computation().threads;
        }
        let cores = u32::try_from(inkstone_platform::physical_cores()).unwrap_or(1);
        let chosen = computation::choose(&self.settings.engine, None, cores);
        chosen.computation.threads
    }

    /// The card is lost to completions as well.
    fn lose_card_of(&mut self, name: &ModelName, error: &EngineError, report: &SharedReport) {
        let Some(resident) = self.residents.get_mut(name) else {
            return;
        };
        if matches!(resident.state, State::Resting { .. }) {
            self.card.lose(&error.to_string());
            let (what, why) = (Released::Weights, ReleaseReason::Panicked);
            resident.release(Release { what, why });
        } else {
            self.computes_no_more(name, error, report);
        }
    }

    /// What scoring takes beside the weights now.
    pub(super) fn scoring_bytes(&self) -> u64 {
        let scorers = self.residents.values().map(|resident| &resident.scorer);
        scorers.map(Scorer::bytes).sum()
    }

    /// Ends what is being scored, since others need the memory or the daemon ends.
    pub(in crate::serving) fn end_scorings(&mut self, error: &WireError) {
        for resident in self.residents.values_mut() {
            resident.scorer.end_all(error);
        }
    }

    fn end_scorings_of(&mut self, name: &ModelName, error: &WireError) {
        if let Some(resident) = self.residents.get_mut(name) {
            resident.scorer.end_all(error);
        }
    }

    /// Ends what waits for a model that is not there and does not come.
    pub(super) fn end_scorings_without_model(&mut self) {
        for (name, resident) in &mut self.residents {
            let problem = match &resident.state {
                State::Loaded(_) | State::Resting { .. } | State::Loading { .. } => continue,
                State::Unloaded => "has left memory".to_owned(),
                State::Failed { problem, .. } => format!("cannot be loaded: {problem}"),
            };
            if resident.scorer.calls() > 0 || resident.scorer.has_context() {
                let why = format!("the model {name} {problem}");
                resident.scorer.end_all(&not_now(why));
            }
        }
    }

    /// Gives back what nobody has scored with lately.
    pub(super) fn release_idle_scorers(&mut self, now: Instant) {
        for resident in self.residents.values_mut() {
            resident.scorer.release_idle(now);
        }
    }
}

fn is_ready_to_score(resident: &Resident) -> bool {
    resident.scorer.is_ready() && resident.model_in_memory().is_some()
}

fn check(params: &ScoreParams) -> Result<(), WireError> {
    let refuse = |message| Err(WireError::new(ErrorCode::InvalidMessage, message));
    let texts = params.texts.len();
    if texts > SCORE_TEXTS_MAX {
        return refuse(format!(
            "{texts} texts in one call; there may be {SCORE_TEXTS_MAX}"
        ));
    }
    let bytes: usize = params.texts.iter().map(String::len).sum();
    if bytes > SCORE_BYTES_MAX {
        return refuse(format!(
            "{bytes} bytes of text in one call; there may be {SCORE_BYTES_MAX}"
        ));
    }
    Ok(())
}

fn language_of(params: &ScoreParams) -> Result<Language, WireError> {
    let Some(tag) = &params.language else {
        let text = params.texts.first().map_or("", String::as_str);
        return Ok(language_around(text, ""));
    };
    let known = [Language::English, Language::Chinese, Language::Other];
    let found = known.into_iter().find(|language| language.tag() == tag);
    found.ok_or_else(|| {
        let shown: String = tag.chars().take(16).collect();
        let message = format!("no language {shown:?}; there are en, zh and und");
        WireError::new(ErrorCode::InvalidMessage, message)
    })
}

fn unavailable(silence: Silence) -> WireError {
    let error = WireError::new(ErrorCode::ModelUnavailable, silence.message);
    match silence.remedy {
        Some(remedy) => error.with_remedy(remedy),
        None => error,
    }
}
