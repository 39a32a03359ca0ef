//! The daemon's state for a person. Pure.

use std::fmt::Write as _;

use inkstone_protocol::{
    AdapterState, AdaptersReport, ComputationReport, DraftReport, ModelReport, ModelState,
    RecollectionReport, ReleaseReason, Released, StatusReply, TrainerReport, TrainerState,
};

use super::calendar::day;

/// The lines of `inkstone status`.
pub(crate) fn of(status: &StatusReply) -> String {
    let mut text = format!(
        "daemon      process {}, version {}, up {}, {:.0} MiB of memory\n",
        status.pid,
        status.version,
        duration(status.uptime_s),
        status.rss_mb
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "clients     {} connected, {} requests in hand",
        status.clients, status.requests_active
    );
    let _ = writeln!(
        text,
        "since then  {} completions answered, {} superseded or cancelled, {} turned away",
        status.completions, status.cancelled, status.rejected
    );
    let _ = writeln!(
        text,
        "memory      {:.0} of {} MiB set aside beside the weights (engine.memory_mb_max)",
        status.memory.held_mb, status.memory.ceiling_mb
    );
    if status.memory.adapters > 0 || status.memory.mapped_mb > 0.0 {
        let _ = writeln!(
            text,
            "            {:.1} MiB of it for {} adapters; {:.1} MiB of what you wrote mapped beside it",
            status.memory.adapters_mb, status.memory.adapters, status.memory.mapped_mb
        );
    }
    if status.memory.saved_documents > 0 {
        let _ = writeln!(
            text,
            "saved       what was read of {} documents, {:.0} MiB on the disk (engine.saved_context_mb_max)",
            status.memory.saved_documents, status.memory.saved_mb
        );
    }
    let _ = writeln!(text, "trainer     {}", of_trainer(&status.trainer));
    for model in &status.models {
        text.push_str(&of_model(model));
    }
    text.push_str(&of_adapters(&status.adapters));
    text
}

/// What watches the writer's folders.
fn of_trainer(trainer: &TrainerReport) -> String {
    let folders = match trainer.folders {
        1 => "1 folder".to_owned(),
        folders => format!("{folders} folders"),
    };
    let state = match trainer.state {
        TrainerState::Off => "off".to_owned(),
        TrainerState::Starting => "starting".to_owned(),
        TrainerState::Scanning => format!("reading what changed in {folders}"),
        TrainerState::Watching => format!("watching {folders}"),
        TrainerState::Failed => "failed, and started again after a while".to_owned(),
        TrainerState::Other => "busy".to_owned(),
    };
    match &trainer.notice {
        Some(notice) => format!("{state}: {notice}"),
        None => state,
    }
}

/// What feedback has moved.
pub(crate) fn of_thresholds(explanations: &[String]) -> String {
    let mut text = String::new();
    for why in explanations {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "gate        {why}");
    }
    text
}

fn of_model(model: &ModelReport) -> String {
    let languages = if model.languages.is_empty() {
        "no language".to_owned()
    } else {
        model.languages.join(", ")
    };
    let state = match model.state {
        ModelState::Missing => "not installed".to_owned(),
        ModelState::Unloaded => format!("installed, not in memory{}", released(model)),
        ModelState::Resting => format!(
            "weights in memory ({:.0} MiB){}",
            model.weights_mb,
            released(model)
        ),
        ModelState::Loading => "being loaded".to_owned(),
        ModelState::Failed => "cannot be loaded".to_owned(),
        ModelState::Loaded => computing(model),
    };
    let problem = model
        .problem
        .as_ref()
        .map(|problem| format!("            {problem}\n"))
        .unwrap_or_default();
    format!(
        "model       {} ({languages}): {state}\n{problem}",
        model.name
    )
}

/// What the models wear, and why.
fn of_adapters(adapters: &AdaptersReport) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for adapter in &adapters.live {
        let name = &adapter.name;
        let state = match adapter.state {
            AdapterState::Worn => format!("worn by {} for {}", adapter.model, adapter.why),
            AdapterState::Refused => format!("refused: {}", adapter.why),
        };
        let right = if adapter.shown > 0 {
            format!(
                ", right in {} of {} shown lately",
                adapter.right, adapter.shown
            )
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "adapter     {name}: {state}, {} requests{right}",
            adapter.requests
        );
    }
    for notice in &adapters.taken_back {
        let _ = writeln!(text, "adapter     {notice}");
    }
    if let Some(problem) = &adapters.problem {
        let _ = writeln!(text, "adapter     the registry cannot be read: {problem}");
    }
    if adapters.swaps > 0 || adapters.documents_waiting > 0 {
        let _ = writeln!(
            text,
            "adapter     {} documents changed over since then, {} are about to",
            adapters.swaps, adapters.documents_waiting
        );
    }
    text
}

