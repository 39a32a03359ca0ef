//! A run as bytes: the training as it is now, the best state, and what guard and stopping remember.
//!
//! Losses are written as the bits they have, since a number in JSON would lose some, and a run that
//! is gone on with has to end as an undisturbed one does. The texts are not in it: whoever resumes
//! brings those that the run began with.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::batches::{Batches, HeldOut, Measured};
use super::config::RunConfig;
use super::course::{Good, Progress, Run, Todo};
use super::event::{Divergence, EndReason};
use super::guard::Guard;
use super::stopping::Stopping;
use crate::error::LoraError;
use crate::model::decoder::Decoder;
use crate::train::checkpoint::{described, read_scale};
use crate::train::saved::{self, Saved, refused};

/// What these files are called in their metadata.
const KIND: &str = "run";
/// What the names of the best state's tensors begin with.
const BEST: &str = "best.";
/// Characters of a reason at most.
const REASON_CHARACTERS_MAX: usize = 1_000;

impl Run<'_> {
    /// The run as it is now. Resumed from it, it goes on with what comes next here.
    pub fn checkpoint(&self) -> Result<Vec<u8>, LoraError> {
        let state = &self.training.state;
        let mut parts = state.parts("");
        let best = self.best.as_ref().map(|best| {
            // A state after as many steps is the same one: a run goes on from its best or ends.
            if best.state.step != state.step {
                parts.extend(best.state.parts(BEST));
            }
            json!({ "state": best.state.about(), "measured": measured_json(best.measured) })
        });
        let about = json!({
            "config": described(&self.config),
            "state": state.about(),
            "rate_scale_bits": self.training.rate_scale.to_bits(),
            "best": best,
            "progress": progress_json(&self.progress),
        });
        saved::write(KIND, &parts, &about)
    }
}

impl<'a> Run<'a> {
    /// Goes on from a checkpoint of the same model, configuration and texts.
    pub fn resume(
        decoder: &'a Decoder,
        config: RunConfig,
        batches: &'a dyn Batches,
        held_out: &'a HeldOut,
        checkpoint: &[u8],
    ) -> Result<Self, LoraError> {
        let mut run = Self::begin(decoder, config, batches, held_out)?;
        let saved = Saved::read(KIND, checkpoint)?;
        let about = &saved.about;
        if about["config"] != described(&run.config) {
            return Err(refused("belongs to another configuration"));
        }
        run.training.rate_scale = read_scale(&about["rate_scale_bits"])?;
        let median_steps = run.config.guard.median_steps;
        run.progress = read_progress(&about["progress"], median_steps)?;
        let state = run.training.blank(&about["state"])?;
        let mut parts = state.parts("").len();
        let best = match &about["best"] {
            Value::Null => None,
            best => Some((run.training.blank(&best["state"])?, &best["measured"])),
        };
        if let Some((best, _)) = best.as_ref().filter(|(best, _)| best.step != state.step) {
            parts += best.parts(BEST).len();
        }
        saved.check_parts(parts, &state.weights)?;
        let state = state.filled("", &saved)?;
        run.best = match best {
            None => None,
            Some((best, measured)) => Some(Good {
                measured: read_measured(measured)?,
                state: if best.step == state.step {
                    state.clone()
                } else {
                    best.filled(BEST, &saved)?
                },
            }),
        };
        run.training.state = state;
        Ok(run)
    }
}

fn progress_json(progress: &Progress) -> Value {
    let Guard {
        losses,
        norms,
        spikes,
        explosions,
    } = &progress.guard;
    json!({
        "todo": todo_json(&progress.todo),
        "losses": losses.iter().copied().map(f64::to_bits).collect::<Vec<_>>(),
        "norms": norms.iter().copied().map(f64::to_bits).collect::<Vec<_>>(),
        "spikes": spikes,
        "explosions": explosions,
        "stopping": progress.stopping.map(|Stopping { from, waited }| json!([from.to_bits(), waited])),
        "start": progress.start.map(f64::to_bits),
        "retreats": progress.retreats,
        "degenerate": progress.degenerate,
    })
}

