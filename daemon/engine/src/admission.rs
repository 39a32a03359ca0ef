//! Which model files may reach llama.cpp: asked before it sees them, because on some it ends the
//! process instead of refusing; and which loaded models this engine can serve.
//!
//! Not here: whether the weights are whole (llama.cpp says so in an error) and whether they fit
//! (`plan`). Called by `Model`.

use std::path::Path;
use std::sync::Arc;

use inkstone_gguf::architectures::{self, Refusal};
use inkstone_gguf::{Gguf, GgufError, ModelInfo, vocabulary};
use inkstone_vocab::{Vocab, VocabError};

use crate::error::{EngineError, Unservable};
use crate::ffi::model::RawModel;

/// Kinds of tokenizer that no model we serve has, and on which llama.cpp stops the process when it
/// is to tokenize: none at all, its own tests', and those of encoders and recurrent models.
const TOKENIZERS_REFUSED: &[&str] = &["none", "no_vocab", "test", "bert", "rwkv", "t5"];

/// What was read of a file that may be loaded.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) info: ModelInfo,
    /// None for a kind of vocabulary that only llama.cpp knows.
    pub(crate) vocab: Option<Arc<Vocab>>,
}

/// Reads the metadata and the vocabulary; refuses what llama.cpp would not survive.
pub(crate) fn admit(path: &Path) -> Result<Admitted, EngineError> {
    let in_file = |source: GgufError| EngineError::File {
        path: path.to_owned(),
        source,
    };
    let gguf = Gguf::from_path(path).map_err(in_file)?;
    let info = ModelInfo::from_gguf(&gguf).map_err(in_file)?;
    if let Some(kind) = info.tokenizer_model.as_deref()
        && TOKENIZERS_REFUSED.contains(&kind)
    {
        return Err(unservable(path, &info, Unservable::Tokenizer));
    }
    let vocab = match Vocab::from_gguf(&gguf) {
        Ok(vocab) => Some(Arc::new(vocab)),
        Err(VocabError::Unsupported { what, name }) => {
            // Our reader gave up before it had looked at everything.
            vocabulary::check(&gguf).map_err(in_file)?;
            tracing::info!(
                what,
                name,
                "texts of this model are tokenized whole for each request"
            );
            None
        }
        Err(source) => {
            return Err(EngineError::Vocabulary {
                path: path.to_owned(),
                source,
            });
        }
    };
    Ok(Admitted { info, vocab })
}

/// Refuses by its metadata a model that does not write its text from left to right.
pub(crate) fn check_architecture(path: &Path, info: &ModelInfo) -> Result<(), EngineError> {
    let reason = match architectures::check(&info.architecture) {
        // Of what it does not know llama.cpp says so itself.
        Ok(()) | Err(Refusal::Unknown) => return Ok(()),
        Err(Refusal::ContinuesNoText) => Unservable::NoDecoder,
        Err(Refusal::NeverRewinds) => Unservable::NoRewind,
    };
    Err(unservable(path, info, reason))
}

/// Refuses a loaded model by what llama.cpp knows of its architecture.
pub(crate) fn check_loaded(
    raw: &RawModel,
    path: &Path,
    info: &ModelInfo,
) -> Result<(), EngineError> {
    let reason = if raw.has_encoder() || !raw.has_decoder() || raw.is_diffusion() {
        Unservable::NoDecoder
    } else if raw.is_recurrent() || raw.is_hybrid() {
        Unservable::NoRewind
    } else {
        return Ok(());
    };
    Err(unservable(path, info, reason))
}

/// The refusal of a model, by its file and architecture.
pub(crate) fn unservable(path: &Path, info: &ModelInfo, reason: Unservable) -> EngineError {
    EngineError::Unservable {
        path: path.to_owned(),
        architecture: info.architecture.clone(),
        reason,
    }
}
