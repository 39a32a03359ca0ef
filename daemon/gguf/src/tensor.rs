//! One row of the tensor table: where the weights lie and how many bytes they take.

use std::io::Read;

use crate::cursor::Cursor;
use crate::error::{GgufError, at_most};
use crate::limits::{FILE_BYTES_MAX, TENSOR_DIMENSIONS_MAX, TENSOR_NAME_BYTES_MAX};
use crate::shown::shown;
use crate::tensor_type::GgmlType;

/// A tensor as the table describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name, such as `blk.0.attn_q.weight`.
    pub name: String,
    /// Elements along each dimension, fastest first; between none and four.
    pub dimensions: Vec<u64>,
    /// Its number format.
    pub ggml_type: GgmlType,
    /// Where its data begins, in bytes after [`crate::Gguf::data_offset`].
    pub offset: u64,
    /// Number of elements: the product of the dimensions.
    pub elements: u64,
    /// Bytes of its data.
    pub bytes: u64,
}

impl TensorInfo {
    pub(crate) fn read<R: Read>(cursor: &mut Cursor<'_, R>) -> Result<Self, GgufError> {
        let name = cursor.string("a tensor name", TENSOR_NAME_BYTES_MAX)?;
        let name = String::from_utf8(name)
            .map_err(|error| GgufError::not_utf8("a tensor name", error.as_bytes()))?;
        let dimension_count = cursor.u32()?;
        at_most(
            format!("the number of dimensions of tensor `{name}`"),
            dimension_count.into(),
            TENSOR_DIMENSIONS_MAX.into(),
        )?;
        let dimensions = (0..dimension_count)
            .map(|_| cursor.u64())
            .collect::<Result<Vec<_>, _>>()?;
        let id = cursor.u32()?;
        let ggml_type = GgmlType::from_id(id).ok_or_else(|| GgufError::UnsupportedTensorType {
            tensor: shown(&name),
            id,
        })?;
        let offset = cursor.u64()?;
        let (elements, bytes) = size(&name, &dimensions, ggml_type)?;
        Ok(Self {
            name,
            dimensions,
            ggml_type,
            offset,
            elements,
            bytes,
        })
    }
}

/// Elements and bytes of a tensor; rows hold whole blocks.
fn size(name: &str, dimensions: &[u64], ggml_type: GgmlType) -> Result<(u64, u64), GgufError> {
    let too_large = || GgufError::TooLarge {
        what: shown(&format!("the size of tensor `{name}`")),
        limit: FILE_BYTES_MAX,
        found: u64::MAX,
    };
    let elements = dimensions
        .iter()
        .try_fold(1_u64, |product, &n| product.checked_mul(n))
        .ok_or_else(too_large)?;
    let row = dimensions.first().copied().unwrap_or(1);
    let per_block = ggml_type.elements_per_block();
    if !row.is_multiple_of(per_block) {
        return Err(GgufError::invalid(
            format!("the shape of tensor `{name}`"),
            format!("rows of {row} elements, not a multiple of {ggml_type}'s block of {per_block}"),
        ));
    }
    let bytes = (elements / per_block)
        .checked_mul(ggml_type.bytes_per_block())
        .ok_or_else(too_large)?;
    at_most(
        format!("the size of tensor `{name}`"),
        bytes,
        FILE_BYTES_MAX,
    )?;
    Ok((elements, bytes))
}
