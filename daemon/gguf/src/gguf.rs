//! A GGUF file without its weights: metadata by key, the tensor table, and the size it asks for.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use crate::cursor::Cursor;
use crate::error::{GgufError, at_most};
use crate::limits::{
    ALIGNMENT_BYTES_MAX, FILE_BYTES_MAX, KEY_BYTES_MAX, METADATA_ENTRIES_MAX, TENSORS_MAX,
};
use crate::strings::StringTable;
use crate::tensor::TensorInfo;
use crate::value::Value;

/// Alignment of the tensor data where the file names none.
const ALIGNMENT_BYTES_DEFAULT: u32 = 32;

/// The key that names another alignment.
const ALIGNMENT_KEY: &str = "general.alignment";

/// What stands in front of the weights.
#[derive(Clone, Debug)]
pub struct Gguf {
    version: u32,
    metadata: BTreeMap<String, Value>,
    tensors: Vec<TensorInfo>,
    alignment: u32,
    data_offset: u64,
    required_bytes: u64,
}

impl Gguf {
    /// The first bytes of every GGUF file.
    pub const MAGIC: [u8; 4] = *b"GGUF";

    /// Reads the header of a file that is `file_len` bytes long, and checks that the file is long
    /// enough for its tensor table. The reader should be buffered; it is read up to the weights.
    pub fn read<R: Read>(reader: &mut R, file_len: u64) -> Result<Self, GgufError> {
        check_magic(reader.by_ref(), file_len)?;
        let mut cursor = Cursor::new(reader, file_len.saturating_sub(Gguf::MAGIC.len() as u64));
        let gguf = read_after_magic(&mut cursor).map_err(|error| count_magic(error, file_len))?;
        if gguf.required_bytes > file_len {
            return Err(GgufError::Truncated {
                expected: gguf.required_bytes,
                found: file_len,
            });
        }
        Ok(gguf)
    }

    /// Version of the format: 2 or 3.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// All metadata, ordered by key.
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.metadata
            .iter()
            .map(|(key, value)| (key.as_str(), value))
    }

    /// One metadata value.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// A text, when `key` is there and is one.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// A truth value, when `key` is there and is one.
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// A whole number that is not negative, when `key` is there and is one.
    pub fn u64(&self, key: &str) -> Option<u64> {
        self.get(key)?.as_u64()
    }

    /// An array of strings, when `key` is there and is one.
    pub fn strings(&self, key: &str) -> Option<&StringTable> {
        self.get(key)?.as_strings()
    }

    /// The tensor table in file order.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// Alignment of the tensor data in bytes.
    pub fn alignment(&self) -> u32 {
        self.alignment
    }

    /// Where the tensor data begins, in bytes from the beginning of the file.
    pub fn data_offset(&self) -> u64 {
        self.data_offset
    }

    /// How long the file has to be for its tensor table.
    pub fn required_bytes(&self) -> u64 {
        self.required_bytes
    }
}

fn check_magic<R: Read>(reader: &mut R, file_len: u64) -> Result<(), GgufError> {
    let mut found = Vec::new();
    reader
        .take(Gguf::MAGIC.len() as u64)
        .read_to_end(&mut found)?;
    if found == Gguf::MAGIC {
        return Ok(());
    }
    if Gguf::MAGIC.starts_with(&found) {
        return Err(GgufError::Truncated {
            expected: Gguf::MAGIC.len() as u64,
            found: file_len.min(found.len() as u64),
        });
    }
    Err(GgufError::NotGguf { found })
}

/// The cursor starts after the magic; people count from the beginning of the file.
fn count_magic(error: GgufError, file_len: u64) -> GgufError {
    match error {
        GgufError::Truncated { expected, .. } => GgufError::Truncated {
            expected: expected.saturating_add(Gguf::MAGIC.len() as u64),
            found: file_len,
        },
        other => other,
    }
}

fn read_after_magic<R: Read>(cursor: &mut Cursor<'_, R>) -> Result<Gguf, GgufError> {
    let version = cursor.u32()?;
    if !matches!(version, 2 | 3) {
        return Err(GgufError::UnsupportedVersion { version });
    }
    let tensor_count = at_most("the number of tensors", cursor.u64()?, TENSORS_MAX)?;
    let entry_count = at_most(
        "the number of metadata entries",
        cursor.u64()?,
        METADATA_ENTRIES_MAX,
    )?;
    let metadata = read_metadata(cursor, entry_count)?;
    let alignment = alignment(&metadata)?;
    let tensors = read_tensors(cursor, tensor_count)?;
    let header_bytes = cursor.position() + Gguf::MAGIC.len() as u64;
    let data_offset = header_bytes.next_multiple_of(alignment.into());
    let data_bytes = required_data_bytes(&tensors, alignment)?;
    // Without tensors nothing follows the header, so its padding need not be there either.
    let required_bytes = if tensors.is_empty() {
        header_bytes
    } else {
        data_offset + data_bytes
    };
    Ok(Gguf {
        version,
        metadata,
        tensors,
        alignment,
        data_offset,
        required_bytes,
    })
}

