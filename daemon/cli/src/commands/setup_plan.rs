//! What `setup` decides: which languages, which model for each, what the machine could do better.
//! Pure, but for the registry that is asked what is installed.

use std::fmt;

use inkstone_models::{
    Catalogue, CatalogueEntry, LanguageTag, ModelError, ModelName, Registry, Role,
};
use inkstone_settings::Settings;

use super::model_table::size;

/// Memory that the context and the program take beside the weights.
const BESIDE_WEIGHTS_BYTES: u64 = 700_000_000;

/// Weights that one core reads and multiplies quickly enough for a suggestion within the default
/// deadline of 4 s. Measured on two cores: 98 MB take 0.4 to 1.2 s for 24 tokens, some 0.1 s more for
/// the sentence before the caret.
const WEIGHT_BYTES_PER_CORE_MAX: u64 = 320_000_000;

/// What the machine has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    /// Physical cores.
    pub(crate) cores: usize,
    /// Whether models are known to run on a GPU here.
    pub(crate) has_gpu: bool,
    /// Memory that can be taken, when the system tells.
    pub(crate) memory_available_bytes: Option<u64>,
    /// Room where models go, when the system tells.
    pub(crate) disk_free_bytes: Option<u64>,
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |bytes: Option<u64>| bytes.map_or_else(|| "unknown".to_owned(), size);
        let (memory, disk) = (
            told(self.memory_available_bytes),
            told(self.disk_free_bytes),
        );
        let noun = if self.cores == 1 { "core" } else { "cores" };
        write!(
            f,
            "{} {noun}{}, {memory} of memory free, {disk} of disk free",
            self.cores,
            if self.has_gpu { " and a GPU" } else { "" }
        )
    }
}

impl Machine {
    /// Whether suggestions of a model come in time.
    fn is_quick_with(&self, entry: &CatalogueEntry) -> bool {
        let cores = u64::try_from(self.cores).unwrap_or(u64::MAX);
        self.has_gpu || entry.size_bytes <= cores.saturating_mul(WEIGHT_BYTES_PER_CORE_MAX)
    }
}

/// The model of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The language.
    pub(crate) language: LanguageTag,
    /// Its model.
    pub(crate) model: ModelName,
    /// How to get it; none for a model that only lies here.
    pub(crate) entry: Option<CatalogueEntry>,
    /// Whether it is to rewrite too.
    pub(crate) rewrites: bool,
}

/// Why no model can be chosen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// The catalogue has nothing for the language.
    #[error(
        "no model of the catalogue writes `{language}`; import one with `inkstone model import FILE.gguf`, then: inkstone setup --lang {language} --model NAME"
    )]
    NoModel {
        /// The language.
        language: LanguageTag,
    },
    /// The model is unknown.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// English and, where the catalogue has a model for it, the language of the locale.
pub(crate) fn default_languages(
    catalogue: &Catalogue,
    lookup: impl Fn(&str) -> Option<String>,
) -> Vec<LanguageTag> {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|variable| lookup(variable).filter(|value| !value.is_empty()));
    let of_locale = locale.and_then(|locale| {
        let word = locale.split(['_', '.', '@']).next().unwrap_or_default();
        word.parse::<LanguageTag>().ok()
    });
    let has_model = |tag: &LanguageTag| {
        catalogue
            .default_for(Role::Completion, tag.as_str())
            .is_some()
    };
    let english: Option<LanguageTag> = "en".parse().ok();
    let mut languages: Vec<LanguageTag> = english.into_iter().collect();
    languages.extend(
        of_locale
            .filter(has_model)
            .filter(|tag| tag.as_str() != "en"),
    );
    languages
}

/// The model of each language: the one given, the one of the settings, or the catalogue's default.
pub(crate) fn choose(
    languages: &[LanguageTag],
    given: Option<&str>,
    settings: &Settings,
    catalogue: &Catalogue,
    registry: &Registry,
) -> Result<Vec<Choice>, PlanError> {
    languages
        .iter()
        .map(|language| {
            let set = settings
                .model
                .completion
                .get(language.as_str())
                .map(ModelName::as_str);
            let name = match (given, set) {
                (Some(name), _) | (None, Some(name)) => name.to_owned(),
                (None, None) => catalogue
                    .default_for(Role::Completion, language.as_str())
                    .map(|entry| entry.name.to_string())
                    .ok_or_else(|| PlanError::NoModel {
                        language: language.clone(),
                    })?,
            };
            let entry = catalogue.find(&name).ok().cloned();
            let model = match &entry {
                Some(entry) => entry.name.clone(),
                None => match registry.verify(&name) {
                    Ok(model) => model.name,
                    // Neither here nor in the catalogue: its nearest name helps more.
                    Err(ModelError::NotInstalled { .. }) => {
                        catalogue.find(&name).map(|entry| entry.name.clone())?
                    }
                    Err(error) => return Err(error.into()),
                },
            };
            let can_rewrite = entry.as_ref().is_some_and(|entry| {
                entry.roles.contains(&Role::Rewrite) && entry.languages.contains(language)
            });
            let current = settings.model.rewrite.get(language.as_str());
            let rewrites =
                can_rewrite && (given.is_some() || current.is_none_or(|name| *name == model));
            Ok(Choice {
                language: language.clone(),
                model,
                entry,
                rewrites,
            })
        })
        .collect()
}

