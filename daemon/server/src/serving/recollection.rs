//! One model's memory of what the writer wrote: finds its file, follows it as it changes, and mixes it
//! into the numbers that a token is chosen by.
//!
//! The trainer puts files into `data/memory` and takes them away; here they are mapped, and looked
//! whether they are whole, on a thread of its own once a model serves. What the folder holds is asked
//! for at each request, which costs one look at it. Without a file nothing is done at all. Not how much
//! the memory counts (`inkstone-memory`), nor who asks (`lane/remembering.rs`).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::{Duration, SystemTime};

use inkstone_memory::{FILE_BYTES_MAX, FILE_ENDING, HASH_BYTES, Memory, Strength, file_prefix};
use inkstone_models::fingerprint;
use inkstone_platform::MappedFile;
use inkstone_prose::Language;
use inkstone_protocol::RecollectionReport;
use inkstone_vocab::TokenId;

/// Files of the folder that are looked at: there is one for each model.
const FILES_MAX: usize = 1_000;

/// A change of the folder that is younger may be followed by another with the same time.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// What one model remembers of the writer.
#[derive(Debug)]
pub(super) struct Recollection {
    folder: PathBuf,
    model: [u8; HASH_BYTES],
    settings: inkstone_settings::Memory,
    /// When the folder had changed last, as of the last look.
    changed: Option<SystemTime>,
    file: Option<PathBuf>,
    memory: Option<Memory<MappedFile>>,
    /// A file is being looked through.
    opening: Option<Receiver<Option<Memory<MappedFile>>>>,
    /// Room for the mixed numbers of one token.
    mixed: Vec<f32>,
}

impl Recollection {
    /// Of the model in this file, from the files in `folder`. Reads what there is at once.
    pub(super) fn open(
        folder: &Path,
        model: &Path,
        settings: &inkstone_settings::Memory,
    ) -> io::Result<Self> {
        let mut this = Self {
            folder: folder.to_owned(),
            model: fingerprint::of_file(model)?.to_bytes(),
            settings: settings.clone(),
            changed: None,
            file: None,
            memory: None,
            opening: None,
            mixed: Vec::new(),
        };
        if settings.enabled {
            this.changed = changed(&this.folder);
            this.file = newest(&this.folder, &this.model);
            this.memory = this
                .file
                .as_deref()
                .and_then(|file| read(file, &this.model));
        }
        Ok(this)
    }

    /// Takes other settings, and looks again.
    pub(super) fn set(&mut self, settings: &inkstone_settings::Memory) {
        self.settings = settings.clone();
        self.changed = None;
        self.follow();
    }

    /// Looks whether its file is another one now. What is gone is let go at once; what is new is
    /// there for a later request.
    pub(super) fn follow(&mut self) {
        self.take_opened();
        let changed = changed(&self.folder);
        if changed.is_some() && changed == self.changed {
            return;
        }
        self.changed = changed;
        let is_wanted = self.settings.enabled;
        let file = is_wanted
            .then(|| newest(&self.folder, &self.model))
            .flatten();
        let is_at_hand = self.memory.is_some() || self.opening.is_some();
        if file == self.file && (is_at_hand || file.is_none()) {
            return;
        }
        self.memory = None;
        self.opening = None;
        self.file = file;
        if let Some(file) = self.file.clone() {
            let model = self.model;
            let (opened, opening) = sync_channel(1);
            let thread = std::thread::Builder::new().name("memory".to_owned());
            // It waits for nobody, and whoever does not want it any more drops the receiver.
            let started = thread.spawn(move || drop(opened.send(read(&file, &model))));
            self.opening = started.ok().map(|_| opening);
        }
    }

    fn take_opened(&mut self) {
        let Some(opening) = &self.opening else { return };
        match opening.try_recv() {
            Ok(memory) => (self.memory, self.opening) = (memory, None),
            Err(TryRecvError::Disconnected) => self.opening = None,
            Err(TryRecvError::Empty) => {}
        }
    }

