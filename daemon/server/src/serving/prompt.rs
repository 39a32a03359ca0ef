//! From a request's text to the tokens of its prompt, tokenizing only what changed.

use std::sync::Arc;

use inkstone_engine::{EngineError, Model};
use inkstone_pipeline::{PackRequest, Packed, TokenCount, healing, pack};
use inkstone_protocol::{CompleteParams, Technique};
use inkstone_scheduler::Document;
use inkstone_vocab::{IncrementalTokenizer, TokenId, TokenizeOptions, Vocab};

/// Documents whose last tokenizations are kept; the one unused for longest goes first.
const DOCUMENTS_MAX: usize = 16;
/// Texts kept per document: while a long one is cut to the budget, the packer counts the text from
/// two or three places on.
const TEXTS_PER_DOCUMENT_MAX: usize = 3;
/// Memory of all of them together: 16 documents of ordinary prose take 3 MiB. The documents unused
/// for longest go first; the last one stays, however long it is.
pub(super) const PROMPT_CACHE_BYTES_MAX: u64 = 8 << 20;
/// What a token takes there: its id and where it begins.
const TOKEN_BYTES: usize = size_of::<TokenId>() + size_of::<usize>();
/// Tokens that the model writes again at most, as one: longer words are none.
const HEALED_TOKENS_MAX: usize = 4;

/// A prompt ready for the scheduler.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) tokens: Vec<TokenId>,
    /// Whitespace before the caret that the prompt leaves to the model.
    pub(super) held_back: String,
    /// Bytes before the caret, after the prompt, that the model has to begin with.
    pub(super) typed: Vec<u8>,
}

/// Packs prompts for one model and remembers how the last ones were tokenized.
#[derive(Debug)]
pub(super) struct PromptCache {
    model: Arc<Model>,
    /// None for a kind of vocabulary that only llama.cpp knows: then every text is tokenized whole.
    vocab: Option<Arc<Vocab>>,
    /// The document used last comes last.
    documents: Vec<(Document, Vec<IncrementalTokenizer>)>,
}

impl PromptCache {
    pub(super) fn new(model: &Arc<Model>) -> Self {
        Self {
            model: Arc::clone(model),
            vocab: model.vocab().cloned(),
            documents: Vec::new(),
        }
    }

    /// Packs the text before the caret into at most `budget` tokens. The prompt is never empty:
    /// a text without anything to continue is a line break.
    pub(super) fn prepare(
        &mut self,
        document: Document,
        params: &CompleteParams,
        budget: u32,
    ) -> Result<Prompt, EngineError> {
        let has_context = params.uses(Technique::Context);
        let request = PackRequest {
            prefix: &params.prefix,
            title: params.title.as_deref().filter(|_| has_context),
            headings: if has_context { &params.headings } else { &[] },
            unwraps: has_context,
            budget: TokenCount::new(budget as usize),
        };
        let (packed, mut tokens, starts) = match self.vocab.clone() {
            Some(vocab) => {
                let texts = std::cell::RefCell::new(Texts {
                    kept: self.texts_of(document),
                    vocab,
                });
                let packed = pack(&request, &|text| {
                    texts.borrow_mut().tokens(text).tokens().len()
                });
                let mut texts = texts.borrow_mut();
                let tokenized = texts.tokens(&packed.prompt);
                let (tokens, starts) = (tokenized.tokens().to_vec(), tokenized.starts().to_vec());
                (packed, tokens, starts)
            }
            None => self.pack_whole(&request)?,
        };
        self.keep_to_bound();
        if packed.prompt.is_empty() {
            tokens = self.model.tokenize("\n", true, false)?;
        }
        let ends_text = |token| self.model.is_end_of_generation(token);
        let whole = Prompt {
            tokens: without_end(tokens, ends_text),
            held_back: packed.held_back,
            typed: Vec::new(),
        };
        Ok(match &self.vocab {
            Some(vocab) if params.uses(Technique::Healing) => {
                healed(whole, &packed.prompt, &starts, vocab)
            }
            _ => whole,
        })
    }

    /// Forgets documents until the rest keep to the bound.
    fn keep_to_bound(&mut self) {
        let bytes = |texts: &[IncrementalTokenizer]| -> u64 {
            let texts = texts.iter();
            let sizes = texts.map(|text| text.text().len() + text.tokens().len() * TOKEN_BYTES);
            sizes.sum::<usize>() as u64
        };
        let mut kept: u64 = self.documents.iter().map(|(_, texts)| bytes(texts)).sum();
        while kept > PROMPT_CACHE_BYTES_MAX && self.documents.len() > 1 {
            kept -= bytes(&self.documents.remove(0).1);
        }
    }

    /// The document was closed.
    pub(super) fn forget(&mut self, document: Document) {
        self.documents.retain(|(kept, _)| *kept != document);
    }

