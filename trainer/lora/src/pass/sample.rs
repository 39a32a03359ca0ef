//! Text that the decoder writes itself, token by token: what stands for generic prose in a training,
//! what the gate looks at, and what shows that an adapter repeats itself.
//!
//! Not what suggestions are made with (`daemon/engine`). Several sequences are written side by side,
//! since turning quantized weights into floats takes as long for one row as for many.

use std::ops::Range;

use candle_core::Tensor;
use inkstone_vocab::TokenId;
use rayon::prelude::*;

use super::between::Between;
use super::forward::Adapter;
use super::loss::POWERS_BYTES_MAX;
use super::packed::{PASS_TOKENS_MAX, Packed};
use crate::error::LoraError;
use crate::model::block::Reading;
use crate::model::decoder::Decoder;
use crate::ops::cached::KvCache;
use crate::ops::noise;

/// Sequences that are written side by side at most: with more, the products of matrices take the
/// time, and nothing is won.
const SEQUENCES_AT_ONCE_MAX: usize = 32;
/// Bytes of their keys and values at most, but one sequence is always written.
const KV_BYTES_MAX: usize = 256 << 20;

/// How tokens are chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// Tokens of a sequence at most, beside its prompt.
    pub tokens_max: usize,
    /// What logits are divided by; at 0 the likeliest token is taken.
    pub temperature: f64,
    /// What the choice follows from, with the place of a prompt among the others and of the token.
    pub seed: u64,
    /// Tokens that end a sequence, and are not part of it.
    pub ends: Vec<TokenId>,
}

impl Decoder {
    /// Goes on from a prompt.
    pub fn sample(
        &self,
        prompt: &[TokenId],
        sampling: &Sampling,
        adapter: Option<Adapter<'_>>,
        between: &mut Between<'_>,
    ) -> Result<Vec<TokenId>, LoraError> {
        let prompts = [prompt.to_vec()];
        let mut written = self.sample_each(&prompts, sampling, adapter, between)?;
        Ok(written.pop().unwrap_or_default())
    }

    /// Goes on from each of some prompts. Those of one call are written side by side, many times
    /// faster than one by one. `between` is asked between two layers; when it stops, nothing of what
    /// was written is kept.
    pub fn sample_each(
        &self,
        prompts: &[Vec<TokenId>],
        sampling: &Sampling,
        adapter: Option<Adapter<'_>>,
        between: &mut Between<'_>,
    ) -> Result<Vec<Vec<TokenId>>, LoraError> {
        sampling.check()?;
        adapter.map_or(Ok(()), |adapter| adapter.check(&self.model))?;
        let longest = prompts.iter().map(Vec::len).max().unwrap_or(0);
        let tokens = longest.saturating_add(sampling.tokens_max);
        if tokens > self.model.context_tokens {
            return Err(LoraError::Tokens {
                what: "tokens of a prompt and what follows it",
                found: tokens.to_string(),
                remedy: format!("ask for at most {}", self.model.context_tokens),
            });
        }
        let token_bytes = 2 * 4 * self.model.key_width() * self.model.layers.len();
        let by_memory = KV_BYTES_MAX / (token_bytes * tokens).max(1);
        let by_pass = PASS_TOKENS_MAX / longest.max(1);
        let at_once = by_memory.min(by_pass).clamp(1, SEQUENCES_AT_ONCE_MAX);
        let mut written = Vec::with_capacity(prompts.len());
        for (prompts, first) in prompts.chunks(at_once).zip((0..).step_by(at_once)) {
            let writing = Writing {
                decoder: self,
                sampling,
                adapter,
                first,
            };
            written.extend(writing.all(prompts, between)?);
        }
        Ok(written)
    }
}

impl Sampling {
    fn check(&self) -> Result<(), LoraError> {
        if self.temperature.is_finite() && self.temperature >= 0.0 {
            return Ok(());
        }
        Err(LoraError::Setting {
            what: "the temperature",
            found: self.temperature.to_string(),
            remedy: "choose 0 or more".to_owned(),
        })
    }

    /// The token that follows, by the logits of all. `sequence` and `place` say which it is.
    fn choose(&self, logits: &[f32], sequence: u64, place: usize) -> TokenId {
        let mut best = 0;
        for (token, &logit) in logits.iter().enumerate() {
            if logit > logits[best] {
                best = token;
            }
        }
        let id = |token: usize| TokenId(u32::try_from(token).unwrap_or(u32::MAX));
        if self.temperature == 0.0 {
            return id(best);
        }
        let largest = f64::from(logits.get(best).copied().unwrap_or(0.0));
        let powers = logits
            .iter()
            .map(|&logit| ((f64::from(logit) - largest) / self.temperature).exp());
        let powers: Vec<f64> = powers.collect();
        let seed = noise::derive(self.seed, sequence);
        let mut left = f64::from(noise::uniform(seed, place)) * powers.iter().sum::<f64>();
        for (token, power) in powers.iter().enumerate() {
            left -= power;
            if left < 0.0 {
                return id(token);
            }
        }
        // Rounding, or logits that are no numbers.
        id(best)
    }
}

