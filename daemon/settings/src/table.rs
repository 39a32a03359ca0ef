//! Every setting, declared once. The macro makes of each declaration a typed field of [`Settings`],
//! its default, and a row of [`TABLE`], from which the checks, the JSON schema and the reference
//! derive. To add a setting, add its lines at the end of this file, then run
//! `cargo run --release -p inkstone-settings --example generate`.

use std::path::PathBuf;

use crate::choice::{
    AutomaticTraining, DecayChoice, DeviceChoice, DraftModelChoice, FlashAttentionChoice,
    KvTypeChoice, LogLevel, MainLanguage, OptimizerChoice, Preset, Reveal, StopBound,
};
use crate::field::Field;
use crate::model_name::{LanguageTag, ModelByLanguage, ModelName};
use crate::setting::{Kind, Scope, Setting};
use crate::value::Value;

/// Suggestions that a writer can choose from at one caret, at most: more are seldom worth reading,
/// and each makes every step of the others dearer.
pub const ALTERNATIVES_MAX: u32 = 3;

/// Turns the declarations into types and rows. A section may hold a dot in its key
/// (`section "model"`), its fields are the last part of the key.
macro_rules! settings_table {
    ($(
        $(#[doc = $section_doc:literal])+
        $section:ident: $Section:ident {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $type:ty = $default:expr, $kind:expr, $scope:expr;
            )+
        }
    )+) => {
        $(
            $(#[doc = $section_doc])+
            #[derive(Debug, Clone, PartialEq)]
            pub struct $Section {
                $($(#[doc = $doc])+ pub $field: $type,)+
            }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $($field: $default,)+ }
                }
            }
        )+

        /// Every setting's value, by section.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Settings {
            $($(#[doc = $section_doc])+ pub $section: $Section,)+
        }

        /// Every setting, in the order of the reference.
        pub static TABLE: &[Setting] = &[
            $($(
                Setting {
                    key: concat!(stringify!($section), ".", stringify!($field)),
                    kind: $kind,
                    scope: $scope,
                    doc: concat!($($doc,)+).trim_ascii(),
                    defaults: || Field::values(&$Section::default().$field),
                },
            )+)+
        ];

        /// The sections with their one sentence, in the order of the reference.
        pub static SECTIONS: &[(&str, &str)] = &[
            $((stringify!($section), concat!($($section_doc,)+).trim_ascii()),)+
        ];

        impl Settings {
            /// Takes a value that the setting's kind accepted; false when there is no such field.
            pub(crate) fn assign(&mut self, key: &str, entry: Option<&str>, value: &Value) -> bool {
                $($(
                    if key == concat!(stringify!($section), ".", stringify!($field)) {
                        return self.$section.$field.assign(entry, value);
                    }
                )+)+
                false
            }

            /// The value of a key such as `completion.max_tokens` or `model.completion.en`.
            pub fn get(&self, key: &str) -> Option<Value> {
                let (setting, entry) = find(key)?;
                $($(
                    if setting.key == concat!(stringify!($section), ".", stringify!($field)) {
                        let values = Field::values(&self.$section.$field);
                        let mut same = values.into_iter().filter(|(of, _)| of.as_deref() == entry);
                        return same.next().map(|(_, value)| value);
                    }
                )+)+
                None
            }
        }
    };
}

/// The setting that a key names, and the language when it is an entry of a table of models.
pub fn find(key: &str) -> Option<(&'static Setting, Option<&str>)> {
    if let Some(setting) = TABLE.iter().find(|setting| setting.key == key) {
        return (setting.kind != Kind::ModelByLanguage).then_some((setting, None));
    }
    let (parent, language) = key.rsplit_once('.')?;
    let setting = TABLE.iter().find(|setting| setting.key == parent)?;
    let is_entry = setting.kind == Kind::ModelByLanguage && language.parse::<LanguageTag>().is_ok();
    is_entry.then_some((setting, Some(language)))
}

/// The model of each role in the order English, Chinese.
fn models(pairs: &[(&str, &str)]) -> ModelByLanguage {
    let mut table = ModelByLanguage::default();
    for (language, name) in pairs {
        if let (Ok(language), Ok(name)) = (language.parse(), name.parse::<ModelName>()) {
            table.set(language, Some(name));
        }
    }
    table
}

/// The languages an editor may name, as the contract lists them.
fn prose_languages() -> Vec<String> {
    [
        "markdown",
        "plaintext",
        "latex",
        "typst",
        "asciidoc",
        "restructuredtext",
        "org",
        "html",
        "git-commit",
        "mail",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The formats that the trainer has readers for, by the words of `corpus.formats`.
pub const CORPUS_FORMATS: &[&str] = &[
    "markdown",
    "plain_text",
    "html",
    "latex",
    "typst",
    "asciidoc",
    "restructured_text",
    "org",
    "email",
    "docx",
    "odt",
    "epub",
    "notebook",
    "commit_message",
];

fn corpus_formats() -> Vec<String> {
    CORPUS_FORMATS.iter().map(|&word| word.to_owned()).collect()
}

/// The linear maps of a block that an adapter can change, by the words of `train.targets`: GGUF's
/// names without what they have in common.
pub const TRAIN_TARGETS: &[&str] = &["q", "k", "v", "output", "gate", "up", "down"];

fn train_targets() -> Vec<String> {
    TRAIN_TARGETS.iter().map(|&word| word.to_owned()).collect()
}

/// Folders that hold other people's text in most projects.
fn corpus_exclude() -> Vec<String> {
    [
        "node_modules/",
        "bower_components/",
        "vendor/",
        "third_party/",
        "site-packages/",
        "__pycache__/",
        "target/debug/",
        "target/release/",
    ]
    .map(str::to_owned)
    .to_vec()
}

settings_table! {
    /// Suggestions at the caret.
    completion: Completion {
        /// Whether suggestions are offered at all.
        enabled: bool = true, Kind::Switch, Scope::AnyWorkspaceOnlyOff;
        /// Whether suggestions come while typing; otherwise only when asked for.
        automatic: bool = true, Kind::Switch, Scope::AnyWorkspaceOnlyOff;
        /// How sure a suggestion must be to come while typing: `quiet` rarely shows a wrong one, `eager` shows more, `all` is for measurements.
        preset: Preset = Preset::Balanced, Kind::Choice(Preset::WORDS), Scope::Any;
        /// Whether what you take, type along and ignore moves the preset's threshold, slowly and within a band; only counts are kept.
        learn_threshold: bool = true, Kind::Switch, Scope::AnyWorkspaceOnlyOff;
        /// When a suggestion is seen: `always` as soon as it is ready, `on_key` when you press the key that asks, in editors with ghost text.
        reveal: Reveal = Reveal::Always, Kind::Choice(Reveal::WORDS), Scope::Any;
        /// Whether what comes after a suggestion that you will likely take is worked out while you read it, so that it is there at once; costs computing in your pauses.
        ahead: bool = true, Kind::Switch, Scope::AnyWorkspaceOnlyOff;
        /// Milliseconds that a request waits while you type without a pause; -1 adapts to your rhythm and the daemon's speed.
        debounce_ms: i32 = -1, Kind::Number { min: -1, max: 2_000 }, Scope::Any;
        /// Longest suggestion in tokens.
        max_tokens: u32 = 24, Kind::Number { min: 1, max: 256 }, Scope::Any;
        /// Suggestions to choose from at most, each beginning with another word, when you ask by key and where an editor shows a list; 1 never computes a second.
        alternatives: u32 = ALTERNATIVES_MAX, Kind::Number { min: 1, max: ALTERNATIVES_MAX as i64 }, Scope::Any;
        /// Tokens of text before the caret that the model reads at most; more is slower at first.
        prompt_tokens: u32 = 2_048, Kind::Number { min: 64, max: 131_072 }, Scope::Any;
        /// Where a suggestion ends at the latest; `auto` goes by the place and the pace: a phrase inside a word or while you type fast, a word if both, else a sentence, a line in lists, headings and tables; by key a sentence or, on an empty line, a paragraph of up to three times `max_tokens`.
        stop: StopBound = StopBound::Auto, Kind::Choice(StopBound::WORDS), Scope::Any;
        /// Milliseconds after which a suggestion that is not ready is given up.
        deadline_ms: u32 = 4_000, Kind::Number { min: 50, max: 60_000 }, Scope::Any;
    }
    /// Which model serves which language (`model.completion.en = "NAME"`).
    model: Model {
        /// Model that completes, by language of the text around the caret; `und` stands for every other, unless one of those is named.
        completion: ModelByLanguage = models(&[("en", "smollm2-135m-instruct"), ("zh", "gemma-3-270m"), ("und", "gemma-3-270m")]), Kind::ModelByLanguage, Scope::User;
        /// Model that rewrites, by language of the selection.
        rewrite: ModelByLanguage = models(&[("en", "smollm2-135m-instruct")]), Kind::ModelByLanguage, Scope::User;
    }
    /// The computation of the model.
    engine: Engine {
        /// What computes: the GPU when there is one, always the CPU, or the GPU or an error.
        device: DeviceChoice = DeviceChoice::Auto, Kind::Choice(DeviceChoice::WORDS), Scope::User;
        /// Layers to put on the GPU; -1 lets the memory plan decide.
        gpu_layers: i32 = -1, Kind::Number { min: -1, max: 1_000 }, Scope::User;
        /// Threads that decode; 0 means as many as setup measured to be best, else one per physical core.
        threads: u32 = 0, Kind::Number { min: 0, max: 512 }, Scope::User;
        /// Tokens of context that all sequences of a model share.
        context_tokens: u32 = 4_096, Kind::Number { min: 256, max: 131_072 }, Scope::User;
        /// Documents whose context a model keeps at once.
        sequences: u32 = 16, Kind::Number { min: 1, max: 64 }, Scope::User;
        /// Seconds without a request after which a model gives back the memory of its context, and keeps its weights; 0 means not before these go.
        idle_kv_release_s: u32 = 300, Kind::Number { min: 0, max: 604_800 }, Scope::User;
        /// Whether attention is computed in one pass; `auto` is what setup measured to be faster.
        flash_attention: FlashAttentionChoice = FlashAttentionChoice::Auto, Kind::Choice(FlashAttentionChoice::WORDS), Scope::User;
        /// How the numbers of the KV cache are kept: `q8_0` takes half the memory, is a little less exact and needs flash attention; `auto` is what setup measured to be faster.
        kv_type: KvTypeChoice = KvTypeChoice::Auto, Kind::Choice(KvTypeChoice::WORDS), Scope::User;
        /// Whether a small model guesses ahead of a large one of its family, so that several tokens are computed at once: `auto` where the catalogue has such a pair and both are installed. Suggestions stay the same.
        draft_model: DraftModelChoice = DraftModelChoice::Auto, Kind::Choice(DraftModelChoice::WORDS), Scope::User;
        /// Seconds without a request after which a model leaves memory; 0 means never.
        idle_unload_s: u32 = 900, Kind::Number { min: 0, max: 604_800 }, Scope::User;
        /// MiB of memory for everything beside the weights of the models: vocabularies, contexts, the daemon itself. Models that do not fit side by side take turns, and a context that does not fit alone is made smaller; `inkstone status` says so.
        memory_mb_max: u32 = 1_024, Kind::Number { min: 128, max: 1_048_576 }, Scope::User;
        /// MiB on the disk for what models had read of open documents when they gave memory back, so that a long document is not read again; 0 keeps nothing. No other program can open these files, and they go when the document is closed, after half a day, or when the daemon ends.
        saved_context_mb_max: u32 = 256, Kind::Number { min: 0, max: 65_536 }, Scope::User;
    }
    /// The background process.
    daemon: Daemon {
        /// Seconds without a client after which the daemon exits; 0 means never.
        idle_exit_s: u32 = 0, Kind::Number { min: 0, max: 604_800 }, Scope::User;
    }
    /// The log files in the state directory.
    log: Log {
        /// How much they say; the text that you write appears at no level above debug.
        level: LogLevel = LogLevel::Info, Kind::Choice(LogLevel::WORDS), Scope::User;
        /// Files kept of each program; the oldest goes first.
        files_max: u32 = 5, Kind::Number { min: 1, max: 100 }, Scope::User;
        /// Size in MB at which a new file begins.
        file_mb_max: u32 = 10, Kind::Number { min: 1, max: 1_024 }, Scope::User;
    }
    /// The language server.
    lsp: Lsp {
        /// Editor languages in which it works.
        languages: Vec<String> = prose_languages(), Kind::Names, Scope::Any;
    }
    /// What the trainer reads of the folders that you added (`inkstone workspace add`), and how. Only your own file sets these: a folder cannot widen what is read.
    corpus: Corpus {
        /// Whether changes in the folders are noticed as they happen; otherwise only when a dataset is built.
        watch: bool = true, Kind::Switch, Scope::User;
        /// Formats that are read; `commit_message` stands for the messages of your own commits.
        formats: Vec<String> = corpus_formats(), Kind::Selection(CORPUS_FORMATS), Scope::User;
        /// What is never read, as patterns like those of `.gitignore`, besides what `.gitignore`, `.ignore` and `.inkstoneignore` name in the folders; hidden files are never read.
        exclude: Vec<String> = corpus_exclude(), Kind::Names, Scope::User;
        /// Files of one folder that you added, at most; the rest is left out, with a notice.
        files_max: u32 = 200_000, Kind::Number { min: 1, max: 10_000_000 }, Scope::User;
        /// Size in MB of a file at most; a larger one is left out.
        file_mb_max: u32 = 16, Kind::Number { min: 1, max: 1_024 }, Scope::User;
        /// MB at most to which a Word, OpenDocument or EPUB file may unpack.
        unpacked_mb_max: u32 = 64, Kind::Number { min: 1, max: 4_096 }, Scope::User;
        /// KB of a line at most; a file with a longer one was not written by a person and is left out.
        line_kb_max: u32 = 1_024, Kind::Number { min: 1, max: 1_048_576 }, Scope::User;
        /// Whether other file systems that are mounted within a folder are read too, such as network drives.
        other_file_systems: bool = false, Kind::Switch, Scope::User;
        /// Milliseconds without a further change after which a changed file is read.
        debounce_ms: u32 = 1_500, Kind::Number { min: 10, max: 600_000 }, Scope::User;
        /// Folders that are watched at most, all together; with more, changes are looked for every `poll_s` instead.
        watches_max: u32 = 16_384, Kind::Number { min: 0, max: 1_048_576 }, Scope::User;
        /// Seconds between two looks at a folder that cannot be watched, such as one on a network drive.
        poll_s: u32 = 120, Kind::Number { min: 1, max: 86_400 }, Scope::User;
        /// Seconds that git may take at most to say who wrote the lines of a file, or who committed to a repository; what it cannot say in time is left out.
        git_s_max: u32 = 30, Kind::Number { min: 1, max: 3_600 }, Scope::User;
        /// Messages of your own commits that are read of one repository at most, the newest.
        commits_max: u32 = 20_000, Kind::Number { min: 0, max: 1_000_000 }, Scope::User;
        /// The language that you mostly write in: of a text that stands in two, that one is learned from.
        main_language: MainLanguage = MainLanguage::English, Kind::Choice(MainLanguage::WORDS), Scope::User;
        /// Rules of cleaning that are on, whatever their default.
        rules_on: Vec<String> = Vec::new(), Kind::Names, Scope::User;
        /// Rules of cleaning that are off, whatever their default; wins over `rules_on`.
        rules_off: Vec<String> = Vec::new(), Kind::Names, Scope::User;
        /// Per cent of a rule's changes that you must have accepted in the review; a rule that is surely below it is switched off, with a notice.
        rule_acceptance_percent_min: u32 = 80, Kind::Number { min: 0, max: 100 }, Scope::User;
        /// Whether a build asks the models of the daemon, when they are in memory, how surprising they find your texts, to find garbage among them; nothing is loaded or started for it.
        score: bool = true, Kind::Switch, Scope::User;
        /// Seconds that a build asks for scores at most; the next one goes on.
        score_s_max: u32 = 20, Kind::Number { min: 1, max: 86_400 }, Scope::User;
        /// How far above what is usual for you, in a language and genre, a text's surprise (nats for each token) must be to be an outlier: so many robust standard deviations (median and MAD). An outlier is flagged; with the rule `perplexity` on it is left out.
        perplexity_above: u32 = 4, Kind::Number { min: 1, max: 1_000 }, Scope::User;
        /// How far below it, as of text that every model knows by heart.
        perplexity_below: u32 = 4, Kind::Number { min: 1, max: 1_000 }, Scope::User;
        /// Scored texts of a language and genre from which on something counts as usual.
        perplexity_texts_min: u32 = 50, Kind::Number { min: 10, max: 1_000_000 }, Scope::User;
        /// Per cent of your documents that are held out of training, to measure what it has taught.
        held_out_percent: u32 = 10, Kind::Number { min: 1, max: 50 }, Scope::User;
        /// Versions of the dataset that are kept besides those that an adapter names; the oldest goes first.
        versions_kept: u32 = 3, Kind::Number { min: 1, max: 1_000 }, Scope::User;
        /// Whether text that you did not type (suggestions taken, long pastes) is remembered, as hashes, so that no model learns from it as if it were yours.
        remember_insertions: bool = true, Kind::Switch, Scope::User;
    }
    /// How adapters are trained of the dataset (`inkstone train`), and which of them may be used.
    train: Train {
        /// When an adapter is trained without being asked for: `idle` when enough is new in the dataset and nobody types, `off` never.
        automatic: AutomaticTraining = AutomaticTraining::Idle, Kind::Choice(AutomaticTraining::WORDS), Scope::User;
        /// Tokens of your own that must be new since the last training before another begins by itself.
        new_tokens_min: u32 = 20_000, Kind::Number { min: 1, max: 1_000_000_000 }, Scope::User;
        /// Hours between two trainings that begin by themselves, at least.
        hours_between: u32 = 20, Kind::Number { min: 0, max: 8_760 }, Scope::User;
        /// Seconds without a keystroke after which a training may begin by itself.
        idle_s: u32 = 300, Kind::Number { min: 0, max: 86_400 }, Scope::User;
        /// Seconds without a keystroke after which a training that stopped for you goes on.
        quiet_s: u32 = 8, Kind::Number { min: 0, max: 3_600 }, Scope::User;
        /// Whether to train while the machine runs on its battery.
        on_battery: bool = false, Kind::Switch, Scope::User;
        /// Degrees Celsius of the processor at which a training pauses until it is five degrees cooler; 0 means never.
        celsius_max: u32 = 90, Kind::Number { min: 0, max: 150 }, Scope::User;
        /// MiB of memory that a training may use; 0 takes half of what is free when it begins.
        memory_mb_max: u32 = 0, Kind::Number { min: 0, max: 1_048_576 }, Scope::User;
        /// Threads that compute; 0 means one per physical core.
        threads: u32 = 0, Kind::Number { min: 0, max: 512 }, Scope::User;
        /// Rank of the adapter, how much it can learn; 0 chooses by the size of your dataset, 4 to 16.
        rank: u32 = 0, Kind::Number { min: 0, max: 256 }, Scope::User;
        /// Strength of what the adapter adds, over its rank; 0 means twice the rank.
        alpha: u32 = 0, Kind::Number { min: 0, max: 4_096 }, Scope::User;
        /// Whether the strength counts over the root of the rank instead, so that every rank learns alike (rsLoRA).
        rslora: bool = false, Kind::Switch, Scope::User;
        /// Share of its inputs that the adapter does without in each step, at random.
        dropout: f64 = 0.0, Kind::Decimal { min: 0.0, max: 0.9 }, Scope::User;
        /// Linear maps of each layer that have an adapter.
        targets: Vec<String> = train_targets(), Kind::Selection(TRAIN_TARGETS), Scope::User;
        /// How gradients become changes; `sgd` takes half the memory of `adamw` and learns more slowly.
        optimizer: OptimizerChoice = OptimizerChoice::AdamW, Kind::Choice(OptimizerChoice::WORDS), Scope::User;
        /// The highest learning rate; 0 chooses one that suits the model. `inkstone train --find-lr` measures.
        rate: f64 = 0.0, Kind::Decimal { min: 0.0, max: 10.0 }, Scope::User;
        /// How the learning rate falls after the warm-up.
        decay: DecayChoice = DecayChoice::Cosine, Kind::Choice(DecayChoice::WORDS), Scope::User;
        /// Steps in which the learning rate rises to its highest; -1 means a twentieth of all.
        warm_up_steps: i32 = -1, Kind::Number { min: -1, max: 100_000 }, Scope::User;
        /// Steps of a training at most; 0 chooses by the size of your dataset: so many that each text is seen four times at most.
        steps: u32 = 0, Kind::Number { min: 0, max: 1_000_000 }, Scope::User;
        /// Tokens of one step, those of generic prose included.
        tokens_per_step: u32 = 512, Kind::Number { min: 64, max: 65_536 }, Scope::User;
        /// Tokens of a passage at most; longer documents are cut into several.
        sequence_tokens: u32 = 512, Kind::Number { min: 32, max: 32_768 }, Scope::User;
        /// Steps between two looks at the held-out documents; 0 means a twelfth of all.
        evaluate_every_steps: u32 = 0, Kind::Number { min: 0, max: 100_000 }, Scope::User;
        /// Looks at the held-out documents without an improvement after which a training ends.
        patience: u32 = 3, Kind::Number { min: 1, max: 1_000 }, Scope::User;
        /// Steps between two checkpoints, from which a training that was ended goes on.
        checkpoint_every_steps: u32 = 20, Kind::Number { min: 1, max: 100_000 }, Scope::User;
        /// The number that everything random follows from; the same one gives the same adapter.
        seed: u32 = 1, Kind::Number { min: 0, max: 4_294_967_295 }, Scope::User;
        /// Per cent of each step's tokens that are generic prose, so that the adapter does not forget the language.
        replay_percent: u32 = 20, Kind::Number { min: 0, max: 90 }, Scope::User;
        /// A folder of generic prose (`.md` and `.txt`) for that, and to measure what was forgotten; without one, the model's own samples serve, drawn once.
        replay_folder: Option<PathBuf> = None, Kind::Folder, Scope::User;
        /// Per cent by which the loss on your held-out documents must fall, on average, for an adapter to be used; the whole interval of the bootstrap must lie above zero besides.
        gain_percent_min: f64 = 1.0, Kind::Decimal { min: 0.0, max: 100.0 }, Scope::User;
        /// Per cent by which the loss on generic prose may rise; twice as much where it is the model's own samples, which every adapter makes less likely; one that loses more is tried at 0.7 of its strength.
        generic_loss_percent_max: f64 = 2.0, Kind::Decimal { min: 0.0, max: 100.0 }, Scope::User;
    }
    /// What your own earlier prose adds to suggestions at once, without any training: what you wrote after the same words before.
    memory: Memory {
        /// Whether it is built from your dataset and used.
        enabled: bool = true, Kind::Switch, Scope::User;
        /// How much it counts, in per cent of what was found best on texts that it did not know.
        strength: u32 = 100, Kind::Number { min: 0, max: 300 }, Scope::User;
    }
}
