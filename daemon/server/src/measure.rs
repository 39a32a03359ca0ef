//! `inkstoned measure`: how a model is computed best on this machine. `inkstone setup` runs it and
//! keeps the result.
//!
//! One JSON line in names the model and the candidates, one JSON line out has the measurements. From
//! the way that is used untold, one thing at a time is changed. Both run in turns, so that a machine
//! that grows slower does so for both, and what is not faster by more than noise is not taken.

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use inkstone_engine::{Context, Model, greedy, load_on};
use inkstone_models::tuning::task::{Outcome, Task};
use inkstone_models::tuning::{Computation, Measured};
use inkstone_settings::DeviceChoice;
use inkstone_vocab::TokenId;

use crate::raw_decode::{SEQUENCE, feed};
use crate::serving::computation::context_options;
use crate::serving::loading::{load_options, wish};

/// What is read: neutral, repeated until it is long enough.
const TEXT: &str = "The ferry had crossed the river at the same hour every morning for as long as \
     anyone in the village could remember, and nobody thought of asking why. ";
/// Tokens that are read, and decoded after them, in one run.
const TOKENS_READ: usize = 128;
const TOKENS_DECODED: usize = 16;
/// Runs of each side; the fastest counts, since a disturbance only ever slows down.
const RUNS: usize = 3;
/// The context of the measurement.
const CONTEXT_TOKENS: u32 = 512;
/// No further candidate is begun after this long: nobody likes to wait for a setup.
const BUDGET: Duration = Duration::from_secs(14);
/// A line of input at most.
const LINE_BYTES_MAX: u64 = 1 << 16;

/// Reads one task and writes its outcome.
pub fn run(input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    let mut line = String::new();
    input.take(LINE_BYTES_MAX).read_line(&mut line)?;
    let task: Task = serde_json::from_str(&line).context("no task on standard input")?;
    let outcome = measure(&task)?;
    writeln!(output, "{}", serde_json::to_string(&outcome)?)?;
    Ok(output.flush()?)
}

fn measure(task: &Task) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let untuned = task.untuned().context("a list of candidates is empty")?;
    let model = load(task)?;
    let tokens = tokens(&model)?;
    let mut base = Side::new(&model, untuned)?;
    base.run(&tokens)?; // the weights' first touch belongs to nobody
    base.run(&tokens)?;
    let untuned = base.measured();
    let mut tried = 1;
    for step in 0.. {
        let Some(candidate) = task.candidate(step, base.computation) else {
            break;
        };
        if started.elapsed() > BUDGET {
            break;
        }
        if !candidate.is_possible() {
            continue;
        }
        // What a device has no code for is not a way.
        let Ok(mut side) = Side::new(&model, candidate) else {
            continue;
        };
        tried += 1;
        base.forget();
        for _ in 0..RUNS {
            side.run(&tokens)?;
            base.run(&tokens)?;
        }
        if side.measured().is_clearly_faster_than(&base.measured()) {
            base = side;
        }
    }
    Ok(Outcome {
        device: model.device_name().to_owned(),
        untuned,
        best: base.measured(),
        tried,
    })
}

fn load(task: &Task) -> anyhow::Result<Arc<Model>> {
    let device = DeviceChoice::from_word(&task.device).unwrap_or(DeviceChoice::Auto);
    let placed = load_on(wish(device), |gpu| {
        let options = load_options(CONTEXT_TOKENS, gpu, task.gpu_layers);
        Model::load(&task.model_path, &options, &mut |_| true)
    })?;
    Ok(placed.loaded)
}

fn tokens(model: &Model) -> anyhow::Result<Vec<TokenId>> {
    let mut tokens = model.tokenize(&TEXT.repeat(TOKENS_READ / 16), true, false)?;
    tokens.truncate(TOKENS_READ);
    Ok(tokens)
}

/// One way to compute, with the fastest of its runs.
struct Side {
    computation: Computation,
    context: Context,
    prefill: Duration,
    decode: Duration,
    /// What the last run read and decoded.
    cached: Vec<TokenId>,
}

impl Side {
    fn new(model: &Arc<Model>, computation: Computation) -> anyhow::Result<Self> {
        let context = Context::new(
            model,
            context_options(&computation, model, CONTEXT_TOKENS, 1),
        )?;
        Ok(Self {
            computation,
            context,
            prefill: Duration::MAX,
            decode: Duration::MAX,
            cached: Vec::new(),
        })
    }

    fn forget(&mut self) {
        (self.prefill, self.decode) = (Duration::MAX, Duration::MAX);
    }

    /// Reads and decodes once.
    fn run(&mut self, tokens: &[TokenId]) -> anyhow::Result<()> {
        self.context.truncate(SEQUENCE, 0);
        self.cached.clear();
        let started = Instant::now();
        let mut last = feed(&mut self.context, &mut self.cached, tokens)?;
        self.prefill = self.prefill.min(started.elapsed());
        let started = Instant::now();
        for _ in 0..TOKENS_DECODED {
            let logits = self.context.logits(last).context("no logits")?;
            let token = greedy(logits).context("no logit is a number")?.token;
            last = feed(&mut self.context, &mut self.cached, &[token])?;
        }
        self.decode = self.decode.min(started.elapsed());
        Ok(())
    }

    fn measured(&self) -> Measured {
        let tokens_read = self.cached.len() - TOKENS_DECODED;
        Measured {
            computation: self.computation,
            prefill_tokens_per_s: tokens_read as f64 / self.prefill.as_secs_f64(),
            decode_tokens_per_s: TOKENS_DECODED as f64 / self.decode.as_secs_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_models::tuning::KvType;
    use inkstone_test_support::{ENGLISH_MODEL, test_models};

    #[test]
    fn a_model_is_measured_and_the_best_is_one_of_the_candidates() {
        let task = Task {
            model_path: test_models().join(format!("{ENGLISH_MODEL}.gguf")),
            device: "cpu".to_owned(),
            gpu_layers: -1,
            threads: vec![1, 2],
            flash_attention: vec![true, false],
            kv_types: vec![KvType::F16, KvType::Q8],
            batch_tokens: vec![64],
        };
        let mut output = Vec::new();
        let line = serde_json::to_string(&task).unwrap();
        run(line.as_bytes(), &mut output).unwrap();
        let outcome: Outcome = serde_json::from_slice(&output).unwrap();
        assert_eq!(outcome.device, "CPU");
        assert_eq!(Some(outcome.untuned.computation), task.untuned());
        assert!(outcome.untuned.decode_tokens_per_s > 0.0 && outcome.tried >= 1);
        assert!(outcome.best.key_ms() > 0.0 && outcome.best.computation.batch_tokens == 64);
    }

    #[test]
    fn a_task_without_candidates_is_refused() {
        let line = r#"{"model_path":"m","device":"cpu","gpu_layers":-1,"threads":[],"flash_attention":[],"kv_types":[],"batch_tokens":[]}"#;
        assert!(run(line.as_bytes(), Vec::new()).is_err());
    }
}
