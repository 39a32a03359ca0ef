//! Homes for the end-to-end tests: the test models, and patience.

use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home, PATIENT_SETTINGS};

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
    home.write_config(PATIENT_SETTINGS);
    home
}
