//! A LoRA adapter (GGUF, `general.type = "adapter"`) of a loaded model.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use crate::error::EngineError;
use crate::ffi::adapter::RawAdapter;
use crate::model::Model;

/// A loaded adapter; contexts that use it keep it alive, it keeps its model alive.
#[derive(Debug)]
pub struct Adapter {
    raw: RawAdapter,
    path: PathBuf,
    model: Arc<Model>,
}

impl Adapter {
    /// Loads an adapter for `model`; shapes and tensor names are checked by llama.cpp.
    pub fn load(model: &Arc<Model>, path: &Path) -> Result<Arc<Self>, EngineError> {
        let _list = model.shared.write().unwrap_or_else(PoisonError::into_inner);
        let raw = RawAdapter::load(&model.raw, path)?;
        Ok(Arc::new(Self {
            raw,
            path: path.to_owned(),
            model: Arc::clone(model),
        }))
    }

    /// The file it came from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn belongs_to(&self, model: &Arc<Model>) -> bool {
        Arc::ptr_eq(&self.model, model)
    }

    pub(crate) fn raw(&self) -> &RawAdapter {
        &self.raw
    }
}

impl Drop for Adapter {
    #[allow(unsafe_code)] // Reason: the three conditions of `free` are kept right here.
    fn drop(&mut self) {
        let _list = self
            .model
            .shared
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // SAFETY: `self.model` is live; a context that used the adapter held an `Arc` of it until
        // it was replaced, so none uses it now; the list is locked.
        unsafe { self.raw.free() };
    }
}