/// What it gave back, and why.
fn released(model: &ModelReport) -> String {
    let Some(release) = model.released else {
        return String::new();
    };
    let what = match release.what {
        Released::Context => "its context",
        Released::Weights => "its memory",
    };
    let why = match release.why {
        ReleaseReason::Idle => "nobody asked for it lately",
        ReleaseReason::Room => "another model needed the room",
        ReleaseReason::Changed => "its settings or its file changed",
        ReleaseReason::Panicked => "it failed; see: inkstone logs",
    };
    format!("; gave back {what}: {why}")
}

/// What computes, and with what.
fn computing(model: &ModelReport) -> String {
    let device = model.device.as_deref().unwrap_or("unknown device");
    let instructions = model
        .instruction_set
        .as_deref()
        .map(|set| format!(" {set}"))
        .unwrap_or_default();
    let smaller = if model.is_made_smaller {
        " (smaller than wished: engine.memory_mb_max leaves no more)"
    } else {
        ""
    };
    let how = model.computation.as_ref().map(how).unwrap_or_default();
    let drafts = model.drafts.as_ref().map(guessed).unwrap_or_default();
    let memory = model.recollection.map(remembered).unwrap_or_default();
    format!(
        "loaded on {device}{instructions}, {} of {} layers on the GPU, {:.0} MiB weights, {:.0} MiB KV cache, \
         {} tokens of context, {} of {} sequences in use{smaller}{how}{drafts}{memory}",
        model.layers_offloaded,
        model.layers,
        model.weights_mb,
        model.kv_mb,
        model.context_tokens,
        model.sequences_used,
        model.sequences
    )
}

/// The way to compute, and why it is this one.
fn how(computation: &ComputationReport) -> String {
    let flash = if computation.flash_attention {
        "with"
    } else {
        "without"
    };
    let rest = if computation.is_measured {
        "as setup measured"
    } else {
        "by default; inkstone setup measures"
    };
    let why = if computation.set.is_empty() {
        rest.to_owned()
    } else {
        format!("{} as set, else {rest}", computation.set.join(", "))
    };
    format!(
        "\n            {} threads, {flash} flash attention, {} cache, batches of {} ({why})",
        computation.threads, computation.kv_type, computation.batch_tokens
    )
}

/// What was computed on a guess; nothing as long as nothing was and nobody guesses.
fn guessed(drafts: &DraftReport) -> String {
    let by = match &drafts.model {
        Some(model) => format!("the open documents and by {model}"),
        None if drafts.tokens_guessed == 0 => return String::new(),
        None => "the open documents".to_owned(),
    };
    format!(
        "\n            guessed ahead from {by}: {} of {} tokens were right",
        drafts.tokens_taken, drafts.tokens_guessed
    )
}

