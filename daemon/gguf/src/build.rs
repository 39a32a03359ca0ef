//! A minimal GGUF writer: what tests of every crate make their tiny models with.
//!
//! It writes version 3 and pads tensors as the format asks. It checks nothing: tests also build
//! broken files with it.

use crate::gguf::Gguf;
use crate::tensor_type::GgmlType;
use crate::value::{Array, Value};

/// Alignment written where none was chosen; the format's default.
const ALIGNMENT_BYTES_DEFAULT: usize = 32;

/// Collects entries and tensors, then writes the file.
#[derive(Clone, Debug)]
pub struct GgufBuilder {
    entries: Vec<(String, Value)>,
    tensors: Vec<(String, Vec<u64>, GgmlType, Vec<u8>)>,
    alignment: usize,
}

impl Default for GgufBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl GgufBuilder {
    /// An empty file.
    pub fn new() -> Self {
        Self {
            entries: Vec::new(),
            tensors: Vec::new(),
            alignment: ALIGNMENT_BYTES_DEFAULT,
        }
    }

    /// The fixed beginning of a file that claims so many tensors and metadata entries.
    pub fn header(tensors: u64, entries: u64) -> Vec<u8> {
        let mut bytes = Gguf::MAGIC.to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(entries.to_le_bytes());
        bytes
    }

