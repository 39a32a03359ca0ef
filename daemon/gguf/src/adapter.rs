//! Whether the bytes of a LoRA adapter fit a base model: checked whole, weights included, before
//! llama.cpp sees the file.
//!
//! Not how it was trained nor whether it helps. The daemon asks before it wears one, and
//! `adapter import` before it takes one in. The names and shapes are those of llama.cpp's
//! `llama-adapter.cpp`.

use std::collections::BTreeMap;

use crate::error::GgufError;
use crate::gguf::Gguf;
use crate::shown::shown;
use crate::tensor::TensorInfo;
use crate::tensor_type::GgmlType;

/// Rank of an adapter: above 512 it holds nearly as much as the matrices that it adapts.
pub const ADAPTER_RANK_MAX: u64 = 512;
/// Bytes of an adapter's file, which is read whole: rank 64 on all maps of a model of 8 billion
/// parameters in 32 bits.
pub const ADAPTER_BYTES_MAX: u64 = 1 << 30;

/// The one matrix whose halves llama.cpp takes the other way round, since it is looked up by rows.
const TOKEN_EMBEDDING: &str = "token_embd.weight";
/// What gives the numbers of the next token. A model without one takes the embedding, and llama.cpp
/// then applies the embedding's pair, which lies the other way round, and aborts.
const OUTPUT: &str = "output.weight";

/// What an adapter that fits is.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterInfo {
    /// `adapter.lora.alpha`: with the rank, how strongly it acts.
    pub alpha: f32,
    /// Rank of its largest pair of matrices.
    pub rank: u64,
    /// Matrices of the model that it adapts.
    pub pairs: u32,
}

/// Why an adapter cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AdapterFault {
    /// Its header cannot be read, or it ends too early.
    #[error("{0}")]
    File(#[from] GgufError),
    /// It is more than is read.
    #[error(
        "the file has {found} bytes, more than the {ADAPTER_BYTES_MAX} of an adapter; train one of a lower rank"
    )]
    TooLarge {
        /// Its length.
        found: u64,
    },
    /// A metadata entry is not what an adapter of this model has.
    #[error(
        "`{key}` is {found}, where {expected} is needed; use an adapter that was made for this model"
    )]
    Metadata {
        /// The entry.
        key: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A tensor belongs to no matrix of the base model, or not with this shape.
    #[error(
        "tensor `{tensor}` {problem}; the adapter was made for another model: train one on this model"
    )]
    Tensor {
        /// Its name.
        tensor: String,
        /// What is wrong.
        problem: String,
    },
    /// A weight is no number.
    #[error("tensor `{tensor}` holds {value} at {at}; its training went wrong: train again")]
    NotFinite {
        /// Its name.
        tensor: String,
        /// NaN or an infinity.
        value: f32,
        /// The index of the first such weight.
        at: usize,
    },
    /// It adapts nothing.
    #[error("it holds no matrices; use the file of a finished training")]
    Empty,
}

/// The two halves of the change to one matrix.
#[derive(Debug, Default, Clone, Copy)]
struct Pair<'a> {
    a: Option<&'a TensorInfo>,
    b: Option<&'a TensorInfo>,
}

impl AdapterInfo {
    /// Checks the bytes of an adapter's file against the header of the model that it is for.
    pub fn check(bytes: &[u8], base: &Gguf) -> Result<Self, AdapterFault> {
        let length = bytes.len() as u64;
        if length > ADAPTER_BYTES_MAX {
            return Err(AdapterFault::TooLarge { found: length });
        }
        let gguf = Gguf::read(&mut &*bytes, length)?;
        let alpha = metadata(&gguf, base)?;
        let pairs = pairs(&gguf)?;
        let mut rank = 0;
        for (name, pair) in &pairs {
            rank = rank.max(fitting_rank(name, *pair, base)?);
        }
        let start = usize::try_from(gguf.data_offset()).unwrap_or(usize::MAX);
        let data = bytes.get(start..).unwrap_or_default();
        for tensor in gguf.tensors() {
            all_finite(tensor, data)?;
        }
        if pairs.is_empty() {
            return Err(AdapterFault::Empty);
        }
        let pairs = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
        Ok(Self { alpha, rank, pairs })
    }
}

