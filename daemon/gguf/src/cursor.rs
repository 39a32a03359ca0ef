//! Reads little-endian fields, counts every byte, and knows the end of the file: nothing is
//! allocated for a claim that the rest of the file could not hold.

use std::io::{ErrorKind, Read};

use crate::error::{GgufError, at_most};
use crate::limits::{ARRAY_DEPTH_MAX, ARRAY_ITEMS_MAX, HEADER_BYTES_MAX, STRING_BYTES_MAX};
use crate::strings::StringTable;
use crate::value::{Array, Value};

/// Bytes read at once from a long string or array, so that a claim is paid for as it is proven.
const CHUNK_BYTES: usize = 1 << 16;

/// Type numbers of the format.
mod type_id {
    pub(super) const STRING: u32 = 8;
    pub(super) const ARRAY: u32 = 9;
}

pub(crate) struct Cursor<'a, R> {
    reader: &'a mut R,
    /// Bytes read so far.
    position: u64,
    file_len: u64,
}

impl<'a, R: Read> Cursor<'a, R> {
    pub(crate) fn new(reader: &'a mut R, file_len: u64) -> Self {
        Self {
            reader,
            position: 0,
            file_len,
        }
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn u32(&mut self) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    /// A fixed number of bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        let mut bytes = [0; N];
        self.claim(N as u64)?;
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A string with its length in front, which may be at most `bytes_max`.
    pub(crate) fn string(&mut self, what: &str, bytes_max: u64) -> Result<Vec<u8>, GgufError> {
        let len = self.u64()?;
        at_most(format!("the length of {what}"), len, bytes_max)?;
        let mut bytes = Vec::new();
        self.append(&mut bytes, len)?;
        Ok(bytes)
    }

    /// A value with its type in front; `key` is for errors.
    pub(crate) fn value(&mut self, key: &str) -> Result<Value, GgufError> {
        Ok(match self.u32()? {
            0 => Value::U8(u8::from_le_bytes(self.bytes()?)),
            1 => Value::I8(i8::from_le_bytes(self.bytes()?)),
            2 => Value::U16(u16::from_le_bytes(self.bytes()?)),
            3 => Value::I16(i16::from_le_bytes(self.bytes()?)),
            4 => Value::U32(self.u32()?),
            5 => Value::I32(i32::from_le_bytes(self.bytes()?)),
            6 => Value::F32(f32::from_le_bytes(self.bytes()?)),
            7 => Value::Bool(self.bytes::<1>()? != [0]),
            type_id::STRING => {
                let bytes = self.string(&format!("`{key}`"), STRING_BYTES_MAX)?;
                Value::String(String::from_utf8(bytes).unwrap_or_else(|e| lossy(e.as_bytes())))
            }
            type_id::ARRAY => Value::Array(self.array(key, 1)?),
            10 => Value::U64(self.u64()?),
            11 => Value::I64(i64::from_le_bytes(self.bytes()?)),
            12 => Value::F64(f64::from_le_bytes(self.bytes()?)),
            unknown => return Err(unknown_type(key, unknown)),
        })
    }

    fn array(&mut self, key: &str, depth: u32) -> Result<Array, GgufError> {
        at_most(
            format!("the nesting of `{key}`"),
            depth.into(),
            ARRAY_DEPTH_MAX.into(),
        )?;
        let item_type = self.u32()?;
        let count = self.u64()?;
        at_most(
            format!("the number of items of `{key}`"),
            count,
            ARRAY_ITEMS_MAX,
        )?;
        Ok(match item_type {
            0 => Array::U8(self.items(count, u8::from_le_bytes)?),
            1 => Array::I8(self.items(count, i8::from_le_bytes)?),
            2 => Array::U16(self.items(count, u16::from_le_bytes)?),
            3 => Array::I16(self.items(count, i16::from_le_bytes)?),
            4 => Array::U32(self.items(count, u32::from_le_bytes)?),
            5 => Array::I32(self.items(count, i32::from_le_bytes)?),
            6 => Array::F32(self.items(count, f32::from_le_bytes)?),
            7 => Array::Bool(self.items(count, |byte: [u8; 1]| byte != [0])?),
            type_id::STRING => Array::Strings(self.strings(key, count)?),
            type_id::ARRAY => self.arrays(key, count, depth)?,
            10 => Array::U64(self.items(count, u64::from_le_bytes)?),
            11 => Array::I64(self.items(count, i64::from_le_bytes)?),
            12 => Array::F64(self.items(count, f64::from_le_bytes)?),
            unknown => return Err(unknown_type(key, unknown)),
        })
    }

    fn items<T, const N: usize>(
        &mut self,
        count: u64,
        parse: fn([u8; N]) -> T,
    ) -> Result<Vec<T>, GgufError> {
        let mut bytes = Vec::new();
        self.append(&mut bytes, count * N as u64)?;
        let (items, _rest) = bytes.as_chunks::<N>();
        Ok(items.iter().map(|&item| parse(item)).collect())
    }

    fn strings(&mut self, key: &str, count: u64) -> Result<StringTable, GgufError> {
        /// A string has at least its length in front.
        const STRING_BYTES_MIN: u64 = 8;
        self.claim(count * STRING_BYTES_MIN)?;
        let mut table = StringTable::default();
        for _ in 0..count {
            let len = at_most(
                format!("the length of a string in `{key}`"),
                self.u64()?,
                STRING_BYTES_MAX,
            )?;
            // The table holds less than `HEADER_BYTES_MAX`, which `append` checks.
            match table.push_with(|bytes| self.append(bytes, len)) {
                Some(pushed) => pushed?,
                None => {
                    return Err(GgufError::invalid(
                        format!("`{key}`"),
                        "more than 4 GiB of strings",
                    ));
                }
            }
        }
        Ok(table)
    }

    fn arrays(&mut self, key: &str, count: u64, depth: u32) -> Result<Array, GgufError> {
        /// An inner array has at least its type and its length in front.
        const ARRAY_BYTES_MIN: u64 = 12;
        self.claim(count * ARRAY_BYTES_MIN)?;
        (0..count)
            .map(|_| self.array(key, depth + 1))
            .collect::<Result<_, _>>()
            .map(Array::Arrays)
    }

    /// Appends `len` bytes to `target`.
    fn append(&mut self, target: &mut Vec<u8>, len: u64) -> Result<(), GgufError> {
        self.claim(len)?;
        let mut left = usize::try_from(len).unwrap_or(usize::MAX);
        while left > 0 {
            let start = target.len();
            let step = left.min(CHUNK_BYTES);
            target.resize(start + step, 0);
            self.fill(&mut target[start..])?;
            left -= step;
        }
        Ok(())
    }

    /// Checks that the file can still hold `len` bytes and that the header stays within its bound.
    fn claim(&self, len: u64) -> Result<(), GgufError> {
        let end = self.position.saturating_add(len);
        if end > self.file_len {
            return Err(GgufError::Truncated {
                expected: end,
                found: self.file_len,
            });
        }
        at_most("the header", end, HEADER_BYTES_MAX).map(drop)
    }

    fn fill(&mut self, target: &mut [u8]) -> Result<(), GgufError> {
        self.reader
            .read_exact(target)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => {
                    // Shorter than its own length: it was cut while being read.
                    let expected = self.position.saturating_add(target.len() as u64);
                    GgufError::Truncated {
                        expected,
                        found: self.position,
                    }
                }
                _ => GgufError::Io(error),
            })?;
        self.position += target.len() as u64;
        Ok(())
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn unknown_type(key: &str, id: u32) -> GgufError {
    GgufError::invalid(format!("the type of `{key}`"), format!("type number {id}"))
}
