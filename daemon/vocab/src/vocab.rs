//! A model's vocabulary: text to tokens and tokens to bytes, as llama.cpp does both.

use inkstone_gguf::{Gguf, SpecialTokenIds, StringTable};

use crate::attributes::{Attributes, TokenAttributes};
use crate::boundary::Boundaries;
use crate::bpe::Bpe;
use crate::byte_alphabet;
use crate::error::VocabError;
use crate::special_matcher::SpecialMatcher;
use crate::spelling::Spelling;
use crate::spm::{Spm, duplicate, unescape};
use crate::token::{FimTokens, TokenCount, TokenId};
use crate::token_table::TokenTable;

const TOKENS_KEY: &str = "tokenizer.ggml.tokens";
const MODEL_KEY: &str = "tokenizer.ggml.model";

/// Bytes of one token's text: the longest published ones have a few hundred. Longer ones would make
/// each look into the vocabulary as long.
const TOKEN_BYTES_MAX: usize = 4_096;

/// How to tokenize. The default is for a stretch of a person's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenizeOptions {
    /// Put the model's BOS token in front, and its EOS token behind, if it wants them: what
    /// llama.cpp calls `add_special`.
    pub add_bos: bool,
    /// Read control tokens that are written in the text: never for a person's text, which could
    /// otherwise end the prompt.
    pub parse_special: bool,
}

/// A vocabulary with its tokenizer. Cheap to share between threads; nothing in it changes but a
/// memory of which words are one token.
#[derive(Debug)]
pub struct Vocab {
    kind: Kind,
    attributes: TokenAttributes,
    /// The bytes each token stands for.
    bytes: StringTable,
    spelling: Spelling,
    /// Tokens that are matched in every text.
    user_defined: SpecialMatcher,
    /// Those and control tokens.
    all_special: SpecialMatcher,
    boundaries: Boundaries,
    special: SpecialTokenIds,
}

#[derive(Debug)]
enum Kind {
    Bpe(Bpe),
    Spm(Spm),
}

/// Tokens with where they begin in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) tokens: Vec<TokenId>,
    /// Never descending; tokens of one character's bytes share its beginning.
    pub(crate) starts: Vec<usize>,
}

impl Encoded {
    pub(crate) fn push(&mut self, token: TokenId, start: usize) {
        self.tokens.push(token);
        self.starts.push(start);
    }
}

impl Vocab {
    /// Makes the tokenizer; an error where it could not be llama.cpp's equal, or where llama.cpp
    /// itself would stop the process on the vocabulary.
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, VocabError> {
        let texts = token_texts(gguf)?;
        let special = SpecialTokenIds::from_gguf(gguf);
        let attributes = TokenAttributes::from_gguf(gguf, &texts, &special)?;
        refuse_stripping(gguf)?;
        let matcher = |is_matched: fn(Attributes) -> bool| {
            let matched = attributes.iter().filter(|&(_, flags)| is_matched(flags));
            SpecialMatcher::new(
                matched.filter_map(|(token, _)| Some((texts.get(token.0 as usize)?, token))),
            )
        };
        let user_defined =
            matcher(|flags| flags.has(Attributes::USER_DEFINED) && !flags.is_hidden())?;
        let all_special =
            matcher(|flags| flags.has(Attributes::USER_DEFINED) || flags.is_hidden())?;
        let (kind, boundaries) = match gguf
            .str(MODEL_KEY)
            .ok_or(VocabError::MissingKey { key: MODEL_KEY })?
        {
            "gpt2" => (
                Kind::Bpe(Bpe::from_gguf(gguf, &texts)?),
                Boundaries::of_bpe(all_special.texts()),
            ),
            "llama" => {
                let spm = Spm::from_gguf(gguf, &texts)?;
                let boundaries = Boundaries::of_spm(all_special.texts(), spm.adds_space_prefix());
                (Kind::Spm(spm), boundaries)
            }
            other => {
                return Err(VocabError::Unsupported {
                    what: "the tokenizer",
                    name: other.to_owned(),
                });
            }
        };
        check_bos(&special)?;
        let bytes = token_bytes(&texts, &attributes, &kind)?;
        Ok(Self {
            kind,
            attributes,
            spelling: Spelling::new(&bytes),
            bytes,
            user_defined,
            all_special,
            boundaries,
            special,
        })
    }

