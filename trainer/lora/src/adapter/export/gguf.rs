//! A GGUF that llama.cpp loads beside the model (`llama-adapter.cpp`).
//!
//! Trained on the rows of the served file, in their order, so nothing is permuted. llama.cpp scales
//! by alpha over rank and knows no other way; the alpha that is written makes that the scale it was
//! trained with.

use candle_core::{Error, Result, Tensor};
use inkstone_gguf::build::GgufBuilder;
use inkstone_gguf::{GgmlType, Value};

use crate::adapter::config::LoraConfig;
use crate::adapter::weights::LoraWeights;
use crate::model::hyperparameters::Hyperparameters;

/// The bytes of the file.
pub fn file(
    config: &LoraConfig,
    weights: &LoraWeights,
    model: &Hyperparameters,
) -> Result<Vec<u8>> {
    if config.has_magnitudes {
        return Err(Error::Msg(
            "an adapter with magnitudes (DoRA) changes all of a map, and adapters in GGUF are A and \
             B alone; train without magnitudes, or export it for PEFT"
                .to_owned(),
        ));
    }
    let alpha = config.scale() * config.rank as f32;
    let mut file = GgufBuilder::new()
        .str("general.type", "adapter")
        .str("general.architecture", model.architecture.name())
        .str("adapter.type", "lora")
        .value("adapter.lora.alpha", Value::F32(alpha));
    for (place, pair) in weights.iter() {
        for (half, tensor) in [("lora_a", &pair.a), ("lora_b", &pair.b)] {
            let (rows, columns) = tensor.dims2()?;
            let name = format!("{}.{half}", place.tensor_name());
            // Fastest first.
            let dimensions = [columns as u64, rows as u64];
            file = file.tensor(&name, &dimensions, GgmlType::F32, bytes(tensor)?);
        }
    }
    Ok(file.finish())
}

/// The numbers of a tensor as little-endian bytes.
pub(crate) fn bytes(tensor: &Tensor) -> Result<Vec<u8>> {
    let numbers = tensor.flatten_all()?.to_vec1::<f32>()?;
    Ok(numbers.into_iter().flat_map(f32::to_le_bytes).collect())
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use inkstone_gguf::Gguf;

    use super::*;
    use crate::adapter::config::Scaling;
    use crate::adapter::place::{Place, Target};
    use crate::adapter::weights::LoraPair;
    use crate::model::hyperparameters::{Architecture, Hyperparameters};

    fn model() -> Hyperparameters {
        Hyperparameters {
            architecture: Architecture::Qwen3,
            context_tokens: 1,
            width: 8,
            feed_forward_width: 16,
            heads: 1,
            kv_heads: 1,
            head_width: 8,
            vocabulary_tokens: 1,
            norm_epsilon: 1e-6,
            attention_scale: 1.0,
            embedding_scale: 1.0,
            logit_soft_cap: None,
            layers: Vec::new(),
        }
    }

    #[test]
    fn what_a_file_cannot_say_is_refused_with_what_can_be_done() {
        let config = LoraConfig {
            has_magnitudes: true,
            ..LoraConfig::default()
        };
        let error = file(&config, &LoraWeights::default(), &model())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("DoRA") && error.contains("for PEFT"),
            "{error}"
        );
    }

    #[test]
    fn the_alpha_in_the_file_makes_the_scale_it_was_trained_with() {
        let config = LoraConfig {
            rank: 4,
            alpha: 6.0,
            scaling: Scaling::RankStabilized,
            ..LoraConfig::default()
        };
        let tensor = |shape| Tensor::ones(shape, candle_core::DType::F32, &Device::Cpu).unwrap();
        let mut weights = LoraWeights::default();
        let place = Place {
            block: 3,
            target: Target::Gate,
        };
        weights.insert(place, LoraPair::new(tensor((4, 8)), tensor((16, 4))));
        let model = model();
        let bytes = file(&config, &weights, &model).unwrap();
        let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
        assert_eq!(gguf.get("adapter.lora.alpha"), Some(&Value::F32(12.0)));
        assert_eq!(gguf.str("general.architecture"), Some("qwen3"));
        let shapes = gguf
            .tensors()
            .iter()
            .map(|t| (t.name.as_str(), t.dimensions.as_slice()));
        let shapes: Vec<(&str, &[u64])> = shapes.collect();
        let expected: [(&str, &[u64]); 2] = [
            ("blk.3.ffn_gate.weight.lora_a", &[8, 4]),
            ("blk.3.ffn_gate.weight.lora_b", &[4, 16]),
        ];
        assert_eq!(shapes, expected);
    }
}
