//! What training sees of one document, once all of its pieces are compared.

use inkstone_corpus::dataset::{self, Digest, Origin, Record, Statistics};
use inkstone_corpus::dedup::fingerprint::DUPLICATE_WORDS_MIN;
use inkstone_corpus::split::Split;
use inkstone_corpus::{CleanDocument, Reason};
use inkstone_store::Corpus;
use inkstone_store::corpus::document::DocumentRow;
use inkstone_store::corpus::version::NewRecord;
use inkstone_store::corpus::wording::PieceRow;

use super::{AssembleError, Measures, damaged, outliers, packed};

/// Makes a document's record; how many bytes its reading took.
pub(super) fn make(
    corpus: &Corpus<'_>,
    id: i64,
    measures: Measures,
) -> Result<usize, AssembleError> {
    let Some(row) = corpus.document(id)? else {
        return Ok(0);
    };
    let (document, verdicts, bytes) = judged(corpus, &row)?;
    let origin = Origin {
        workspace: row.folder.clone(),
        path: String::from_utf8_lossy(&row.path).into_owned(),
        document: packed::key(&row.key)?,
        content_hash: packed::digest(&row.content_hash)?,
    };
    let split = Split::of(&origin.document.to_string(), measures.held_out_percent);
    let pieces = document.pieces.iter().zip(&verdicts);
    let records: Vec<Record> = pieces
        .filter(|(_, verdict)| verdict.is_none())
        .map(|(piece, _)| dataset::record(&document, piece, split, &origin))
        .collect();
    let left_out = document.left_out.iter().map(|block| block.reason);
    let left_out = left_out.chain(verdicts.iter().copied().flatten());
    let statistics = Statistics::of_document(&records, left_out, None);
    let statistics = packed::json("statistics", &statistics)?;
    let json = packed::json("a record", &records)?;
    let digest = (!records.is_empty()).then(|| Digest::of_records(&records));
    let hash = [&row.key[..], &Digest::of(&json).0, &statistics].concat();
    let record = corpus.record_for(&NewRecord {
        hash: &Digest::of(&hash).0,
        key: &row.key,
        digest: digest.as_ref().map(|digest| &digest.0[..]),
        statistics: &statistics,
        bytes: &packed::pack("a record", &json)?,
    })?;
    corpus.set_record(id, record)?;
    Ok(bytes)
}

/// A document, why each of its pieces stays out or none, and the bytes of its reading. Pieces that a
/// person brought back say so.
pub(super) fn judged(
    corpus: &Corpus<'_>,
    row: &DocumentRow,
) -> Result<(CleanDocument, Vec<Option<Reason>>, usize), AssembleError> {
    let reading = corpus.reading(row.id)?;
    let reading = reading.ok_or_else(|| damaged("a reading", "it is missing"))?;
    let mut document: CleanDocument = packed::unpack("a reading", &reading)?;
    let outliers = outliers::of_document(corpus, row.id)?;
    outliers::flag(&mut document, &outliers);
    let pieces = corpus.pieces(row.id)?;
    if pieces.len() != document.pieces.len() {
        let problem = format!(
            "{} pieces, and {} of them compared",
            document.pieces.len(),
            pieces.len()
        );
        return Err(damaged("a reading", problem));
    }
    let mut verdicts = Vec::with_capacity(pieces.len());
    for (found, piece) in document.pieces.iter_mut().zip(&pieces) {
        let outlier = outliers.get(&piece.ordinal).and_then(|came| came.reason());
        let verdict = verdict(row, piece, outlier);
        if verdict.is_none() && piece.wanted {
            let would_be = without_wish(row, piece).or(outlier);
            found.brought_back = would_be.or(found.brought_back);
        }
        verdicts.push(verdict);
    }
    Ok((document, verdicts, reading.len()))
}

/// All that came of reading a document, if it is there.
pub(crate) fn reading(
    corpus: &Corpus<'_>,
    document: i64,
) -> Result<Option<CleanDocument>, AssembleError> {
    let reading = corpus.reading(document)?;
    let reading = reading.map(|bytes| packed::unpack("a reading", &bytes));
    reading.transpose()
}

/// Why a piece stays out; the first reason that holds. An `outlier` to a language model stays out
/// unless a person wants it.
fn verdict(document: &DocumentRow, piece: &PieceRow, outlier: Option<Reason>) -> Option<Reason> {
    let is_double = piece.words >= DUPLICATE_WORDS_MIN && !piece.is_lead;
    let without_wish = without_wish(document, piece);
    if document.excluded {
        Some(Reason::Excluded)
    } else if without_wish.is_some() && !piece.wanted {
        without_wish
    } else if piece.is_alike || is_double {
        Some(Reason::Duplicate)
    } else if piece.reviewed {
        Some(Reason::Reviewed)
    } else {
        outlier.filter(|_| !piece.wanted)
    }
}

/// Why a piece would stay out that a person may bring back.
fn without_wish(document: &DocumentRow, piece: &PieceRow) -> Option<Reason> {
    if document.witness.is_some() {
        Some(Reason::OlderVersion)
    } else if piece.boilerplate {
        Some(Reason::Boilerplate)
    } else {
        None
    }
}
