//! What models had read of documents when their contexts went, so that a long document is not read
//! again when its writer comes back.
//!
//! It is the writer's text in another form. The bytes lie in files without a name: nobody else can
//! open them, no backup finds them, and they are gone with this process however it ends. The tokens
//! stay in memory. All of it is forgotten when it is put back, when the document is closed or its
//! editor leaves, and after half a day. The bytes are not in memory, which is what idleness is to give
//! back, nor in the run directory, which is memory on most systems.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use inkstone_engine::{ContextIdentity, SavedSequence};
use inkstone_models::ModelName;
use inkstone_platform::private;
use inkstone_scheduler::{Adapter, Document};
use inkstone_settings::Settings;
use inkstone_vocab::TokenId;

/// Documents kept at once; the oldest goes first.
const DOCUMENTS_MAX: usize = 16;
/// A shorter text is read again in less time than a keystroke takes.
const TOKENS_MIN: u32 = 64;
/// What llama.cpp writes beside the numbers: where each token stands, and what each layer is.
const PLACE_BYTES_PER_TOKEN: u64 = 64;
const HEADER_BYTES: u64 = 64 << 10;
/// Left free on the disk for everybody else.
const DISK_RESERVE_BYTES: u64 = 1 << 30;
/// Whoever comes back later has forgotten the text as well.
const AGE_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// The kept sequences.
#[derive(Debug)]
pub(super) struct SavedContexts {
    folder: PathBuf,
    bytes_max: u64,
    /// The one kept last comes last.
    kept: Vec<Saved>,
}

/// Names a sequence: of which document, in which model, with which adapter on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) model: ModelName,
    pub(super) document: Document,
    pub(super) adapter: Adapter,
}

/// A sequence of a document.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) tokens: Vec<TokenId>,
    pub(super) state: SavedSequence,
}

#[derive(Debug)]
struct Saved {
    owner: Owner,
    identity: ContextIdentity,
    tokens: Vec<TokenId>,
    file: File,
    bytes: u64,
    checksum: u64,
    kept_at: Instant,
}

impl SavedContexts {
    /// Nothing kept yet; files go into `cache_dir`.
    pub(super) fn new(cache_dir: &Path, settings: &Settings) -> Self {
        let mut saved = Self {
            folder: cache_dir.to_owned(),
            bytes_max: 0,
            kept: Vec::new(),
        };
        saved.follow(settings);
        saved
    }

    /// Takes the bound of new settings.
    pub(super) fn follow(&mut self, settings: &Settings) {
        self.bytes_max = u64::from(settings.engine.saved_context_mb_max) << 20;
        self.make_room(0);
    }

    /// Which of a model's documents is to be kept next; none when all are that are worth it and that
    /// there is room for. `documents` with their tokens, the one used last at the end: it has the
    /// best claim, and is kept last, since the oldest goes first.
    pub(super) fn next(
        &self,
        model: &ModelName,
        documents: &[((Document, Adapter), u32)],
        bytes_per_token: u64,
    ) -> Option<(Document, Adapter)> {
        let mut bytes = 0;
        let newest_first = documents.iter().rev();
        let worth = newest_first.filter(|(_, tokens)| *tokens >= TOKENS_MIN);
        let fitting = worth.take(DOCUMENTS_MAX).take_while(|(_, tokens)| {
            bytes += bytes_at_most(bytes_per_token, u64::from(*tokens));
            bytes <= self.bytes_max
        });
        let unsaved = fitting.filter(|&&((document, adapter), _)| {
            !self.has(&Owner {
                model: model.clone(),
                document,
                adapter,
            })
        });
        unsaved.last().map(|(document, _)| *document)
    }

