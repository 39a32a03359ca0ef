//! One value written into the user's `inkstone.toml`, with comments and order of the rest kept. The
//! file is replaced in one step, so that a crash leaves the old or the new one. `inkstone model use`
//! and `inkstone setup` call it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table};

use crate::error::SettingsError;
use crate::layers::{self, Layer};
use crate::problem::Problem;
use crate::table::Settings;
use crate::value::Value;

/// Sets a key such as `model.completion.zh` in the file, which is created when missing.
pub fn set(file: &Path, key: &str, value: &Value) -> Result<(), SettingsError> {
    layers::admit(Layer::User, key, value, &Settings::default()).map_err(|fault| {
        SettingsError::Rejected(Box::new(Problem {
            layer: Layer::User,
            file: None,
            line: None,
            fault,
        }))
    })?;
    let failed = |source| SettingsError::Write {
        path: file.to_owned(),
        source,
    };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    let edited = edit(file, &text, key, value)?;
    if edited == text {
        return Ok(());
    }
    replace(&target(file), edited.as_bytes()).map_err(failed)
}

/// The text with the key set.
fn edit(file: &Path, text: &str, key: &str, value: &Value) -> Result<String, SettingsError> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let offset = error.span().map_or(0, |span| span.start);
        SettingsError::NotToml {
            path: file.to_owned(),
            line: text
                .bytes()
                .take(offset)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1,
            message: error.message().to_owned(),
        }
    })?;
    let blocked = |part: &str| SettingsError::KeyBlocked {
        path: file.to_owned(),
        key: key.to_owned(),
        part: part.to_owned(),
    };
    // A file that writes its keys under `[inkstone.…]` goes on doing so.
    let is_prefixed = document.get("inkstone").is_some_and(Item::is_table_like);
    let full_key = if is_prefixed {
        format!("inkstone.{key}")
    } else {
        key.to_owned()
    };
    let mut parts: Vec<&str> = full_key.split('.').collect();
    let Some(name) = parts.pop() else {
        return Err(blocked(key));
    };
    let mut item = document.as_item_mut();
    for part in parts {
        let table = item.as_table_like_mut().ok_or_else(|| blocked(part))?;
        item = table.entry(part).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
    }
    let table = item.as_table_like_mut().ok_or_else(|| blocked(name))?;
    assign(table.entry(name).or_insert(Item::None), to_toml(value));
    Ok(document.to_string())
}

/// Replaces a value but keeps the comment behind it.
fn assign(slot: &mut Item, mut value: toml_edit::Value) {
    if let Some(old) = slot.as_value() {
        *value.decor_mut() = old.decor().clone();
    }
    *slot = Item::Value(value);
}

fn to_toml(value: &Value) -> toml_edit::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Decimal(value) => (*value).into(),
        Value::Text(text) | Value::Other(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(String::as_str).collect(),
    }
}

/// The file behind a link, so that a settings file kept elsewhere stays linked.
fn target(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

/// Writes beside the file, syncs, and renames.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let temporary = file.with_extension(format!("toml.{}.new", std::process::id()));
    let written = File::create(&temporary)
        .and_then(|mut out| out.write_all(bytes).and_then(|()| out.sync_all()))
        .and_then(|()| fs::rename(&temporary, file))
        .and_then(|()| File::open(directory)?.sync_all());
    if written.is_err() {
        // The error that is reported is the one above; a leftover would be the lesser harm.
        let _ = fs::remove_file(&temporary);
    }
    written
}
