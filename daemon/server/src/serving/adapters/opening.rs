//! Opens a checked adapter for llama.cpp: the file that it reads is the one that was checked.
//!
//! Between the check and the reading another file may have taken the name. The hash is made of an open
//! file, and where the system can name an open file it is that which llama.cpp gets. Not what is
//! checked (`inkstone_models::AdapterFile`).

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inkstone_engine::{Adapter, Model};
use inkstone_models::Sha256;
use inkstone_models::gguf::adapter::ADAPTER_BYTES_MAX;

/// Loads the adapter at a path if its content has this hash.
pub(super) fn load(
    model: &Arc<Model>,
    path: &Path,
    checked: Sha256,
) -> Result<Arc<Adapter>, String> {
    let cannot =
        |error: std::io::Error| format!("cannot read the adapter `{}`: {error}", path.display());
    let file = File::open(path).map_err(cannot)?;
    let found = Sha256::of_reader((&file).take(ADAPTER_BYTES_MAX + 1)).map_err(cannot)?;
    if found != checked {
        return Err(format!(
            "the adapter `{}` has changed since it was checked: its SHA-256 is {found}, not {checked}; see: inkstone adapter list",
            path.display()
        ));
    }
    Adapter::load(model, &name_of(&file, path)).map_err(|error| error.to_string())
}

/// A path that leads to this open file, whatever has its name by now.
#[cfg(target_os = "linux")]
fn name_of(file: &File, path: &Path) -> PathBuf {
    use std::os::fd::AsRawFd as _;

    let open = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    // Not everywhere is /proc.
    if open.exists() { open } else { path.to_owned() }
}

#[cfg(not(target_os = "linux"))]
fn name_of(_: &File, path: &Path) -> PathBuf {
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_engine::LoadOptions;
    use inkstone_engine::plan::GpuLayers;
    use inkstone_test_support::{ConstantAdapter, ENGLISH_MODEL, test_models};

    #[test]
    fn a_file_that_is_another_than_was_checked_never_reaches_llama_cpp() {
        let model_file = test_models().join(format!("{ENGLISH_MODEL}.gguf"));
        let options = LoadOptions {
            context_tokens: 64,
            gpu: None,
            gpu_layers: GpuLayers::Auto,
            host_free_bytes: u64::MAX,
        };
        let model = Model::load(&model_file, &options, &mut |_| true).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("适配器.gguf");
        let whole = ConstantAdapter::of(0.5).bytes(&model_file);
        std::fs::write(&path, &whole).unwrap();
        load(&model, &path, Sha256::of(&whole)).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let refused = load(&model, &path, Sha256::of(&whole)).unwrap_err();
        assert!(refused.contains("has changed"), "{refused}");
        std::fs::remove_file(&path).unwrap();
        let gone = load(&model, &path, Sha256::of(&whole)).unwrap_err();
        assert!(gone.contains("适配器.gguf"), "{gone}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_keeps_its_content_when_another_takes_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "checked").unwrap();
        let file = File::open(&path).unwrap();
        std::fs::write(folder.path().join("b"), "another").unwrap();
        std::fs::rename(folder.path().join("b"), &path).unwrap();
        assert_eq!(
            std::fs::read_to_string(name_of(&file, &path)).unwrap(),
            "checked"
        );
    }
}
