//! `inkstoned raw-decode`: plain llama.cpp, for comparison.
//!
//! One process, one sequence, no scheduler, no socket: JSON lines on standard input name prompts,
//! one JSON line per prompt tells how long reading and greedy decoding took. `inkstone bench`
//! alternates it with the daemon on the same model, device, threads and instruction set. It is a
//! measurement, not a way to serve.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, bail};
use inkstone_engine::{
    BatchEntry, Context, ContextOptions, Device, DeviceWish, EngineError, KvType, Model,
    SequenceId, greedy, load_on,
};
use inkstone_vocab::TokenId;
use serde::{Deserialize, Serialize};

use crate::serving::loading::load_options;

/// Tokens of one batch: llama.cpp's own default, the best case of the baseline.
const BATCH_TOKENS: u32 = 512;
/// A line of input at most.
const LINE_BYTES_MAX: u64 = 4 << 20;
/// The only one.
pub(crate) const SEQUENCE: SequenceId = SequenceId(0);

/// First line of the input.
#[derive(Debug, Deserialize)]
struct Setup {
    model_path: PathBuf,
    threads: u32,
    context_tokens: u32,
    /// As `engine.device` of the settings.
    #[serde(default)]
    device: SetupDevice,
    /// As `engine.gpu_layers` of the settings.
    #[serde(default = "gpu_layers_by_plan")]
    gpu_layers: i32,
}

/// The words of `engine.device`. The default is not the setting's: a baseline that is not told
/// otherwise computes where every machine can.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SetupDevice {
    #[default]
    Cpu,
    Auto,
    Gpu,
}

fn gpu_layers_by_plan() -> i32 {
    -1
}

/// Answer to the setup.
#[derive(Debug, Serialize)]
struct Loaded {
    load_ms: f64,
    /// The device that holds layers, by llama.cpp's name; `CPU` when none but the processor does.
    device: String,
    gpu_layers: u32,
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
    /// Of the whole prompt, and in none of the others: the daemon tokenizes only what changed.
    tokenize_ms: f64,
    prefill_ms: f64,
    decode_ms: f64,
    /// `prefill_ms` and `decode_ms`.
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
    let wish = match setup.device {
        SetupDevice::Cpu => DeviceWish::Cpu,
        SetupDevice::Auto => DeviceWish::Auto,
        SetupDevice::Gpu => DeviceWish::Gpu,
    };
    let placed = load_on(wish, |gpu| load(&setup, gpu))?;
    if let Some(problem) = placed.card_problem {
        eprintln!("raw-decode: on the processor, since the graphics card does not do: {problem}");
    }
    let mut context = placed.loaded;
    let loaded = Loaded {
        load_ms: ms(started),
        device: context.model().device_name().to_owned(),
        gpu_layers: context.model().plan().gpu_layers,
    };
    writeln!(output, "{}", serde_json::to_string(&loaded)?)?;
    output.flush()?;
    let mut cached = Vec::new();
    while let Some(task) = lines.next_json::<Task>()? {
        let measured = measure(&mut context, &mut cached, &task)?;
        writeln!(output, "{}", serde_json::to_string(&measured)?)?;
        output.flush()?;
    }
    Ok(())
}

fn load(setup: &Setup, gpu: Option<Device>) -> Result<Context, EngineError> {
    let offload_kv = gpu.is_some();
    let options = load_options(setup.context_tokens, gpu, setup.gpu_layers);
    let model = Model::load(&setup.model_path, &options, &mut |_| true)?;
    Context::new(
        &model,
        ContextOptions {
            context_tokens: model.plan().context_tokens,
            sequences: 1,
            outputs: 1,
            batch_tokens: BATCH_TOKENS,
            threads: setup.threads,
            offload_kv,
            flash_attention: true,
            kv_type: KvType::F16,
        },
    )
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
    let decode_ms = ms(decode_started);
    Ok(Measured {
        tokenize_ms,
        prefill_ms,
        decode_ms,
        total_ms: prefill_ms + decode_ms,
        tokens_prefilled: prompt.len() - shared,
        tokens_decoded,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

/// Computes `tokens` after what is cached; returns the batch index that has logits.
pub(crate) fn feed(
    context: &mut Context,
    cached: &mut Vec<TokenId>,
    tokens: &[TokenId],
) -> anyhow::Result<usize> {
    let end = cached.len() + tokens.len();
    let mut last_index = 0;
    for chunk in tokens.chunks(context.batch_tokens() as usize) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_test_support::{ENGLISH_MODEL, test_models};
    use serde_json::{Value, json};

    fn answers(lines: &[Value]) -> Vec<Value> {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        let mut output = Vec::new();
        run(lines.join("\n").as_bytes(), &mut output).unwrap();
        let output = String::from_utf8(output).unwrap();
        output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn the_total_is_reading_and_decoding_and_the_device_is_said() {
        let setup = json!({
            "model_path": test_models().join(format!("{ENGLISH_MODEL}.gguf")),
            "threads": 1,
            "context_tokens": 512,
            "device": "cpu",
            "gpu_layers": 3,
        });
        let task = json!({ "prompt": "The harbour was quiet, and", "max_tokens": 3 });
        let answers = answers(&[setup, task]);
        let [loaded, measured] = &answers[..] else {
            panic!("{answers:?}")
        };
        assert_eq!(
            (&loaded["device"], &loaded["gpu_layers"]),
            (&json!("CPU"), &json!(0))
        );
        let ms = |key: &str| measured[key].as_f64().unwrap();
        assert!(ms("tokenize_ms") > 0.0);
        assert!((ms("total_ms") - ms("prefill_ms") - ms("decode_ms")).abs() < 1e-9);
    }

    #[test]
    fn a_setup_that_names_no_device_uses_the_processor() {
        let setup = r#"{"model_path":"m.gguf","threads":1,"context_tokens":512}"#;
        let setup: Setup = serde_json::from_str(setup).unwrap();
        assert!(matches!(setup.device, SetupDevice::Cpu));
        assert_eq!(setup.gpu_layers, -1);
    }
}
