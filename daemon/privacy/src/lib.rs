//! Secrets and personal data in text: one set of detectors for dataset, prompts, suggestions, logs.
