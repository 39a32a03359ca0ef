//! A trained adapter, read back from the GGUF that it was exported to: for measuring it again and for
//! other formats.
//!
//! Hostile until checked: `inkstone_gguf::AdapterInfo` looks at every name, shape and number against
//! the model's header, and here only the maps of a decoder's blocks with one rank for all are taken,
//! since that is what a training makes. What the file does not say (dropout, the form of the scale) is
//! as if it had been trained without: alpha over rank is the scale that it was trained with.

use candle_core::{DType, Device, Result, Tensor};
use inkstone_gguf::{AdapterFault, AdapterInfo, GgmlType, Gguf, TensorInfo};

use super::config::{LoraConfig, RANK_MAX, Scaling};
use super::place::{Place, Target};
use super::weights::{LoraPair, LoraWeights, shape};
use crate::error::LoraError;
use crate::model::hyperparameters::Hyperparameters;

/// Reads an adapter of the model whose header and numbers these are.
pub fn gguf(
    bytes: &[u8],
    base: &Gguf,
    model: &Hyperparameters,
) -> std::result::Result<(LoraConfig, LoraWeights), LoraError> {
    let info = AdapterInfo::check(bytes, base).map_err(refused)?;
    let file = Gguf::read(&mut &*bytes, bytes.len() as u64)
        .map_err(|error| refused(AdapterFault::File(error)))?;
    let rank = usize::try_from(info.rank).unwrap_or(usize::MAX);
    if rank > RANK_MAX {
        return Err(LoraError::AdapterFile {
            problem: format!("its rank is {rank}, more than {RANK_MAX}"),
        });
    }
    let mut weights = LoraWeights::default();
    let mut config = LoraConfig {
        rank,
        alpha: info.alpha,
        scaling: Scaling::Plain,
        targets: std::collections::BTreeSet::new(),
        first_block: model.layers.len(),
        ..LoraConfig::default()
    };
    let start = usize::try_from(file.data_offset()).unwrap_or(usize::MAX);
    let data = bytes.get(start..).unwrap_or_default();
    for a in file.tensors() {
        let Some(name) = a.name.strip_suffix(".lora_a") else {
            continue;
        };
        let place = place_of(name, model)?;
        let b_name = format!("{name}.lora_b");
        let b = file.tensors().iter().find(|tensor| tensor.name == b_name);
        let b = b.ok_or_else(|| odd(&b_name, "is missing"))?;
        let (outputs, inputs) = shape(place.target, model);
        let pair = LoraPair::new(
            tensor(a, data, (rank, inputs))?,
            tensor(b, data, (outputs, rank))?,
        );
        config.targets.insert(place.target);
        config.first_block = config.first_block.min(place.block);
        weights.insert(place, pair);
    }
    // What is exported says its maps and blocks once for all.
    let is_whole = config
        .places(model)
        .all(|place| weights.get(place).is_some());
    if !is_whole {
        return Err(LoraError::AdapterFile {
            problem: "it adapts other maps in some blocks than in others".to_owned(),
        });
    }
    Ok((config, weights))
}

/// The map of a name such as `blk.3.attn_q.weight`.
fn place_of(name: &str, model: &Hyperparameters) -> std::result::Result<Place, LoraError> {
    let parts = || {
        let (block, rest) = name.strip_prefix("blk.")?.split_once('.')?;
        let map = rest.strip_suffix(".weight")?;
        let target = Target::ALL.into_iter().find(|one| one.gguf_name() == map)?;
        let block: usize = block.parse().ok()?;
        let place = Place { block, target };
        // `blk.03` is another spelling, and none of ours.
        (block < model.layers.len() && place.tensor_name() == name).then_some(place)
    };
    parts().ok_or_else(|| odd(name, "is no map of a block"))
}

fn tensor(
    info: &TensorInfo,
    data: &[u8],
    (rows, columns): (usize, usize),
) -> std::result::Result<Tensor, LoraError> {
    // Fastest first.
    if info.dimensions != [columns as u64, rows as u64] {
        return Err(odd(&info.name, "has another rank than the others"));
    }
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let end = place(info.offset.saturating_add(info.bytes));
    let bytes = data.get(place(info.offset)..end).unwrap_or_default();
    let dtype = match info.ggml_type {
        GgmlType::F16 => DType::F16,
        GgmlType::BF16 => DType::BF16,
        // The check lets in no other.
        _ => DType::F32,
    };
    let read = || -> Result<Tensor> {
        let tensor = Tensor::from_raw_buffer(bytes, dtype, &[rows, columns], &Device::Cpu)?;
        tensor.to_dtype(DType::F32)
    };
    read().map_err(LoraError::from)
}

fn odd(tensor: &str, problem: &str) -> LoraError {
    let tensor: String = tensor.escape_debug().take(NAME_CHARACTERS_MAX).collect();
    LoraError::AdapterFile {
        problem: format!("tensor `{tensor}` {problem}"),
    }
}

/// Characters of a tensor's name that are told.
const NAME_CHARACTERS_MAX: usize = 100;

