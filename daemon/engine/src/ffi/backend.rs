//! The registry of compute backends: loading shared objects, listing devices and CPU features.

use std::ffi::{CStr, CString, c_char};
use std::path::Path;

use llama_cpp_sys_2 as sys;

/// A device as ggml reports it.
#[derive(Debug, Clone)]
pub(crate) struct RawDevice {
    pub(crate) handle: DeviceHandle,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) kind: sys::ggml_backend_dev_type,
    pub(crate) memory_free_bytes: u64,
    pub(crate) memory_total_bytes: u64,
}

/// A device of the registry, which lives as long as the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeviceHandle(pub(super) sys::ggml_backend_dev_t);

// SAFETY: a device is an entry of ggml's global registry, never freed and immutable after loading.
unsafe impl Send for DeviceHandle {}
// SAFETY: as above; only passed back to llama.cpp.
unsafe impl Sync for DeviceHandle {}

/// Initialises llama.cpp and loads every backend found in `directory`.
pub(crate) fn load_from(directory: &Path) {
    let Ok(path) = CString::new(directory.as_os_str().as_encoded_bytes()) else {
        return;
    };
    // SAFETY: `path` is a NUL-terminated string that lives across the call; ggml copies it.
    unsafe { sys::ggml_backend_load_all_from_path(path.as_ptr()) };
}

/// Starts llama.cpp; must come before any model is loaded.
pub(crate) fn initialise() {
    // SAFETY: takes no arguments; called once, by `Backend::get`.
    unsafe { sys::llama_backend_init() };
}

/// Every device of the loaded backends.
pub(crate) fn devices() -> Vec<RawDevice> {
    // SAFETY: `index` stays below the count; the registry is not changed after `load_from`.
    let count = unsafe { sys::ggml_backend_dev_count() };
    (0..count)
        .filter_map(|index| {
            // SAFETY: as above.
            let device = unsafe { sys::ggml_backend_dev_get(index) };
            (!device.is_null()).then(|| describe(device))
        })
        .collect()
}

fn describe(device: sys::ggml_backend_dev_t) -> RawDevice {
    let (mut free, mut total) = (0_usize, 0_usize);
    // SAFETY: `device` is a live entry of the registry; the two out-pointers are valid for writes;
    // the returned strings are static or owned by the device, and copied at once.
    unsafe {
        sys::ggml_backend_dev_memory(device, &raw mut free, &raw mut total);
        RawDevice {
            handle: DeviceHandle(device),
            name: text(sys::ggml_backend_dev_name(device)),
            description: text(sys::ggml_backend_dev_description(device)),
            kind: sys::ggml_backend_dev_type(device),
            memory_free_bytes: free as u64,
            memory_total_bytes: total as u64,
        }
    }
}

/// Names of the instruction-set features of the CPU backend in use.
pub(crate) fn cpu_features() -> Vec<String> {
    type GetFeatures =
        unsafe extern "C" fn(sys::ggml_backend_reg_t) -> *mut sys::ggml_backend_feature;
    // SAFETY: a static string; the registry entry is null or lives forever.
    let registry = unsafe { sys::ggml_backend_reg_by_name(c"CPU".as_ptr()) };
    if registry.is_null() {
        return Vec::new();
    }
    // SAFETY: a live registry entry and a static name; the answer is null or a function of the
    // type that ggml-backend.h documents for this name (`ggml_backend_get_features_t`).
    let address = unsafe {
        sys::ggml_backend_reg_get_proc_address(registry, c"ggml_backend_get_features".as_ptr())
    };
    if address.is_null() {
        return Vec::new();
    }
    // SAFETY: see above.
    let get_features =
        unsafe { std::mem::transmute::<*mut std::ffi::c_void, GetFeatures>(address) };
    // SAFETY: called with the registry entry it belongs to; returns a static array that ends with a
    // null name.
    let mut feature = unsafe { get_features(registry) };
    let mut names = Vec::new();
    // SAFETY: `feature` walks that array and stops at its terminator.
    unsafe {
        while !feature.is_null() && !(*feature).name.is_null() {
            if text((*feature).value) != "0" {
                names.push(text((*feature).name));
            }
            feature = feature.add(1);
        }
    }
    names
}

/// A copy of a C string; empty for null.
///
/// # Safety
/// `pointer` is null or points to a NUL-terminated string.
unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: by the contract of this function.
    unsafe { CStr::from_ptr(pointer) }
        .to_string_lossy()
        .into_owned()
}
