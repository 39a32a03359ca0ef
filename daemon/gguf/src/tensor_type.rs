//! The number formats of weights: their names and how many bytes a block of them takes.
//!
//! A table of ggml's (`ggml.h`, `ggml-common.h`); rows are added when llama.cpp gets new formats.

use std::fmt;

/// A number format that ggml knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GgmlType(u32);

struct Row {
    id: u32,
    name: &'static str,
    elements_per_block: u32,
    bytes_per_block: u32,
}

const fn row(id: u32, name: &'static str, elements_per_block: u32, bytes_per_block: u32) -> Row {
    Row {
        id,
        name,
        elements_per_block,
        bytes_per_block,
    }
}

/// Ordered by id; the gaps are formats that were removed from GGUF.
const ROWS: &[Row] = &[
    row(0, "F32", 1, 4),
    row(1, "F16", 1, 2),
    row(2, "Q4_0", 32, 18),
    row(3, "Q4_1", 32, 20),
    row(6, "Q5_0", 32, 22),
    row(7, "Q5_1", 32, 24),
    row(8, "Q8_0", 32, 34),
    row(9, "Q8_1", 32, 36),
    row(10, "Q2_K", 256, 84),
    row(11, "Q3_K", 256, 110),
    row(12, "Q4_K", 256, 144),
    row(13, "Q5_K", 256, 176),
    row(14, "Q6_K", 256, 210),
    row(15, "Q8_K", 256, 292),
    row(16, "IQ2_XXS", 256, 66),
    row(17, "IQ2_XS", 256, 74),
    row(18, "IQ3_XXS", 256, 98),
    row(19, "IQ1_S", 256, 50),
    row(20, "IQ4_NL", 32, 18),
    row(21, "IQ3_S", 256, 110),
    row(22, "IQ2_S", 256, 82),
    row(23, "IQ4_XS", 256, 136),
    row(24, "I8", 1, 1),
    row(25, "I16", 1, 2),
    row(26, "I32", 1, 4),
    row(27, "I64", 1, 8),
    row(28, "F64", 1, 8),
    row(29, "IQ1_M", 256, 56),
    row(30, "BF16", 1, 2),
    row(34, "TQ1_0", 256, 54),
    row(35, "TQ2_0", 256, 66),
    row(39, "MXFP4", 32, 17),
    row(40, "NVFP4", 64, 36),
    row(41, "Q1_0", 128, 18),
    row(42, "Q2_0", 64, 18),
];

impl GgmlType {
    /// 32-bit floats.
    pub const F32: Self = Self(0);
    /// 16-bit floats.
    pub const F16: Self = Self(1);
    /// 16-bit floats with the range of 32-bit ones.
    pub const BF16: Self = Self(30);

    /// The format with ggml's number `id`, if this table has it.
    pub fn from_id(id: u32) -> Option<Self> {
        ROWS.iter().any(|row| row.id == id).then_some(Self(id))
    }

    /// ggml's number.
    pub fn id(self) -> u32 {
        self.0
    }

    /// Its name, as in `Q4_K`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Weights that share one block.
    pub fn elements_per_block(self) -> u64 {
        self.row().elements_per_block.into()
    }

    /// Bytes of one block.
    pub fn bytes_per_block(self) -> u64 {
        self.row().bytes_per_block.into()
    }

    fn row(self) -> &'static Row {
        // The first row is `F32`, and every value of the type comes from the table.
        ROWS.iter().find(|row| row.id == self.0).unwrap_or(&ROWS[0])
    }
}

impl fmt::Display for GgmlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_id_and_ids_ascend() {
        assert!(ROWS.is_sorted_by(|a, b| a.id < b.id));
        for row in ROWS {
            let found = GgmlType::from_id(row.id).unwrap();
            assert_eq!(found.name(), row.name);
            assert!(found.bytes_per_block() > 0 && found.elements_per_block() > 0);
        }
        assert_eq!(GgmlType::from_id(4), None, "removed from the format");
        assert_eq!(GgmlType::from_id(u32::MAX), None);
    }
}