/// Checks what the file says that it is; its alpha.
fn metadata(gguf: &Gguf, base: &Gguf) -> Result<f32, AdapterFault> {
    const ARCHITECTURE: &str = "general.architecture";
    const ALPHA: &str = "adapter.lora.alpha";
    let needed = [
        ("general.type", "adapter"),
        ("adapter.type", "lora"),
        (ARCHITECTURE, base.str(ARCHITECTURE).unwrap_or_default()),
    ];
    for (key, expected) in needed {
        let found = gguf.str(key);
        if found != Some(expected) {
            return Err(AdapterFault::Metadata {
                key,
                found: found.map_or_else(
                    || "missing".to_owned(),
                    |found| format!("`{}`", shown(found)),
                ),
                expected: format!("`{}`", shown(expected)),
            });
        }
    }
    let alpha = gguf.get(ALPHA).and_then(crate::value::Value::as_f32);
    match alpha {
        Some(alpha) if alpha.is_finite() => Ok(alpha),
        found => Err(AdapterFault::Metadata {
            key: ALPHA,
            found: found.map_or_else(|| "missing".to_owned(), |found| found.to_string()),
            expected: "a finite number".to_owned(),
        }),
    }
}

/// The halves by the name of their matrix.
fn pairs(gguf: &Gguf) -> Result<BTreeMap<&str, Pair<'_>>, AdapterFault> {
    let mut pairs: BTreeMap<&str, Pair<'_>> = BTreeMap::new();
    for tensor in gguf.tensors() {
        if let Some(name) = tensor.name.strip_suffix(".lora_a") {
            pairs.entry(name).or_default().a = Some(tensor);
        } else if let Some(name) = tensor.name.strip_suffix(".lora_b") {
            pairs.entry(name).or_default().b = Some(tensor);
        } else {
            return Err(wrong(
                &tensor.name,
                "is no half of a matrix (.lora_a, .lora_b)",
            ));
        }
    }
    Ok(pairs)
}

/// The rank of a pair whose matrix is in the base model and that has the shape for it.
fn fitting_rank(name: &str, pair: Pair<'_>, base: &Gguf) -> Result<u64, AdapterFault> {
    let (Some(a), Some(b)) = (pair.a, pair.b) else {
        let missing = if pair.a.is_none() { "lora_a" } else { "lora_b" };
        return Err(wrong(name, &format!("has no `.{missing}`")));
    };
    let matrix = base.tensors().iter().find(|tensor| tensor.name == name);
    let Some(&[inputs, outputs]) = matrix.map(|matrix| &*matrix.dimensions) else {
        return Err(wrong(name, "is no matrix of the model"));
    };
    let (&[a_row, a_rows], &[b_row, b_rows]) = (&*a.dimensions, &*b.dimensions) else {
        return Err(wrong(name, "has halves that are no matrices"));
    };
    let (rank, fits) = if name == TOKEN_EMBEDDING {
        (
            b_row,
            a_row == b_row && a_rows == outputs && b_rows == inputs,
        )
    } else {
        (
            b_row,
            a_rows == b_row && a_row == inputs && b_rows == outputs,
        )
    };
    let has_output = || base.tensors().iter().any(|tensor| tensor.name == OUTPUT);
    if name == TOKEN_EMBEDDING && !has_output() {
        return Err(wrong(
            name,
            "is the model's output, too, which no adapter can change; train one without the embedding",
        ));
    }
    if !fits {
        return Err(wrong(
            name,
            &format!(
                "has halves of {a_row}×{a_rows} and {b_row}×{b_rows}, which do not make {inputs}×{outputs}"
            ),
        ));
    }
    if !(1..=ADAPTER_RANK_MAX).contains(&rank) {
        return Err(wrong(
            name,
            &format!("has rank {rank}, not 1 to {ADAPTER_RANK_MAX}"),
        ));
    }
    Ok(rank)
}