fn read_progress(json: &Value, median_steps: usize) -> Result<Progress, LoraError> {
    let stopping = match &json["stopping"] {
        Value::Null => None,
        stopping => Some(Stopping {
            from: number(&stopping[0])?,
            waited: count(&stopping[1])?,
        }),
    };
    let degenerate = match &json["degenerate"] {
        Value::Null => None,
        what => Some(text(what)?),
    };
    Ok(Progress {
        todo: read_todo(&json["todo"])?,
        guard: Guard {
            losses: numbers(&json["losses"], median_steps)?,
            norms: numbers(&json["norms"], median_steps)?,
            spikes: count(&json["spikes"])?,
            explosions: count(&json["explosions"])?,
        },
        stopping,
        start: if json["start"].is_null() {
            None
        } else {
            Some(number(&json["start"])?)
        },
        retreats: count(&json["retreats"])?,
        degenerate,
    })
}

fn measured_json(Measured { own, generic }: Measured) -> Value {
    json!([own.to_bits(), generic.map(f64::to_bits)])
}

fn read_measured(json: &Value) -> Result<Measured, LoraError> {
    let generic = match &json[1] {
        Value::Null => None,
        generic => Some(number(generic)?),
    };
    Ok(Measured {
        own: number(&json[0])?,
        generic,
    })
}

fn todo_json(todo: &Todo) -> Value {
    match todo {
        Todo::Evaluate => json!(["evaluate"]),
        Todo::Judge(measured) => json!(["judge", measured_json(*measured)]),
        Todo::Checkpoint => json!(["checkpoint"]),
        Todo::Step => json!(["step"]),
        Todo::End(EndReason::StepsDone) => json!(["steps_done"]),
        Todo::End(EndReason::NoLongerImproving) => json!(["no_longer_improving"]),
        Todo::End(EndReason::Diverged(reason)) => json!(["diverged", divergence_json(reason)]),
    }
}

fn read_todo(json: &Value) -> Result<Todo, LoraError> {
    Ok(match json[0].as_str() {
        Some("evaluate") => Todo::Evaluate,
        Some("judge") => Todo::Judge(read_measured(&json[1])?),
        Some("checkpoint") => Todo::Checkpoint,
        Some("step") => Todo::Step,
        Some("steps_done") => Todo::End(EndReason::StepsDone),
        Some("no_longer_improving") => Todo::End(EndReason::NoLongerImproving),
        Some("diverged") => Todo::End(EndReason::Diverged(read_divergence(&json[1])?)),
        _ => return Err(broken()),
    })
}

fn divergence_json(reason: &Divergence) -> Value {
    let bits = |kind, a: f64, b: f64| json!([kind, a.to_bits(), b.to_bits()]);
    match reason {
        Divergence::NoNumber => json!(["no_number"]),
        Divergence::LossSpike { loss, median } => bits("loss_spike", *loss, *median),
        Divergence::GradientExplosion { norm, median } => bits("gradient", *norm, *median),
        Divergence::HeldOutRise { held_out, start } => bits("held_out", *held_out, *start),
        Divergence::NoGain { rate } => json!(["no_gain", rate.to_bits()]),
        Divergence::Degenerate(what) => json!(["degenerate", what]),
    }
}

fn read_divergence(json: &Value) -> Result<Divergence, LoraError> {
    Ok(match json[0].as_str() {
        Some("no_number") => Divergence::NoNumber,
        Some("loss_spike") => Divergence::LossSpike {
            loss: number(&json[1])?,
            median: number(&json[2])?,
        },
        Some("gradient") => Divergence::GradientExplosion {
            norm: number(&json[1])?,
            median: number(&json[2])?,
        },
        Some("held_out") => Divergence::HeldOutRise {
            held_out: number(&json[1])?,
            start: number(&json[2])?,
        },
        Some("no_gain") => Divergence::NoGain {
            rate: number(&json[1])?,
        },
        Some("degenerate") => Divergence::Degenerate(text(&json[1])?),
        _ => return Err(broken()),
    })
}

fn number(json: &Value) -> Result<f64, LoraError> {
    json.as_u64().map(f64::from_bits).ok_or_else(broken)
}

fn numbers(json: &Value, len_max: usize) -> Result<VecDeque<f64>, LoraError> {
    let all = json.as_array().filter(|all| all.len() <= len_max);
    all.ok_or_else(broken)?.iter().map(number).collect()
}

fn count(json: &Value) -> Result<u64, LoraError> {
    // In 32 bits: far below what adding 1 could overflow.
    let count = json.as_u64().and_then(|count| u32::try_from(count).ok());
    count.map(u64::from).ok_or_else(broken)
}

fn text(json: &Value) -> Result<String, LoraError> {
    let text = json.as_str().ok_or_else(broken)?;
    Ok(text.chars().take(REASON_CHARACTERS_MAX).collect())
}

fn broken() -> LoraError {
    refused("is damaged")
}
