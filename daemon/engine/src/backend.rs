//! The compute backends: shared objects found beside the installed binary, and their devices.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::error::EngineError;
use crate::ffi;

/// Folder beside the binaries that holds llama.cpp's libraries and its CPU variants.
const NATIVE_FOLDER: &str = "inkstone-native";
/// Names another folder for them.
const NATIVE_VARIABLE: &str = "INKSTONE_NATIVE";
/// Features worth telling apart in a report, the widest first.
const NOTABLE_FEATURES: [&str; 9] = [
    "AMX_INT8",
    "AVX512_VNNI",
    "AVX512",
    "AVX_VNNI",
    "AVX2",
    "AVX",
    "SSE3",
    "SVE",
    "NEON",
];

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// The processor.
    Cpu,
    /// A graphics card, discrete or integrated.
    Gpu,
    /// An accelerator that works along with the processor.
    Accelerator,
}

/// A device that can hold layers of a model.
#[derive(Debug, Clone)]
pub struct Device {
    /// Short name, e.g. `CPU`, `Vulkan0`.
    pub name: String,
    /// What the driver calls it.
    pub description: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Free memory in bytes when it was listed.
    pub memory_free_bytes: u64,
    /// All of its memory in bytes.
    pub memory_total_bytes: u64,
    pub(crate) handle: ffi::backend::DeviceHandle,
}

/// The loaded backends; one per process.
#[derive(Debug)]
pub struct Backend {
    features: Vec<String>,
}

impl Backend {
    /// Loads the backends on the first call; later calls return the same.
    ///
    /// They are looked for in `$INKSTONE_NATIVE`, then in `inkstone-native` beside the running
    /// binary, one folder above it (where tests lie), and in `../lib/inkstone-native`.
    pub fn get() -> Result<&'static Self, EngineError> {
        static BACKEND: OnceLock<Option<Backend>> = OnceLock::new();
        BACKEND
            .get_or_init(Self::load)
            .as_ref()
            .ok_or_else(|| EngineError::NoBackend {
                searched: search_path(),
            })
    }

    fn load() -> Option<Self> {
        ffi::log::install();
        for directory in search_path().iter().filter(|directory| directory.is_dir()) {
            ffi::backend::load_from(directory);
            if has_cpu() {
                break;
            }
        }
        if !has_cpu() {
            return None;
        }
        // After the backends: before them it would look for some by itself, in the folder of the
        // build, and the processor would be listed twice.
        ffi::backend::initialise();
        Some(Self {
            features: ffi::backend::cpu_features(),
        })
    }

    /// Every device; asked anew, since free memory changes.
    #[allow(clippy::unused_self)] // Reason: only a loaded backend has devices.
    pub fn devices(&self) -> Vec<Device> {
        ffi::backend::devices().into_iter().map(from_raw).collect()
    }

    /// The graphics card with the most free memory, if there is one.
    pub fn best_gpu(&self) -> Option<Device> {
        self.devices()
            .into_iter()
            .filter(|device| device.kind == DeviceKind::Gpu)
            .max_by_key(|device| device.memory_free_bytes)
    }

    /// The widest notable instruction set in use, e.g. `AVX512_VNNI`; `baseline` when none is.
    pub fn instruction_set(&self) -> &str {
        NOTABLE_FEATURES
            .into_iter()
            .find(|notable| self.features.iter().any(|feature| feature == notable))
            .unwrap_or("baseline")
    }
}

fn has_cpu() -> bool {
    ffi::backend::devices()
        .into_iter()
        .any(|device| from_raw(device).kind == DeviceKind::Cpu)
}

fn from_raw(raw: ffi::backend::RawDevice) -> Device {
    let kind = match raw.kind {
        llama_cpp_sys_2::GGML_BACKEND_DEVICE_TYPE_CPU => DeviceKind::Cpu,
        llama_cpp_sys_2::GGML_BACKEND_DEVICE_TYPE_GPU
        | llama_cpp_sys_2::GGML_BACKEND_DEVICE_TYPE_IGPU => DeviceKind::Gpu,
        _ => DeviceKind::Accelerator,
    };
    Device {
        name: raw.name,
        description: raw.description,
        kind,
        memory_free_bytes: raw.memory_free_bytes,
        memory_total_bytes: raw.memory_total_bytes,
        handle: raw.handle,
    }
}

fn search_path() -> Vec<PathBuf> {
    let named = std::env::var_os(NATIVE_VARIABLE).map(PathBuf::from);
    let executable = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    let beside = executable.as_deref().and_then(Path::parent);
    let mut path: Vec<PathBuf> = named.into_iter().collect();
    if let Some(folder) = beside {
        path.push(folder.join(NATIVE_FOLDER));
        path.extend(folder.parent().map(|above| above.join(NATIVE_FOLDER)));
        path.extend(
            folder
                .parent()
                .map(|above| above.join("lib").join(NATIVE_FOLDER)),
        );
    }
    path
}
