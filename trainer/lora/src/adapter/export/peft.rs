//! The two files that Hugging Face PEFT loads: `adapter_model.safetensors` and `adapter_config.json`.
//!
//! GGUFs of the llama architecture have the rows of queries and keys in another order than
//! Transformers, which rotates halves of a head instead of neighbours. What comes out of a map is
//! ordered by B, so only its rows go back.

use candle_core::{Error, Result, Tensor};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use super::gguf::bytes;
use crate::adapter::config::{LoraConfig, Scaling};
use crate::adapter::place::{Place, Target};
use crate::adapter::weights::LoraWeights;
use crate::model::hyperparameters::Hyperparameters;

/// What PEFT loads.
#[derive(Debug, Clone, PartialEq)]
pub struct PeftFiles {
    /// `adapter_config.json`.
    pub config: String,
    /// `adapter_model.safetensors`.
    pub weights: Vec<u8>,
}

/// The two files; `base` names the model they belong to.
pub fn files(
    config: &LoraConfig,
    weights: &LoraWeights,
    model: &Hyperparameters,
    base: &str,
) -> Result<PeftFiles> {
    let mut tensors = Vec::new();
    for (place, pair) in weights.iter() {
        let b = in_transformers_order(&pair.b, place, model)?;
        for (half, tensor) in [("lora_A", &pair.a), ("lora_B", &b)] {
            let name = format!("{}.{half}.weight", module(place));
            tensors.push((name, tensor.dims().to_vec(), bytes(tensor)?));
        }
        if let Some(magnitude) = &pair.magnitude {
            let column = magnitude.unsqueeze(1)?;
            let column = in_transformers_order(&column, place, model)?;
            let name = format!("{}.lora_magnitude_vector", module(place));
            tensors.push((name, magnitude.dims().to_vec(), bytes(&column)?));
        }
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(Error::wrap)?;
        Ok((name.as_str(), view))
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    Ok(PeftFiles {
        config: format!("{:#}\n", config_json(config, model, base)),
        weights: safetensors::serialize(views, None).map_err(Error::wrap)?,
    })
}

fn module(place: Place) -> String {
    let Place { block, target } = place;
    let (parent, name) = (target.peft_parent(), target.peft_name());
    format!("base_model.model.model.layers.{block}.{parent}.{name}")
}

fn config_json(config: &LoraConfig, model: &Hyperparameters, base: &str) -> Value {
    let targets: Vec<&str> = config.targets.iter().map(|one| one.peft_name()).collect();
    let blocks: Vec<usize> = (config.first_block..model.layers.len()).collect();
    json!({
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": config.rank,
        "lora_alpha": config.alpha,
        "lora_dropout": config.dropout,
        "use_rslora": config.scaling == Scaling::RankStabilized,
        "use_dora": config.has_magnitudes,
        "target_modules": targets,
        "layers_to_transform": (config.first_block > 0).then_some(blocks),
        "bias": "none",
        "fan_in_fan_out": false,
        "inference_mode": true,
    })
}

/// B with its rows as Transformers has the map's outputs.
fn in_transformers_order(b: &Tensor, place: Place, model: &Hyperparameters) -> Result<Tensor> {
    let is_turned = matches!(place.target, Target::Query | Target::Key);
    if !(is_turned && model.architecture.rotates_neighbours()) {
        return Ok(b.clone());
    }
    let (rows, rank) = b.dims2()?;
    let pairs = model.head_width / 2;
    b.reshape((rows / model.head_width, pairs, 2, rank))?
        .transpose(1, 2)?
        .contiguous()?
        .reshape((rows, rank))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use candle_core::Device;
    use inkstone_gguf::Gguf;
    use inkstone_test_support::TinyDecoder;
    use safetensors::SafeTensors;

    use super::*;
    use crate::model::decoder::Decoder;
    use crate::ops::check::{assert_close, numbers, random};

    fn decoder(architecture: &str) -> Decoder {
        let bytes = TinyDecoder::new(architecture).bytes();
        let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
        let reader = std::io::Cursor::new(bytes);
        Decoder::read(Path::new("tiny"), &gguf, reader, &Device::Cpu, 0).unwrap()
    }

    const QUERY: Place = Place {
        block: 1,
        target: Target::Query,
    };

    #[test]
    fn rows_go_back_to_where_the_converter_took_them_from() {
        let decoder = decoder("llama");
        let model = decoder.hyperparameters();
        let b = random(&[model.query_width(), 3], 1);
        let back = in_transformers_order(&b, QUERY, model).unwrap();
        assert_ne!(numbers(&back), numbers(&b));
        // What convert_hf_to_gguf.py does: reshape(heads, 2, width / 2, …).swapaxes(1, 2).
        let by_half = back.reshape((model.heads, 2, model.head_width / 2, 3));
        let turned = by_half.unwrap().transpose(1, 2).unwrap();
        let turned = turned.contiguous().unwrap().reshape(b.shape()).unwrap();
        assert_close(&turned, &b, 0.0);
    }

    #[test]
    fn other_maps_and_other_architectures_keep_their_rows() {
        let (llama, gemma) = (decoder("llama"), decoder("gemma3"));
        let b = random(&[llama.hyperparameters().key_width(), 3], 1);
        let value = Place {
            block: 0,
            target: Target::Value,
        };
        for (place, model) in [(value, &llama), (QUERY, &gemma)] {
            let same = in_transformers_order(&b, place, model.hyperparameters()).unwrap();
            assert_close(&same, &b, 0.0);
        }
    }

    #[test]
    fn both_files_say_what_the_adapter_is() {
        let decoder = decoder("qwen2");
        let config = LoraConfig {
            rank: 2,
            scaling: Scaling::RankStabilized,
            targets: [Target::Query, Target::Down].into(),
            first_block: 1,
            ..LoraConfig::default()
        };
        let weights = decoder.begin_adapter(&config, 1).unwrap();
        let files = files(&config, &weights, decoder.hyperparameters(), "tiny/base").unwrap();
        let json: Value = serde_json::from_str(&files.config).unwrap();
        assert_eq!(json["target_modules"], json!(["q_proj", "down_proj"]));
        assert_eq!(json["layers_to_transform"], json!([1]));
        assert_eq!((&json["r"], &json["use_rslora"]), (&json!(2), &json!(true)));
        let tensors = SafeTensors::deserialize(&files.weights).unwrap();
        let mut names = tensors.names();
        names.sort_unstable();
        let module = "base_model.model.model.layers.1";
        let expected = [
            format!("{module}.mlp.down_proj.lora_A.weight"),
            format!("{module}.mlp.down_proj.lora_B.weight"),
            format!("{module}.self_attn.q_proj.lora_A.weight"),
            format!("{module}.self_attn.q_proj.lora_B.weight"),
        ];
        assert_eq!(names, expected);
        let a = tensors.tensor(&expected[2]).unwrap();
        assert_eq!(a.shape(), [2, decoder.hyperparameters().width]);
        let pair = weights.get(QUERY).unwrap();
        assert_eq!(a.data(), bytes(&pair.a).unwrap());
    }
}
