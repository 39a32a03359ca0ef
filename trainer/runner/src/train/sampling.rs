//! Text that the model writes by itself: without an adapter it stands for generic prose
//! ([`super::replay`]), with one it shows whether that is degenerate.

use std::sync::Arc;

use inkstone_lora::{Adapter, Between, Decoder, LoraError, Sampling};
use inkstone_vocab::{TokenId, Vocab};

use super::gate::samples;
use super::passages::{OF_TEXT, without_end};
use super::replay::{SAMPLE_TOKENS, SAMPLES, TEMPERATURE, opening};

/// Samples of an adapter that are looked at when it is judged, and tokens of each.
const LOOKED_AT: usize = 8;
const LOOKED_AT_TOKENS: usize = 96;
/// Degenerate samples of an adapter that are forgiven beyond those of the model itself: a small model
/// repeats itself now and then.
const FORGIVEN: usize = 1;
/// The seed of samples that stand for generic prose: they are the same for every training.
const GENERIC_SEED: u64 = 11;

/// Draws the samples of the model that stand for generic prose.
pub fn generic(
    decoder: &Decoder,
    vocab: &Arc<Vocab>,
    language: &str,
    between: &mut Between<'_>,
) -> Result<Vec<String>, LoraError> {
    let sampling = sampling(vocab, SAMPLE_TOKENS, GENERIC_SEED);
    written(decoder, vocab, language, SAMPLES, &sampling, None, between)
}

/// What is degenerate in what an adapter writes, beyond what the model itself does, and how many
/// samples were looked at.
pub fn degenerate(
    decoder: &Decoder,
    vocab: &Arc<Vocab>,
    language: &str,
    adapter: Adapter<'_>,
    seed: u64,
    between: &mut Between<'_>,
) -> Result<(Vec<String>, usize), LoraError> {
    let sampling = sampling(vocab, LOOKED_AT_TOKENS, seed);
    let mut faults_of = |adapter: Option<Adapter<'_>>| {
        let texts = written(
            decoder, vocab, language, LOOKED_AT, &sampling, adapter, between,
        )?;
        let faults = texts
            .iter()
            .filter_map(|text| samples::fault(text, language));
        Ok::<_, LoraError>(faults.collect::<Vec<String>>())
    };
    let with = faults_of(Some(adapter))?;
    if with.len() <= FORGIVEN {
        return Ok((Vec::new(), LOOKED_AT));
    }
    let without = faults_of(None)?;
    let is_worse = with.len() > without.len() + FORGIVEN;
    Ok((if is_worse { with } else { Vec::new() }, LOOKED_AT))
}

fn sampling(vocab: &Vocab, tokens_max: usize, seed: u64) -> Sampling {
    let count = u32::try_from(vocab.len().0).unwrap_or(u32::MAX);
    let all = (0..count).map(TokenId);
    Sampling {
        tokens_max,
        temperature: TEMPERATURE,
        seed,
        ends: all
            .filter(|&token| vocab.is_end_of_generation(token))
            .collect(),
    }
}

fn written(
    decoder: &Decoder,
    vocab: &Arc<Vocab>,
    language: &str,
    count: usize,
    sampling: &Sampling,
    adapter: Option<Adapter<'_>>,
    between: &mut Between<'_>,
) -> Result<Vec<String>, LoraError> {
    let openings: Vec<&str> = (0..count).map(|number| opening(language, number)).collect();
    let mut prompts: Vec<Vec<TokenId>> = Vec::with_capacity(count);
    for opening in &openings {
        let prompt = vocab.tokenize(opening, OF_TEXT);
        prompts.push(without_end(vocab, &prompt).to_vec());
    }
    let written = decoder.sample_each(&prompts, sampling, adapter, between)?;
    let text = |(opening, tokens): (&&str, Vec<TokenId>)| {
        let bytes: Vec<u8> = tokens
            .iter()
            .flat_map(|&token| vocab.token_bytes(token).iter().copied())
            .collect();
        // A sample may end within a character.
        format!(
            "{opening}{}",
            String::from_utf8_lossy(&bytes).trim_end_matches('\u{fffd}')
        )
    };
    Ok(openings.iter().zip(written).map(text).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use inkstone_gguf::Gguf;
    use inkstone_lora::{Device, LoraConfig};
    use inkstone_test_support::TinyDecoder;

    use super::*;

    #[test]
    fn samples_are_the_same_again_and_begin_as_they_were_asked_to() {
        let bytes = TinyDecoder::new("llama").bytes();
        let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
        let vocab = Arc::new(Vocab::from_gguf(&gguf).unwrap());
        let path = Path::new("tiny.gguf");
        let decoder = Decoder::read(path, &gguf, Cursor::new(bytes), &Device::Cpu, 1 << 20);
        let decoder = decoder.unwrap();
        let few = sampling(&vocab, 24, 1);
        let draw = |language| {
            let between = &mut Between::never();
            written(&decoder, &vocab, language, 3, &few, None, between).unwrap()
        };
        assert_eq!(draw("zh"), draw("zh"));
        let texts = draw("en");
        assert!(
            texts[0].starts_with("The") && texts[1].starts_with("In"),
            "{texts:?}"
        );
        let config = LoraConfig::default();
        let weights = decoder.begin_adapter(&config, 1).unwrap();
        let adapter = Adapter {
            config: &config,
            weights: &weights,
        };
        // An adapter that changes nothing is no more degenerate than its model.
        let (faults, looked_at) =
            degenerate(&decoder, &vocab, "en", adapter, 1, &mut Between::never()).unwrap();
        assert_eq!((faults, looked_at), (Vec::new(), LOOKED_AT));
    }
}
