//! `inkstoned raw-decode`: plain llama.cpp, for comparison.
//!
//! One process, one sequence, no scheduler, no socket: JSON lines on standard input name prompts,
//! one JSON line per prompt tells how long reading and greedy decoding took. `inkstone bench`
//! alternates it with the daemon on the same model, threads and instruction set. It is a
//! measurement, not a way to serve.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, bail};
use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{
    BatchEntry, Context, ContextOptions, LoadOptions, Model, SequenceId, greedy,
};
use inkstone_vocab::TokenId;
use serde::{Deserialize, Serialize};

/// Tokens of one batch: llama.cpp's own default, the best case of the baseline.
const BATCH_TOKENS: u32 = 512;
/// A line of input at most.
const LINE_BYTES_MAX: u64 = 4 << 20;
const SEQUENCE: SequenceId = SequenceId(0);

/// First line of the input.
#[derive(Debug, Deserialize)]
struct Setup {
    model_path: PathBuf,
    threads: u32,
    context_tokens: u32,
}

/// Each further line.
#[derive(Debug, Deserialize)]
struct Task {
    prompt: String,
    /// Tokens to decode, unless the text ends first.
    max_tokens: u32,
}

/// Answer to a task.
#[derive(Debug, Serialize)]
struct Measured {
    tokenize_ms: f64,
    prefill_ms: f64,
    decode_ms: f64,
    total_ms: f64,
    tokens_prefilled: usize,
    tokens_decoded: u32,
    text: String,
}

/// Runs until the input ends.
pub fn run(input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    let mut lines = Lines { input };
    let Some(setup) = lines.next_json::<Setup>()? else {
        bail!("raw-decode: no setup line on standard input")
    };
    let started = Instant::now();
    let options = LoadOptions {
        context_tokens: setup.context_tokens,
        gpu: None,
        gpu_layers: GpuLayers::Auto,
        host_free_bytes: inkstone_platform::memory_available_bytes().unwrap_or(u64::MAX),
    };
    let model = Model::load(&setup.model_path, &options, &mut |_| true)?;
    let mut context = Context::new(
        &model,
        ContextOptions {
            context_tokens: model.plan().context_tokens,
            sequences: 1,
            batch_tokens: BATCH_TOKENS,
            threads: setup.threads,
            offload_kv: false,
        },
    )?;
    writeln!(output, "{}", serde_json::json!({ "load_ms": ms(started) }))?;
    output.flush()?;
    let mut cached = Vec::new();
    while let Some(task) = lines.next_json::<Task>()? {
        let measured = measure(&mut context, &mut cached, &task)?;
        writeln!(output, "{}", serde_json::to_string(&measured)?)?;
        output.flush()?;
    }
    Ok(())
}

fn measure(
    context: &mut Context,
    cached: &mut Vec<TokenId>,
    task: &Task,
) -> anyhow::Result<Measured> {
    let model = std::sync::Arc::clone(context.model());
    let started = Instant::now();
    let prompt = model.tokenize(&task.prompt, true, false)?;
    let tokenize_ms = ms(started);
    if prompt.is_empty() {
        bail!("raw-decode: the prompt holds no token");
    }
    // The last token is always computed: its logits are needed.
    let shared = cached
        .iter()
        .zip(&prompt)
        .take_while(|(a, b)| a == b)
        .count()
        .min(prompt.len() - 1);
    cached.truncate(shared);
    context.truncate(SEQUENCE, u32::try_from(shared)?);
    let prefill_started = Instant::now();
    let mut last_index = feed(context, cached, &prompt[shared..])?;
    let prefill_ms = ms(prefill_started);
    let decode_started = Instant::now();
    let mut bytes = Vec::new();
    let mut tokens_decoded = 0;
    while tokens_decoded < task.max_tokens {
        let logits = context
            .logits(last_index)
            .context("no logits after a batch")?;
        let choice = greedy(logits).context("no logit is a number")?;
        if model.is_end_of_generation(choice.token) {
            break;
        }
        bytes.extend(model.token_bytes(choice.token));
        tokens_decoded += 1;
        if tokens_decoded < task.max_tokens {
            last_index = feed(context, cached, &[choice.token])?;
        }
    }
    Ok(Measured {
        tokenize_ms,
        prefill_ms,
        decode_ms: ms(decode_started),
        total_ms: ms(started),
        tokens_prefilled: prompt.len() - shared,
        tokens_decoded,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

/// Computes `tokens` after what is cached; returns the batch index that has logits.
fn feed(
    context: &mut Context,
    cached: &mut Vec<TokenId>,
    tokens: &[TokenId],
) -> anyhow::Result<usize> {
    let end = cached.len() + tokens.len();
    let mut last_index = 0;
    for chunk in tokens.chunks(BATCH_TOKENS as usize) {
        let mut entries = Vec::with_capacity(chunk.len());
        for &token in chunk {
            let position = u32::try_from(cached.len())?;
            cached.push(token);
            entries.push(BatchEntry {
                token,
                position,
                sequence: SEQUENCE,
                wants_logits: cached.len() == end,
            });
        }
        context.decode(&entries)?;
        last_index = entries.len() - 1;
    }
    Ok(last_index)
}

struct Lines<R> {
    input: R,
}

impl<R: BufRead> Lines<R> {
    fn next_json<T: for<'de> Deserialize<'de>>(&mut self) -> anyhow::Result<Option<T>> {
        let mut line = String::new();
        let read = std::io::Read::take(&mut self.input, LINE_BYTES_MAX).read_line(&mut line)?;
        if read == 0 {
            return Ok(None);
        }
        serde_json::from_str(&line)
            .map(Some)
            .context("raw-decode: a line is not the expected JSON")
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
