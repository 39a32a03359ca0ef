//! The training itself: begun or gone on with, one event after the other, checkpoints, and what is
//! done when it ends. What leads to it is in [`super::opening`].

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use inkstone_corpus::dataset::DatasetId;
use inkstone_lora::{
    Batches, Between, Decoder, EndReason, HeldOut, LoraError, Packed, RateSearch, Run, RunEvent,
    find_rate,
};
use inkstone_protocol::TrainingPhase;
use inkstone_store::Store;

use super::batches::Mixture;
use super::folder::{About, TrainingFolder};
use super::judge;
use super::measure::{groups, pack};
use super::opening::Workshop;
use super::order::{Order, Outcome};
use super::passages::Passage;
use super::prepare::{Base, GenericTexts, Texts};
use super::quiet::Quiet;
use super::teller::Teller;

/// A training that is ready to begin or to go on.
pub(super) struct Prepared {
    pub(super) base: Base,
    pub(super) dataset: DatasetId,
    pub(super) texts: Texts,
    pub(super) generic: GenericTexts,
    pub(super) about: About,
    pub(super) folder: TrainingFolder,
}

impl Prepared {
    pub(super) fn run(
        &self,
        workshop: &Workshop<'_>,
        store: &mut Store,
        order: &Order,
        decoder: &Decoder,
        begun: Option<&About>,
        teller: &mut Teller,
    ) -> anyhow::Result<Outcome> {
        let counted = self.batches();
        let pass_tokens = self.about.chosen.pass_tokens;
        let held_out = HeldOut {
            own: packs(&self.texts.steering, pass_tokens),
            generic: packs(&self.generic.steering, pass_tokens),
        };
        let mut run = self.begin(decoder, &counted, &held_out, begun, teller)?;
        let steps = self.about.chosen.steps;
        teller.phase(TrainingPhase::Training, run.steps(), steps);
        let reason = loop {
            let event = attended(workshop.quiet, teller, |between| run.advance(between));
            match event {
                Ok(RunEvent::Ended(reason)) => break reason,
                Ok(event) => self.heed(event, &counted, teller),
                Err(LoraError::Stopped) => {
                    self.keep(&run.checkpoint()?, run.steps(), teller);
                    let step = run.steps();
                    return Ok(Outcome::Stopped { step, steps });
                }
                Err(error) => return Err(error.into()),
            }
        };
        // Who is killed while it is judged need not train again.
        self.keep(&run.checkpoint()?, run.steps(), teller);
        teller.notice(&format!("the training has ended: {reason}"));
        let ran_away = matches!(reason, EndReason::Diverged(_));
        let judging = judge::Judging {
            workshop,
            order,
            prepared: self,
            decoder,
            ran_away,
            end: reason.to_string(),
        };
        let outcome = judging.judge(store, &run, teller)?;
        if !matches!(outcome, Outcome::Stopped { .. }) {
            self.folder.clear()?;
        }
        Ok(outcome)
    }

    fn batches(&self) -> Counted {
        let (own, generic) = (self.texts.own.clone(), self.generic.mixed.clone());
        Counted {
            mixture: Mixture::new(own, generic, self.about.chosen.batch_measures()),
            last_tokens: AtomicU64::new(0),
        }
    }

    /// Tries learning rates, and keeps nothing.
    pub(super) fn find_rate(
        &self,
        workshop: &Workshop<'_>,
        decoder: &Decoder,
        teller: &mut Teller,
    ) -> anyhow::Result<Outcome> {
        teller.phase(TrainingPhase::Searching, 0, 0);
        let training = self.about.chosen.run_config().training;
        let (search, batches) = (RateSearch::default(), self.batches());
        let found = attended(workshop.quiet, teller, |between| {
            find_rate(decoder, &training, &search, &batches, between)
        });
        let found = match found {
            Err(LoraError::Stopped) => {
                let steps = search.steps;
                return Ok(Outcome::Stopped { step: 0, steps });
            }
            found => found?,
        };
        let points = found.points.iter();
        // Where it runs away the loss may be no number, which no answer can hold.
        let (counted, lost): (Vec<_>, Vec<_>) = points
            .map(|point| (point.rate, point.change))
            .partition(|(_, change)| change.is_finite());
        if let Some((rate, _)) = lost.first() {
            teller.notice(&format!(
                "with a learning rate of {rate:.1e} the loss is no number any more; higher ones were not tried"
            ));
        }
        let tried = counted.into_iter();
        Ok(Outcome::Rates {
            best: found.suggestion,
            tried: tried.collect(),
        })
    }

