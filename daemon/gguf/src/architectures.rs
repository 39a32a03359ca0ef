//! Names of the model architectures that the bundled llama.cpp loads, as data.
//!
//! Taken from `LLM_ARCH_NAMES` in `llama-arch.cpp` of llama-cpp-sys-2 0.1.160, without `clip`,
//! which llama.cpp itself calls a dummy. Updated together with that dependency.

/// The names, in alphabetical order.
pub const KNOWN_ARCHITECTURES: &[&str] = &[
    "afmoe",
    "apertus",
    "arcee",
    "arctic",
    "arwkv7",
    "baichuan",
    "bailingmoe",
    "bailingmoe2",
    "bailingmoe3",
    "bert",
    "bitnet",
    "bloom",
    "chameleon",
    "chatglm",
    "clef",
    "codeshell",
    "cogvlm",
    "cohere2",
    "cohere2moe",
    "command-r",
    "dbrx",
    "deci",
    "deepseek",
    "deepseek2",
    "deepseek2-ocr",
    "deepseek32",
    "deepseek4",
    "dflash",
    "dots1",
    "dots3note",
    "dream",
    "eagle3",
    "ernie4_5",
    "ernie4_5-moe",
    "eurobert",
    "exaone",
    "exaone-moe",
    "exaone4",
    "falcon",
    "falcon-h1",
    "gemma",
    "gemma-embedding",
    "gemma2",
    "gemma3",
    "gemma3n",
    "gemma4",
    "gemma4-assistant",
    "glm-dsa",
    "glm4",
    "glm4moe",
    "glm5-next",
    "gpt-oss",
    "gpt2",
    "gptj",
    "gptneox",
    "granite",
    "granite_swa",
    "granitehybrid",
    "granitemoe",
    "graniteswitch",
    "grok",
    "grovemoe",
    "hrm_text",
    "hunyuan-dense",
    "hunyuan-moe",
    "hunyuan_vl",
    "hy_v3",
    "hy_v4",
    "internlm2",
    "jais",
    "jais2",
    "jamba",
    "jina-bert-v2",
    "jina-bert-v3",
    "kimi-k3",
    "kimi-linear",
    "laguna",
    "lfm2",
    "lfm2moe",
    "llada",
    "llada-moe",
    "llama",
    "llama-embed",
    "llama4",
    "maincoder",
    "mamba",
    "mamba2",
    "maple",
    "mellum",
    "mimo2",
    "minicpm",
    "minicpm3",
    "minimax-01",
    "minimax-m2",
    "minimax-m3",
    "mistral3",
    "mistral4",
    "modern-bert",
    "mpt",
    "muse-glimmer",
    "nanbeige",
    "nemotron",
    "nemotron_h",
    "nemotron_h_moe",
    "neo-bert",
    "nomic-bert",
    "nomic-bert-moe",
    "olmo",
    "olmo2",
    "olmoe",
    "openelm",
    "orion",
    "paddleocr",
    "pangu-embedded",
    "phi2",
    "phi3",
    "phimoe",
    "plamo",
    "plamo2",
    "plamo3",
    "plm",
    "pockettts",
    "qwen",
    "qwen2",
    "qwen2moe",
    "qwen2vl",
    "qwen3",
    "qwen35",
    "qwen35moe",
    "qwen3moe",
    "qwen3next",
    "qwen3tts",
    "qwen3vl",
    "qwen3vlmoe",
    "qwen4exp",
    "refact",
    "rnd1",
    "rwkv6",
    "rwkv6qwen2",
    "rwkv7",
    "seed_oss",
    "smallthinker",
    "smollm3",
    "spark2_5",
    "stablelm",
    "starcoder",
    "starcoder2",
    "step35",
    "t5",
    "t5encoder",
    "talkie",
    "wavtokenizer-dec",
    "xverse",
];

/// Those of them that do not continue a text word by word, in alphabetical order: encoders, whose
/// answer is an embedding; T5, which reads with an encoder that we do not run; models of sound;
/// helpers that draft for another model; and models that write a whole text at once by diffusion (`llm_arch_is_diffusion`).
const NOT_CONTINUING: &[&str] = &[
    "bert",
    "dflash",
    "dream",
    "eagle3",
    "eurobert",
    "gemma-embedding",
    "gemma4-assistant",
    "jina-bert-v2",
    "jina-bert-v3",
    "llada",
    "llada-moe",
    "llama-embed",
    "modern-bert",
    "neo-bert",
    "nomic-bert",
    "nomic-bert-moe",
    "pockettts",
    "qwen3tts",
    "rnd1",
    "t5",
    "t5encoder",
    "wavtokenizer-dec",
];