/// Looks at every weight of a tensor.
fn all_finite(tensor: &TensorInfo, data: &[u8]) -> Result<(), AdapterFault> {
    let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let end = place(tensor.offset.saturating_add(tensor.bytes));
    let bytes = data.get(place(tensor.offset)..end).unwrap_or_default();
    let first_odd = match tensor.ggml_type {
        GgmlType::F32 => first_odd(bytes, f32::from_le_bytes),
        GgmlType::F16 => first_odd(bytes, f16_as_f32),
        GgmlType::BF16 => first_odd(bytes, |[low, high]| f32::from_le_bytes([0, 0, low, high])),
        other => {
            return Err(wrong(
                &tensor.name,
                &format!("is kept as {other}, not as F32, F16 or BF16"),
            ));
        }
    };
    match first_odd {
        None => Ok(()),
        Some((at, value)) => Err(AdapterFault::NotFinite {
            tensor: shown(&tensor.name),
            value,
            at,
        }),
    }
}

fn first_odd<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f32) -> Option<(usize, f32)> {
    let (numbers, _) = bytes.as_chunks::<N>();
    let values = numbers.iter().map(|number| read(*number));
    values.enumerate().find(|(_, value)| !value.is_finite())
}

/// Only whether it is finite counts: what is gets zero.
fn f16_as_f32(bytes: [u8; 2]) -> f32 {
    let bits = u16::from_le_bytes(bytes);
    match ((bits >> 10) & 0x1f, bits & 0x3ff, bits >> 15) {
        (0x1f, 0, 0) => f32::INFINITY,
        (0x1f, 0, _) => f32::NEG_INFINITY,
        (0x1f, _, _) => f32::NAN,
        _ => 0.0,
    }
}