fn read_metadata<R: Read>(
    cursor: &mut Cursor<'_, R>,
    count: u64,
) -> Result<BTreeMap<String, Value>, GgufError> {
    let mut metadata = BTreeMap::new();
    for _ in 0..count {
        let key = cursor.string("a metadata key", KEY_BYTES_MAX)?;
        let key = String::from_utf8(key)
            .map_err(|error| GgufError::not_utf8("a metadata key", error.as_bytes()))?;
        let value = cursor.value(&key)?;
        if key.is_empty() {
            return Err(GgufError::invalid("a metadata key", "it is empty"));
        }
        if metadata.contains_key(&key) {
            return Err(GgufError::invalid(
                format!("metadata key `{key}`"),
                "it is there twice",
            ));
        }
        metadata.insert(key, value);
    }
    Ok(metadata)
}

fn alignment(metadata: &BTreeMap<String, Value>) -> Result<u32, GgufError> {
    let bytes = match metadata.get(ALIGNMENT_KEY) {
        None => return Ok(ALIGNMENT_BYTES_DEFAULT),
        Some(Value::U32(bytes)) => *bytes,
        // What it is instead may be millions of items long.
        Some(_) => {
            return Err(GgufError::invalid(
                format!("`{ALIGNMENT_KEY}`"),
                "not a 32-bit number",
            ));
        }
    };
    at_most(
        format!("`{ALIGNMENT_KEY}`"),
        bytes.into(),
        ALIGNMENT_BYTES_MAX.into(),
    )?;
    if bytes.is_power_of_two() {
        Ok(bytes)
    } else {
        Err(GgufError::invalid(
            format!("`{ALIGNMENT_KEY}`"),
            format!("{bytes}, not a power of two"),
        ))
    }
}

fn read_tensors<R: Read>(
    cursor: &mut Cursor<'_, R>,
    count: u64,
) -> Result<Vec<TensorInfo>, GgufError> {
    let mut tensors: Vec<TensorInfo> = Vec::new();
    let mut names = HashSet::new();
    for _ in 0..count {
        let tensor = TensorInfo::read(cursor)?;
        if !names.insert(tensor.name.clone()) {
            return Err(GgufError::invalid(
                format!("tensor `{}`", tensor.name),
                "it is there twice",
            ));
        }
        tensors.push(tensor);
    }
    Ok(tensors)
}

