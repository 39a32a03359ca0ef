//! `inkstone doctor` on models: it looks into files, and has one loaded to know what computes.

use std::fs;

use inkstone_test_support::{ENGLISH_MODEL, Home, test_models};

use crate::inkstone;

#[test]
fn a_daemon_that_has_loaded_nothing_yet_still_says_what_computes() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    inkstone(&home, &["start"]).check(0, &[]);
    let device = format!("device for {ENGLISH_MODEL}: ");
    let report = inkstone(&home, &["doctor"]);
    report.check(
        0,
        &[
            &device,
            "layers on the GPU",
            "Everything that suggestions need",
        ],
    );
}

#[test]
fn a_header_that_was_damaged_after_the_import_is_found() {
    let home = Home::with_models(&[]);
    let file = test_models().join(format!("{ENGLISH_MODEL}.gguf"));
    let import = ["model", "import", file.to_str().unwrap()];
    inkstone(&home, &import).check(0, &[]);
    let published = home
        .root()
        .join(format!("data/models/{ENGLISH_MODEL}.gguf"));
    let mut bytes = fs::read(&published).unwrap();
    // The size stays what the description says.
    bytes[..4].copy_from_slice(b"<htm");
    fs::write(&published, bytes).unwrap();
    let remedy = format!("run: inkstone model pull {ENGLISH_MODEL}");
    inkstone(&home, &["doctor"]).check(1, &["not a GGUF model file", &remedy]);
}