    /// The tokens of `text`.
    pub fn tokenize(&self, text: &str, options: TokenizeOptions) -> Vec<TokenId> {
        let mut encoded = Encoded::default();
        self.push_bos(options, &mut encoded);
        self.encode(text, 0, true, options.parse_special, &mut encoded);
        self.push_eos(options, text.len(), &mut encoded);
        encoded.tokens
    }

    /// The bytes a token stands for: they may begin or end inside a character. Empty for control
    /// tokens and for ids that are not in the vocabulary.
    pub fn token_bytes(&self, token: TokenId) -> &[u8] {
        self.bytes.get(token.0 as usize).unwrap_or_default()
    }

    /// Tokens whose bytes begin with `typed`, in the order of their bytes.
    pub fn tokens_beginning_with(&self, typed: &[u8]) -> &[TokenId] {
        self.spelling.beginning_with(&self.bytes, typed)
    }

    /// Whether the model has nothing more to say after this token.
    pub fn is_end_of_generation(&self, token: TokenId) -> bool {
        self.attributes.is_end_of_generation(token)
    }

    /// The token that begins a text, if there is one.
    pub fn bos(&self) -> Option<TokenId> {
        self.special.bos.map(TokenId)
    }

    /// The token that ends a text, if there is one.
    pub fn eos(&self) -> Option<TokenId> {
        self.special.eos.map(TokenId)
    }

    /// Whether prompts begin with [`Vocab::bos`].
    pub fn adds_bos(&self) -> bool {
        self.special.adds_bos
    }

    /// The tokens for writing between two texts, when the vocabulary has them.
    pub fn fim(&self) -> Option<FimTokens> {
        self.special.fim.map(|ids| FimTokens {
            prefix: TokenId(ids.prefix),
            suffix: TokenId(ids.suffix),
            middle: TokenId(ids.middle),
        })
    }

    /// How many tokens it has.
    pub fn len(&self) -> TokenCount {
        TokenCount(self.bytes.len())
    }

    /// Whether a text may be cut between two characters without changing any token.
    pub(crate) fn may_cut_between(&self, left: char, right: char) -> bool {
        let pairs = match &self.kind {
            Kind::Bpe(_) => None,
            Kind::Spm(spm) => Some(spm.pairs()),
        };
        self.boundaries.allows(left, right, pairs)
    }

    pub(crate) fn push_bos(&self, options: TokenizeOptions, encoded: &mut Encoded) {
        if let (true, true, Some(bos)) = (options.add_bos, self.special.adds_bos, self.special.bos)
        {
            encoded.push(TokenId(bos), 0);
        }
    }

    pub(crate) fn push_eos(
        &self,
        options: TokenizeOptions,
        text_bytes: usize,
        encoded: &mut Encoded,
    ) {
        if let (true, true, Some(eos)) = (options.add_bos, self.special.adds_eos, self.special.eos)
        {
            encoded.push(TokenId(eos), text_bytes);
        }
    }

    /// Tokens of a text that begins at `offset` in its document; `after_special` at the beginning
    /// of a document, where llama.cpp treats it like the text after an added token.
    pub(crate) fn encode(
        &self,
        text: &str,
        offset: usize,
        after_special: bool,
        parse_special: bool,
        encoded: &mut Encoded,
    ) {
        let matcher = if parse_special {
            &self.all_special
        } else {
            &self.user_defined
        };
        let mut after_special = after_special;
        let mut at = 0;
        for place in matcher.matches(text) {
            self.encode_stretch(&text[at..place.start], offset + at, after_special, encoded);
            encoded.push(place.token, offset + place.start);
            after_special = true;
            at = place.end;
        }
        self.encode_stretch(&text[at..], offset + at, after_special, encoded);
    }

    fn encode_stretch(
        &self,
        text: &str,
        offset: usize,
        after_special: bool,
        encoded: &mut Encoded,
    ) {
        if text.is_empty() {
            return;
        }
        match &self.kind {
            Kind::Bpe(bpe) => bpe.encode(text, offset, encoded),
            Kind::Spm(spm) => spm.encode(text, offset, after_special, encoded),
        }
    }
}