/// The end of the last tensor, counted from the first. Tensors lie one after the other, each padded to the alignment:
/// llama.cpp loads nothing else, so a table with holes or overlaps is refused here, by name.
fn required_data_bytes(tensors: &[TensorInfo], alignment: u32) -> Result<u64, GgufError> {
    let mut next_offset = 0_u64;
    let mut end = 0_u64;
    for tensor in tensors {
        if tensor.offset != next_offset {
            return Err(GgufError::invalid(
                format!("the offset of tensor `{}`", tensor.name),
                format!("{}, expected {next_offset}", tensor.offset),
            ));
        }
        // Both terms are at most `FILE_BYTES_MAX`, so the sum cannot overflow.
        end = at_most(
            "the size of all tensors",
            next_offset + tensor.bytes,
            FILE_BYTES_MAX,
        )?;
        next_offset = end.next_multiple_of(alignment.into());
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{GgufBuilder, tiny_model};
    use crate::limits::ARRAY_DEPTH_MAX;
    use crate::tensor_type::GgmlType;
    use crate::value::Array;

    fn read(bytes: &[u8]) -> Result<Gguf, GgufError> {
        Gguf::read(&mut &bytes[..], bytes.len() as u64)
    }

    #[test]
    fn every_value_type_is_read_back_as_it_was_written() {
        let values = [
            ("u8", Value::U8(7)),
            ("i8", Value::I8(-7)),
            ("u16", Value::U16(700)),
            ("i16", Value::I16(-700)),
            ("u32", Value::U32(70_000)),
            ("i32", Value::I32(-70_000)),
            ("u64", Value::U64(u64::MAX)),
            ("i64", Value::I64(i64::MIN)),
            ("f32", Value::F32(1.5)),
            ("f64", Value::F64(-2.25)),
            ("bool", Value::Bool(true)),
            ("string", Value::String("砚 naïve 👩‍👩‍👧 e\u{301}\r\n".into())),
            (
                "strings",
                Value::Array(Array::Strings(["the", "", "今天"].iter().collect())),
            ),
            ("floats", Value::Array(Array::F32(vec![0.0, -1000.0]))),
            (
                "nested",
                Value::Array(Array::Arrays(vec![
                    Array::I32(vec![1, 2]),
                    Array::Bool(vec![true]),
                ])),
            ),
        ];
        let builder = values.iter().fold(GgufBuilder::new(), |b, (key, value)| {
            b.value(key, value.clone())
        });
        let gguf = read(&builder.finish()).unwrap();
        for (key, value) in &values {
            assert_eq!(gguf.get(key), Some(value), "{key}");
        }
        assert_eq!(gguf.metadata().count(), values.len());
    }

    #[test]
    fn tensors_give_the_size_that_the_file_must_have() {
        let bytes = GgufBuilder::new()
            .tensor("a", &[3], GgmlType::F32, vec![0; 12])
            .tensor("b", &[32, 2], GgmlType::from_id(2).unwrap(), vec![1; 36])
            .finish();
        let gguf = read(&bytes).unwrap();
        assert_eq!(gguf.tensors().len(), 2);
        assert_eq!(gguf.tensors()[1].elements, 64);
        assert_eq!(gguf.tensors()[1].offset, 32);
        assert_eq!(gguf.required_bytes(), gguf.data_offset() + 32 + 36);
        assert_eq!(bytes.len() as u64, gguf.required_bytes());
    }

    #[test]
    fn a_file_cut_anywhere_is_truncated_and_says_what_was_expected() {
        let whole = tiny_model("llama")
            .tensor("t", &[64], GgmlType::F32, vec![7; 256])
            .finish();
        let required = read(&whole).unwrap().required_bytes();
        for len in 1..whole.len() {
            match read(&whole[..len]) {
                Err(GgufError::Truncated { expected, found }) => {
                    assert_eq!(found, len as u64);
                    assert!(
                        expected > found && expected <= required,
                        "{len}: {expected}"
                    );
                }
                other => panic!("{len}: {other:?}"),
            }
        }
        assert!(matches!(
            read(&whole[..whole.len() - 1]),
            Err(GgufError::Truncated { expected, .. }) if expected == required
        ));
        assert!(matches!(read(b""), Err(GgufError::Truncated { .. })));
    }

    #[test]
    fn a_file_that_shrinks_while_it_is_read_is_truncated_too() {
        let whole = tiny_model("llama").finish();
        let half = &whole[..whole.len() / 2];
        assert!(matches!(
            Gguf::read(&mut &half[..], whole.len() as u64),
            Err(GgufError::Truncated { .. })
        ));
    }

    #[test]
    fn another_kind_of_file_is_not_gguf() {
        for other in [&b"Dear Sir,"[..], b"PK\x03\x04", b"GGML\x01\x00\x00\x00"] {
            assert!(
                matches!(read(other), Err(GgufError::NotGguf { .. })),
                "{other:?}"
            );
        }
    }

    #[test]
    fn versions_other_than_two_and_three_are_refused() {
        for version in [0_u32, 1, 4, 3_u32.swap_bytes()] {
            let mut bytes = tiny_model("llama").finish();
            bytes[4..8].copy_from_slice(&version.to_le_bytes());
            assert!(
                matches!(read(&bytes), Err(GgufError::UnsupportedVersion { version: found }) if found == version)
            );
        }
        let mut second = tiny_model("llama").finish();
        second[4..8].copy_from_slice(&2_u32.to_le_bytes());
        assert_eq!(read(&second).unwrap().version(), 2);
    }

    #[test]
    fn a_claim_that_the_file_cannot_hold_allocates_nothing() {
        let mut claims = GgufBuilder::header(0, 1);
        claims.extend(3_u64.to_le_bytes());
        claims.extend(b"key");
        claims.extend(9_u32.to_le_bytes());
        claims.extend(8_u32.to_le_bytes());
        claims.extend(16_000_000_u64.to_le_bytes());
        assert!(matches!(read(&claims), Err(GgufError::Truncated { .. })));
        let len = claims.len();
        claims[len - 8..].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(read(&claims), Err(GgufError::TooLarge { .. })));
    }

    #[test]
    fn counts_above_their_limits_are_named() {
        for (tensors, entries, what) in [
            (u64::MAX, 0, "the number of tensors"),
            (0, u64::MAX, "the number of metadata entries"),
        ] {
            let error = read(&GgufBuilder::header(tensors, entries)).unwrap_err();
            assert!(error.to_string().starts_with(what), "{error}");
        }
    }

    #[test]
    fn arrays_nested_too_deeply_are_refused_before_the_stack_is_full() {
        let deep =
            (0..ARRAY_DEPTH_MAX).fold(Array::U8(vec![1]), |inner, _| Array::Arrays(vec![inner]));
        let bytes = GgufBuilder::new()
            .value("deep", Value::Array(deep))
            .finish();
        assert!(matches!(read(&bytes), Err(GgufError::TooLarge { .. })));
    }

    #[test]
    fn messages_quote_little_of_a_hostile_file_and_no_control_characters() {
        let loud = |count: usize| "\x1b[2J砚".repeat(count);
        let numbers = Value::Array(Array::U8(vec![7; 1 << 20]));
        let alignment = GgufBuilder::new().value(ALIGNMENT_KEY, numbers);
        let twice = GgufBuilder::new()
            .value(&loud(6_000), Value::U8(1))
            .value(&loud(6_000), Value::U8(2));
        let mut not_text = GgufBuilder::header(0, 1);
        not_text.extend(60_000_u64.to_le_bytes());
        not_text.extend(vec![0xff; 60_100]);
        for bytes in [alignment.finish(), twice.finish(), not_text] {
            let message = read(&bytes).unwrap_err().to_string();
            assert!(message.chars().count() < 400, "{}", message.len());
            assert!(!message.chars().any(char::is_control), "{message:?}");
        }
    }

    #[test]
    fn dimensions_whose_product_overflows_are_refused() {
        for dimensions in [vec![u64::MAX, 2], vec![1 << 40, 1 << 40, 1], vec![1 << 62]] {
            let bytes = GgufBuilder::new()
                .tensor("t", &dimensions, GgmlType::F32, vec![])
                .finish();
            assert!(
                matches!(read(&bytes), Err(GgufError::TooLarge { .. })),
                "{dimensions:?}"
            );
        }
    }

    #[test]
    fn rows_that_are_not_whole_blocks_are_refused() {
        let bytes = GgufBuilder::new()
            .tensor("t", &[33], GgmlType::from_id(2).unwrap(), vec![0; 18])
            .finish();
        assert!(matches!(read(&bytes), Err(GgufError::Invalid { .. })));
    }

    #[test]
    fn duplicates_and_odd_alignments_are_refused() {
        let twice = GgufBuilder::new()
            .value("k", Value::U8(1))
            .value("k", Value::U8(2))
            .finish();
        let twins = GgufBuilder::new()
            .tensor("t", &[8], GgmlType::F32, vec![0; 32])
            .tensor("t", &[8], GgmlType::F32, vec![0; 32]);
        let odd = GgufBuilder::new()
            .value(ALIGNMENT_KEY, Value::U32(24))
            .finish();
        let zero = GgufBuilder::new()
            .value(ALIGNMENT_KEY, Value::U32(0))
            .finish();
        for bytes in [twice, twins.finish(), odd, zero] {
            assert!(matches!(read(&bytes), Err(GgufError::Invalid { .. })));
        }
    }

    #[test]
    fn tensors_without_elements_still_need_the_padding_of_the_header() {
        let bytes = GgufBuilder::new()
            .tensor("t", &[0], GgmlType::F32, vec![])
            .finish();
        let gguf = read(&bytes).unwrap();
        assert_eq!(gguf.required_bytes(), gguf.data_offset());
        let unpadded = &bytes[..bytes.len() - 1];
        assert!(matches!(read(unpadded), Err(GgufError::Truncated { .. })));
        let empty = GgufBuilder::new().finish();
        assert_eq!(read(&empty).unwrap().required_bytes(), empty.len() as u64);
    }

    #[test]
    fn an_alignment_of_its_own_moves_the_data() {
        let bytes = GgufBuilder::new()
            .alignment(256)
            .tensor("a", &[1], GgmlType::F32, vec![0; 4])
            .tensor("b", &[1], GgmlType::F32, vec![0; 4])
            .finish();
        let gguf = read(&bytes).unwrap();
        assert_eq!(gguf.data_offset() % 256, 0);
        assert_eq!(gguf.tensors()[1].offset, 256);
    }

    proptest::proptest! {
        #[test]
        fn any_change_of_a_few_bytes_is_read_or_refused_but_never_panics(
            changes in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..6)
        ) {
            let mut bytes = tiny_model("llama").tensor("t", &[64], GgmlType::F32, vec![7; 256]).finish();
            for (index, byte) in changes {
                let at = index.index(bytes.len());
                bytes[at] = byte;
            }
            if let Ok(gguf) = read(&bytes) {
                proptest::prop_assert!(gguf.required_bytes() <= bytes.len() as u64);
            }
        }
    }
}