    /// The numbers for the token after `text` with the memory's part in them; none where it knows
    /// nothing that followed.
    pub(super) fn mixed(
        &mut self,
        text: &[TokenId],
        language: Language,
        logits: &[f32],
    ) -> Option<&[f32]> {
        let is_chinese = language == Language::Chinese;
        let strength = Strength::of_percent(self.settings.strength, is_chinese);
        let mixture = self.memory.as_ref()?.mixture(text, &strength)?;
        self.mixed.clear();
        self.mixed.extend_from_slice(logits);
        mixture.apply(&mut self.mixed).then_some(&self.mixed)
    }

    /// What the writer is likely to write after `text`.
    pub(super) fn guess(&self, text: &[TokenId], tokens_max: usize) -> Vec<TokenId> {
        let memory = self.memory.as_ref();
        memory.map_or_else(Vec::new, |memory| memory.guess(text, tokens_max))
    }

    /// Whether there is something to remember.
    pub(super) fn is_there(&self) -> bool {
        self.memory.is_some()
    }

    /// Bytes of the mapped file, `FILE_BYTES_MAX` at most.
    pub(super) fn bytes(&self) -> u64 {
        self.memory.as_ref().map_or(0, Memory::file_bytes)
    }

    /// What it is, for `status`.
    pub(super) fn report(&self) -> Option<RecollectionReport> {
        let header = self.memory.as_ref()?.header();
        Some(RecollectionReport {
            tokens: header.tokens,
            documents: header.documents,
            built_ms: header.built_ms,
            strength_percent: self.settings.strength,
        })
    }
}

/// When a folder got or lost a file last; none when there is no such folder, or that was just now.
fn changed(folder: &Path) -> Option<SystemTime> {
    let at = std::fs::metadata(folder)
        .and_then(|one| one.modified())
        .ok()?;
    let age = SystemTime::now().duration_since(at);
    // A time to come is of a clock that was set back.
    let is_settled = age.map_or(true, |age| age >= SETTLED_AFTER);
    is_settled.then_some(at)
}

/// The newest file of a model.
fn newest(folder: &Path, model: &[u8; HASH_BYTES]) -> Option<PathBuf> {
    let prefix = file_prefix(model);
    let entries = std::fs::read_dir(folder).ok()?.take(FILES_MAX).flatten();
    let of_model = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        name.starts_with(&prefix) && name.ends_with(FILE_ENDING)
    });
    let dated = of_model.map(|entry| {
        let at = entry.metadata().and_then(|one| one.modified()).ok();
        (at, entry.path())
    });
    dated.max().map(|(_, path)| path)
}

