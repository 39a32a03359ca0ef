//! Tests on a graphics card: whether they are wanted, and a driver that fails when it is told to.
//!
//! `make test` runs them in a step of its own, on Mesa's software driver where there is no card.
//! Not a stand-in for a driver: the failures come from a layer of Vulkan's own loader, between the
//! program and the real one.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `gpu`: tests compute on the graphics card, and those that need one run.
const DEVICE_VARIABLE: &str = "INKSTONE_TEST_DEVICE";
/// What the loader knows the layer by.
const LAYER_NAME: &str = "VK_LAYER_INKSTONE_failing";

/// Whether tests are to compute on the graphics card.
pub fn is_wanted() -> bool {
    std::env::var(DEVICE_VARIABLE).as_deref() == Ok("gpu")
}

/// Whether a test that needs a graphics card is to run; says so where it is not.
pub fn is_wanted_or_skipped() -> bool {
    if !is_wanted() {
        eprintln!(
            "skipped: no graphics card to test on; `make test` sets {DEVICE_VARIABLE}=gpu where the Vulkan backend is built and a driver is there"
        );
    }
    is_wanted()
}

/// How a driver fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The card is lost: whatever it is to do fails, and what it was doing.
    Lost,
    /// It gives no more memory.
    OutOfMemory,
    /// The driver ends the whole process.
    Abort,
}

/// A driver that works until it is told to fail.
#[derive(Debug)]
pub struct FailingDriver {
    folder: PathBuf,
}

impl FailingDriver {
    /// Makes one in `folder`, which stays for as long as programs use it.
    ///
    /// # Panics
    /// When the layer cannot be compiled: Vulkan's headers or a C compiler are missing.
    pub fn new(folder: &Path) -> Self {
        let folder = folder.join("failing-driver");
        let make = |result: std::io::Result<()>| {
            result.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        };
        make(fs::create_dir_all(&folder));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("vulkan/failing_layer.c");
        let library = folder.join("failing_layer.so");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-fvisibility=hidden", "-o"])
            .arg(&library)
            .arg(&source)
            .status();
        assert!(
            compiled.is_ok_and(|status| status.success()),
            "the Vulkan layer {} does not compile; Debian: apt-get install gcc libvulkan-dev",
            source.display()
        );
        // The layout of a layer's manifest is in the loader's LoaderLayerInterface.md.
        let manifest = format!(
            r#"{{"file_format_version": "1.2.0", "layer": {{"name": "{LAYER_NAME}", "type": "GLOBAL", "library_path": "./failing_layer.so", "api_version": "1.3.0", "implementation_version": "1", "description": "Fails when a test says so"}}}}"#
        );
        make(fs::write(folder.join("failing_layer.json"), manifest));
        Self { folder }
    }

    /// The environment of a program that is to use it.
    pub fn environment(&self) -> [(&'static str, OsString); 3] {
        [
            ("VK_INSTANCE_LAYERS", LAYER_NAME.into()),
            ("VK_LAYER_PATH", self.folder.clone().into()),
            ("FAILING_LAYER_FILE", self.order().into()),
        ]
    }

    /// From now on it fails.
    ///
    /// # Panics
    /// When the order cannot be written.
    pub fn fail(&self, failure: Failure) {
        let word = match failure {
            Failure::Lost => "lost",
            Failure::OutOfMemory => "memory",
            Failure::Abort => "abort",
        };
        // At once and whole: the layer may read it at any time.
        let written = self.order().with_extension("new");
        fs::write(&written, word)
            .and_then(|()| fs::rename(&written, self.order()))
            .unwrap_or_else(|error| panic!("{}: {error}", written.display()));
    }

    fn order(&self) -> PathBuf {
        self.folder.join("order")
    }
}
