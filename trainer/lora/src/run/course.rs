//! The run: one thing after the other, each told as an event.
//!
//! It evaluates before the first step, every so many steps, and after the last. The best state is
//! the one with the least held-out loss, and is also the last good one: what came after it has not
//! shown itself to be better, so that is where a training that ran away goes back to.

use super::batches::{Batches, HeldOut, Measured};
use super::config::RunConfig;
use super::event::{Divergence, EndReason, RunEvent};
use super::guard::Guard;
use super::stopping::Stopping;
use crate::error::LoraError;
use crate::model::decoder::Decoder;
use crate::ops::noise;
use crate::pass::between::Between;
use crate::pass::forward::Adapter;
use crate::train::training::{State, Training};

/// Characters that are kept of what a caller says of a degenerate sample.
const DEGENERATE_CHARACTERS_MAX: usize = 200;

/// A run, between two events.
pub struct Run<'a> {
    pub(super) decoder: &'a Decoder,
    pub(super) config: RunConfig,
    batches: &'a dyn Batches,
    held_out: &'a HeldOut,
    pub(super) training: Training<'a>,
    pub(super) progress: Progress,
    /// The best state so far: none before the first evaluation.
    pub(super) best: Option<Good>,
}

/// What a run knows beside its tensors.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Progress {
    pub(super) todo: Todo,
    pub(super) guard: Guard,
    /// None before the first evaluation.
    pub(super) stopping: Option<Stopping>,
    /// The held-out loss before the first step.
    pub(super) start: Option<f64>,
    pub(super) retreats: u64,
    /// What the caller says of the samples, until it is acted on.
    pub(super) degenerate: Option<String>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Todo {
    Evaluate,
    /// An evaluation was told, and is to be acted on.
    Judge(Measured),
    Checkpoint,
    Step,
    End(EndReason),
}

/// A state and how it was judged.
#[derive(Debug)]
pub(super) struct Good {
    pub(super) state: State,
    pub(super) measured: Measured,
}

/// The best adapter of a run.
#[derive(Debug, Clone, Copy)]
pub struct Best<'a> {
    /// Shape and weights.
    pub adapter: Adapter<'a>,
    /// After so many steps; 0 for one that changes nothing yet.
    pub step: u64,
    /// The mean loss of a held-out token of the writer's, in nats.
    pub held_out: f64,
    /// The same of generic prose, where there is some.
    pub generic: Option<f64>,
}

impl<'a> Run<'a> {
    /// Begins with an adapter that changes nothing yet.
    pub fn begin(
        decoder: &'a Decoder,
        config: RunConfig,
        batches: &'a dyn Batches,
        held_out: &'a HeldOut,
    ) -> Result<Self, LoraError> {
        config.check()?;
        held_out.check()?;
        Ok(Self {
            training: Training::begin(decoder, config.training.clone())?,
            decoder,
            config,
            batches,
            held_out,
            progress: Progress {
                todo: Todo::Evaluate,
                guard: Guard::default(),
                stopping: None,
                start: None,
                retreats: 0,
                degenerate: None,
            },
            best: None,
        })
    }

    /// Does the next thing, and says what came of it. `between` is asked between two layers; when it
    /// stops a step or an evaluation, nothing of it is kept, and it comes next again.
    pub fn advance(&mut self, between: &mut Between<'_>) -> Result<RunEvent, LoraError> {
        loop {
            if let Some(what) = self.progress.degenerate.take() {
                return Ok(self.retreat(Divergence::Degenerate(what)));
            }
            match self.progress.todo.clone() {
                Todo::Evaluate => return self.evaluate(between),
                Todo::Judge(measured) => {
                    if let Some(event) = self.judge(measured) {
                        return Ok(event);
                    }
                }
                Todo::Checkpoint => {
                    self.progress.todo = Todo::Step;
                    return Ok(RunEvent::Checkpoint(self.checkpoint()?));
                }
                Todo::Step => return self.step(between),
                Todo::End(reason) => return Ok(RunEvent::Ended(reason)),
            }
        }
    }

    /// Says that what the adapter writes now makes no sense: repetition, another script. The next
    /// event is then that the run went back, or that it ended, where nothing was judged yet that it
    /// could go back to. A run that is over stays so.
    pub fn report_degenerate(&mut self, what: &str) {
        if !matches!(self.progress.todo, Todo::End(_)) {
            let what = what.chars().take(DEGENERATE_CHARACTERS_MAX).collect();
            self.progress.degenerate = Some(what);
        }
    }

