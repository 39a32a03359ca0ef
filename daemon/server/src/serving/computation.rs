//! How a model is computed: what the user set, else what setup measured, else what holds everywhere.
//!
//! Pure but for the number of cores, which the caller brings. Called when a model is loaded.

use inkstone_engine::{ContextOptions, KvType as EngineKvType, Model};
use inkstone_models::tuning::{Computation, KvType, Tuned};
use inkstone_protocol::ComputationReport;
use inkstone_settings::{Engine, FlashAttentionChoice, KvTypeChoice};

use super::lane::BATCH_TOKENS_MAX;

/// A way to compute and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chosen {
    pub(super) computation: Computation,
    pub(super) report: ComputationReport,
}

/// Chooses. What is set wins; an automatic choice is the measured one.
pub(super) fn choose(engine: &Engine, tuned: Option<&Tuned>, cores: u32) -> Chosen {
    let mut computation = tuned.map_or_else(|| untuned(cores), |tuned| tuned.best.computation);
    // Never more than a cancel may be late by.
    computation.batch_tokens = computation.batch_tokens.clamp(1, BATCH_TOKENS_MAX);
    let mut set = Vec::new();
    if engine.threads > 0 {
        computation.threads = engine.threads;
        set.push("engine.threads".to_owned());
    }
    if let Some(is_on) = flash_attention(engine.flash_attention) {
        computation.flash_attention = is_on;
        set.push("engine.flash_attention".to_owned());
    }
    if let Some(kv_type) = kv_type_set(engine.kv_type) {
        computation.kv_type = kv_type;
        set.push("engine.kv_type".to_owned());
    }
    if !computation.is_possible() {
        computation.kv_type = KvType::F16;
    }
    let report = ComputationReport {
        threads: computation.threads,
        flash_attention: computation.flash_attention,
        kv_type: computation.kv_type.word().to_owned(),
        batch_tokens: computation.batch_tokens,
        is_measured: tuned.is_some(),
        set,
    };
    Chosen {
        computation,
        report,
    }
}

/// What a setting fixes; none when it leaves the choice.
fn flash_attention(choice: FlashAttentionChoice) -> Option<bool> {
    match choice {
        FlashAttentionChoice::Auto => None,
        FlashAttentionChoice::On => Some(true),
        FlashAttentionChoice::Off => Some(false),
    }
}

fn kv_type_set(choice: KvTypeChoice) -> Option<KvType> {
    match choice {
        KvTypeChoice::Auto => None,
        KvTypeChoice::F16 => Some(KvType::F16),
        KvTypeChoice::Q8 => Some(KvType::Q8),
    }
}

/// A context that computes so, beside the layers of its model.
pub(crate) fn context_options(
    computation: &Computation,
    model: &Model,
    context_tokens: u32,
    sequences: u32,
) -> ContextOptions {
    ContextOptions {
        context_tokens,
        sequences,
        outputs: sequences,
        batch_tokens: computation.batch_tokens,
        threads: computation.threads,
        offload_kv: model.device().is_some(),
        flash_attention: computation.flash_attention,
        kv_type: kv_type(computation.kv_type),
    }
}

/// As the engine calls it.
pub(super) fn kv_type(kv_type: KvType) -> EngineKvType {
    match kv_type {
        KvType::F16 => EngineKvType::F16,
        KvType::Q8 => EngineKvType::Q8,
    }
}

/// One thread a physical core; the rest is llama.cpp's own default.
fn untuned(cores: u32) -> Computation {
    Computation {
        threads: cores,
        flash_attention: true,
        kv_type: KvType::F16,
        batch_tokens: BATCH_TOKENS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use inkstone_models::tuning::Measured;

    use super::*;

    fn tuned(kv_type: KvType) -> Tuned {
        let best = Measured {
            computation: Computation {
                threads: 3,
                flash_attention: true,
                kv_type,
                batch_tokens: 512,
            },
            prefill_tokens_per_s: 500.0,
            decode_tokens_per_s: 100.0,
        };
        Tuned {
            model: "m".to_owned(),
            file_bytes: 1,
            device: "CPU".to_owned(),
            cores: 4,
            best,
            untuned: best,
        }
    }

    #[test]
    fn what_is_set_wins_over_what_was_measured_and_a_batch_stays_short() {
        let chosen = choose(&Engine::default(), None, 4);
        assert_eq!(
            (chosen.computation.threads, chosen.report.is_measured),
            (4, false)
        );
        let chosen = choose(&Engine::default(), Some(&tuned(KvType::Q8)), 4);
        assert_eq!(chosen.computation.threads, 3);
        assert_eq!(chosen.computation.kv_type, KvType::Q8);
        assert_eq!(chosen.computation.batch_tokens, BATCH_TOKENS_MAX);
        let engine = Engine {
            threads: 7,
            ..Engine::default()
        };
        let chosen = choose(&engine, Some(&tuned(KvType::F16)), 4);
        assert_eq!(chosen.computation.threads, 7);
        assert_eq!(chosen.report.set, ["engine.threads"]);
    }

    #[test]
    fn a_cache_in_eight_bits_needs_attention_in_one_pass() {
        let engine = Engine {
            flash_attention: FlashAttentionChoice::Off,
            ..Engine::default()
        };
        let chosen = choose(&engine, Some(&tuned(KvType::Q8)), 4);
        assert_eq!(chosen.computation.kv_type, KvType::F16);
    }
}
