//! Measures an adapter beside the model without it: losses by document, what is said by heart, what it
//! writes. The decision is [`super::gate`]'s.

use std::sync::Arc;

use inkstone_lora::{Adapter, Between, Decoder, LoraError, Packed};
use inkstone_vocab::{IncrementalTokenizer, Vocab};

use super::gate::Recited;
use super::gate::bootstrap::Pair;
use super::gate::memory::Probe;
use super::passages::{OF_TEXT, Passage, without_end};

/// What measures.
pub struct Measuring<'a> {
    /// The model.
    pub decoder: &'a Decoder,
    /// Its vocabulary.
    pub vocab: &'a Arc<Vocab>,
    /// Tokens that go through it at once, unless one passage has more.
    pub pass_tokens: usize,
}

impl Measuring<'_> {
    /// The losses of passages, summed by their document, with and without the adapter.
    pub fn pairs(
        &self,
        passages: &[Passage],
        adapter: Adapter<'_>,
        between: &mut Between<'_>,
    ) -> Result<Vec<Pair>, LoraError> {
        let documents = passages.iter().map(|passage| passage.document + 1).max();
        let nothing = Pair {
            tokens: 0.0,
            base: 0.0,
            adapter: 0.0,
        };
        let mut pairs = vec![nothing; documents.unwrap_or(0)];
        for group in groups(passages, self.pass_tokens) {
            let packed = pack(group);
            let base = self.decoder.losses_asking(&packed, None, between)?;
            let with = self
                .decoder
                .losses_asking(&packed, Some(adapter), between)?;
            let mut losses = base.iter().zip(&with);
            for passage in group {
                let pair = &mut pairs[passage.document];
                let counted = passage
                    .weights
                    .iter()
                    .skip(1)
                    .filter(|&&weight| weight != 0.0);
                for (&weight, (&base, &with)) in counted.zip(&mut losses) {
                    let weight = f64::from(weight);
                    pair.tokens += weight;
                    pair.base += weight * f64::from(base);
                    pair.adapter += weight * f64::from(with);
                }
            }
        }
        pairs.retain(|pair| pair.tokens > 0.0);
        Ok(pairs)
    }

    /// How many of the probes are said by heart. `rest` is called between two of them.
    pub fn recited(
        &self,
        probes: &[Probe],
        adapter: Adapter<'_>,
        rest: &mut dyn FnMut() -> Result<(), LoraError>,
    ) -> Result<Recited, LoraError> {
        let mut recited = Recited {
            probes: probes.len(),
            ..Recited::default()
        };
        for probe in probes {
            rest()?;
            let by_adapter = self.recites(probe, Some(adapter))?;
            let by_base = self.recites(probe, None)?;
            recited.adapter += usize::from(by_adapter);
            recited.base += usize::from(by_base);
            recited.new += usize::from(by_adapter && !by_base);
        }
        Ok(recited)
    }

    /// Whether each token of what must not be said is the likeliest after those before.
    fn recites(&self, probe: &Probe, adapter: Option<Adapter<'_>>) -> Result<bool, LoraError> {
        let mut tokenizer = IncrementalTokenizer::new(Arc::clone(self.vocab), OF_TEXT);
        tokenizer.update(&format!("{}{}", probe.before, probe.secret));
        let starts = tokenizer.starts();
        let tokens = without_end(self.vocab, tokenizer.tokens());
        let first = starts.partition_point(|&start| start < probe.before.len());
        if first == 0 || first >= tokens.len() {
            return Ok(false);
        }
        let mut packed = Packed::new();
        packed.push(tokens);
        let rows = self
            .decoder
            .logits(&packed, first - 1..tokens.len() - 1, adapter)?;
        let mut said = rows.iter().map(|row| likeliest(row)).zip(&tokens[first..]);
        Ok(said.all(|(said, token)| said == Some(token.0 as usize)))
    }
}