    /// Keeps a sequence. False when that is not possible, and then the log says why: the document will
    /// be read again.
    pub(super) fn keep(
        &mut self,
        owner: Owner,
        identity: ContextIdentity,
        contents: Contents,
        bytes_per_token: u64,
    ) -> bool {
        let SavedSequence(state) = contents.state;
        self.discard(&owner);
        let bytes = state.len() as u64;
        // Were it larger than counted on, the last one would push out the first, which would be kept
        // again, and so on for ever.
        let counted_on = bytes_at_most(bytes_per_token, contents.tokens.len() as u64);
        if bytes > counted_on.min(self.bytes_max) {
            tracing::warn!(model = %owner.model, bytes, counted_on, "what was read of a document is too large to be kept");
            return false;
        }
        self.make_room(bytes);
        match self.write(&state) {
            Ok(file) => {
                tracing::debug!(model = %owner.model, tokens = contents.tokens.len(), bytes, "what was read of a document is kept");
                self.kept.push(Saved {
                    owner,
                    identity,
                    tokens: contents.tokens,
                    file,
                    bytes,
                    checksum: checksum(&state),
                    kept_at: Instant::now(),
                });
                true
            }
            Err(error) => {
                tracing::warn!(%error, "what was read of a document cannot be kept");
                false
            }
        }
    }

    /// Whether something of this owner is kept.
    pub(super) fn has(&self, owner: &Owner) -> bool {
        self.kept.iter().any(|saved| saved.owner == *owner)
    }

    /// Takes out what was kept for the owner; none when it was computed otherwise, or is damaged.
    pub(super) fn take(&mut self, owner: &Owner, identity: &ContextIdentity) -> Option<Contents> {
        let index = self.kept.iter().position(|saved| saved.owner == *owner)?;
        let saved = self.kept.remove(index);
        if saved.identity != *identity {
            tracing::info!(model = %owner.model, "what was kept of a document is of another file or cache, and is not used");
            return None;
        }
        match saved.read() {
            Ok(state) => Some(Contents {
                tokens: saved.tokens,
                state: SavedSequence(state),
            }),
            Err(error) => {
                tracing::warn!(model = %owner.model, %error, "what was kept of a document cannot be used");
                None
            }
        }
    }

    /// What was kept for the owner is not wanted any more.
    pub(super) fn discard(&mut self, owner: &Owner) {
        self.kept.retain(|saved| saved.owner != *owner);
    }

    /// Forgets what was computed with adapters of a model that nobody will wear.
    pub(super) fn forget_adapters(&mut self, model: &ModelName, keeps: impl Fn(Adapter) -> bool) {
        self.kept
            .retain(|saved| saved.owner.model != *model || keeps(saved.owner.adapter));
    }

    /// The document was closed.
    pub(super) fn forget(&mut self, document: Document) {
        self.kept.retain(|saved| saved.owner.document != document);
    }

    /// Nothing is wanted any more.
    pub(super) fn forget_all(&mut self) {
        self.kept.clear();
    }

    /// Drops what has been kept for too long.
    pub(super) fn forget_old(&mut self, now: Instant) {
        self.kept.retain(|saved| saved.expires_at() > now);
    }

    /// When the next one has been kept for too long.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.kept.iter().map(Saved::expires_at).min()
    }

    /// Documents kept.
    pub(super) fn documents(&self) -> usize {
        self.kept.len()
    }

    /// Bytes on the disk.
    pub(super) fn bytes(&self) -> u64 {
        self.kept.iter().map(|saved| saved.bytes).sum()
    }

    fn make_room(&mut self, bytes: u64) {
        let is_over = |saved: &Self| {
            saved.kept.len() >= DOCUMENTS_MAX || saved.bytes() + bytes > saved.bytes_max
        };
        while !self.kept.is_empty() && is_over(self) {
            self.kept.remove(0);
        }
    }

    fn write(&self, state: &[u8]) -> io::Result<File> {
        // Where the system does not tell, the write itself will.
        let free = inkstone_platform::free_bytes(&self.folder).unwrap_or(u64::MAX);
        if free < state.len() as u64 + DISK_RESERVE_BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut file = private::nameless_file(&self.folder)?;
        file.write_all(state)?;
        Ok(file)
    }
}

