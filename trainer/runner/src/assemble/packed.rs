//! How values are kept in the store: JSON, deflated, which halves prose and costs less time than the
//! disk saves.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use inkstone_corpus::dataset::{DOCUMENT_KEY_BYTES, Digest, DocumentKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{AssembleError, damaged};

/// A document has 16 MiB at most; its pieces hold each text twice, with every byte escaped at worst.
const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// As JSON.
pub(super) fn json(
    what: &'static str,
    value: &(impl Serialize + ?Sized),
) -> Result<Vec<u8>, AssembleError> {
    serde_json::to_vec(value).map_err(|error| AssembleError::Unkept {
        what,
        problem: error.to_string(),
    })
}

/// Deflates bytes.
pub(super) fn pack(what: &'static str, bytes: &[u8]) -> Result<Vec<u8>, AssembleError> {
    if bytes.len() as u64 > UNPACKED_BYTES_MAX {
        return Err(AssembleError::Unkept {
            what,
            problem: format!("{} bytes are more than {UNPACKED_BYTES_MAX}", bytes.len()),
        });
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.map_err(|error| AssembleError::Unkept {
        what,
        problem: error.to_string(),
    })
}

/// Reads what [`pack`] wrote of JSON.
pub(super) fn unpack<T: DeserializeOwned>(
    what: &'static str,
    packed: &[u8],
) -> Result<T, AssembleError> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(packed)
        .take(UNPACKED_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(|error| damaged(what, error))?;
    serde_json::from_slice(&bytes).map_err(|error| damaged(what, error))
}

/// A document's key from its bytes.
pub(super) fn key(bytes: &[u8]) -> Result<DocumentKey, AssembleError> {
    let bytes: [u8; DOCUMENT_KEY_BYTES] = bytes
        .try_into()
        .map_err(|error| damaged("a document's key", error))?;
    Ok(DocumentKey(bytes))
}

/// A digest from its bytes.
pub(super) fn digest(bytes: &[u8]) -> Result<Digest, AssembleError> {
    let bytes = bytes
        .try_into()
        .map_err(|error| damaged("a digest", error))?;
    Ok(Digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_prose_takes_less_room() {
        let text = "一个很长的句子，关于海港的早晨。 The harbour lay quiet. 👩‍👩‍👧\r\n".repeat(100);
        let bytes = json("a text", &text).unwrap();
        let packed = pack("a text", &bytes).unwrap();
        assert!(packed.len() * 2 < bytes.len());
        assert_eq!(unpack::<String>("a text", &packed).unwrap(), text);
    }

    #[test]
    fn damage_is_reported_with_its_remedy() {
        let packed = pack("a text", b"\"whole\"").unwrap();
        for wrong in [&packed[..packed.len() - 3], b"no deflate at all", b""] {
            let error = unpack::<String>("a reading", wrong)
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("a reading in the database"), "{error}");
            assert!(error.contains("build the dataset again"), "{error}");
        }
        assert!(key(&[0; 3]).is_err());
        assert!(digest(&[0; 31]).is_err());
    }
}
