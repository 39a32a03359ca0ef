//! Names of quantizations: what `general.file_type` says, else what most bytes are in.

use std::collections::BTreeMap;

use crate::gguf::Gguf;
use crate::tensor_type::GgmlType;

/// `llama_ftype` of `llama.h`, by the names under which models are published.
const FILE_TYPES: &[(u64, &str)] = &[
    (0, "F32"),
    (1, "F16"),
    (2, "Q4_0"),
    (3, "Q4_1"),
    (7, "Q8_0"),
    (8, "Q5_0"),
    (9, "Q5_1"),
    (10, "Q2_K"),
    (11, "Q3_K_S"),
    (12, "Q3_K_M"),
    (13, "Q3_K_L"),
    (14, "Q4_K_S"),
    (15, "Q4_K_M"),
    (16, "Q5_K_S"),
    (17, "Q5_K_M"),
    (18, "Q6_K"),
    (19, "IQ2_XXS"),
    (20, "IQ2_XS"),
    (21, "Q2_K_S"),
    (22, "IQ3_XS"),
    (23, "IQ3_XXS"),
    (24, "IQ1_S"),
    (25, "IQ4_NL"),
    (26, "IQ3_S"),
    (27, "IQ3_M"),
    (28, "IQ2_S"),
    (29, "IQ2_M"),
    (30, "IQ4_XS"),
    (31, "IQ1_M"),
    (32, "BF16"),
    (36, "TQ1_0"),
    (37, "TQ2_0"),
    (38, "MXFP4"),
    (39, "NVFP4"),
    (40, "Q1_0"),
    (41, "Q2_0"),
];

/// Flag in `general.file_type`: guessed by the converter. The name stays the same.
const FILE_TYPE_GUESSED: u64 = 1024;

/// The quantization's published name; `none` for a file without weights that names no type.
pub(crate) fn name(gguf: &Gguf) -> String {
    let by_file_type = gguf
        .u64("general.file_type")
        .map(|id| id & !FILE_TYPE_GUESSED)
        .and_then(|id| {
            FILE_TYPES
                .iter()
                .find(|(known, _)| *known == id)
                .map(|(_, name)| (*name).to_owned())
        });
    by_file_type
        .or_else(|| main_weight_type(gguf).map(|ggml_type| ggml_type.name().to_owned()))
        .unwrap_or_else(|| "none".to_owned())
}

/// The format that holds most bytes of the weights.
pub(crate) fn main_weight_type(gguf: &Gguf) -> Option<GgmlType> {
    let mut bytes_by_type = BTreeMap::<GgmlType, u64>::new();
    for tensor in gguf.tensors() {
        let bytes = bytes_by_type.entry(tensor.ggml_type).or_default();
        *bytes = bytes.saturating_add(tensor.bytes);
    }
    bytes_by_type
        .into_iter()
        .max_by_key(|&(_, bytes)| bytes)
        .map(|(ggml_type, _)| ggml_type)
}
