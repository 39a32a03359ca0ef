//! How a checked [`Value`] becomes a field of [`Settings`](crate::Settings) and back. The macro of
//! [`crate::table`] calls it; nobody else does.

use std::path::{Path, PathBuf};

use crate::choice::{
    AutomaticTraining, DecayChoice, DeviceChoice, DraftModelChoice, FlashAttentionChoice,
    KvTypeChoice, LogLevel, MainLanguage, OptimizerChoice, Preset, Reveal, StopBound,
};
use crate::model_name::ModelByLanguage;
use crate::value::Value;

/// A type that a field of `Settings` may have. `entry` is the language of a table of models.
pub(crate) trait Field {
    /// Takes the value; false when the kind in the table does not fit the field's type.
    fn assign(&mut self, entry: Option<&str>, value: &Value) -> bool;
    /// The field as values: one without an entry, or one of each language.
    fn values(&self) -> Vec<(Option<String>, Value)>;
}

impl Field for bool {
    fn assign(&mut self, _entry: Option<&str>, value: &Value) -> bool {
        let Value::Bool(value) = value else {
            return false;
        };
        *self = *value;
        true
    }

    fn values(&self) -> Vec<(Option<String>, Value)> {
        vec![(None, Value::Bool(*self))]
    }
}

impl Field for f64 {
    fn assign(&mut self, _entry: Option<&str>, value: &Value) -> bool {
        *self = match value {
            Value::Decimal(value) => *value,
            // A whole number that a person writes is far below where a float loses one.
            Value::Int(value) => *value as f64,
            _ => return false,
        };
        true
    }

    fn values(&self) -> Vec<(Option<String>, Value)> {
        vec![(None, Value::Decimal(*self))]
    }
}

impl Field for Option<PathBuf> {
    fn assign(&mut self, _entry: Option<&str>, value: &Value) -> bool {
        let Value::Text(path) = value else {
            return false;
        };
        *self = (!path.is_empty()).then(|| PathBuf::from(path));
        true
    }

    fn values(&self) -> Vec<(Option<String>, Value)> {
        let path = self.as_deref().map(Path::to_string_lossy);
        vec![(None, Value::Text(path.unwrap_or_default().into_owned()))]
    }
}

impl Field for Vec<String> {
    fn assign(&mut self, _entry: Option<&str>, value: &Value) -> bool {
        let Value::List(items) = value else {
            return false;
        };
        self.clone_from(items);
        true
    }

    fn values(&self) -> Vec<(Option<String>, Value)> {
        vec![(None, Value::List(self.clone()))]
    }
}

impl Field for ModelByLanguage {
    fn assign(&mut self, entry: Option<&str>, value: &Value) -> bool {
        let (Some(Ok(language)), Value::Text(name)) = (entry.map(str::parse), value) else {
            return false;
        };
        let model = match name.as_str() {
            "" => None,
            name => match name.parse() {
                Ok(model) => Some(model),
                Err(_) => return false,
            },
        };
        self.set(language, model);
        true
    }

    fn values(&self) -> Vec<(Option<String>, Value)> {
        self.iter()
            .map(|(language, name)| (Some(language.to_string()), Value::Text(name.to_string())))
            .collect()
    }
}

/// Numbers convert when they fit.
macro_rules! number_field {
    ($($number:ty),+) => {$(
        impl Field for $number {
            fn assign(&mut self, _entry: Option<&str>, value: &Value) -> bool {
                let Value::Int(value) = value else { return false };
                let Ok(value) = Self::try_from(*value) else { return false };
                *self = value;
                true
            }

            fn values(&self) -> Vec<(Option<String>, Value)> {
                vec![(None, Value::Int(i64::from(*self)))]
            }
        }
    )+};
}
number_field!(u32, i32);

/// Choices convert by their words.
macro_rules! choice_field {
    ($($choice:ty),+) => {$(
        impl Field for $choice {
            fn assign(&mut self, _entry: Option<&str>, value: &Value) -> bool {
                let Value::Text(word) = value else { return false };
                let Some(choice) = Self::from_word(word) else { return false };
                *self = choice;
                true
            }

            fn values(&self) -> Vec<(Option<String>, Value)> {
                vec![(None, Value::Text(self.word().to_owned()))]
            }
        }
    )+};
}
choice_field!(
    StopBound,
    Preset,
    Reveal,
    DeviceChoice,
    DraftModelChoice,
    FlashAttentionChoice,
    KvTypeChoice,
    LogLevel,
    MainLanguage,
    AutomaticTraining,
    OptimizerChoice,
    DecayChoice
);
