//! What can go wrong in the engine, by remedy.

use std::path::PathBuf;

/// Why a model that loads cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unservable {
    /// An encoder, whose answer is no text, or a model that writes a whole text at once.
    NoDecoder,
    /// It keeps one running state per sequence instead of a cache by position.
    NoRewind,
    /// Its tokenizer is none for text, or one of those models'.
    Tokenizer,
}

impl std::fmt::Display for Unservable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoDecoder => "they do not write a text from left to right",
            Self::NoRewind => {
                "their memory of a text cannot be rewound, which every correction needs"
            }
            Self::Tokenizer => "its tokenizer is not one for continuing a text",
        })
    }
}

/// An error of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The shared libraries of llama.cpp hold no backend that this processor can run.
    #[error(
        "no compute backend found in {searched:?}; reinstall Inkstone so that `inkstone-native` lies beside `inkstoned`"
    )]
    NoBackend {
        /// Folders that were looked at.
        searched: Vec<PathBuf>,
    },
    /// A GPU was demanded and there is none.
    #[error(
        "no GPU device found, but engine.device = \"gpu\" demands one; set it to \"auto\" or \"cpu\""
    )]
    NoGpu,
    /// The file cannot be read or is not a model.
    #[error("{}: {source}", path.display())]
    File {
        /// The model file.
        path: PathBuf,
        /// What the metadata reader says.
        #[source]
        source: inkstone_gguf::GgufError,
    },
    /// Its vocabulary contradicts itself; llama.cpp would end the process on it.
    #[error("{}: {source}", path.display())]
    Vocabulary {
        /// The model file.
        path: PathBuf,
        /// What the vocabulary's reader says.
        #[source]
        source: inkstone_vocab::VocabError,
    },
    /// A whole model, but of a kind that cannot continue a text as it is typed.
    #[error(
        "{}: models of the architecture `{architecture}` cannot be served: {reason}; choose another with: inkstone model use",
        path.display()
    )]
    Unservable {
        /// The model file.
        path: PathBuf,
        /// Its architecture, as llama.cpp names it.
        architecture: String,
        /// Why not.
        reason: Unservable,
    },
    /// llama.cpp does not take the file.
    #[error("{}: llama.cpp cannot load the {what}: {detail}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// `model` or `adapter`.
        what: &'static str,
        /// The last errors llama.cpp logged.
        detail: String,
    },
    /// The path holds a NUL byte.
    #[error("{}: the path holds a NUL byte", path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },
    /// The plan does not fit the machine.
    #[error(transparent)]
    Memory(#[from] crate::plan::MemoryError),
    /// What all contexts may take together is less than what the smallest one takes.
    #[error(
        "with its smallest context the daemon takes {needed_mb} MiB beside the weights, engine.memory_mb_max allows {ceiling_mb} MiB; raise that, or choose a smaller model with `inkstone model use`"
    )]
    Ceiling {
        /// What is needed.
        needed_mb: u64,
        /// The setting.
        ceiling_mb: u64,
    },
    /// The context could not be made.
    #[error(
        "llama.cpp cannot make a context of {context_tokens} tokens: {detail}; lower engine.context_tokens"
    )]
    Context {
        /// What was asked for.
        context_tokens: u32,
        /// The last errors llama.cpp logged.
        detail: String,
    },
    /// A batch breaks a rule that llama.cpp would abort on.
    #[error("invalid batch: {0}")]
    Batch(String),
    /// No free cells in the KV cache.
    #[error("the KV cache of {context_tokens} tokens is full")]
    CacheFull {
        /// Its size.
        context_tokens: u32,
    },
    /// Decoding failed inside llama.cpp.
    #[error("llama.cpp could not decode a batch of {tokens} tokens (code {code}): {detail}")]
    Decode {
        /// Length of the batch.
        tokens: usize,
        /// `llama_decode`'s return value.
        code: i32,
        /// The last errors llama.cpp logged.
        detail: String,
    },
    /// The model's answer is infinite or not a number.
    #[error(
        "the model gave no number for the token {token}; is its file damaged? run: inkstone doctor"
    )]
    NoNumber {
        /// The token that was to be predicted.
        token: u32,
    },
    /// llama.cpp threw while it computed; the context is of no use any more.
    #[error("llama.cpp failed while it computed a batch: {detail}")]
    Thrown {
        /// What was thrown, in words.
        detail: String,
    },
    /// The graphics card failed while it computed: it was lost, or out of memory. The context is of
    /// no use any more; the processor can take over.
    #[error("the graphics card {device} failed: {detail}")]
    Card {
        /// Its name.
        device: String,
        /// What the driver or llama.cpp says.
        detail: String,
    },
    /// A GPU was demanded, and the one there is has failed in this process.
    #[error(
        "{problem}, and engine.device = \"gpu\" demands it; run: inkstone stop && inkstone start, or set it to \"auto\""
    )]
    CardLost {
        /// How it failed.
        problem: String,
    },
    /// The text is too long to count in 32 bits.
    #[error("a text of {bytes} bytes is too long to tokenize at once")]
    TextTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The adapter was made for another model.
    #[error("the adapter {} belongs to another loaded model", path.display())]
    AdapterOfOtherModel {
        /// The adapter file.
        path: PathBuf,
    },
}
