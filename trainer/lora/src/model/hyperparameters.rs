//! The numbers that shape a decoder, from a model's own metadata and with llama.cpp's defaults.
//!
//! What llama.cpp would compute and this crate does not (YaRN, experts, heads that differ between
//! layers) is refused by name: training on a model that is computed wrongly would only look well.

use inkstone_gguf::limits::{HEADS_MAX, LENGTH_MAX};
use inkstone_gguf::{Array, Gguf, GgufError, ModelInfo, Value, shown};

use crate::error::ModelFault;

/// llama.cpp's default base of the rotation.
const ROPE_BASE_DEFAULT: f64 = 10_000.0;
/// Every sixth layer of Gemma 3 sees the whole text, unless the file says otherwise.
const WINDOW_PATTERN_DEFAULT: u64 = 6;
/// The layers by which llama.cpp knows Gemma 3 27B, which scales its scores in a way of its own.
const GEMMA_3_27B_BLOCKS: usize = 62;
/// Elements of one weight matrix at most: 2 GiB in 32-bit floats, as the largest layer's matrix is
/// held for the moment of its use.
const MATRIX_ELEMENTS_MAX: u64 = 1 << 29;

/// The architectures that are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Llama, Mistral, `SmolLM2` and what else shares their graph.
    Llama,
    /// Qwen 2 and 2.5: biases on queries, keys and values.
    Qwen2,
    /// Qwen 3: queries and keys are normalized.
    Qwen3,
    /// Gemma 3: norms around each half of a layer, sliding windows, scaled embeddings.
    Gemma3,
}

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Llama, Self::Qwen2, Self::Qwen3, Self::Gemma3];

    /// The name in `general.architecture`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Gemma3 => "gemma3",
        }
    }

    /// Whether the rotation turns neighbours (2i, 2i+1) instead of halves (i, i + width/2): GGUFs of
    /// the llama architecture have the rows of queries and keys in that order.
    pub fn rotates_neighbours(self) -> bool {
        self == Self::Llama
    }

    /// Whether queries and keys are normalized head by head.
    pub(crate) fn norms_heads(self) -> bool {
        matches!(self, Self::Qwen3 | Self::Gemma3)
    }

    /// Whether a second norm follows attention and feed-forward.
    pub(crate) fn norms_after(self) -> bool {
        self == Self::Gemma3
    }

    fn of(name: &str) -> Result<Self, ModelFault> {
        let found = Self::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or_else(|| ModelFault::Architecture { found: shown(name) })
    }
}

/// How positions turn queries and keys of a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotation {
    /// The base of the wavelengths.
    pub base: f64,
    /// What positions are multiplied with: 1 over the factor of linear scaling.
    pub position_scale: f64,
}

/// What one layer sees and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerView {
    /// Its rotation.
    pub rotation: Rotation,
    /// Tokens it sees, its own included; none when it sees all before it.
    pub window_tokens: Option<usize>,
}

/// The numbers of a decoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Hyperparameters {
    /// Its architecture.
    pub architecture: Architecture,
    /// Tokens it was trained to read at once.
    pub context_tokens: usize,
    /// Width of the model.
    pub width: usize,
    /// Width of the feed-forward part.
    pub feed_forward_width: usize,
    /// Query heads.
    pub heads: usize,
    /// Heads with keys and values of their own.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_width: usize,
    /// Tokens in the vocabulary.
    pub vocabulary_tokens: usize,
    /// What keeps the norms from dividing by zero.
    pub norm_epsilon: f64,
    /// What scores of attention are multiplied with.
    pub attention_scale: f64,
    /// What embeddings are multiplied with.
    pub embedding_scale: f64,
    /// The bound that logits are bent under, where the model has one.
    pub logit_soft_cap: Option<f64>,
    /// What each layer sees; as many as there are layers.
    pub layers: Vec<LayerView>,
}

impl Hyperparameters {
    /// Reads them.
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, ModelFault> {
        const ARCHITECTURE_KEY: &str = "general.architecture";
        let name = gguf.str(ARCHITECTURE_KEY).ok_or(GgufError::MissingKey {
            key: ARCHITECTURE_KEY.to_owned(),
        })?;
        let architecture = Architecture::of(name)?;
        let keys = Keys { gguf, architecture };
        keys.refuse_what_is_not_computed()?;
        let info = ModelInfo::from_gguf(gguf)?;
        let width = keys.positive("embedding_length", info.embedding_length.into())?;
        let heads = keys.positive("attention.head_count", info.head_count.into())?;
        let kv_heads = keys.positive("attention.head_count_kv", info.head_count_kv.into())?;
        keys.check(
            "attention.head_count_kv",
            heads.is_multiple_of(kv_heads),
            &kv_heads,
            &format!("a divisor of the {heads} heads"),
        )?;
        let head_width = keys.positive("attention.key_length", info.key_length.into())?;
        keys.check_head(head_width, info.value_length)?;
        let feed_forward_width = keys.required("feed_forward_length")?;
        let epsilon = keys.float("attention.layer_norm_rms_epsilon")?;
        let norm_epsilon = epsilon.ok_or_else(|| {
            ModelFault::from(GgufError::MissingKey {
                key: keys.key("attention.layer_norm_rms_epsilon"),
            })
        })?;
        let layers = keys.positive("block_count", info.block_count.into())?;
        let vocabulary_tokens = keys.vocabulary(width)?;
        Ok(Self {
            architecture,
            context_tokens: keys.positive("context_length", info.context_length.into())?,
            width,
            feed_forward_width,
            heads,
            kv_heads,
            head_width,
            vocabulary_tokens,
            norm_epsilon,
            attention_scale: keys.attention_scale(width, heads, head_width, layers),
            embedding_scale: match architecture {
                Architecture::Gemma3 => (width as f64).sqrt(),
                _ => 1.0,
            },
            logit_soft_cap: match architecture {
                Architecture::Gemma3 => keys.float("final_logit_softcapping")?,
                _ => None,
            },
            layers: keys.layers(layers)?,
        })
    }

