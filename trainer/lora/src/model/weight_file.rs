//! The tensors of a model file, each checked against the shape that the metadata asks for before a
//! byte of it is read.
//!
//! Read, not memory-mapped: a mapped file that another process cuts short ends ours with a signal,
//! and on the way to candle's storage the bytes are copied either way. Called by
//! [`crate::Decoder::read`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Tensor};
use inkstone_gguf::{GgmlType, Gguf, TensorInfo};

use super::frozen::{FrozenMatrix, VocabularyMatrix};
use super::hyperparameters::fits;
use crate::error::ModelFault;

/// Bytes that candle's storage must be aligned to: those of its widest number.
const ALIGNMENT_BYTES: usize = 4;
/// Elements of one block of a vocabulary's matrix: 16 MiB in 32-bit floats, enough rows to keep a
/// processor busy and few enough to be held twice.
pub(crate) const VOCABULARY_BLOCK_ELEMENTS: usize = 1 << 22;

/// A model file and its table.
pub(crate) struct WeightFile<'a, R> {
    reader: R,
    data_offset: u64,
    tensors: HashMap<&'a str, &'a TensorInfo>,
    device: &'a Device,
    /// Bytes that may still be spent on weights in 32-bit floats.
    dequantized_bytes_left: u64,
}

impl<'a, R: Read + Seek> WeightFile<'a, R> {
    pub(crate) fn new(
        gguf: &'a Gguf,
        reader: R,
        device: &'a Device,
        dequantized_bytes_max: u64,
    ) -> Self {
        let tensors = gguf.tensors().iter();
        Self {
            reader,
            data_offset: gguf.data_offset(),
            tensors: tensors
                .map(|tensor| (tensor.name.as_str(), tensor))
                .collect(),
            device,
            dequantized_bytes_left: dequantized_bytes_max,
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// A matrix of a layer.
    pub(crate) fn matrix(
        &mut self,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<FrozenMatrix, ModelFault> {
        let tensor = self.find(name, &[columns, rows])?;
        if !fits(rows, columns) {
            return Err(ModelFault::Unsupported {
                what: format!("tensor `{name}`"),
                found: format!("{rows} × {columns}"),
            });
        }
        let quantized = self.rows(tensor, 0, rows, columns)?;
        let bytes = rows as u64 * columns as u64 * 4;
        let is_kept = bytes <= self.dequantized_bytes_left;
        if is_kept {
            self.dequantized_bytes_left -= bytes;
        }
        FrozenMatrix::new(quantized, is_kept).map_err(|error| place(name, error))
    }

    /// The embedding or the output, in blocks of rows.
    pub(crate) fn vocabulary(
        &mut self,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<VocabularyMatrix, ModelFault> {
        let tensor = self.find(name, &[columns, rows])?;
        let block_rows = (VOCABULARY_BLOCK_ELEMENTS / columns).clamp(1, rows);
        let mut blocks = Vec::with_capacity(rows.div_ceil(block_rows));
        for first in (0..rows).step_by(block_rows) {
            let count = block_rows.min(rows - first);
            blocks.push(self.rows(tensor, first, count, columns)?);
        }
        Ok(VocabularyMatrix::new(blocks, block_rows, rows, columns))
    }

    /// A norm's weights or a bias.
    pub(crate) fn vector(&mut self, name: &str, len: usize) -> Result<Tensor, ModelFault> {
        let tensor = self.find(name, &[len])?;
        let quantized = self.read(tensor, 0, tensor.bytes, &[len])?;
        let plain = quantized.dequantize(self.device);
        plain.map_err(|error| place(name, error))
    }

    /// The same where the file may lack it.
    pub(crate) fn vector_if_there(
        &mut self,
        name: &str,
        len: usize,
    ) -> Result<Option<Tensor>, ModelFault> {
        if self.has(name) {
            self.vector(name, len).map(Some)
        } else {
            Ok(None)
        }
    }

    fn find(&self, name: &str, shape: &[usize]) -> Result<&'a TensorInfo, ModelFault> {
        let Some(&tensor) = self.tensors.get(name) else {
            return Err(ModelFault::MissingTensor {
                tensor: name.to_owned(),
            });
        };
        let expected: Vec<u64> = shape.iter().map(|&n| n as u64).collect();
        if tensor.dimensions == expected {
            Ok(tensor)
        } else {
            Err(ModelFault::Shape {
                tensor: name.to_owned(),
                found: tensor.dimensions.clone(),
                expected,
            })
        }
    }

    fn rows(
        &mut self,
        tensor: &TensorInfo,
        first: usize,
        count: usize,
        columns: usize,
    ) -> Result<QTensor, ModelFault> {
        // The table's reader has seen that rows hold whole blocks and that no product overflows.
        let row_bytes = columns as u64 / tensor.ggml_type.elements_per_block()
            * tensor.ggml_type.bytes_per_block();
        let (skip, len) = (first as u64 * row_bytes, count as u64 * row_bytes);
        self.read(tensor, skip, len, &[count, columns])
    }

    fn read(
        &mut self,
        tensor: &TensorInfo,
        skip: u64,
        len: u64,
        shape: &[usize],
    ) -> Result<QTensor, ModelFault> {
        let name = tensor.name.as_str();
        let format = number_format(tensor.ggml_type).ok_or_else(|| ModelFault::Format {
            tensor: name.to_owned(),
            format: tensor.ggml_type,
        })?;
        let failed = |error| ModelFault::Read {
            tensor: name.to_owned(),
            error,
        };
        let start = self.data_offset + tensor.offset + skip;
        self.reader.seek(SeekFrom::Start(start)).map_err(failed)?;
        let mut bytes = Vec::new();
        // Grows with what is there: a table that promises more than the file has costs nothing.
        let mut rest = self.reader.by_ref().take(len);
        rest.read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 != len {
            return Err(ModelFault::Truncated {
                tensor: name.to_owned(),
                found: skip + bytes.len() as u64,
                expected: tensor.bytes,
            });
        }
        // candle ends the process on a misaligned buffer; allocators align wider than this.
        if bytes.as_ptr().align_offset(ALIGNMENT_BYTES) != 0 {
            let error = candle_core::Error::Msg("the buffer is not aligned".to_owned());
            return Err(place(name, error));
        }
        let storage = QStorage::from_data(Cow::Owned(bytes), self.device, format);
        let quantized = storage.and_then(|storage| QTensor::new(storage, shape));
        quantized.map_err(|error| place(name, error))
    }
}

fn place(tensor: &str, error: candle_core::Error) -> ModelFault {
    ModelFault::Place {
        tensor: tensor.to_owned(),
        error,
    }
}

/// candle's name of a format, where it has code for it.
fn number_format(format: GgmlType) -> Option<GgmlDType> {
    Some(match format.name() {
        "F32" => GgmlDType::F32,
        "F16" => GgmlDType::F16,
        "BF16" => GgmlDType::BF16,
        "Q4_0" => GgmlDType::Q4_0,
        "Q4_1" => GgmlDType::Q4_1,
        "Q5_0" => GgmlDType::Q5_0,
        "Q5_1" => GgmlDType::Q5_1,
        "Q8_0" => GgmlDType::Q8_0,
        "Q2_K" => GgmlDType::Q2K,
        "Q3_K" => GgmlDType::Q3K,
        "Q4_K" => GgmlDType::Q4K,
        "Q5_K" => GgmlDType::Q5K,
        "Q6_K" => GgmlDType::Q6K,
        _ => return None,
    })
}
