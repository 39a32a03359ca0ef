//! An adapter that was trained here does in Hugging Face PEFT what it does in the trainer.
//!
//! The one place where Python runs: `compare_with_peft.py`, where torch, Transformers, PEFT and gguf are
//! installed for `python3`, or for the interpreter that `INKSTONE_TEST_PYTHON` names. Elsewhere the
//! test says what is missing, and is passed over.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use inkstone_agreement::{decoder, packed};
use inkstone_gguf::Gguf;
use inkstone_lora::adapter::export::peft;
use inkstone_lora::{
    Between, Decay, Decoder, Keep, LoraConfig, OptimizerConfig, Packed, Schedule, Training,
    TrainingConfig,
};
use inkstone_test_support::{corpora, home, test_model_if_there};
use inkstone_vocab::{TokenId, TokenizeOptions, Vocab};

/// Both sides compute in 32-bit floats from the same weights.
const KL_MEAN_MAX: f64 = 1e-4;
/// What an adapter must change at least, so that agreement says something.
const KL_CHANGE_MIN: f64 = 0.05;
/// What `compare_with_peft.py` ends with where its packages are missing.
const MISSING: i32 = 77;

fn run_peft(model: &Path, folder: &Path) -> Option<Output> {
    let python = std::env::var_os("INKSTONE_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("compare_with_peft.py");
    let output = Command::new(python)
        .arg(script)
        .args([model, folder])
        .env("HF_HUB_OFFLINE", "1")
        .output();
    match output {
        Ok(output) if output.status.code() == Some(MISSING) => {
            println!("{}", String::from_utf8_lossy(&output.stdout).trim());
            None
        }
        Ok(output) => Some(output),
        Err(error) => {
            println!("not compared: python3 cannot be run: {error}");
            None
        }
    }
}

/// What is trained and compared.
struct Case<'a> {
    model: &'a str,
    learned: (&'a str, usize),
    judged: (&'a str, usize),
    rate: f64,
    has_magnitudes: bool,
}

/// Four steps on a text.
fn trained<'a>(decoder: &'a Decoder, case: &Case<'_>, text: &Packed) -> Training<'a> {
    let config = TrainingConfig {
        lora: LoraConfig {
            has_magnitudes: case.has_magnitudes,
            ..LoraConfig::default()
        },
        optimizer: OptimizerConfig::ADAM_W,
        schedule: Schedule {
            peak_rate: case.rate,
            warm_up_steps: 1,
            steps: 4,
            decay: Decay::Constant,
        },
        gradient_norm_max: 1.0,
        keep: Keep::Inputs,
        seed: 3,
    };
    let mut training = Training::begin(decoder, config).unwrap();
    for _ in 0..4 {
        let batch = std::slice::from_ref(text);
        let step = training.step(batch, &mut Between::never()).unwrap();
        assert!(step.is_taken, "{step:?}");
    }
    training
}

fn check(case: &Case<'_>) {
    let name = case.model;
    let (Some(path), Some(corpora)) = (test_model_if_there(name), corpora()) else {
        return;
    };
    let vocabulary = Vocab::from_gguf(&Gguf::from_path(&path).unwrap()).unwrap();
    let tokens = |(document, count): (&str, usize)| {
        let text = fs::read_to_string(corpora.join(document)).unwrap();
        let options = TokenizeOptions {
            add_bos: true,
            ..TokenizeOptions::default()
        };
        let mut tokens = vocabulary.tokenize(&text, options);
        assert!(tokens.len() >= count, "{document}");
        tokens.truncate(count);
        tokens
    };
    let (text, judged): (_, Vec<TokenId>) = (packed(&tokens(case.learned)), tokens(case.judged));
    let decoder = decoder(&path);
    let training = trained(&decoder, case, &text);
    let adapter = training.adapter();
    let scratch = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(scratch.path().join(name), bytes).unwrap();
    let model = decoder.hyperparameters();
    let files = peft::files(adapter.config, adapter.weights, model, "served").unwrap();
    write("adapter_config.json", files.config.as_bytes());
    write("adapter_model.safetensors", &files.weights);
    let ids: Vec<String> = judged.iter().map(|token| token.0.to_string()).collect();
    write("tokens.json", format!("[{}]", ids.join(",")).as_bytes());
    let all = 0..judged.len();
    let logits = decoder
        .logits(&packed(&judged), all, Some(adapter))
        .unwrap();
    let bytes = logits
        .iter()
        .flatten()
        .flat_map(|logit| logit.to_le_bytes());
    write("logits.f32", &bytes.collect::<Vec<u8>>());
    drop(logits);
    let Some(output) = run_peft(&path, scratch.path()) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{name}: {}", said.trim());
    let number = |key: &str| -> f64 {
        let rest = said.split(&format!("\"{key}\": ")).nth(1).unwrap();
        rest.split([',', '}']).next().unwrap().parse().unwrap()
    };
    assert!(number("kl_mean") <= KL_MEAN_MAX, "{said}");
    assert!(number("kl_change") >= KL_CHANGE_MIN, "{said}");
}

const SMOLLM: Case<'_> = Case {
    model: home::ENGLISH_MODEL,
    learned: ("en/thoreau/03.md", 128),
    judged: ("en/thoreau/02.md", 1_000),
    rate: 2e-3,
    has_magnitudes: false,
};

#[test]
fn an_adapter_of_smollm_does_in_peft_what_it_does_here() {
    check(&SMOLLM);
}

#[test]
fn one_with_magnitudes_does_too() {
    check(&Case {
        judged: ("en/thoreau/02.md", 200),
        has_magnitudes: true,
        ..SMOLLM
    });
}

#[test]
fn an_adapter_of_gemma_does_in_peft_what_it_does_here() {
    check(&Case {
        model: home::CHINESE_MODEL,
        learned: ("zh/luxun/呐喊/明天.md", 128),
        judged: ("zh/luxun/呐喊/孔乙己.md", 192),
        rate: 4e-4,
        has_magnitudes: false,
    });
}