/// Those that keep a running state, in some layers or all, in alphabetical order
/// (`llm_arch_is_recurrent`, `llm_arch_is_hybrid`): it cannot be taken back to an earlier word.
const NOT_REWINDING: &[&str] = &[
    "arwkv7",
    "bailingmoe3",
    "deepseek4",
    "falcon-h1",
    "glm5-next",
    "granitehybrid",
    "jamba",
    "kimi-k3",
    "kimi-linear",
    "lfm2",
    "lfm2moe",
    "mamba",
    "mamba2",
    "minimax-01",
    "nemotron_h",
    "nemotron_h_moe",
    "plamo2",
    "qwen35",
    "qwen35moe",
    "qwen3next",
    "qwen4exp",
    "rwkv6",
    "rwkv6qwen2",
    "rwkv7",
];

/// Why models of an architecture are not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The bundled llama.cpp does not load them.
    Unknown,
    /// They write no text, or not word by word.
    ContinuesNoText,
    /// What they have read cannot be taken back to an earlier word.
    NeverRewinds,
}

/// Whether models of this architecture are served: the one verdict of the catalogue, of imports and
/// of the engine.
pub fn check(architecture: &str) -> Result<(), Refusal> {
    if !is_known(architecture) {
        Err(Refusal::Unknown)
    } else if !continues_text(architecture) {
        Err(Refusal::ContinuesNoText)
    } else if !rewinds(architecture) {
        Err(Refusal::NeverRewinds)
    } else {
        Ok(())
    }
}

/// Whether what a model of this architecture has read can be taken back to an earlier word, which
/// every keystroke asks for.
fn rewinds(architecture: &str) -> bool {
    is_known(architecture) && !NOT_REWINDING.contains(&architecture)
}

/// Whether models of this architecture continue a text: only those can complete and rewrite.
fn continues_text(architecture: &str) -> bool {
    is_known(architecture) && !NOT_CONTINUING.contains(&architecture)
}

/// Whether the bundled llama.cpp loads models of this architecture.
pub fn is_known(architecture: &str) -> bool {
    KNOWN_ARCHITECTURES.binary_search(&architecture).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ascend_so_that_binary_search_finds_each() {
        assert!(KNOWN_ARCHITECTURES.is_sorted_by(|a, b| a < b));
        assert!(KNOWN_ARCHITECTURES.iter().all(|name| is_known(name)));
    }

    #[test]
    fn encoders_are_known_but_do_not_continue_a_text() {
        assert!(NOT_CONTINUING.is_sorted_by(|a, b| a < b));
        assert!(NOT_CONTINUING.iter().all(|name| is_known(name)));
        for name in ["bert", "t5encoder", "inkwell"] {
            assert!(!continues_text(name), "{name}");
        }
        for name in ["llama", "gemma3", "qwen3", "mamba"] {
            assert!(continues_text(name), "{name}");
        }
    }

    #[test]
    fn a_running_state_cannot_be_taken_back() {
        assert!(NOT_REWINDING.is_sorted_by(|a, b| a < b));
        assert!(NOT_REWINDING.iter().all(|name| is_known(name)));
        assert!(!rewinds("mamba") && !rewinds("inkwell"));
        assert!(rewinds("llama") && rewinds("gemma3"));
    }

    #[test]
    fn a_refusal_says_why() {
        assert_eq!(check("inkwell"), Err(Refusal::Unknown));
        assert_eq!(check("bert"), Err(Refusal::ContinuesNoText));
        assert_eq!(check("mamba"), Err(Refusal::NeverRewinds));
        assert_eq!(check("llama"), Ok(()));
    }

    #[test]
    fn the_catalogue_is_known_and_inventions_are_not() {
        for name in ["llama", "gemma3", "qwen3"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["", "clip", "Llama", "inkstone"] {
            assert!(!is_known(name), "{name}");
        }
    }
}
