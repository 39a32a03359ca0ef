//! Names by content. A digest covers exactly what training sees of a document, so two datasets with
//! one name train one model, wherever the files lay and whatever was counted about them.
//!
//! What is hashed is written down here field by field, each with its length, and never left to a
//! serialiser: names in adapters must mean the same in every later build.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::dataset::{Record, names};

/// Begins every hash, so that a hash of one thing is never one of another.
const RECORDS_DOMAIN: &[u8] = b"inkstone records 1";
const DATASET_DOMAIN: &[u8] = b"inkstone dataset 1";
const DOCUMENT_DOMAIN: &[u8] = b"inkstone document 1";

/// Bytes of a [`Digest`].
pub const DIGEST_BYTES: usize = 32;
/// Bytes of a [`DocumentKey`]: 128 bits, by which no two of a writer's documents meet by chance.
pub const DOCUMENT_KEY_BYTES: usize = 16;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; DIGEST_BYTES]);

/// A document through all its versions and renames. Also decides which split it is in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentKey(pub [u8; DOCUMENT_KEY_BYTES]);

/// The name of a dataset: of what a training run saw.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DatasetId(pub [u8; DIGEST_BYTES]);

impl Digest {
    /// Of bytes as they are.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of what training sees of one document, in document order.
    pub fn of_records(records: &[Record]) -> Self {
        let mut hasher = Fields::new(RECORDS_DOMAIN);
        hasher.number(records.len());
        for record in records {
            hasher.text(&record.text);
            hasher.text(names::kind(record.kind));
            hasher.number(usize::from(names::heading_level(record.kind)));
            hasher.number(usize::from(record.title.is_some()));
            hasher.text(record.title.as_deref().unwrap_or_default());
            hasher.number(record.headings.len());
            for heading in &record.headings {
                hasher.text(heading);
            }
            hasher.text(&record.language);
            hasher.text(names::genre(record.genre));
            hasher.text(names::author(record.author));
            hasher.bytes(&record.weight.to_bits().to_le_bytes());
            hasher.text(names::split(record.split));
        }
        Self(hasher.finish())
    }
}

impl DocumentKey {
    /// The key of a document that is seen for the first time. `folder` says which of the added
    /// folders it lies in, `path` where in it; `turn` is 0, or counts up while the key is taken by
    /// one that lay there before.
    pub fn new(folder: &[u8], path: &[u8], turn: u32) -> Self {
        let mut hasher = Fields::new(DOCUMENT_DOMAIN);
        hasher.bytes(folder);
        hasher.bytes(path);
        hasher.bytes(&turn.to_le_bytes());
        let whole = hasher.finish();
        let mut key = [0; DOCUMENT_KEY_BYTES];
        key.copy_from_slice(&whole[..DOCUMENT_KEY_BYTES]);
        Self(key)
    }
}

/// Names a dataset from its documents, given in the order of their keys, without holding them.
#[derive(Debug)]
pub struct DatasetHasher {
    fields: Fields,
    last: Option<DocumentKey>,
}

/// The documents of a dataset came in another order than that of their keys, or one came twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("document {next} came after {last}; give the documents in the order of their keys")]
pub struct OutOfOrder {
    /// The one before.
    pub last: DocumentKey,
    /// The one at fault.
    pub next: DocumentKey,
}

impl Default for DatasetHasher {
    fn default() -> Self {
        Self {
            fields: Fields::new(DATASET_DOMAIN),
            last: None,
        }
    }
}

impl DatasetHasher {
    /// Adds a document and the digest of its records.
    pub fn add(&mut self, document: DocumentKey, records: Digest) -> Result<(), OutOfOrder> {
        match self.last {
            Some(last) if last >= document => Err(OutOfOrder {
                last,
                next: document,
            }),
            _ => {
                self.last = Some(document);
                self.fields.bytes(&document.0);
                self.fields.bytes(&records.0);
                Ok(())
            }
        }
    }

    /// The name.
    pub fn finish(self) -> DatasetId {
        DatasetId(self.fields.finish())
    }
}

/// Hashes fields so that no two lists of fields are the same bytes: each has its length before it.
#[derive(Debug)]
struct Fields(Sha256);

impl Fields {
    fn new(domain: &[u8]) -> Self {
        let mut fields = Self(Sha256::new());
        fields.bytes(domain);
        fields
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn number(&mut self, number: usize) {
        // `usize` has 64 bits at most.
        self.0.update((number as u64).to_le_bytes());
    }

    fn finish(self) -> [u8; DIGEST_BYTES] {
        self.0.finalize().into()
    }
}

/// A name was not written in hexadecimal digits of the right number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} hexadecimal digits")]
pub struct NotHexadecimal {
    /// Digits of such a name.
    pub expected: usize,
}

fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], NotHexadecimal> {
    let problem = NotHexadecimal { expected: 2 * N };
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(problem);
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| problem)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| problem)?;
    }
    Ok(bytes)
}

