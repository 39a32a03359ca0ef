//! The measurement at the end of `inkstone setup`: how each model is computed best here, kept for the
//! daemon. Once for each model, file and machine; what cannot be measured is said and does no harm.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use inkstone_models::Registry;
use inkstone_models::tuning::task::{Outcome, Task};
use inkstone_models::tuning::{Computation, KvType, Measured, Place, Tuned, Tunings};
use inkstone_platform::private;
use inkstone_settings::{Engine, FlashAttentionChoice, KvTypeChoice, Settings};

use super::bench::binaries;
use crate::{CommandError, Environment};

/// The daemon's program stops by itself far earlier; this bounds the wait for a stuck one.
const MEASURE_WAIT: Duration = Duration::from_secs(60);
/// Between two looks whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// An answer of one line.
const ANSWER_BYTES_MAX: u64 = 1 << 16;
/// Tokens of one batch: the daemon's limit, and half of it. More would make a cancel late.
const BATCH_TOKENS: [u32; 2] = [64, 32];
/// From so many cores on, fewer threads than cores are tried: they share the memory's bandwidth.
const CORES_FOR_FEWER_THREADS: u32 = 4;

/// Measures those of the models that are installed and not measured yet.
pub(super) fn run(
    env: &Environment,
    models: &[&str],
    settings: &Settings,
) -> Result<(), CommandError> {
    let directories = env.directories()?;
    let registry = Registry::of(directories);
    let file = directories.tuning_file();
    let mut tunings = Tunings::read(&file);
    let program = binaries()?.join(format!("inkstoned{}", std::env::consts::EXE_SUFFIX));
    for model in models {
        let Ok(installed) = registry.resolve(model) else {
            continue;
        };
        let place = Place {
            model,
            file_bytes: installed.size_bytes,
            cores: cores(),
        };
        if tunings.has(place) {
            continue;
        }
        env.note(&format!(
            "measuring how {model} is computed best here, some seconds"
        ));
        match measure(&program, &installed.path, settings) {
            Ok(outcome) => {
                env.print(&format!("{}\n", sentence(model, &outcome)))?;
                tunings.put(tuned(place, outcome));
                write(&tunings, &file)?;
            }
            Err(problem) => env.note(&format!(
                "{model} was not measured ({problem}); it is computed as everywhere"
            )),
        }
    }
    Ok(())
}

fn tuned(place: Place<'_>, outcome: Outcome) -> Tuned {
    Tuned {
        model: place.model.to_owned(),
        file_bytes: place.file_bytes,
        device: outcome.device,
        cores: place.cores,
        best: outcome.best,
        untuned: outcome.untuned,
    }
}

fn write(tunings: &Tunings, file: &Path) -> Result<(), CommandError> {
    let written = tunings
        .to_toml()
        .map_err(std::io::Error::other)
        .and_then(|text| private::replace(file, text.as_bytes()));
    written.map_err(|error| {
        let file = file.display();
        CommandError::usage(format!(
            "cannot write {file}: {error}; check space and rights there"
        ))
    })
}

/// Has the daemon's program measure; the problem in words when it does not.
fn measure(program: &Path, model_file: &Path, settings: &Settings) -> Result<Outcome, String> {
    let task = task(model_file, &settings.engine, cores(), logical_cores());
    let line = serde_json::to_string(&task).map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .arg("measure")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    let answer = exchange(&mut child, &line);
    if answer.is_err() {
        // One that has ended cannot be killed.
        let _ended_already = child.kill();
    }
    let _status = child.wait();
    serde_json::from_str(&answer?).map_err(|error| format!("no measurement: {error}"))
}