/// Passages that go through the model together.
pub fn groups(passages: &[Passage], tokens_max: usize) -> Vec<&[Passage]> {
    let mut groups = Vec::new();
    let (mut from, mut held) = (0, 0);
    for (index, passage) in passages.iter().enumerate() {
        if held > 0 && held + passage.tokens.len() > tokens_max {
            groups.push(&passages[from..index]);
            (from, held) = (index, 0);
        }
        held += passage.tokens.len();
    }
    if from < passages.len() {
        groups.push(&passages[from..]);
    }
    groups
}

/// Passages side by side.
pub fn pack(passages: &[Passage]) -> Packed {
    let mut packed = Packed::new();
    for passage in passages {
        packed.push_weighted(&passage.tokens, &passage.weights);
    }
    packed
}

fn likeliest(row: &[f32]) -> Option<usize> {
    let best = row
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use inkstone_gguf::Gguf;
    use inkstone_lora::{Device, LoraConfig};
    use inkstone_test_support::TinyDecoder;

    use super::*;
    use crate::train::passages::Cutter;
    use crate::train::prose::Document;

    fn tiny() -> (Decoder, Arc<Vocab>) {
        let bytes = TinyDecoder::new("llama").bytes();
        let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
        let vocab = Arc::new(Vocab::from_gguf(&gguf).unwrap());
        let path = Path::new("tiny.gguf");
        let decoder = Decoder::read(path, &gguf, Cursor::new(bytes), &Device::Cpu, 1 << 20);
        (decoder.unwrap(), vocab)
    }

    #[test]
    fn an_adapter_that_changes_nothing_costs_each_document_the_same_however_it_is_grouped() {
        let (decoder, vocab) = tiny();
        let documents = [
            "The sea was calm and dark.",
            "夜里很静，船在走。",
            "A café 👩‍👩‍👧 was closed.",
        ];
        let documents = documents.map(|text| Document::plain(text.repeat(3)));
        let passages = Cutter::new(&vocab, 48).cut_all(&documents);
        let config = LoraConfig::default();
        let weights = decoder.begin_adapter(&config, 1).unwrap();
        let adapter = Adapter {
            config: &config,
            weights: &weights,
        };
        let of = |pass_tokens| {
            let measuring = Measuring {
                decoder: &decoder,
                vocab: &vocab,
                pass_tokens,
            };
            measuring
                .pairs(&passages, adapter, &mut Between::never())
                .unwrap()
        };
        let (one, many) = (of(1), of(1_000));
        assert_eq!(one.len(), 3);
        for (one, many) in one.iter().zip(&many) {
            assert_eq!(one.base, one.adapter);
            assert_eq!(one.tokens, many.tokens);
            assert!((one.base - many.base).abs() < 1e-2, "{one:?} {many:?}");
        }
    }

    #[test]
    fn what_a_model_says_anyway_is_recited_and_what_it_does_not_is_not() {
        let (decoder, vocab) = tiny();
        let measuring = Measuring {
            decoder: &decoder,
            vocab: &vocab,
            pass_tokens: 64,
        };
        let before = "The sea was";
        // Greedy continuations of a random model are bytes; those that are ASCII can be probed.
        let tokens = vocab.tokenize(before, OF_TEXT);
        let mut packed = Packed::new();
        packed.push(&tokens);
        let last = tokens.len() - 1..tokens.len();
        let row = decoder.logits(&packed, last, None).unwrap().remove(0);
        let said = likeliest(&row).unwrap();
        let probe = |secret: String| Probe {
            before: before.to_owned(),
            secret,
        };
        let ascii: Vec<char> = (' '..='~').collect();
        let recited: Vec<char> = ascii
            .into_iter()
            .filter(|c| measuring.recites(&probe(c.to_string()), None).unwrap())
            .collect();
        let bytes = vocab.token_bytes(inkstone_vocab::TokenId(u32::try_from(said).unwrap()));
        let expected = match bytes {
            [byte @ b' '..=b'~'] => vec![char::from(*byte)],
            _ => Vec::new(),
        };
        assert_eq!(recited, expected);
    }
}