/// The vocabulary's texts, none empty, none twice: llama.cpp ends the process on two equal ones.
fn token_texts(gguf: &Gguf) -> Result<StringTable, VocabError> {
    let tokens = gguf
        .strings(TOKENS_KEY)
        .ok_or(VocabError::MissingKey { key: TOKENS_KEY })?;
    if tokens.is_empty() {
        return Err(VocabError::invalid(TOKENS_KEY, "no tokens"));
    }
    if let Some((id, text)) = tokens
        .iter()
        .enumerate()
        .find(|(_, text)| text.len() > TOKEN_BYTES_MAX)
    {
        return Err(VocabError::invalid(
            TOKENS_KEY,
            format!("token {id} has {} bytes", text.len()),
        ));
    }
    let named = tokens.iter().enumerate().map(|(id, text)| {
        // llama.cpp's name for them.
        if text.is_empty() {
            format!("[EMPTY_{id}]").into_bytes()
        } else {
            text.to_vec()
        }
    });
    let texts: StringTable = named.collect();
    TokenTable::new(texts.clone(), |_| true).map_err(duplicate)?;
    Ok(texts)
}

/// llama.cpp ends the process when it is to add a token that the vocabulary does not have.
fn check_bos(special: &SpecialTokenIds) -> Result<(), VocabError> {
    let missing = |adds: bool, id: Option<u32>| adds && id.is_none();
    if missing(special.adds_bos, special.bos) || missing(special.adds_eos, special.eos) {
        return Err(VocabError::invalid(
            "tokenizer.ggml.add_bos_token",
            "it asks for a token that does not exist",
        ));
    }
    Ok(())
}

/// For Phi-3 llama.cpp lets added tokens swallow the spaces behind them.
fn refuse_stripping(gguf: &Gguf) -> Result<(), VocabError> {
    let name = gguf.str("general.name").unwrap_or_default();
    let lower = name.to_lowercase();
    if lower.contains("phi-3") || lower.contains("phi3") {
        return Err(VocabError::Unsupported {
            what: "the tokenizer of",
            name: name.to_owned(),
        });
    }
    Ok(())
}

fn token_bytes(
    texts: &StringTable,
    attributes: &TokenAttributes,
    kind: &Kind,
) -> Result<StringTable, VocabError> {
    let pieces = attributes
        .iter()
        .zip(texts.iter())
        .map(|((token, flags), text)| {
            Ok(if flags.is_hidden() {
                Vec::new()
            } else if flags.has(Attributes::USER_DEFINED) {
                text.to_vec()
            } else if flags.has(Attributes::BYTE) {
                vec![byte_of_token(text).ok_or_else(|| {
                    VocabError::invalid(
                        TOKENS_KEY,
                        format!("token {token} is a byte but not written as `<0x00>`"),
                    )
                })?]
            } else if flags.has(Attributes::NORMAL) {
                match kind {
                    // A text outside of the alphabet is what a converter left in by mistake.
                    Kind::Bpe(_) => byte_alphabet::decode(text).unwrap_or_else(|| text.to_vec()),
                    Kind::Spm(_) => unescape(text).into_owned(),
                }
            } else {
                Vec::new()
            })
        });
    pieces.collect::<Result<StringTable, VocabError>>()
}

