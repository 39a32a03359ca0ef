//! Homes for the end-to-end tests: the test models, and patience.

use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home};

/// A suggestion is given up after seconds where people wait for it; here the machine is shared
/// with other tests, and a suggestion that comes late is not what is tested. For the same reason
/// each daemon has one thread: two that wait for each other on a busy processor take turns in
/// milliseconds instead of microseconds, and the whole suite takes an hour.
const PATIENCE: &str = "[completion]\ndeadline_ms = 60000\n\n[engine]\nthreads = 1\n";

/// A home with the model for English.
pub fn english() -> Home {
    with(&[ENGLISH_MODEL])
}

/// A home with the models for English and Chinese.
pub fn english_and_chinese() -> Home {
    with(&[ENGLISH_MODEL, CHINESE_MODEL])
}

/// A home with these models.
pub fn with(models: &[&str]) -> Home {
    let home = Home::with_models(models);
    home.write_config(PATIENCE);
    home
}