    /// The adapter as it is now.
    pub fn adapter(&self) -> Adapter<'_> {
        self.training.adapter()
    }

    /// The adapter that foretells the held-out texts best so far; none before the first evaluation
    /// was acted on, which happens on the way to the event after it.
    pub fn best(&self) -> Option<Best<'_>> {
        let good = self.best.as_ref()?;
        Some(Best {
            adapter: Adapter {
                config: &self.config.training.lora,
                weights: &good.state.weights,
            },
            step: good.state.step,
            held_out: good.measured.own,
            generic: good.measured.generic,
        })
    }

    /// The held-out loss before the first step, once it is known.
    pub fn start_held_out(&self) -> Option<f64> {
        self.progress.start
    }

    /// Steps that led to the adapter as it is now.
    pub fn steps(&self) -> u64 {
        self.training.steps()
    }

    /// How often it ran away and went back.
    pub fn retreats(&self) -> u64 {
        self.progress.retreats
    }

    /// What it was told.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    fn evaluate(&mut self, between: &mut Between<'_>) -> Result<RunEvent, LoraError> {
        let adapter = self.training.adapter();
        let measured = self.held_out.measure(self.decoder, adapter, between)?;
        self.progress.todo = Todo::Judge(measured);
        Ok(RunEvent::Evaluated {
            step: self.training.steps(),
            held_out: measured.own,
            generic: measured.generic,
        })
    }

    /// Acts on an evaluation; says what came of it, where something is to be said.
    fn judge(&mut self, measured: Measured) -> Option<RunEvent> {
        let loss = measured.own;
        if !loss.is_finite() {
            return Some(self.retreat(Divergence::NoNumber));
        }
        let start = *self.progress.start.get_or_insert(loss);
        if loss > start + self.config.guard.held_out_rise_max {
            let held_out = loss;
            return Some(self.retreat(Divergence::HeldOutRise { held_out, start }));
        }
        match &mut self.progress.stopping {
            Some(stopping) => stopping.see(loss, self.config.gain_min),
            None => self.progress.stopping = Some(Stopping::at(loss)),
        }
        let best = self.best.as_ref().map(|best| best.measured.own);
        if best.is_none_or(|best| loss < best) {
            let state = self.training.state.clone();
            self.best = Some(Good { state, measured });
        }
        let is_done = self.training.steps() >= self.config.training.schedule.steps;
        let waited = self.progress.stopping.map_or(0, |stopping| stopping.waited);
        let is_at_end = is_done || waited >= self.config.patience;
        if is_at_end && self.is_fruitless() {
            let rate = self.peak_rate();
            return Some(self.retreat(Divergence::NoGain { rate }));
        }
        self.progress.todo = if is_done {
            Todo::End(EndReason::StepsDone)
        } else if is_at_end {
            Todo::End(EndReason::NoLongerImproving)
        } else if self.is_due(self.config.checkpoint_every) {
            Todo::Checkpoint
        } else {
            Todo::Step
        };
        None
    }

    /// Whether nothing was gained at a rate that may be to blame.
    fn is_fruitless(&self) -> bool {
        let is_start = self.best.as_ref().is_none_or(|best| best.state.step == 0);
        is_start
            && self.peak_rate() > self.config.guard.fruitless_rate_min
            && self.progress.retreats < self.config.guard.retreats_max
    }

    fn step(&mut self, between: &mut Between<'_>) -> Result<RunEvent, LoraError> {
        let seed = noise::derive(self.config.training.seed, self.progress.retreats);
        let batches = self.batches.micro_batches(self.training.steps(), seed);
        let step = self.training.step(&batches, between)?;
        if let Some(reason) = self.progress.guard.see(&step, &self.config.guard) {
            return Ok(self.retreat(reason));
        }
        let is_done = self.training.steps() >= self.config.training.schedule.steps;
        self.progress.todo = if is_done || self.is_due(self.config.evaluate_every) {
            Todo::Evaluate
        } else if self.is_due(self.config.checkpoint_every) {
            Todo::Checkpoint
        } else {
            Todo::Step
        };
        Ok(RunEvent::Stepped(step))
    }

    /// Whether what is done every so many steps is due.
    fn is_due(&self, every: u64) -> bool {
        let steps = self.training.steps();
        every > 0 && steps > 0 && steps.is_multiple_of(every)
    }

    /// The highest rate of the schedule as it is now.
    fn peak_rate(&self) -> f64 {
        self.config.training.schedule.peak_rate * self.training.rate_scale
    }

    /// Back to the best state at a lower rate, or to the end where that was done often enough.
    fn retreat(&mut self, reason: Divergence) -> RunEvent {
        let is_forgiven = self.progress.retreats < self.config.guard.retreats_max;
        let Some(best) = self.best.as_ref().filter(|_| is_forgiven) else {
            let reason = EndReason::Diverged(reason);
            self.progress.todo = Todo::End(reason.clone());
            return RunEvent::Ended(reason);
        };
        let step = self.training.steps();
        self.training.state = best.state.clone();
        self.training.rate_scale *= self.config.guard.rate_cut;
        self.progress.retreats += 1;
        self.progress.guard = Guard::default();
        self.progress.stopping = Some(Stopping::at(best.measured.own));
        self.progress.todo = Todo::Step;
        RunEvent::Diverged {
            step,
            reason,
            new_rate: self.peak_rate(),
            back_to_step: self.training.steps(),
        }
    }
}
