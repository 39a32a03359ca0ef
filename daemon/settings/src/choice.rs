//! Settings that are a choice among a few words. Each word is declared once, next to its variant.

/// Declares an enum whose variants have a word each, and the conversions both ways.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every word, in the order of the variants.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word that files and editors use.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The variant of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

choice! {
    /// Where a suggestion ends.
    StopBound {
        /// Where the text at the caret and the pace of typing suggest.
        Auto = "auto",
        /// After one word.
        Word = "word",
        /// At a comma or another mark within the sentence, after a few words at the latest.
        Phrase = "phrase",
        /// At the end of the sentence or line, whichever comes first.
        Sentence = "sentence",
        /// At the end of the line.
        Line = "line",
        /// At an empty line.
        Paragraph = "paragraph",
    }
}

choice! {
    /// How sure a suggestion must be to be shown without being asked for.
    Preset {
        /// Rarely, and then mostly right.
        Quiet = "quiet",
        /// Where it helps more often than it disturbs.
        Balanced = "balanced",
        /// Often, for who likes to choose.
        Eager = "eager",
        /// Whatever makes sense at all, however unlikely; for measurements.
        All = "all",
    }
}

choice! {
    /// When a suggestion is seen.
    Reveal {
        /// As soon as it is ready.
        Always = "always",
        /// When the writer presses the key that asks; until then it waits, ready.
        OnKey = "on_key",
    }
}

choice! {
    /// A language that its writer mostly writes in.
    MainLanguage {
        /// English.
        English = "en",
        /// Chinese.
        Chinese = "zh",
    }
}

choice! {
    /// What computes.
    DeviceChoice {
        /// The GPU if the build has a backend for it and it has memory, else the CPU.
        Auto = "auto",
        /// Always the CPU.
        Cpu = "cpu",
        /// The GPU, or an error.
        Gpu = "gpu",
    }
}

choice! {
    /// Whether attention is computed in one pass over the KV cache.
    FlashAttentionChoice {
        /// As setup measured it, else on.
        Auto = "auto",
        /// Wherever the device has code for it.
        On = "on",
        /// Never.
        Off = "off",
    }
}

choice! {
    /// Whether a smaller model guesses ahead of a larger one.
    DraftModelChoice {
        /// The one that the catalogue names for the model, if it is installed.
        Auto = "auto",
        /// None.
        Off = "off",
    }
}

choice! {
    /// How the numbers of the KV cache are kept.
    KvTypeChoice {
        /// As setup measured it, else in 16 bits.
        Auto = "auto",
        /// In 16 bits.
        F16 = "f16",
        /// In 8 bits: half the memory, a little less exact; needs flash attention.
        Q8 = "q8_0",
    }
}

choice! {
    /// How much the logs say.
    LogLevel {
        /// Only what failed.
        Error = "error",
        /// What failed or may soon.
        Warn = "warn",
        /// What happened, without text of the user's.
        Info = "info",
        /// Decisions and their reasons.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

choice! {
    /// When an adapter is trained without being asked for.
    AutomaticTraining {
        /// When enough is new and nobody types.
        Idle = "idle",
        /// Never.
        Off = "off",
    }
}

choice! {
    /// How gradients become changes of an adapter.
    OptimizerChoice {
        /// Each number at a speed of its own.
        AdamW = "adamw",
        /// All along the gradient, with momentum; half the memory.
        Sgd = "sgd",
    }
}

choice! {
    /// How the learning rate goes on after the warm-up.
    DecayChoice {
        /// Down along half a cosine.
        Cosine = "cosine",
        /// Down along a line.
        Linear = "linear",
        /// Not at all.
        Constant = "constant",
    }
}
