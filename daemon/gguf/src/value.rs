//! One metadata value with its type, as the file has it.

use crate::strings::StringTable;

/// A metadata value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// 8-bit unsigned.
    U8(u8),
    /// 8-bit signed.
    I8(i8),
    /// 16-bit unsigned.
    U16(u16),
    /// 16-bit signed.
    I16(i16),
    /// 32-bit unsigned.
    U32(u32),
    /// 32-bit signed.
    I32(i32),
    /// 64-bit unsigned.
    U64(u64),
    /// 64-bit signed.
    I64(i64),
    /// 32-bit float.
    F32(f32),
    /// 64-bit float.
    F64(f64),
    /// Truth value.
    Bool(bool),
    /// Text; bytes that are not UTF-8 were replaced, since single strings are shown to people.
    String(String),
    /// Many values of one type.
    Array(Array),
}

/// An array, by the type of its items.
#[derive(Clone, Debug, PartialEq)]
pub enum Array {
    /// 8-bit unsigned.
    U8(Vec<u8>),
    /// 8-bit signed.
    I8(Vec<i8>),
    /// 16-bit unsigned.
    U16(Vec<u16>),
    /// 16-bit signed.
    I16(Vec<i16>),
    /// 32-bit unsigned.
    U32(Vec<u32>),
    /// 32-bit signed.
    I32(Vec<i32>),
    /// 64-bit unsigned.
    U64(Vec<u64>),
    /// 64-bit signed.
    I64(Vec<i64>),
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit floats.
    F64(Vec<f64>),
    /// Truth values.
    Bool(Vec<bool>),
    /// Strings, byte for byte.
    Strings(StringTable),
    /// Arrays.
    Arrays(Vec<Array>),
}

impl Value {
    /// The number, when it is a whole one that is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::U8(n) => Some(n.into()),
            Self::U16(n) => Some(n.into()),
            Self::U32(n) => Some(n.into()),
            Self::U64(n) => Some(n),
            Self::I8(n) => n.try_into().ok(),
            Self::I16(n) => n.try_into().ok(),
            Self::I32(n) => n.try_into().ok(),
            Self::I64(n) => n.try_into().ok(),
            _ => None,
        }
    }

    /// The largest of one number or of an array of them: some models have one head count per layer.
    pub fn max_u64(&self) -> Option<u64> {
        match self {
            Self::Array(Array::U32(items)) => items.iter().max().map(|&n| n.into()),
            Self::Array(Array::I32(items)) => {
                items.iter().filter_map(|&n| u64::try_from(n).ok()).max()
            }
            Self::Array(Array::U64(items)) => items.iter().max().copied(),
            Self::Array(_) => None,
            single => single.as_u64(),
        }
    }

    /// The number, when it is a 32-bit float.
    pub fn as_f32(&self) -> Option<f32> {
        match self {
            Self::F32(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self {
            Some(*truth)
        } else {
            None
        }
    }

    /// The text.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The array.
    pub fn as_array(&self) -> Option<&Array> {
        if let Self::Array(array) = self {
            Some(array)
        } else {
            None
        }
    }

    /// The strings of an array.
    pub fn as_strings(&self) -> Option<&StringTable> {
        if let Self::Array(Array::Strings(strings)) = self {
            Some(strings)
        } else {
            None
        }
    }
}