    /// Goes on from the last checkpoint, or begins.
    fn begin<'a>(
        &self,
        decoder: &'a Decoder,
        batches: &'a dyn Batches,
        held_out: &'a HeldOut,
        begun: Option<&About>,
        teller: &Teller,
    ) -> anyhow::Result<Run<'a>> {
        let config = self.about.chosen.run_config();
        if begun == Some(&self.about)
            && let Some(checkpoint) = self.folder.checkpoint()
        {
            match Run::resume(decoder, config.clone(), batches, held_out, &checkpoint) {
                Ok(run) => {
                    teller.notice(&format!("the training goes on after step {}", run.steps()));
                    return Ok(run);
                }
                Err(error) => teller.notice(&format!("{error}")),
            }
        } else if begun.is_some_and(|begun| *begun != self.about) {
            teller.notice("a training that was begun is begun anew: the generic prose was changed");
        }
        let named = || format!("{}: cannot be written", self.folder.path().display());
        self.folder.begin(&self.about).with_context(named)?;
        Ok(Run::begin(decoder, config, batches, held_out)?)
    }

    fn heed(&self, event: RunEvent, counted: &Counted, teller: &mut Teller) {
        match event {
            RunEvent::Stepped(step) => {
                let tokens = counted.last_tokens.load(Ordering::Relaxed);
                teller.stepped(step.step + 1, Some(step.loss), tokens);
            }
            RunEvent::Evaluated { held_out, .. } => teller.evaluated(held_out),
            RunEvent::Checkpoint(bytes) => self.keep(&bytes, 0, teller),
            RunEvent::Diverged {
                step,
                reason,
                new_rate,
                back_to_step,
            } => teller.notice(&format!(
                "at step {step} {reason}; back to step {back_to_step} with a learning rate of {new_rate:.1e}"
            )),
            RunEvent::Ended(_) => {}
        }
    }

    /// A disk that is full costs the way back, not the training.
    fn keep(&self, checkpoint: &[u8], step: u64, teller: &Teller) {
        if let Err(error) = self.folder.keep(checkpoint) {
            let place = self.folder.path().display();
            teller.notice(&format!(
                "{place}: the checkpoint of step {step} cannot be written ({error}); the training goes on, and would go on from the last one if it was ended now. Make room on the disk"
            ));
        }
    }
}

/// Does something, waiting between two layers while it has to.
pub(super) fn attended<T>(
    quiet: &Quiet,
    teller: &mut Teller,
    work: impl FnOnce(&mut Between<'_>) -> T,
) -> T {
    let mut ask = || quiet.wait(&mut |wait| teller.waits(wait));
    work(&mut Between::new(&mut ask))
}

fn packs(passages: &[Passage], tokens_max: usize) -> Vec<Packed> {
    groups(passages, tokens_max).into_iter().map(pack).collect()
}

/// Batches, and how many tokens the last one had.
struct Counted {
    mixture: Mixture,
    last_tokens: AtomicU64,
}

impl Batches for Counted {
    fn micro_batches(&self, step: u64, seed: u64) -> Vec<Packed> {
        let passes = self.mixture.of_step(step, seed);
        let tokens = passes.iter().map(|packed| packed.tokens().len() as u64);
        self.last_tokens.store(tokens.sum(), Ordering::Relaxed);
        passes
    }
}