/// A file that is whole and of this model.
fn read(file: &Path, model: &[u8; HASH_BYTES]) -> Option<Memory<MappedFile>> {
    let told = |problem: &dyn std::fmt::Display| {
        tracing::warn!(file = %file.display(), %problem, "what the writer wrote is not remembered; run: inkstone dataset build");
    };
    let mapped = MappedFile::open(file, FILE_BYTES_MAX);
    let mapped = mapped.inspect_err(|error| told(error)).ok()?;
    let memory = Memory::open(mapped).and_then(|memory| memory.verify().map(|()| memory));
    let memory = memory.inspect_err(|error| told(error)).ok()?;
    if memory.header().model != *model {
        told(&"it is of another model");
        return None;
    }
    if memory.header().tokens == 0 {
        // The writer wrote nothing in this model's languages.
        return None;
    }
    tracing::info!(
        tokens = memory.header().tokens,
        documents = memory.header().documents,
        "what the writer wrote is remembered"
    );
    Some(memory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_memory::{Builder, DocumentName, file_name};
    use inkstone_platform::private::replace;
    use inkstone_test_support::wait::eventually;

    const DEADLINE: Duration = Duration::from_secs(60);
    const TEXT: [TokenId; 3] = [TokenId(1), TokenId(2), TokenId(3)];
    const ON: inkstone_settings::Memory = inkstone_settings::Memory {
        enabled: true,
        strength: 100,
    };

    struct Desk {
        folder: tempfile::TempDir,
        model: PathBuf,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let model = folder.path().join("m.gguf");
            std::fs::write(&model, b"weights").unwrap();
            std::fs::create_dir(folder.path().join("memory")).unwrap();
            Self { folder, model }
        }

        fn folder(&self) -> PathBuf {
            self.folder.path().join("memory")
        }

        fn put(&self, dataset: u8, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
            let model = fingerprint::of_file(&self.model).unwrap().to_bytes();
            let mut builder = Builder::new(model, [dataset; 32]);
            for number in 0..9 {
                let name = DocumentName {
                    key: [number; 16],
                    content: [0; 32],
                };
                builder.add(&name, TEXT.iter().map(|&token| (token, 1.0)));
            }
            let mut bytes = builder.finish(i64::from(dataset));
            change(&mut bytes);
            let file = self.folder().join(file_name(&model, &[dataset; 32]));
            replace(&file, &bytes).unwrap();
            file
        }

        fn open(&self, settings: &inkstone_settings::Memory) -> Recollection {
            Recollection::open(&self.folder(), &self.model, settings).unwrap()
        }
    }

    fn built_ms(recollection: &Recollection) -> Option<i64> {
        recollection.report().map(|report| report.built_ms)
    }

    #[test]
    fn without_a_file_nothing_is_mixed_and_with_one_what_followed_is_raised() {
        let desk = Desk::new();
        let logits = [0.0_f32; 5];
        let mut none = desk.open(&ON);
        assert_eq!(none.mixed(&TEXT[..2], Language::Chinese, &logits), None);
        assert!(none.guess(&TEXT, 4).is_empty() && !none.is_there());
        desk.put(1, |_| ());
        let mut one = desk.open(&ON);
        let mixed = one
            .mixed(&TEXT[..2], Language::Chinese, &logits)
            .unwrap()
            .to_vec();
        assert!(mixed[3] > 1.0, "{mixed:?}");
        assert_eq!(mixed[..3], logits[..3]);
        assert_eq!(one.mixed(&[TokenId(4)], Language::Chinese, &logits), None);
        let off = inkstone_settings::Memory {
            enabled: false,
            ..ON
        };
        assert!(!desk.open(&off).is_there());
        let weak = inkstone_settings::Memory { strength: 0, ..ON };
        assert_eq!(
            desk.open(&weak)
                .mixed(&TEXT[..2], Language::Chinese, &logits),
            None
        );
    }

    #[test]
    fn a_new_file_takes_the_place_of_the_old_and_one_that_goes_is_let_go() {
        let desk = Desk::new();
        let first = desk.put(1, |_| ());
        let mut recollection = desk.open(&ON);
        assert_eq!(built_ms(&recollection), Some(1));
        let second = desk.put(2, |_| ());
        std::fs::remove_file(first).unwrap();
        eventually(DEADLINE, "the new file is remembered", || {
            recollection.follow();
            (built_ms(&recollection) == Some(2)).then_some(())
        });
        std::fs::remove_file(second).unwrap();
        recollection.follow();
        assert!(!recollection.is_there());
    }

    #[test]
    fn settings_count_at_once() {
        let desk = Desk::new();
        desk.put(1, |_| ());
        let mut recollection = desk.open(&ON);
        recollection.set(&inkstone_settings::Memory {
            enabled: false,
            strength: 100,
        });
        assert!(!recollection.is_there());
        recollection.set(&ON);
        eventually(DEADLINE, "it is remembered again", || {
            recollection.follow();
            recollection.is_there().then_some(())
        });
    }

    #[test]
    fn a_damaged_file_and_one_of_another_model_are_not_used() {
        let desk = Desk::new();
        desk.put(1, |bytes| *bytes.last_mut().unwrap() ^= 1);
        assert!(!desk.open(&ON).is_there());
        desk.put(1, |bytes| bytes.truncate(40));
        assert!(!desk.open(&ON).is_there());
        let file = desk.put(1, |_| ());
        std::fs::write(&desk.model, b"other weights").unwrap();
        let other = fingerprint::of_file(&desk.model).unwrap().to_bytes();
        std::fs::rename(file, desk.folder().join(file_name(&other, &[1; 32]))).unwrap();
        assert!(!desk.open(&ON).is_there());
    }
}