impl Saved {
    fn read(&self) -> io::Result<Vec<u8>> {
        let mut file = &self.file;
        file.rewind()?;
        let mut state = Vec::with_capacity(usize::try_from(self.bytes).unwrap_or(0));
        file.take(self.bytes + 1).read_to_end(&mut state)?;
        if state.len() as u64 != self.bytes || checksum(&state) != self.checksum {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is damaged"));
        }
        Ok(state)
    }

    fn expires_at(&self) -> Instant {
        self.kept_at + AGE_MAX
    }
}

/// A sequence of so many tokens on the disk.
fn bytes_at_most(bytes_per_token: u64, tokens: u64) -> u64 {
    bytes_per_token
        .saturating_add(PLACE_BYTES_PER_TOKEN)
        .saturating_mul(tokens)
        .saturating_add(HEADER_BYTES)
}

/// llama.cpp does not survive every lie: what was not written here never reaches it. Nobody can
/// choose what a file holds by its checksum, since nobody else can open the file.
fn checksum(state: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(state);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use inkstone_engine::{FileStamp, KvType};

    use super::*;

    fn settings(saved_context_mb_max: u32) -> Settings {
        let mut settings = Settings::default();
        settings.engine.saved_context_mb_max = saved_context_mb_max;
        settings
    }

    fn saved(folder: &Path, mb_max: u32) -> SavedContexts {
        SavedContexts::new(folder, &settings(mb_max))
    }

    fn model() -> ModelName {
        "m".parse().unwrap()
    }

    fn owner(document: u64) -> Owner {
        Owner {
            model: model(),
            document: Document(document),
            adapter: Adapter::NONE,
        }
    }

    fn identity(file: &str) -> ContextIdentity {
        ContextIdentity {
            model: FileStamp::of(Path::new(file)),
            kv_type: KvType::F16,
            flash_attention: true,
        }
    }

    fn keep(saved: &mut SavedContexts, document: u64, state: &[u8]) -> bool {
        let contents = Contents {
            tokens: vec![TokenId(1), TokenId(2)],
            state: SavedSequence(state.to_vec()),
        };
        saved.keep(owner(document), identity("m"), contents, 1 << 20)
    }

    #[test]
    fn what_is_forgotten_comes_back_to_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = saved(folder.path(), 1);
        keep(&mut saved, 1, "一".as_bytes());
        keep(&mut saved, 2, b"two");
        saved.forget_all();
        assert_eq!((saved.documents(), saved.bytes()), (0, 0));
        assert!(saved.take(&owner(1), &identity("m")).is_none());
    }

    #[test]
    fn what_is_kept_comes_back_once_and_to_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = saved(folder.path(), 1);
        keep(&mut saved, 1, b"one");
        keep(&mut saved, 2, "二".as_bytes());
        assert_eq!((saved.documents(), saved.bytes()), (2, 6));
        let of_other_model = Owner {
            model: "other".parse().unwrap(),
            ..owner(1)
        };
        assert!(saved.take(&of_other_model, &identity("m")).is_none());
        let with_adapter = Owner {
            adapter: Adapter(7),
            ..owner(1)
        };
        assert!(saved.take(&with_adapter, &identity("m")).is_none());
        let two = saved.take(&owner(2), &identity("m")).unwrap();
        assert_eq!(two.state.0, "二".as_bytes());
        assert_eq!(two.tokens, [TokenId(1), TokenId(2)]);
        assert!(saved.take(&owner(2), &identity("m")).is_none());
        saved.forget(Document(1));
        assert!(!saved.has(&owner(1)));
    }

    #[test]
    fn what_was_computed_with_an_adapter_that_nobody_wears_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = saved(folder.path(), 1);
        keep(&mut saved, 1, b"one");
        saved.forget_adapters(&"other".parse().unwrap(), |_| false);
        saved.forget_adapters(&model(), |adapter| adapter == Adapter::NONE);
        assert_eq!(saved.documents(), 1);
        saved.forget_adapters(&model(), |_| false);
        assert_eq!(saved.documents(), 0);
    }

    #[test]
    fn no_file_of_it_can_be_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = saved(folder.path(), 1);
        assert!(keep(&mut saved, 1, b"one"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_another_file_or_another_kind_of_cache_computed_is_not_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let other_cache = ContextIdentity {
            kv_type: KvType::Q8,
            ..identity("m")
        };
        for other in [identity("replaced"), other_cache] {
            let mut saved = saved(folder.path(), 1);
            keep(&mut saved, 1, b"one");
            assert!(saved.take(&owner(1), &other).is_none());
            assert!(!saved.has(&owner(1)), "it is of no use to anybody");
        }
    }

    #[test]
    fn a_damaged_file_is_not_put_back() {
        let folder = tempfile::tempdir().unwrap();
        for damage in [
            (|file: &File| file.set_len(2)) as fn(&File) -> io::Result<()>,
            |file| file.set_len(9),
            |mut file| {
                file.rewind()?;
                file.write_all(b"X")
            },
        ] {
            let mut saved = saved(folder.path(), 1);
            keep(&mut saved, 1, b"one");
            damage(&saved.kept[0].file).unwrap();
            assert!(saved.take(&owner(1), &identity("m")).is_none());
            assert_eq!(saved.documents(), 0);
        }
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many_or_too_much() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = saved(folder.path(), 1);
        for document in 0..20 {
            keep(&mut saved, document, b"state");
        }
        assert_eq!(saved.documents(), DOCUMENTS_MAX);
        assert!(saved.has(&owner(19)) && !saved.has(&owner(3)));
        keep(&mut saved, 20, &vec![0; (1 << 20) - 9]);
        assert_eq!(saved.documents(), 2);
        assert!(!keep(&mut saved, 21, &vec![0; (1 << 20) + 1]));
        assert!(!saved.has(&owner(21)) && saved.has(&owner(20)));
        saved.follow(&settings(0));
        assert_eq!(saved.documents(), 0);
    }

    #[test]
    fn a_sequence_larger_than_counted_on_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = saved(folder.path(), 1);
        let contents = |bytes| Contents {
            tokens: vec![TokenId(1)],
            state: SavedSequence(vec![0; bytes]),
        };
        let most = usize::try_from(bytes_at_most(100, 1)).unwrap();
        assert!(!saved.keep(owner(1), identity("m"), contents(most + 1), 100));
        assert!(saved.keep(owner(1), identity("m"), contents(most), 100));
    }

    #[test]
    fn what_is_older_than_half_a_day_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = saved(folder.path(), 1);
        keep(&mut saved, 1, b"one");
        let expiry = saved.next_expiry().unwrap();
        let moment = Duration::from_millis(1);
        saved.forget_old(expiry.checked_sub(moment).unwrap());
        assert_eq!(saved.documents(), 1);
        saved.forget_old(expiry);
        assert_eq!((saved.documents(), saved.next_expiry()), (0, None));
    }

    #[test]
    fn the_documents_used_last_are_kept_as_far_as_there_is_room_and_short_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = saved(folder.path(), 1);
        let documents = [(1, 500), (2, 400), (3, TOKENS_MIN - 1), (4, 400)]
            .map(|(document, tokens)| ((Document(document), Adapter::NONE), tokens));
        // Room for 1,024 tokens.
        let next = |saved: &SavedContexts| {
            let next = saved.next(&model(), &documents, 1_024);
            next.map(|(document, _)| document)
        };
        assert_eq!(next(&saved), Some(Document(2)));
        keep(&mut saved, 2, b"two");
        assert_eq!(next(&saved), Some(Document(4)));
        keep(&mut saved, 4, b"four");
        assert_eq!(next(&saved), None);
        saved.follow(&settings(0));
        assert_eq!(next(&saved), None);
    }
}