/// Says the line and waits for the end of the program, whose answer fits into the pipe.
fn exchange(child: &mut Child, line: &str) -> Result<String, String> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("no pipes to it".to_owned());
    };
    writeln!(input, "{line}").map_err(|error| error.to_string())?;
    drop(input);
    let deadline = Instant::now() + MEASURE_WAIT;
    while child
        .try_wait()
        .map_err(|error| error.to_string())?
        .is_none()
    {
        if Instant::now() > deadline {
            return Err(format!("no answer in {} s", MEASURE_WAIT.as_secs()));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    let mut answer = String::new();
    let read = output.take(ANSWER_BYTES_MAX).read_to_string(&mut answer);
    read.map_err(|error| error.to_string())?;
    Ok(answer)
}

/// The candidates: what is set leaves nothing to choose.
fn task(model_file: &Path, engine: &Engine, cores: u32, logical_cores: u32) -> Task {
    let threads = if engine.threads > 0 {
        vec![engine.threads]
    } else {
        let fewer = (cores >= CORES_FOR_FEWER_THREADS).then_some(cores / 2);
        let all = (logical_cores > cores).then_some(logical_cores);
        [Some(cores), fewer, all].into_iter().flatten().collect()
    };
    Task {
        model_path: model_file.to_owned(),
        device: engine.device.word().to_owned(),
        gpu_layers: engine.gpu_layers,
        threads,
        flash_attention: match engine.flash_attention {
            FlashAttentionChoice::Auto => vec![true, false],
            FlashAttentionChoice::On => vec![true],
            FlashAttentionChoice::Off => vec![false],
        },
        kv_types: match engine.kv_type {
            KvTypeChoice::Auto => vec![KvType::F16, KvType::Q8],
            KvTypeChoice::F16 => vec![KvType::F16],
            KvTypeChoice::Q8 => vec![KvType::Q8],
        },
        batch_tokens: BATCH_TOKENS.to_vec(),
    }
}

fn sentence(model: &str, outcome: &Outcome) -> String {
    let Measured {
        computation,
        prefill_tokens_per_s,
        decode_tokens_per_s,
    } = outcome.best;
    let Computation {
        threads,
        flash_attention,
        kv_type,
        batch_tokens,
    } = computation;
    let flash = if flash_attention { "with" } else { "without" };
    let gain = 100.0 * (1.0 - outcome.best.key_ms() / outcome.untuned.key_ms());
    let gain = if computation == outcome.untuned.computation {
        "nothing was clearly faster than the default".to_owned()
    } else {
        format!("{gain:.0} % less than by default")
    };
    format!(
        "{model} on {}: {threads} threads, {flash} flash attention, {} cache, batches of \
         {batch_tokens}; reads {prefill_tokens_per_s:.0} and writes {decode_tokens_per_s:.0} tokens/s \
         ({} ways tried, {gain})",
        outcome.device,
        kv_type.word(),
        outcome.tried
    )
}

fn cores() -> u32 {
    u32::try_from(inkstone_platform::physical_cores()).unwrap_or(1)
}

fn logical_cores() -> u32 {
    u32::try_from(inkstone_platform::logical_cores()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_leaves_nothing_to_choose() {
        let file = Path::new("m.gguf");
        let open = task(file, &Engine::default(), 4, 8);
        assert_eq!(open.threads, [4, 2, 8]);
        assert_eq!((open.flash_attention.len(), open.kv_types.len()), (2, 2));
        assert_eq!(task(file, &Engine::default(), 2, 2).threads, [2]);
        let set = Engine {
            threads: 3,
            flash_attention: FlashAttentionChoice::Off,
            kv_type: KvTypeChoice::F16,
            ..Engine::default()
        };
        let task = task(file, &set, 4, 8);
        assert_eq!((task.threads, task.flash_attention), (vec![3], vec![false]));
        assert_eq!(task.kv_types, [KvType::F16]);
    }

    #[test]
    fn the_sentence_says_what_was_chosen_and_what_it_gains() {
        let measured = |threads, decode_tokens_per_s| Measured {
            computation: Computation {
                threads,
                flash_attention: true,
                kv_type: KvType::F16,
                batch_tokens: 64,
            },
            prefill_tokens_per_s: 500.0,
            decode_tokens_per_s,
        };
        let outcome = Outcome {
            device: "CPU".to_owned(),
            untuned: measured(2, 100.0),
            best: measured(4, 200.0),
            tried: 5,
        };
        let text = sentence("m", &outcome);
        assert!(
            text.contains("4 threads, with flash attention, f16 cache"),
            "{text}"
        );
        assert!(text.contains("38 % less than by default"), "{text}");
    }
}
