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
use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{
    BatchEntry, Context, ContextOptions, DeviceWish, LoadOptions, Model, SequenceId, greedy,
    load_on,
};
use inkstone_models::tuning::task::{Outcome, Task};
use inkstone_models::tuning::{Computation, KvType, Measured};
use inkstone_settings::DeviceChoice;
use inkstone_vocab::TokenId;

use crate::serving::computation::kv_type;

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
const SEQUENCE: SequenceId = SequenceId(0);

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
        // llama.cpp keeps the values in 8 bits only where attention is computed in one pass.
        if candidate.kv_type == KvType::Q8 && !candidate.flash_attention {
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
    let device = model.device();
    Ok(Outcome {
        device: device.map_or_else(|| "CPU".to_owned(), |device| device.name.clone()),
        untuned,
        best: base.measured(),
        tried,
    })
}

fn load(task: &Task) -> anyhow::Result<Arc<Model>> {
    let wish = match DeviceChoice::from_word(&task.device) {
        Some(DeviceChoice::Cpu) => DeviceWish::Cpu,
        Some(DeviceChoice::Gpu) => DeviceWish::Gpu,
        Some(DeviceChoice::Auto) | None => DeviceWish::Auto,
    };
    let model = load_on(wish, |gpu| {
        let options = LoadOptions {
            context_tokens: CONTEXT_TOKENS,
            gpu,
            gpu_layers: GpuLayers::of_setting(task.gpu_layers),
            host_free_bytes: inkstone_platform::memory_available_bytes().unwrap_or(u64::MAX),
        };
        Model::load(&task.model_path, &options, &mut |_| true)
    })?;
    Ok(model)
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
    tokens_read: usize,
}

impl Side {
    fn new(model: &Arc<Model>, computation: Computation) -> anyhow::Result<Self> {
        let context = Context::new(
            model,
            ContextOptions {
                context_tokens: CONTEXT_TOKENS,
                sequences: 1,
                outputs: 1,
                batch_tokens: computation.batch_tokens,
                threads: computation.threads,
                offload_kv: model.device().is_some(),
                flash_attention: computation.flash_attention,
                kv_type: kv_type(computation.kv_type),
            },
        )?;
        Ok(Self {
            computation,
            context,
            prefill: Duration::MAX,
            decode: Duration::MAX,
            tokens_read: 0,
        })
    }

    fn forget(&mut self) {
        (self.prefill, self.decode) = (Duration::MAX, Duration::MAX);
    }

    /// Reads and decodes once.
    fn run(&mut self, tokens: &[TokenId]) -> anyhow::Result<()> {
        self.context.truncate(SEQUENCE, 0);
        self.tokens_read = tokens.len();
        let started = Instant::now();
        let mut last = 0;
        for (index, chunk) in tokens
            .chunks(self.computation.batch_tokens as usize)
            .enumerate()
        {
            let start = index * self.computation.batch_tokens as usize;
            last = self.feed(start, chunk)?;
        }
        self.prefill = self.prefill.min(started.elapsed());
        let started = Instant::now();
        for decoded in 0..TOKENS_DECODED {
            let logits = self.context.logits(last).context("no logits")?;
            let token = greedy(logits).context("no logit is a number")?.token;
            last = self.feed(tokens.len() + decoded, &[token])?;
        }
        self.decode = self.decode.min(started.elapsed());
        Ok(())
    }

    /// Computes tokens from a position on; returns the index in the batch that has logits.
    fn feed(&mut self, start: usize, tokens: &[TokenId]) -> anyhow::Result<usize> {
        let last = tokens.len() - 1;
        let mut entries = Vec::with_capacity(tokens.len());
        for (index, &token) in tokens.iter().enumerate() {
            entries.push(BatchEntry {
                token,
                position: u32::try_from(start + index)?,
                sequence: SEQUENCE,
                wants_logits: index == last,
            });
        }
        self.context.decode(&entries)?;
        Ok(last)
    }

    fn measured(&self) -> Measured {
        Measured {
            computation: self.computation,
            prefill_tokens_per_s: self.tokens_read as f64 / self.prefill.as_secs_f64(),
            decode_tokens_per_s: TOKENS_DECODED as f64 / self.decode.as_secs_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