    /// Packs with llama.cpp's own tokenizer, which does not say where its tokens begin.
    fn pack_whole(
        &self,
        request: &PackRequest<'_>,
    ) -> Result<(Packed, Vec<TokenId>, Vec<usize>), EngineError> {
        // A text that llama.cpp cannot tokenize fits no budget; the last call says why.
        let count = |text: &str| {
            self.model
                .tokenize(text, true, false)
                .map_or(usize::MAX, |tokens| tokens.len())
        };
        let packed = pack(request, &count);
        let tokens = self.model.tokenize(&packed.prompt, true, false)?;
        Ok((packed, tokens, Vec::new()))
    }

    fn texts_of(&mut self, document: Document) -> &mut Vec<IncrementalTokenizer> {
        let known = self
            .documents
            .iter()
            .position(|(kept, _)| *kept == document);
        let texts = if let Some(index) = known {
            self.documents.remove(index).1
        } else {
            if self.documents.len() == DOCUMENTS_MAX {
                self.documents.remove(0);
            }
            Vec::new()
        };
        self.documents.push((document, texts));
        let last = self.documents.len() - 1;
        &mut self.documents[last].1
    }
}

/// The tokens without the EOS token that some vocabularies want after a text
/// (`tokenizer.ggml.add_eos_token`): after it a model has nothing more to say.
fn without_end(mut tokens: Vec<TokenId>, ends_text: impl Fn(TokenId) -> bool) -> Vec<TokenId> {
    // A single token is BOS, which is the same as EOS in some vocabularies.
    if tokens.len() > 1 && tokens.last().is_some_and(|&last| ends_text(last)) {
        tokens.pop();
    }
    tokens
}

/// The prompt without the tokens that the model writes again. `text` is what its tokens stand for,
/// `starts` where each begins in it.
///
/// As many tokens are given back as leave a single one to choose instead: with two, " in" would be
/// likely as a beginning of " internati", though nothing of the kind was meant.
fn healed(prompt: Prompt, text: &str, starts: &[usize], vocab: &Vocab) -> Prompt {
    let healing = healing(text, &prompt.held_back);
    if healing.space {
        return Prompt {
            typed: prompt.held_back.into_bytes(),
            held_back: String::new(),
            ..prompt
        };
    }
    if healing.from == text.len() {
        return prompt;
    }
    let count = prompt.tokens.len();
    // The token that holds the place, and with it the space before a word.
    let holding = starts.partition_point(|&start| start <= healing.from);
    let earliest = holding
        .saturating_sub(1)
        .max(count.saturating_sub(HEALED_TOKENS_MAX));
    // A prompt of no tokens cannot be computed.
    let places = earliest.max(1)..count.min(starts.len());
    let place = places
        .map(|first| (first, &text.as_bytes()[starts[first]..]))
        .find(|(first, typed)| {
            let spelled = prompt.tokens[*first..]
                .iter()
                .flat_map(|&token| vocab.token_bytes(token));
            // Tokens that do not spell the text, as for a normalized or half a character, cannot be
            // chosen again by their bytes.
            !typed.is_empty()
                && spelled.eq(*typed)
                && !vocab.tokens_beginning_with(typed).is_empty()
        });
    let Some((first, typed)) = place else {
        return prompt;
    };
    let typed = typed.to_vec();
    let mut tokens = prompt.tokens;
    tokens.truncate(first);
    Prompt {
        tokens,
        typed,
        ..prompt
    }
}

/// The tokenized texts of one document, the one used last at the end.
struct Texts<'a> {
    kept: &'a mut Vec<IncrementalTokenizer>,
    vocab: Arc<Vocab>,
}

impl Texts<'_> {
    /// `text` tokenized, starting from the kept text that shares most of its beginning.
    fn tokens(&mut self, text: &str) -> &IncrementalTokenizer {
        let shared = |kept: &IncrementalTokenizer| {
            kept.text()
                .bytes()
                .zip(text.bytes())
                .take_while(|(old, new)| old == new)
                .count()
        };
        let best = self
            .kept
            .iter()
            .map(shared)
            .enumerate()
            .max_by_key(|(_, shared)| *shared);
        let mut tokenizer = match best {
            Some((index, shared)) if shared * 2 >= text.len() => self.kept.remove(index),
            _ => {
                if self.kept.len() == TEXTS_PER_DOCUMENT_MAX {
                    self.kept.remove(0);
                }
                let options = TokenizeOptions {
                    add_bos: true,
                    parse_special: false,
                };
                IncrementalTokenizer::new(Arc::clone(&self.vocab), options)
            }
        };
        tokenizer.update(text);
        self.kept.push(tokenizer);
        let last = self.kept.len() - 1;
        &self.kept[last]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_does_not_end_with_the_end_of_a_text() {
        let check = |tokens: &[u32], expected: &[u32]| {
            let tokens = tokens.iter().copied().map(TokenId).collect();
            let kept = without_end(tokens, |token| token == TokenId(2));
            assert_eq!(
                kept,
                expected.iter().copied().map(TokenId).collect::<Vec<_>>()
            );
        };
        check(&[1, 7, 8, 2], &[1, 7, 8]);
        check(&[1, 7, 8], &[1, 7, 8]);
        check(&[2, 7, 8], &[2, 7, 8]);
        check(&[2], &[2]);
        check(&[], &[]);
    }
}