    /// Adds any metadata entry.
    #[must_use]
    pub fn value(mut self, key: &str, value: Value) -> Self {
        self.entries.push((key.to_owned(), value));
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn str(self, key: &str, text: &str) -> Self {
        self.value(key, Value::String(text.to_owned()))
    }

    /// Adds a number.
    #[must_use]
    pub fn u32(self, key: &str, number: u32) -> Self {
        self.value(key, Value::U32(number))
    }

    /// Adds a truth value.
    #[must_use]
    pub fn bool(self, key: &str, truth: bool) -> Self {
        self.value(key, Value::Bool(truth))
    }

    /// Adds an array of strings.
    #[must_use]
    pub fn strings<S: AsRef<[u8]>>(self, key: &str, strings: impl IntoIterator<Item = S>) -> Self {
        self.value(
            key,
            Value::Array(Array::Strings(strings.into_iter().collect())),
        )
    }

    /// Adds an array of 32-bit floats.
    #[must_use]
    pub fn f32s(self, key: &str, numbers: Vec<f32>) -> Self {
        self.value(key, Value::Array(Array::F32(numbers)))
    }

    /// Adds an array of 32-bit signed numbers.
    #[must_use]
    pub fn i32s(self, key: &str, numbers: Vec<i32>) -> Self {
        self.value(key, Value::Array(Array::I32(numbers)))
    }

    /// Chooses another alignment and writes it as an entry.
    #[must_use]
    pub fn alignment(mut self, bytes: u32) -> Self {
        self.alignment = bytes as usize;
        self.u32("general.alignment", bytes)
    }

    /// Adds a tensor; `data` is written as it is, whatever the dimensions say.
    #[must_use]
    pub fn tensor(
        mut self,
        name: &str,
        dimensions: &[u64],
        ggml_type: GgmlType,
        data: Vec<u8>,
    ) -> Self {
        self.tensors
            .push((name.to_owned(), dimensions.to_vec(), ggml_type, data));
        self
    }

    /// Adds a byte-fallback vocabulary of control tokens, all 256 bytes, `▁`, `a`, `b`, `▁a` and `ab`.
    #[must_use]
    pub fn tiny_vocabulary(self) -> Self {
        let control = ["<unk>", "<s>", "</s>"].map(String::from);
        let bytes = (0..=u8::MAX).map(|byte| format!("<0x{byte:02X}>"));
        let pieces = ["▁", "a", "b", "▁a", "ab"].map(String::from);
        let types = [vec![2, 3, 3], vec![6; 256], vec![1; pieces.len()]].concat();
        let scores = [vec![0.0; 3 + 256], vec![-1.0, -2.0, -3.0, -4.0, -5.0]].concat();
        self.str("tokenizer.ggml.model", "llama")
            .strings(
                "tokenizer.ggml.tokens",
                control.into_iter().chain(bytes).chain(pieces),
            )
            .i32s("tokenizer.ggml.token_type", types)
            .f32s("tokenizer.ggml.scores", scores)
    }

    /// The file.
    pub fn finish(&self) -> Vec<u8> {
        let mut bytes = Self::header(self.tensors.len() as u64, self.entries.len() as u64);
        for (key, value) in &self.entries {
            put_string(&mut bytes, key.as_bytes());
            put_value(&mut bytes, value);
        }
        let mut offset = 0_usize;
        for (name, dimensions, ggml_type, data) in &self.tensors {
            put_string(&mut bytes, name.as_bytes());
            bytes.extend(
                u32::try_from(dimensions.len())
                    .unwrap_or(u32::MAX)
                    .to_le_bytes(),
            );
            for n in dimensions {
                bytes.extend(n.to_le_bytes());
            }
            bytes.extend(ggml_type.id().to_le_bytes());
            bytes.extend((offset as u64).to_le_bytes());
            offset = (offset + data.len()).next_multiple_of(self.alignment);
        }
        for (_, _, _, data) in &self.tensors {
            bytes.resize(bytes.len().next_multiple_of(self.alignment), 0);
            bytes.extend(data);
        }
        bytes
    }
}

/// The metadata and vocabulary of a model that is complete but has no weights: one layer, and the
/// vocabulary of [`GgufBuilder::tiny_vocabulary`].
#[must_use]
pub fn tiny_model(architecture: &str) -> GgufBuilder {
    GgufBuilder::new()
        .str("general.architecture", architecture)
        .str("general.name", "Tiny")
        .str("general.size_label", "1K")
        .strings("general.languages", ["en", "zh"])
        .u32("general.file_type", 0)
        .u32(&format!("{architecture}.context_length"), 128)
        .u32(&format!("{architecture}.embedding_length"), 8)
        .u32(&format!("{architecture}.block_count"), 1)
        .u32(&format!("{architecture}.attention.head_count"), 2)
        .tiny_vocabulary()
}

fn put_string(bytes: &mut Vec<u8>, string: &[u8]) {
    bytes.extend((string.len() as u64).to_le_bytes());
    bytes.extend(string);
}

fn put_value(bytes: &mut Vec<u8>, value: &Value) {
    let mut put = |id: u32, content: &[u8]| {
        bytes.extend(id.to_le_bytes());
        bytes.extend(content);
    };
    match value {
        Value::U8(n) => put(0, &n.to_le_bytes()),
        Value::I8(n) => put(1, &n.to_le_bytes()),
        Value::U16(n) => put(2, &n.to_le_bytes()),
        Value::I16(n) => put(3, &n.to_le_bytes()),
        Value::U32(n) => put(4, &n.to_le_bytes()),
        Value::I32(n) => put(5, &n.to_le_bytes()),
        Value::F32(n) => put(6, &n.to_le_bytes()),
        Value::Bool(truth) => put(7, &[u8::from(*truth)]),
        Value::String(text) => {
            put(8, &[]);
            put_string(bytes, text.as_bytes());
        }
        Value::Array(array) => {
            put(9, &[]);
            put_array(bytes, array);
        }
        Value::U64(n) => put(10, &n.to_le_bytes()),
        Value::I64(n) => put(11, &n.to_le_bytes()),
        Value::F64(n) => put(12, &n.to_le_bytes()),
    }
}

fn put_array(bytes: &mut Vec<u8>, array: &Array) {
    match array {
        Array::U8(items) => put_items(bytes, 0, items, u8::to_le_bytes),
        Array::I8(items) => put_items(bytes, 1, items, i8::to_le_bytes),
        Array::U16(items) => put_items(bytes, 2, items, u16::to_le_bytes),
        Array::I16(items) => put_items(bytes, 3, items, i16::to_le_bytes),
        Array::U32(items) => put_items(bytes, 4, items, u32::to_le_bytes),
        Array::I32(items) => put_items(bytes, 5, items, i32::to_le_bytes),
        Array::F32(items) => put_items(bytes, 6, items, f32::to_le_bytes),
        Array::Bool(items) => put_items(bytes, 7, items, |truth| [u8::from(truth)]),
        Array::U64(items) => put_items(bytes, 10, items, u64::to_le_bytes),
        Array::I64(items) => put_items(bytes, 11, items, i64::to_le_bytes),
        Array::F64(items) => put_items(bytes, 12, items, f64::to_le_bytes),
        Array::Strings(strings) => {
            put_array_header(bytes, 8, strings.len());
            for string in strings.iter() {
                put_string(bytes, string);
            }
        }
        Array::Arrays(arrays) => {
            put_array_header(bytes, 9, arrays.len());
            for inner in arrays {
                put_array(bytes, inner);
            }
        }
    }
}

fn put_items<T: Copy, const N: usize>(
    bytes: &mut Vec<u8>,
    id: u32,
    items: &[T],
    write: fn(T) -> [u8; N],
) {
    put_array_header(bytes, id, items.len());
    for &item in items {
        bytes.extend(write(item));
    }
}

fn put_array_header(bytes: &mut Vec<u8>, id: u32, len: usize) {
    bytes.extend(id.to_le_bytes());
    bytes.extend((len as u64).to_le_bytes());
}