    /// Width of all query heads side by side.
    pub fn query_width(&self) -> usize {
        self.heads * self.head_width
    }

    /// Width of all key or value heads side by side.
    pub fn key_width(&self) -> usize {
        self.kv_heads * self.head_width
    }
}

/// Metadata under the prefix of the architecture.
struct Keys<'a> {
    gguf: &'a Gguf,
    architecture: Architecture,
}

impl Keys<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture.name())
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.gguf.get(&self.key(name))
    }

    fn check(
        &self,
        name: &str,
        holds: bool,
        found: &impl ToString,
        expected: &str,
    ) -> Result<(), ModelFault> {
        if holds {
            return Ok(());
        }
        Err(ModelFault::Number {
            key: self.key(name),
            found: found.to_string(),
            expected: expected.to_owned(),
        })
    }

    fn positive(&self, name: &str, found: u64) -> Result<usize, ModelFault> {
        self.check(name, found > 0, &found, "a number above 0")?;
        Ok(usize::try_from(found).unwrap_or(usize::MAX))
    }

    fn required(&self, name: &str) -> Result<usize, ModelFault> {
        let found = self.gguf.u64(&self.key(name)).ok_or_else(|| {
            ModelFault::from(GgufError::MissingKey {
                key: self.key(name),
            })
        })?;
        let limit = u64::from(LENGTH_MAX);
        self.check(name, found <= limit, &found, &format!("at most {limit}"))?;
        self.positive(name, found)
    }

    /// A number with a fraction, finite and above 0 where it is there; 0 counts as absent, as in
    /// llama.cpp.
    fn float(&self, name: &str) -> Result<Option<f64>, ModelFault> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Value::F32(number)) => f64::from(*number),
            Some(Value::F64(number)) => *number,
            Some(_) => f64::NAN,
        };
        let holds = number.is_finite() && number >= 0.0;
        self.check(name, holds, &number, "a positive number with a fraction")?;
        Ok((number > 0.0).then_some(number))
    }

    fn refuse(&self, name: &str, found: &impl ToString) -> ModelFault {
        ModelFault::Unsupported {
            what: self.key(name),
            found: shown(&found.to_string()),
        }
    }

    fn refuse_what_is_not_computed(&self) -> Result<(), ModelFault> {
        if let Some(experts) = self.gguf.u64(&self.key("expert_count"))
            && experts > 0
        {
            return Err(self.refuse("expert_count", &experts));
        }
        for name in [
            "attention.head_count",
            "attention.head_count_kv",
            "feed_forward_length",
        ] {
            if matches!(self.get(name), Some(Value::Array(_))) {
                return Err(self.refuse(name, &"different in each layer"));
            }
        }
        if let Some(scaling) = self.gguf.str(&self.key("rope.scaling.type"))
            && !["none", "linear"].contains(&scaling)
        {
            return Err(self.refuse("rope.scaling.type", &scaling));
        }
        for (name, computed) in [
            ("rope.scaling.attn_factor", Value::F32(1.0)),
            ("attention.causal", Value::Bool(true)),
        ] {
            if let Some(value) = self.get(name)
                && *value != computed
            {
                return Err(self.refuse(name, &plain(value)));
            }
        }
        Ok(())
    }

    /// One width for keys, values and the rotation.
    fn check_head(&self, head_width: usize, value_width: u32) -> Result<(), ModelFault> {
        let expected = format!("an even number, at most {HEADS_MAX}");
        let is_even = head_width.is_multiple_of(2) && head_width <= HEADS_MAX as usize;
        self.check("attention.key_length", is_even, &head_width, &expected)?;
        let same = format!("{head_width}, the width of a key");
        let holds = value_width as usize == head_width;
        self.check("attention.value_length", holds, &value_width, &same)?;
        let rotated = self.gguf.u64(&self.key("rope.dimension_count"));
        match rotated {
            Some(rotated) if rotated != head_width as u64 => {
                Err(self.refuse("rope.dimension_count", &rotated))
            }
            _ => Ok(()),
        }
    }

    fn attention_scale(&self, width: usize, heads: usize, head_width: usize, layers: usize) -> f64 {
        let by_head = 1.0 / (head_width as f64).sqrt();
        match self.architecture {
            Architecture::Gemma3 if layers == GEMMA_3_27B_BLOCKS => {
                1.0 / ((width / heads) as f64).sqrt()
            }
            _ => by_head,
        }
    }

    /// As many tokens as the embedding has rows.
    fn vocabulary(&self, width: usize) -> Result<usize, ModelFault> {
        const EMBEDDING: &str = "token_embd.weight";
        let tensors = self.gguf.tensors();
        let embedding = tensors.iter().find(|tensor| tensor.name == EMBEDDING);
        let Some(embedding) = embedding else {
            return Err(ModelFault::MissingTensor {
                tensor: EMBEDDING.to_owned(),
            });
        };
        let number = |found: String, expected: String| ModelFault::Number {
            key: EMBEDDING.to_owned(),
            found,
            expected,
        };
        match *embedding.dimensions.as_slice() {
            [columns, rows] if columns != width as u64 => Err(ModelFault::Shape {
                tensor: EMBEDDING.to_owned(),
                found: embedding.dimensions.clone(),
                expected: vec![width as u64, rows],
            }),
            [_, rows] if rows > 0 && rows <= u64::from(LENGTH_MAX) => {
                Ok(usize::try_from(rows).unwrap_or(usize::MAX))
            }
            [_, rows] => {
                let expected = format!("1 to {LENGTH_MAX}");
                Err(number(format!("of {rows} tokens"), expected))
            }
            _ => {
                let dimensions = embedding.dimensions.len();
                Err(number(
                    format!("of {dimensions} dimensions"),
                    "2".to_owned(),
                ))
            }
        }
    }

    fn layers(&self, count: usize) -> Result<Vec<LayerView>, ModelFault> {
        let factor = self.position_factor()?;
        let far = LayerView {
            rotation: Rotation {
                base: self.float("rope.freq_base")?.unwrap_or(ROPE_BASE_DEFAULT),
                position_scale: 1.0 / factor,
            },
            window_tokens: None,
        };
        let window = self.gguf.u64(&self.key("attention.sliding_window"));
        let window = match (self.architecture, window) {
            (Architecture::Gemma3, Some(tokens)) if tokens > 0 => tokens,
            _ => return Ok(vec![far; count]),
        };
        let near = LayerView {
            rotation: Rotation {
                base: self
                    .float("rope.freq_base_swa")?
                    .unwrap_or(ROPE_BASE_DEFAULT),
                position_scale: 1.0,
            },
            window_tokens: Some(usize::try_from(window).unwrap_or(usize::MAX)),
        };
        let is_near = self.window_pattern(count)?;
        Ok(is_near
            .into_iter()
            .map(|is_near| if is_near { near } else { far })
            .collect())
    }

    /// What positions are divided by. A file that says it scales nothing may still have a factor,
    /// which llama.cpp then does not look at.
    fn position_factor(&self) -> Result<f64, ModelFault> {
        if self.gguf.str(&self.key("rope.scaling.type")) == Some("none") {
            return Ok(1.0);
        }
        let factor = match self.float("rope.scaling.factor")? {
            Some(factor) => Some(factor),
            None => self.float("rope.scale_linear")?,
        };
        Ok(factor.unwrap_or(1.0))
    }

    /// Which layers see a window only: a list, or the period of those that see everything.
    fn window_pattern(&self, count: usize) -> Result<Vec<bool>, ModelFault> {
        const NAME: &str = "attention.sliding_window_pattern";
        let listed: Option<Vec<bool>> = match self.get(NAME) {
            Some(Value::Array(Array::Bool(items))) => Some(items.clone()),
            Some(Value::Array(Array::U32(items))) => Some(items.iter().map(|&n| n != 0).collect()),
            Some(Value::Array(Array::I32(items))) => Some(items.iter().map(|&n| n != 0).collect()),
            _ => None,
        };
        if let Some(listed) = listed {
            let expected = format!("one entry for each of {count} layers");
            self.check(NAME, listed.len() == count, &listed.len(), &expected)?;
            return Ok(listed);
        }
        let period = self.get(NAME).and_then(Value::as_u64);
        let period = period.unwrap_or(WINDOW_PATTERN_DEFAULT);
        Ok((0..count as u64)
            .map(|layer| period == 0 || layer % period < period - 1)
            .collect())
    }
}

/// A value in an error, where a person knows it by sight.
fn plain(value: &Value) -> String {
    match value {
        Value::Bool(is_set) => is_set.to_string(),
        Value::F32(number) => number.to_string(),
        Value::F64(number) => number.to_string(),
        _ => "of another type".to_owned(),
    }
}

/// Whether a matrix of a layer is small enough to be held in 32-bit floats for its use.
pub(crate) fn fits(rows: usize, columns: usize) -> bool {
    (rows as u64)
        .checked_mul(columns as u64)
        .is_some_and(|elements| elements <= MATRIX_ELEMENTS_MAX)
}
