//! Counts text in the tokens of the models that will learn from it.

use inkstone_gguf::Gguf;
use inkstone_models::Registry;
use inkstone_prose::{Language, language_of};
use inkstone_settings::{Directories, Settings};
use inkstone_vocab::{TokenizeOptions, Vocab};

/// A tokenizer for each language that a model completes.
pub struct Counter {
    name: String,
    english: Option<Vocab>,
    chinese: Option<Vocab>,
}

impl Counter {
    /// Of the models that complete; none where none is installed.
    pub fn of_models(directories: &Directories, settings: &Settings) -> Option<Self> {
        let registry = Registry::of(directories);
        let mut names = Vec::new();
        let mut vocab = |language: &str| {
            let name = settings.model.completion.get(language)?.to_string();
            let installed = registry.resolve(&name).ok()?;
            let vocab = Vocab::from_gguf(&Gguf::from_path(&installed.path).ok()?).ok()?;
            names.push(name);
            Some(vocab)
        };
        let (english, chinese) = (vocab("en"), vocab("zh"));
        (!names.is_empty()).then(|| Self {
            name: names.join(" and "),
            english,
            chinese,
        })
    }

    /// The models.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tokens of a text for the model of its language; of another's where that has none.
    pub fn count(&self, text: &str) -> u32 {
        let (first, second) = match language_of(text) {
            Some(Language::Chinese) => (&self.chinese, &self.english),
            _ => (&self.english, &self.chinese),
        };
        let tokens = first.as_ref().or(second.as_ref()).map_or(0, |vocab| {
            vocab.tokenize(text, TokenizeOptions::default()).len()
        });
        u32::try_from(tokens).unwrap_or(u32::MAX)
    }
}
