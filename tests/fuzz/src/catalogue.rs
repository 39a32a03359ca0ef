//! A user's own catalogue: it may add models, and break nothing of ours.

use std::path::Path;

use inkstone_models::Catalogue;

/// The bytes as the user's catalogue file.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let builtin = Catalogue::builtin();
    let mut extended = builtin.clone();
    extended.extend_by_user(Path::new("catalogue.toml"), text);
    assert!(extended.entries().len() >= builtin.entries().len());
    let mut names: Vec<&str> = extended.entries().iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), extended.entries().len(), "each name once");
}