#[allow(clippy::needless_pass_by_value, reason = "it is used as a function")]
fn refused(fault: AdapterFault) -> LoraError {
    LoraError::AdapterFile {
        problem: fault.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use inkstone_gguf::build::GgufBuilder;
    use inkstone_test_support::TinyDecoder;

    use super::*;
    use crate::adapter::export;
    use crate::model::decoder::Decoder;
    use crate::ops::check::{assert_close, random};

    struct Model {
        header: Gguf,
        decoder: Decoder,
    }

    fn of_architecture(architecture: &str) -> Model {
        let bytes = TinyDecoder::new(architecture).bytes();
        let header = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
        let reader = std::io::Cursor::new(bytes);
        let decoder = Decoder::read(Path::new("tiny"), &header, reader, &Device::Cpu, 0).unwrap();
        Model { header, decoder }
    }

    fn trained(model: &Model, config: &LoraConfig) -> LoraWeights {
        let mut weights = model.decoder.begin_adapter(config, 3).unwrap();
        let places: Vec<Place> = weights.iter().map(|(place, _)| place).collect();
        for (seed, place) in (0..).zip(places) {
            let a = weights.get(place).unwrap().a.clone();
            let b = weights.get(place).unwrap().b.dims().to_vec();
            weights.insert(place, LoraPair::new(a, random(&b, seed)));
        }
        weights
    }

    #[test]
    fn what_was_exported_is_read_to_the_bit_and_exports_to_peft_as_it_was_trained() {
        for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
            let model = of_architecture(architecture);
            let config = LoraConfig {
                rank: 3,
                alpha: 7.0,
                targets: [Target::Query, Target::Key, Target::Down].into(),
                first_block: 1,
                ..LoraConfig::default()
            };
            let weights = trained(&model, &config);
            let numbers = model.decoder.hyperparameters();
            let file = export::gguf::file(&config, &weights, numbers).unwrap();
            let (read_config, read) = gguf(&file, &model.header, numbers).unwrap();
            assert_eq!(read_config, config, "{architecture}");
            for (place, pair) in weights.iter() {
                let same = read.get(place).unwrap();
                assert_close(&same.a, &pair.a, 0.0);
                assert_close(&same.b, &pair.b, 0.0);
            }
            let files = |config, weights| {
                export::peft::files(config, weights, numbers, "tiny/base").unwrap()
            };
            assert_eq!(files(&read_config, &read), files(&config, &weights));
        }
    }

    #[test]
    fn what_is_no_adapter_of_this_model_is_refused_by_name_and_nothing_panics() {
        let model = of_architecture("llama");
        let numbers = model.decoder.hyperparameters();
        let config = LoraConfig::default();
        let good = export::gguf::file(&config, &trained(&model, &config), numbers).unwrap();
        let refused = |bytes: &[u8]| gguf(bytes, &model.header, numbers).unwrap_err().to_string();
        for cut in (0..good.len()).step_by(61) {
            refused(&good[..cut]);
        }
        let mut broken = good.clone();
        let last = broken.len() - 4;
        broken[last..].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(refused(&broken).contains("NaN"), "{}", refused(&broken));
        let other = of_architecture("gemma3");
        let of_other = gguf(&good, &other.header, other.decoder.hyperparameters());
        assert!(
            of_other
                .unwrap_err()
                .to_string()
                .contains("general.architecture")
        );
    }

    #[test]
    fn maps_that_no_training_adapts_and_ranks_that_differ_are_refused() {
        let model = of_architecture("llama");
        let numbers = model.decoder.hyperparameters();
        let begun = || {
            GgufBuilder::new()
                .str("general.type", "adapter")
                .str("general.architecture", "llama")
                .str("adapter.type", "lora")
                .value("adapter.lora.alpha", inkstone_gguf::Value::F32(1.0))
        };
        let pair = |file: GgufBuilder, block: usize, target: Target, rank: u64| {
            let (outputs, inputs) = shape(target, numbers);
            let name = Place { block, target }.tensor_name();
            let zeros = |count: u64| vec![0; usize::try_from(count * 4).unwrap()];
            let (inputs, outputs) = (inputs as u64, outputs as u64);
            file.tensor(
                &format!("{name}.lora_a"),
                &[inputs, rank],
                GgmlType::F32,
                zeros(inputs * rank),
            )
            .tensor(
                &format!("{name}.lora_b"),
                &[rank, outputs],
                GgmlType::F32,
                zeros(rank * outputs),
            )
        };
        let refused = |file: GgufBuilder| {
            let bytes = file.finish();
            gguf(&bytes, &model.header, numbers)
                .unwrap_err()
                .to_string()
        };
        let two_ranks = pair(pair(begun(), 1, Target::Query, 2), 1, Target::Value, 3);
        assert!(refused(two_ranks).contains("another rank"));
        let uneven = pair(pair(begun(), 0, Target::Query, 2), 1, Target::Value, 2);
        assert!(refused(uneven).contains("in some blocks"));
    }
}
