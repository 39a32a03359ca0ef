//! Settings files and editors' settings: problems are told, values stay within their limits.

use std::path::Path;

use inkstone_settings::{Layer, Loaded};

/// The bytes as a user's file, as a workspace's file, and as JSON from an editor.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut loaded = Loaded::default();
    loaded.apply_file_text(Layer::User, Path::new("inkstone.toml"), text);
    loaded.apply_file_text(Layer::Workspace, Path::new("inkstone.toml"), text);
    if let Ok(json) = serde_json::from_str(text) {
        loaded.apply_session(&json);
    }
    let completion = &loaded.settings.completion;
    assert!((1..=256).contains(&completion.max_tokens));
    assert!((50..=60_000).contains(&completion.deadline_ms));
    assert!(loaded.problems.iter().all(|problem| !problem.to_string().is_empty()));
}
