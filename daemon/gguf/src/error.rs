//! What can be wrong with a GGUF file, by remedy. The caller adds the path.

use std::fmt;

use crate::shown::shown;

/// An error of the reader.
#[derive(Debug, thiserror::Error)]
pub enum GgufError {
    /// The file is something else.
    #[error(
        "not a GGUF model file: it begins with {found:02x?}; pick a file whose name ends in .gguf"
    )]
    NotGguf {
        /// Its first bytes, at most four.
        found: Vec<u8>,
    },
    /// A GGUF of another time or byte order.
    #[error(
        "GGUF version {version} is not supported (2 and 3 are); fetch a newer conversion of this model"
    )]
    UnsupportedVersion {
        /// What the header says.
        version: u32,
    },
    /// The weights are in a number format that came after this reader.
    #[error(
        "tensor `{tensor}` has the unknown number format {id}; update Inkstone or pick another quantization"
    )]
    UnsupportedTensorType {
        /// Name of the tensor.
        tensor: String,
        /// Its format, as ggml numbers them.
        id: u32,
    },
    /// The file ends too early. When even the header is incomplete, `expected` is a lower bound.
    #[error(
        "model file is truncated: expected {} bytes, found {}; fetch it again",
        Grouped(*expected),
        Grouped(*found)
    )]
    Truncated {
        /// Bytes that the tensor table asks for.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// A count or a length above its bound in [`crate::limits`].
    #[error(
        "{what} is {}, above the limit of {}; the file is damaged or hostile: fetch it from its publisher",
        Grouped(*found),
        Grouped(*limit)
    )]
    TooLarge {
        /// What was counted.
        what: String,
        /// The bound.
        limit: u64,
        /// What the file says.
        found: u64,
    },
    /// The file breaks the format.
    #[error("{what} is invalid: {found}; the file is damaged: fetch it again")]
    Invalid {
        /// Which part.
        what: String,
        /// What was found there.
        found: String,
    },
    /// A key that every model of a known architecture has is not there.
    #[error(
        "metadata key `{key}` is missing; the file holds no complete language model: pick another file"
    )]
    MissingKey {
        /// The key.
        key: String,
    },
    /// Reading failed.
    #[error("cannot read the model file: {0}")]
    Io(#[from] std::io::Error),
}

impl GgufError {
    /// Both texts may quote the file, and are made fit to be shown.
    pub(crate) fn invalid(what: impl AsRef<str>, found: impl AsRef<str>) -> Self {
        Self::Invalid {
            what: shown(what.as_ref()),
            found: shown(found.as_ref()),
        }
    }

    /// A text that should be UTF-8 and is not; its beginning is enough to find it.
    pub(crate) fn not_utf8(what: &str, bytes: &[u8]) -> Self {
        /// Sixteen bytes fit into a line with what is said about them.
        const BYTES_SHOWN_MAX: usize = 16;
        let beginning = &bytes[..bytes.len().min(BYTES_SHOWN_MAX)];
        let rest = if bytes.len() > beginning.len() {
            " …"
        } else {
            ""
        };
        Self::invalid(what, format!("not UTF-8: {beginning:02x?}{rest}"))
    }
}

/// `found` if it is within `limit`, else the error that names both.
pub(crate) fn at_most(what: impl AsRef<str>, found: u64, limit: u64) -> Result<u64, GgufError> {
    if found > limit {
        Err(GgufError::TooLarge {
            what: shown(what.as_ref()),
            limit,
            found,
        })
    } else {
        Ok(found)
    }
}

/// A number with thousands separators, so that a person can compare two sizes at a glance.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut grouped = String::with_capacity(digits.len() * 4 / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        f.write_str(&grouped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_names_both_sizes_with_thousands_separators() {
        let error = GgufError::Truncated {
            expected: 98_362_432,
            found: 4_096,
        };
        assert!(
            error
                .to_string()
                .starts_with("model file is truncated: expected 98,362,432 bytes, found 4,096"),
            "{error}"
        );
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(Grouped(number).to_string(), text);
        }
    }
}
