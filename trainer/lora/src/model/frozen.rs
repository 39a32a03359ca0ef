//! Matrices that are never trained: kept in the file's number format, and turned into 32-bit floats
//! for the moment of their use, or for good where memory allows.
//!
//! The gradient goes through them toward the input only. candle's own `matmul` would compute one
//! for the weights as well, a third of all work, and its quantized `QMatMul` has no backward and
//! rounds activations to 8 bits, which a gradient should not see.

use candle_core::quantized::QTensor;
use candle_core::{Device, Result, Tensor};

/// A matrix of a layer, of `rows` outputs and `columns` inputs.
#[derive(Debug)]
pub(crate) struct FrozenMatrix {
    weights: Weights,
}

#[derive(Debug)]
enum Weights {
    Quantized(QTensor),
    Plain(Tensor),
}

impl FrozenMatrix {
    pub(crate) fn new(quantized: QTensor, is_kept_plain: bool) -> Result<Self> {
        let weights = if is_kept_plain {
            Weights::Plain(quantized.dequantize(&quantized.device())?)
        } else {
            Weights::Quantized(quantized)
        };
        Ok(Self { weights })
    }

    /// `x · Wᵀ`, for rows of inputs.
    pub(crate) fn apply(&self, x: &Tensor) -> Result<Tensor> {
        x.matmul(&self.plain()?.t()?)
    }

    /// `dy · W`: the gradient toward the input.
    pub(crate) fn pull_back(&self, dy: &Tensor) -> Result<Tensor> {
        dy.matmul(&self.plain()?)
    }

    /// The sum of the squares of each row.
    pub(crate) fn row_squares(&self) -> Result<Tensor> {
        self.plain()?.sqr()?.sum(1)
    }

    fn plain(&self) -> Result<Tensor> {
        match &self.weights {
            Weights::Plain(tensor) => Ok(tensor.clone()),
            Weights::Quantized(quantized) => quantized.dequantize(&quantized.device()),
        }
    }
}

/// The embedding or the output: a row for each token, in blocks, since all of Gemma's in 32-bit
/// floats would take 671 MB.
#[derive(Debug)]
pub(crate) struct VocabularyMatrix {
    blocks: Vec<QTensor>,
    block_rows: usize,
    rows: usize,
    columns: usize,
}

impl VocabularyMatrix {
    pub(crate) fn new(
        blocks: Vec<QTensor>,
        block_rows: usize,
        rows: usize,
        columns: usize,
    ) -> Self {
        Self {
            blocks,
            block_rows,
            rows,
            columns,
        }
    }

    /// Tokens.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The blocks in order: the first token of each, and how it is had in 32-bit floats.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = VocabularyBlock<'_>> {
        let numbered = self.blocks.iter().enumerate();
        numbered.map(|(index, quantized)| VocabularyBlock {
            quantized,
            first_row: index * self.block_rows,
        })
    }

    /// The rows of these tokens, in their order.
    pub(crate) fn rows_of(&self, ids: &[u32], device: &Device) -> Result<Tensor> {
        let mut found: Vec<Tensor> = Vec::new();
        // Where each token's row will lie among those that are found block by block.
        let mut order = vec![0_u32; ids.len()];
        let mut count = 0_u32;
        for block in self.blocks() {
            let mut local: Vec<u32> = Vec::new();
            for (place, &id) in order.iter_mut().zip(ids) {
                let Some(row) = (id as usize).checked_sub(block.first_row) else {
                    continue;
                };
                if row < self.block_rows {
                    local.push(u32::try_from(row).unwrap_or(u32::MAX));
                    *place = count;
                    count += 1;
                }
            }
            if !local.is_empty() {
                let local = Tensor::new(local, device)?;
                found.push(block.quantized.embedding(&local)?);
            }
        }
        if found.is_empty() {
            return Tensor::zeros((0, self.columns), candle_core::DType::F32, device);
        }
        Tensor::cat(&found, 0)?.index_select(&Tensor::new(order, device)?, 0)
    }
}

/// Some rows of a vocabulary's matrix.
pub(crate) struct VocabularyBlock<'a> {
    quantized: &'a QTensor,
    /// The token of its first row.
    pub(crate) first_row: usize,
}

impl VocabularyBlock<'_> {
    /// Its rows in 32-bit floats.
    pub(crate) fn plain(&self) -> Result<Tensor> {
        self.quantized.dequantize(&self.quantized.device())
    }
}