/// Hexadecimal in text, JSON and errors.
macro_rules! hexadecimal {
    ($($name:ident)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl FromStr for $name {
            type Err = NotHexadecimal;

            fn from_str(text: &str) -> Result<Self, NotHexadecimal> {
                from_hex(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )+};
}

hexadecimal!(Digest DocumentKey DatasetId);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{BlockKind, LineRange};
    use crate::dataset::examples::records;
    use crate::piece::{AuthorState, Genre};
    use crate::split::Split;

    #[test]
    fn everything_that_training_sees_changes_the_digest() {
        type Change = fn(&mut Record);
        let changes: [(&str, Change); 10] = [
            ("text", |r| r.text.push('。')),
            ("kind", |r| r.kind = BlockKind::Quote),
            ("level", |r| r.kind = BlockKind::Heading(3)),
            ("title", |r| r.title = None),
            ("headings", |r| r.headings[0].push('x')),
            ("language", |r| r.language = "zh".to_owned()),
            ("genre", |r| r.genre = Genre::Fiction),
            ("author", |r| r.author = AuthorState::Assisted),
            ("weight", |r| r.weight = 0.5),
            ("split", |r| r.split = Split::HeldOut),
        ];
        let mut seen = vec![Digest::of_records(&records())];
        for (what, change) in changes {
            let mut others = records();
            change(&mut others[0]);
            let digest = Digest::of_records(&others);
            assert!(!seen.contains(&digest), "{what}");
            seen.push(digest);
        }
    }

    #[test]
    fn where_it_lay_does_not_change_the_digest() {
        let mut moved = records();
        for record in &mut moved {
            record.provenance.path = "elsewhere.md".to_owned();
            record.provenance.lines = Some(LineRange { start: 9, end: 10 });
            record.provenance.rules.clear();
        }
        assert_eq!(Digest::of_records(&moved), Digest::of_records(&records()));
    }

    #[test]
    fn text_does_not_slide_from_one_field_into_the_next() {
        let mut one = records();
        let mut other = records();
        one[0].headings = vec!["ab".to_owned(), "c".to_owned()];
        other[0].headings = vec!["a".to_owned(), "bc".to_owned()];
        assert_ne!(Digest::of_records(&one), Digest::of_records(&other));
    }

    /// The expected values were computed by another program from the description above.
    #[test]
    fn digests_stay_what_they_were_in_earlier_builds() {
        assert_eq!(
            Digest::of_records(&[]).to_string(),
            "31a7d5b30aeb973afcc18083b43b50e568e33ea24ae46a384c40bf26c1a7cbf8"
        );
        assert_eq!(
            Digest::of_records(&records()).to_string(),
            "37f5eea4354f1e97cd4576dbc2166b64a8065898185b7809a30175cbab4ed638"
        );
        assert_eq!(
            DatasetHasher::default().finish().to_string(),
            "454cf7b9aa8f51aaa6703c72fccb9422e0b0e1155b395d2baa703f045f4fba31"
        );
        assert_eq!(
            DocumentKey::new(b"essays", "夜航.md".as_bytes(), 0).to_string(),
            "b3d53794ea57da1b7ad362285ca97062"
        );
    }

    #[test]
    fn keys_differ_by_folder_path_and_turn() {
        let key = DocumentKey::new(b"a", b"bc", 0);
        assert_ne!(key, DocumentKey::new(b"ab", b"c", 0));
        assert_ne!(key, DocumentKey::new(b"a", b"bc", 1));
    }

    #[test]
    fn documents_of_a_dataset_come_in_order_and_once() {
        let (low, high) = (DocumentKey([1; 16]), DocumentKey([2; 16]));
        let digest = Digest::of(b"");
        let mut hasher = DatasetHasher::default();
        hasher.add(low, digest).unwrap();
        assert!(hasher.add(low, digest).is_err());
        hasher.add(high, digest).unwrap();
        let error = hasher.add(low, digest).unwrap_err();
        assert_eq!((error.last, error.next), (high, low));
    }

    #[test]
    fn names_are_read_back_from_text_and_json() {
        let digest = Digest::of("港".as_bytes());
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
        for wrong in ["", "00", "zz", "é", &"g".repeat(64), &"é".repeat(32)] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