/// What would write better on this machine, and what is tight.
pub(crate) fn advice(
    choices: &[Choice],
    may_be_better: bool,
    catalogue: &Catalogue,
    machine: &Machine,
) -> Vec<String> {
    let Some(memory_bytes) = machine.memory_available_bytes else {
        return Vec::new();
    };
    let fits = |entry: &CatalogueEntry| entry.size_bytes + BESIDE_WEIGHTS_BYTES <= memory_bytes;
    let mut advice = Vec::new();
    for choice in choices {
        let Some(chosen) = &choice.entry else {
            continue;
        };
        if !fits(chosen) {
            advice.push(format!(
                "{} needs about {} of memory, more than is free now: expect it to be slow.",
                chosen.name,
                size(chosen.size_bytes + BESIDE_WEIGHTS_BYTES)
            ));
            continue;
        }
        if !machine.is_quick_with(chosen) {
            advice.push(format!(
                "{} is large for {} processor cores: its suggestions may come too late.",
                chosen.name, machine.cores
            ));
            continue;
        }
        let better = catalogue
            .entries()
            .iter()
            .filter(|entry| entry.languages.contains(&choice.language))
            .filter(|entry| entry.size_bytes > chosen.size_bytes && fits(entry))
            .filter(|entry| machine.is_quick_with(entry))
            .max_by_key(|entry| entry.size_bytes);
        if let Some(better) = better.filter(|_| may_be_better) {
            advice.push(format!(
                "{} has room for {} ({}), which writes better and slower: inkstone setup --lang {} --model {}",
                "This machine", better.name, size(better.size_bytes), choice.language, better.name
            ));
        }
    }
    advice.dedup();
    advice
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;
    use inkstone_settings::{Directories, Layer, Loaded};

    fn tags(words: &[&str]) -> Vec<LanguageTag> {
        words.iter().map(|word| word.parse().unwrap()).collect()
    }

    /// A registry without models.
    fn empty() -> Registry {
        let home = |name: &str| (name == "INKSTONE_HOME").then(|| "/nowhere".into());
        Registry::of(&Directories::from_lookup(home).unwrap())
    }

    fn chosen(
        languages: &[&str],
        given: Option<&str>,
        settings: &str,
    ) -> Result<Vec<String>, PlanError> {
        let mut loaded = Loaded::default();
        loaded.apply_file_text(Layer::User, std::path::Path::new("inkstone.toml"), settings);
        let choices = choose(
            &tags(languages),
            given,
            &loaded.settings,
            &Catalogue::builtin(),
            &empty(),
        )?;
        Ok(choices
            .iter()
            .map(|choice| {
                let rewrites = if choice.rewrites { " + rewrite" } else { "" };
                format!("{} {}{rewrites}", choice.language, choice.model)
            })
            .collect())
    }

    #[test]
    fn each_language_gets_its_model() {
        assert_eq!(
            chosen(&["en", "zh", "de"], None, "").unwrap(),
            [
                "en smollm2-135m-instruct + rewrite",
                "zh gemma-3-270m",
                "de gemma-3-270m"
            ]
        );
        assert_eq!(
            chosen(&["en"], None, "model.completion.en = \"qwen3-4b\"").unwrap(),
            ["en qwen3-4b"]
        );
        assert_eq!(
            chosen(&["en", "zh"], Some("qwen3-0.6b"), "").unwrap(),
            ["en qwen3-0.6b + rewrite", "zh qwen3-0.6b + rewrite"]
        );
    }

    #[test]
    fn a_language_or_model_that_nobody_knows_is_told_with_what_to_do() {
        let error = chosen(&["xh"], None, "").unwrap_err().to_string();
        assert!(
            error.contains("no model of the catalogue writes `xh`"),
            "{error}"
        );
        let error = chosen(&["en"], Some("qwen-0.6b"), "")
            .unwrap_err()
            .to_string();
        assert!(error.contains("did you mean `qwen3-0.6b`?"), "{error}");
    }

    #[test]
    fn the_locale_adds_its_language_where_there_is_a_model() {
        let languages = |locale: &'static str| -> Vec<String> {
            let lookup = |variable: &str| (variable == "LANG").then(|| locale.to_owned());
            let languages = default_languages(&Catalogue::builtin(), lookup);
            languages.iter().map(ToString::to_string).collect()
        };
        assert_eq!(languages("zh_CN.UTF-8"), ["en", "zh"]);
        assert_eq!(languages("en_GB.UTF-8"), ["en"]);
        for other in ["C", "C.UTF-8", "POSIX", "xh_ZA", "", "中文"] {
            assert_eq!(languages(other), ["en"], "{other}");
        }
    }

    #[test]
    fn the_machine_decides_what_is_advised() {
        let catalogue = Catalogue::builtin();
        let advised = |given: Option<&str>, cores, has_gpu, memory_available_bytes| {
            let settings = Settings::default();
            let choices = choose(&tags(&["en"]), given, &settings, &catalogue, &empty());
            let machine = Machine {
                cores,
                has_gpu,
                memory_available_bytes,
                disk_free_bytes: None,
            };
            advice(&choices.unwrap(), true, &catalogue, &machine).join("\n")
        };
        let roomy = Some(8_000_000_000);
        assert!(advised(None, 8, false, roomy).contains("room for qwen3-4b (2.5 GB)"));
        assert!(advised(None, 8, false, Some(1_400_000_000)).contains("room for qwen3-0.6b"));
        assert!(advised(None, 8, false, Some(500_000_000)).contains("expect it to be slow"));
        assert_eq!(advised(None, 8, false, None), "");
        // Room alone makes no suggestion come in time.
        assert!(advised(None, 2, false, roomy).contains("room for qwen3-0.6b"));
        assert!(advised(None, 2, true, roomy).contains("room for qwen3-4b"));
        assert!(!advised(None, 1, false, roomy).contains("qwen3"));
        let late = advised(Some("qwen3-4b"), 2, false, roomy);
        assert!(late.contains("may come too late"), "{late}");
    }
}