/// Some sequences that are written side by side.
struct Writing<'a> {
    decoder: &'a Decoder,
    sampling: &'a Sampling,
    adapter: Option<Adapter<'a>>,
    /// The place of the first prompt among all.
    first: u64,
}

/// One of them.
struct Sequence {
    /// The place of its prompt among all.
    number: u64,
    /// Tokens that its caches know.
    known: usize,
    /// A cache for each block.
    caches: Vec<KvCache>,
    /// The last row, from which the next token is foretold.
    written: Vec<TokenId>,
    is_over: bool,
}

impl Writing<'_> {
    fn all(
        &self,
        prompts: &[Vec<TokenId>],
        between: &mut Between<'_>,
    ) -> Result<Vec<Vec<TokenId>>, LoraError> {
        if self.sampling.tokens_max == 0 {
            return Ok(vec![Vec::new(); prompts.len()]);
        }
        let (mut sequences, mut rows) = self.read(prompts, between)?;
        loop {
            let logits = self.decoder.head(POWERS_BYTES_MAX).logits(&rows)?;
            let logits = logits.to_vec2::<f32>()?;
            let active = sequences.iter_mut().filter(|sequence| !sequence.is_over);
            let active: Vec<&mut Sequence> = active.collect();
            // The powers of a whole vocabulary take a millisecond for each.
            let active = active.into_par_iter().zip(&logits);
            active.for_each(|(sequence, logits)| sequence.take(self.sampling, logits));
            let active = sequences.iter_mut().filter(|sequence| !sequence.is_over);
            let mut active: Vec<&mut Sequence> = active.collect();
            if active.is_empty() {
                return Ok(sequences.into_iter().map(|one| one.written).collect());
            }
            rows = self.one_more(&mut active, between)?;
        }
    }

    /// Reads the prompts; gives the normalized last row of each.
    fn read(
        &self,
        prompts: &[Vec<TokenId>],
        between: &mut Between<'_>,
    ) -> Result<(Vec<Sequence>, Tensor), LoraError> {
        let decoder = self.decoder;
        let mut packed = Packed::new();
        for prompt in prompts {
            if prompt.is_empty() {
                return Err(LoraError::Tokens {
                    what: "tokens of a prompt",
                    found: "none".to_owned(),
                    remedy: "begin with the model's BOS token or a line break".to_owned(),
                });
            }
            packed.push(prompt);
        }
        packed.check(&decoder.model)?;
        let texts: &[Range<usize>] = packed.texts();
        let numbered = (self.first..).zip(texts);
        let mut sequences: Vec<Sequence> = numbered
            .map(|(number, text)| Sequence {
                number,
                known: text.len(),
                caches: Vec::with_capacity(decoder.blocks.len()),
                written: Vec::new(),
                is_over: false,
            })
            .collect();
        let turns = decoder.turns(&packed.positions())?;
        let mut x = decoder.embed(packed.tokens())?;
        for (block, turns) in decoder.blocks.iter().zip(&turns) {
            between.look()?;
            let reading = Reading { texts, turns };
            let (y, kept) = block.forward(&x, reading, self.adapter.map(Adapter::worn))?;
            for (sequence, text) in sequences.iter_mut().zip(texts) {
                let mut cache = KvCache::default();
                cache.extend(&kept.key, &kept.value, text)?;
                sequence.caches.push(cache);
            }
            x = y;
        }
        let last = texts.iter().map(|text| text.end - 1);
        let last = last.map(|row| u32::try_from(row).unwrap_or(u32::MAX));
        let last = Tensor::from_iter(last, &decoder.device)?;
        let rows = decoder.output_norm.forward(&x.index_select(&last, 0)?)?;
        Ok((sequences, rows))
    }

    /// Lets each read the token that it wrote last; gives its normalized row.
    fn one_more(
        &self,
        sequences: &mut [&mut Sequence],
        between: &mut Between<'_>,
    ) -> Result<Tensor, LoraError> {
        let decoder = self.decoder;
        let last = |one: &&mut Sequence| one.written.last().map_or(0, |token| token.0);
        let tokens: Vec<u32> = sequences.iter().map(last).collect();
        let position = |one: &&mut Sequence| u32::try_from(one.known).unwrap_or(u32::MAX);
        let positions: Vec<u32> = sequences.iter().map(position).collect();
        let turns = decoder.turns(&positions)?;
        let mut x = decoder.embed(&tokens)?;
        for (index, (block, turns)) in decoder.blocks.iter().zip(&turns).enumerate() {
            between.look()?;
            let caches = sequences.iter_mut().map(|one| &mut one.caches[index]);
            let mut caches: Vec<&mut KvCache> = caches.collect();
            let worn = self.adapter.map(Adapter::worn);
            x = block.forward_one_more(&x, turns, worn, &mut caches)?;
        }
        for one in sequences {
            one.known += 1;
        }
        Ok(decoder.output_norm.forward(&x)?)
    }
}

impl Sequence {
    fn take(&mut self, sampling: &Sampling, logits: &[f32]) {
        let token = sampling.choose(logits, self.number, self.written.len());
        if sampling.ends.contains(&token) {
            self.is_over = true;
            return;
        }
        self.written.push(token);
        self.is_over = self.written.len() >= sampling.tokens_max;
    }
}