fn wrong(tensor: &str, problem: &str) -> AdapterFault {
    AdapterFault::Tensor {
        tensor: shown(tensor),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::GgufBuilder;
    use crate::value::Value;

    const ALPHA: &str = "adapter.lora.alpha";

    fn base() -> Gguf {
        let bytes = GgufBuilder::new()
            .str("general.architecture", "llama")
            .tensor("blk.0.attn_q.weight", &[8, 4], GgmlType::F32, vec![0; 128])
            .tensor("blk.0.attn_norm.weight", &[8], GgmlType::F32, vec![0; 32])
            .tensor(TOKEN_EMBEDDING, &[8, 16], GgmlType::F32, vec![0; 512])
            .tensor(OUTPUT, &[8, 16], GgmlType::F32, vec![0; 512])
            .finish();
        Gguf::read(&mut &*bytes, bytes.len() as u64).unwrap()
    }

    fn floats(count: u64, value: f32) -> Vec<u8> {
        (0..count).flat_map(|_| value.to_le_bytes()).collect()
    }

    fn begun() -> GgufBuilder {
        GgufBuilder::new()
            .str("general.type", "adapter")
            .str("general.architecture", "llama")
            .str("adapter.type", "lora")
            .value(ALPHA, Value::F32(4.0))
    }

    fn with(builder: GgufBuilder, name: &str, shape: [u64; 2], value: f32) -> GgufBuilder {
        let data = floats(shape[0] * shape[1], value);
        builder.tensor(name, &shape, GgmlType::F32, data)
    }

    fn pair(builder: GgufBuilder, name: &str, a: [u64; 2], b: [u64; 2]) -> GgufBuilder {
        let builder = with(builder, &format!("{name}.lora_a"), a, 0.5);
        with(builder, &format!("{name}.lora_b"), b, -0.5)
    }

    fn whole() -> GgufBuilder {
        pair(begun(), "blk.0.attn_q.weight", [8, 2], [2, 4])
    }

    fn refused(builder: &GgufBuilder) -> String {
        let fault = AdapterInfo::check(&builder.clone().finish(), &base()).unwrap_err();
        fault.to_string()
    }

    #[test]
    fn an_adapter_that_fits_says_its_rank_and_its_alpha() {
        let embedding = pair(whole(), TOKEN_EMBEDDING, [3, 16], [3, 8]);
        let info = AdapterInfo::check(&embedding.finish(), &base()).unwrap();
        let expected = AdapterInfo {
            alpha: 4.0,
            rank: 3,
            pairs: 2,
        };
        assert_eq!(info, expected);
    }

    #[test]
    fn another_kind_another_architecture_and_an_alpha_that_is_no_number_are_refused() {
        let of = |kind: &str, architecture: &str, alpha: Value| {
            let builder = GgufBuilder::new()
                .str("general.type", kind)
                .str("general.architecture", architecture)
                .str("adapter.type", "lora")
                .value(ALPHA, alpha);
            refused(&pair(builder, "blk.0.attn_q.weight", [8, 2], [2, 4]))
        };
        let text = of("model", "llama", Value::F32(1.0));
        assert!(text.starts_with("`general.type` is `model`"), "{text}");
        let text = of("adapter", "gemma3", Value::F32(1.0));
        assert!(text.contains("`gemma3`, where `llama` is needed"), "{text}");
        for alpha in [
            Value::F32(f32::NAN),
            Value::F32(f32::INFINITY),
            Value::U32(8),
        ] {
            let text = of("adapter", "llama", alpha);
            assert!(text.contains("a finite number is needed"), "{text}");
        }
    }

    #[test]
    fn tensors_that_do_not_fit_the_model_are_named() {
        let q = "blk.0.attn_q.weight";
        let cases = [
            (pair(begun(), q, [9, 2], [2, 4]), "do not make 8×4"),
            (pair(begun(), q, [8, 2], [2, 5]), "do not make 8×4"),
            (pair(begun(), q, [8, 2], [3, 4]), "do not make 8×4"),
            (pair(begun(), q, [8, 0], [0, 4]), "has rank 0"),
            (
                pair(begun(), "blk.9.attn_q.weight", [8, 2], [2, 4]),
                "is no matrix of the model",
            ),
            (
                pair(begun(), "blk.0.attn_norm.weight", [8, 2], [2, 4]),
                "is no matrix of the model",
            ),
            (
                with(begun(), &format!("{q}.lora_a"), [8, 2], 0.5),
                "has no `.lora_b`",
            ),
            (
                with(whole(), "blk.0.ffn_norm.weight", [8, 2], 0.5),
                "is no half of a matrix",
            ),
            (
                pair(begun(), TOKEN_EMBEDDING, [8, 2], [2, 16]),
                "do not make 8×16",
            ),
        ];
        for (builder, problem) in cases {
            let text = refused(&builder);
            assert!(text.contains(problem), "{text}");
        }
        assert!(refused(&begun()).contains("no matrices"));
    }

    #[test]
    fn a_weight_that_is_no_number_is_found_in_each_format() {
        for (ggml_type, odd, one) in [
            (GgmlType::F32, f32::NAN.to_le_bytes().to_vec(), vec![0; 4]),
            (
                GgmlType::F32,
                f32::NEG_INFINITY.to_le_bytes().to_vec(),
                vec![0; 4],
            ),
            (GgmlType::F16, vec![0x01, 0x7c], vec![0xff, 0x7b]),
            (GgmlType::F16, vec![0x00, 0xfc], vec![0x00, 0x3c]),
            (GgmlType::BF16, vec![0xc0, 0x7f], vec![0x7f, 0x7f]),
        ] {
            let sound = one.repeat(16);
            let mut broken = sound.clone();
            broken.splice(7 * odd.len()..8 * odd.len(), odd);
            for (data, is_sound) in [(sound, true), (broken, false)] {
                let builder =
                    begun().tensor("blk.0.attn_q.weight.lora_a", &[8, 2], ggml_type, data);
                let bytes = with(builder, "blk.0.attn_q.weight.lora_b", [2, 4], 1.0).finish();
                match AdapterInfo::check(&bytes, &base()) {
                    Ok(_) => assert!(is_sound, "{ggml_type}"),
                    Err(AdapterFault::NotFinite { at, .. }) => {
                        assert_eq!((at, is_sound), (7, false));
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
        let quantized = begun().tensor(
            "blk.0.attn_q.weight.lora_a",
            &[32, 2],
            GgmlType::from_id(8).unwrap(),
            vec![0; 68],
        );
        assert!(AdapterInfo::check(&quantized.finish(), &base()).is_err());
    }

    #[test]
    fn a_file_cut_anywhere_and_one_of_chance_are_refused_without_a_panic() {
        let bytes = whole().finish();
        for end in 0..bytes.len() {
            assert!(AdapterInfo::check(&bytes[..end], &base()).is_err(), "{end}");
        }
        let mut seed = 7_u64;
        for _ in 0..2_000 {
            let mut changed = bytes.clone();
            for _ in 0..3 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = usize::try_from(seed >> 33).unwrap() % changed.len();
                changed[at] = seed.to_le_bytes()[3];
            }
            // Whatever it says: it ends.
            let _ = AdapterInfo::check(&changed, &base());
        }
    }
}