/// What of the writer's own prose counts in its suggestions.
fn remembered(of: RecollectionReport) -> String {
    let strength = match of.strength_percent {
        100 => String::new(),
        percent => format!(", at {percent} % (memory.strength)"),
    };
    format!(
        "\n            remembers {} tokens of {} documents of yours, as of {}{strength}",
        of.tokens,
        of.documents,
        day(of.built_ms)
    )
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use inkstone_protocol::{AdapterReport, MemoryReport, Release};

    use super::*;

    fn model(state: ModelState) -> ModelReport {
        ModelReport {
            name: "smollm2-135m-instruct".to_owned(),
            languages: vec!["en".to_owned()],
            state,
            problem: None,
            device: Some("CPU".to_owned()),
            instruction_set: Some("AVX512_VNNI".to_owned()),
            layers_offloaded: 0,
            layers: 31,
            weights_mb: 93.6,
            kv_mb: 90.0,
            context_tokens: 4_096,
            sequences_used: 1,
            sequences: 4,
            is_made_smaller: false,
            loads: 1,
            released: None,
            computation: Some(ComputationReport {
                threads: 2,
                flash_attention: true,
                kv_type: "f16".to_owned(),
                batch_tokens: 64,
                is_measured: true,
                set: vec!["engine.threads".to_owned()],
            }),
            drafts: Some(DraftReport {
                model: None,
                tokens_guessed: 12,
                tokens_taken: 7,
            }),
            recollection: Some(RecollectionReport {
                tokens: 123_456,
                documents: 60,
                built_ms: 1_796_083_199_000,
                strength_percent: 150,
            }),
        }
    }

    #[test]
    fn a_loaded_model_says_what_computes_and_how_many_layers() {
        let status = StatusReply {
            pid: 42,
            version: "0.1.0".to_owned(),
            uptime_s: 3_725,
            clients: 2,
            requests_active: 1,
            completions: 9,
            cancelled: 3,
            rejected: 0,
            engine_turns: 12,
            typed_ms_ago: None,
            rss_mb: 251.4,
            memory: MemoryReport {
                ceiling_mb: 1_024,
                held_mb: 486.2,
                saved_documents: 2,
                saved_mb: 61.4,
                adapters: 2,
                adapters_mb: 7.25,
                mapped_mb: 1.4,
            },
            trainer: TrainerReport {
                state: TrainerState::Watching,
                folders: 3,
                notice: None,
            },
            models: vec![model(ModelState::Loaded)],
            adapters: AdaptersReport::default(),
        };
        assert_eq!(
            of(&status),
            "daemon      process 42, version 0.1.0, up 1 h 2 min, 251 MiB of memory\n\
             clients     2 connected, 1 requests in hand\n\
             since then  9 completions answered, 3 superseded or cancelled, 0 turned away\n\
             memory      486 of 1024 MiB set aside beside the weights (engine.memory_mb_max)\n\
             \x20           7.2 MiB of it for 2 adapters; 1.4 MiB of what you wrote mapped beside it\n\
             saved       what was read of 2 documents, 61 MiB on the disk (engine.saved_context_mb_max)\n\
             trainer     watching 3 folders\n\
             model       smollm2-135m-instruct (en): loaded on CPU AVX512_VNNI, 0 of 31 layers on the GPU, \
             94 MiB weights, 90 MiB KV cache, 4096 tokens of context, 1 of 4 sequences in use\n\
             \x20           2 threads, with flash attention, f16 cache, batches of 64 \
             (engine.threads as set, else as setup measured)\n\
             \x20           guessed ahead from the open documents: 7 of 12 tokens were right\n\
             \x20           remembers 123456 tokens of 60 documents of yours, as of 2026-11-30, \
             at 150 % (memory.strength)\n"
        );
    }

    #[test]
    fn a_trainer_says_what_it_watches_and_why_it_does_not() {
        let of = |state, folders, notice: Option<&str>| {
            of_trainer(&TrainerReport {
                state,
                folders,
                notice: notice.map(str::to_owned),
            })
        };
        assert_eq!(of(TrainerState::Off, 0, None), "off");
        assert_eq!(
            of(TrainerState::Watching, 1, Some("polling: too many files")),
            "watching 1 folder: polling: too many files"
        );
        let failed = of(
            TrainerState::Failed,
            0,
            Some("it ended with exit status: 2"),
        );
        assert!(
            failed.ends_with("a while: it ended with exit status: 2"),
            "{failed}"
        );
    }

    #[test]
    fn a_context_made_smaller_and_memory_given_back_are_told_with_the_reason() {
        let smaller = ModelReport {
            is_made_smaller: true,
            ..model(ModelState::Loaded)
        };
        let text = of_model(&smaller);
        assert!(
            text.contains("1 of 4 sequences in use (smaller than wished: engine.memory_mb_max"),
            "{text}"
        );
        let resting = ModelReport {
            released: Some(Release {
                what: Released::Context,
                why: ReleaseReason::Room,
            }),
            ..model(ModelState::Resting)
        };
        let text = of_model(&resting);
        assert!(
            text.ends_with("gave back its context: another model needed the room\n"),
            "{text}"
        );
    }

    #[test]
    fn adapters_say_for_what_they_are_worn_and_why_they_are_not() {
        let adapter = |name: &str, state, why: &str| AdapterReport {
            name: name.to_owned(),
            model: "m".to_owned(),
            state,
            why: why.to_owned(),
            requests: 3,
            shown: 7,
            right: 4,
        };
        let text = of_adapters(&AdaptersReport {
            live: vec![
                adapter("zh-1", AdapterState::Worn, "language zh in /日记"),
                adapter("en-2", AdapterState::Refused, "`/a.gguf` is cut"),
            ],
            problem: None,
            taken_back: vec!["en-1 was taken back".to_owned()],
            swaps: 2,
            documents_waiting: 1,
        });
        assert_eq!(
            text,
            "adapter     zh-1: worn by m for language zh in /日记, 3 requests, right in 4 of 7 shown lately\n\
             adapter     en-2: refused: `/a.gguf` is cut, 3 requests, right in 4 of 7 shown lately\n\
             adapter     en-1 was taken back\n\
             adapter     2 documents changed over since then, 1 are about to\n"
        );
        assert_eq!(of_adapters(&AdaptersReport::default()), "");
    }

    #[test]
    fn a_missing_model_says_how_to_get_it() {
        let problem = Some("model `m` is not installed; run: inkstone model pull m".to_owned());
        let text = of_model(&ModelReport {
            problem,
            ..model(ModelState::Missing)
        });
        assert!(text.contains("(en): not installed\n"), "{text}");
        assert!(text.contains("run: inkstone model pull m\n"), "{text}");
    }

    #[test]
    fn durations_are_told_in_two_units_at_most() {
        assert_eq!(
            [5, 119, 7_260, 180_000].map(duration),
            ["5 s", "1 min", "2 h 1 min", "2 d 2 h"]
        );
    }
}