/// The byte of `<0x0A>`.
fn byte_of_token(text: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(text)
        .ok()?
        .strip_prefix("<0x")?
        .strip_suffix('>')?;
    if digits.len() == 2 {
        u8::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use inkstone_gguf::build::{GgufBuilder, tiny_model};

    use super::*;
    use crate::tiny::{tiny_bpe, tiny_spm, vocab};

    const PLAIN: TokenizeOptions = TokenizeOptions {
        add_bos: false,
        parse_special: false,
    };

    fn refused(builder: &GgufBuilder) -> VocabError {
        let bytes = builder.finish();
        Vocab::from_gguf(&Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap()).unwrap_err()
    }

    /// The tokens' bytes, parted by bars; bytes that are no characters as `\xHH`.
    fn check(vocab: &Vocab, text: &str, expected: &str) {
        let tokens = vocab.tokenize(
            text,
            TokenizeOptions {
                parse_special: true,
                ..PLAIN
            },
        );
        let shown: Vec<String> = tokens
            .iter()
            .map(|&token| {
                let bytes = vocab.token_bytes(token);
                std::str::from_utf8(bytes)
                    .map_or_else(|_| bytes.escape_ascii().to_string(), ToOwned::to_owned)
            })
            .collect();
        assert_eq!(shown.join("|"), expected, "{text:?}");
    }

    #[test]
    fn byte_level_merges_by_rank_inside_words() {
        let vocab = tiny_bpe("gpt-2", &["h e", "t he", "Ġ the", "a b"], &["<hr>"]);
        check(&vocab, "the the", "the| the");
        check(&vocab, "ab a b<hr>ab", "ab| |a| |b|<hr>|ab");
        check(&vocab, "é\r\n", "\\xc3|\\xa9|\r|\n");
    }

    #[test]
    fn sentence_pieces_merge_by_score_and_fall_back_to_bytes() {
        let vocab = tiny_spm(
            &["▁", "a", "b", "ab", "▁ab", "aba"],
            false,
            &["\n\n", "<b>"],
        );
        check(&vocab, "ab ab", "ab| ab");
        check(&vocab, "abab", "ab|ab");
        check(&vocab, "a\n\n\n<b>b", "a|\n\n|\n|<b>|b");
        check(&vocab, "a砚", r"a|\xe7|\xa0|\x9a");
        check(&vocab, "a▁ab", "a| ab");
    }

    #[test]
    fn a_space_is_put_in_front_of_a_text_and_behind_added_tokens_where_the_model_wants_it() {
        let vocab = tiny_spm(&["▁", "a", "▁a"], true, &["<b>"]);
        check(&vocab, "aa<b>a", " a|a|<b>| a");
        check(&vocab, "", "");
    }

    #[test]
    fn control_tokens_are_text_unless_they_are_asked_for() {
        let vocab = vocab(&tiny_model("llama"));
        let control = vocab.tokenize(
            "<s>",
            TokenizeOptions {
                parse_special: true,
                ..PLAIN
            },
        );
        assert_eq!(control, [TokenId(1)]);
        assert_eq!(vocab.token_bytes(TokenId(1)), b"");
        let text = vocab.tokenize("<s>", PLAIN);
        assert_eq!(
            text.iter()
                .map(|&token| vocab.token_bytes(token))
                .collect::<Vec<_>>()
                .concat(),
            b" <s>"
        );
    }

    #[test]
    fn bos_stands_in_front_when_the_model_wants_it_and_is_asked() {
        let vocab = vocab(&tiny_model("llama"));
        let options = TokenizeOptions {
            add_bos: true,
            ..PLAIN
        };
        assert_eq!(vocab.tokenize("", options), [TokenId(1)]);
        assert_eq!(vocab.tokenize("a", options)[0], vocab.bos().unwrap());
        assert!(vocab.is_end_of_generation(vocab.eos().unwrap()) && vocab.fim().is_none());
    }

    #[test]
    fn what_cannot_be_reproduced_is_refused_by_name() {
        let base = || GgufBuilder::new().strings(TOKENS_KEY, ["a", "b"]);
        for (builder, named) in [
            (base().str(MODEL_KEY, "bert"), "`bert`"),
            (
                base()
                    .str(MODEL_KEY, "gpt2")
                    .str("tokenizer.ggml.pre", "kimi-k2"),
                "`kimi-k2`",
            ),
            (
                base()
                    .str(MODEL_KEY, "llama")
                    .str("general.name", "Phi-3 mini"),
                "`Phi-3 mini`",
            ),
            (base(), MODEL_KEY),
            (GgufBuilder::new(), TOKENS_KEY),
            (base().str(MODEL_KEY, "gpt2"), "tokenizer.ggml.merges"),
        ] {
            let error = refused(&builder).to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn vocabularies_that_would_end_llama_cpp_are_refused() {
        let spm = |tokens: &[&str]| {
            GgufBuilder::new()
                .str(MODEL_KEY, "llama")
                .strings(TOKENS_KEY, tokens)
        };
        let no_bytes = spm(&["<unk>", "<s>", "</s>", "a"]);
        let twice = spm(&["<unk>", "<s>", "a", "a"]);
        let no_bos = spm(&["<unk>"]);
        let long = "x".repeat(TOKEN_BYTES_MAX + 1);
        let too_long = spm(&["<unk>", "<s>", &long]);
        let bad_merge = GgufBuilder::new()
            .str(MODEL_KEY, "gpt2")
            .strings(TOKENS_KEY, ["a", "b"])
            .strings("tokenizer.ggml.merges", ["a b"]);
        let short_scores = spm(&["<unk>", "<s>", "</s>"]).f32s("tokenizer.ggml.scores", vec![0.0]);
        let odd_scores =
            spm(&["<unk>", "<s>", "</s>"]).f32s("tokenizer.ggml.scores", vec![f32::NAN; 3]);
        for builder in [
            no_bytes,
            twice,
            no_bos,
            too_long,
            bad_merge,
            short_scores,
            odd_scores,
        ] {
            assert!(matches!(refused(&builder), VocabError::Invalid { .. }));
        }
    }
}
