//! What text that was not typed is remembered by: hashed shingles, computed here and never the text.
//!
//! Not which edits these are (`session/arrivals.rs`), nor what a mark means. A paste whose text
//! documents hold or have held, or that its file holds already, is the writer's own: moved, copied,
//! restored or reloaded. A task of the event loop.

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use inkstone_prose::shingle::{Width, shingles as shingles_of};
use inkstone_protocol::InsertedOrigin;
use inkstone_text::{DOCUMENT_BYTES_MAX, DocumentVersion, Snapshot, TextRange, Utf8Offset};

use tokio::sync::mpsc;

use crate::daemon::link::Link;
use crate::session::arrivals::{Arrival, Paste};

/// A known text is looked through in pieces, so that its shingles are never all in memory.
const PIECE_BYTES: usize = 64 << 10;

/// How much pieces share: more than any shingle spans.
const OVERLAP_BYTES: usize = 1 << 10;

/// The share of a paste, in per cent, that must be new: where own text is put together, the seams
/// are new.
const NEW_PERCENT_MIN: usize = 25;

/// Texts and saved documents that may wait for their turn.
pub(crate) const TASKS_MAX: usize = 64;

/// What is told of a document for the trainer.
#[derive(Debug)]
pub(crate) enum Task {
    /// Text came that was not typed.
    Remember(Arrival),
    /// It was saved: after what came before, so that whoever reads it finds that remembered.
    Saved(PathBuf),
}

/// Does one task after another, until nobody can give one any more.
pub(crate) async fn in_order(link: Link, mut tasks: mpsc::Receiver<Task>) {
    while let Some(task) = tasks.recv().await {
        let arrival = match task {
            Task::Remember(arrival) => arrival,
            Task::Saved(path) => {
                link.saved(path);
                continue;
            }
        };
        // A paste is compared with what documents hold.
        match tokio::task::spawn_blocking(move || shingles(arrival)).await {
            Ok((origin, shingles)) => link.remember(origin, shingles),
            Err(error) => tracing::error!(%error, "a task failed; please report this bug"),
        }
    }
}

/// What is to be remembered; nothing of a text too short, or the writer's own.
fn shingles(arrival: Arrival) -> (InsertedOrigin, Vec<u64>) {
    match arrival {
        Arrival::Suggested(text) => (InsertedOrigin::Suggested, distinct(&text)),
        Arrival::Pasted(paste) => (InsertedOrigin::Pasted, of_paste(&paste)),
    }
}

fn distinct(text: &str) -> Vec<u64> {
    let mut shingles = shingles_of(text, Width::RECOGNISE);
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

fn of_paste(paste: &Paste) -> Vec<u64> {
    let came = distinct(&paste.text);
    let mut new: HashSet<u64> = came.iter().copied().collect();
    for known in &paste.known {
        remove_known(&mut new, known);
    }
    if !new.is_empty()
        && let Some(text) = paste
            .file
            .as_deref()
            .and_then(|file| read(file, paste.came_at))
    {
        remove_known(&mut new, &Snapshot::of(&text, DocumentVersion::default()));
    }
    if new.len() * 100 < came.len() * NEW_PERCENT_MIN {
        return Vec::new();
    }
    came.into_iter().filter(|hash| new.contains(hash)).collect()
}

fn remove_known(new: &mut HashSet<u64>, known: &Snapshot) {
    let end = known.len().get();
    let mut from = 0;
    while from < end && !new.is_empty() {
        let to = from + PIECE_BYTES + OVERLAP_BYTES;
        let piece = known.slice(TextRange::new(
            Utf8Offset::new(from),
            Utf8Offset::new(to.min(end)),
        ));
        for hash in shingles_of(&piece, Width::RECOGNISE) {
            new.remove(&hash);
        }
        from += PIECE_BYTES;
    }
}

/// The text of a file as it was at that time, if it is one and no larger than a document. One that was
/// saved since holds what came, whoever wrote that.
fn read(path: &Path, at: SystemTime) -> Option<String> {
    // A pipe would be waited for.
    let is_document = |metadata: &Metadata| {
        let bytes = metadata.len();
        metadata.is_file() && bytes <= DOCUMENT_BYTES_MAX as u64
    };
    let is_as_it_was = |metadata: &Metadata| metadata.modified().is_ok_and(|changed| changed <= at);
    if !std::fs::metadata(path).is_ok_and(|metadata| is_document(&metadata)) {
        return None;
    }
    let mut bytes = Vec::new();
    let mut file = File::open(path).ok()?;
    Read::by_ref(&mut file)
        .take(DOCUMENT_BYTES_MAX as u64)
        .read_to_end(&mut bytes)
        .ok()?;
    // Asked of the very file, and after it was read.
    if !is_as_it_was(&file.metadata().ok()?) {
        return None;
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "The harbour was quiet in the morning, and nobody had seen the boats go out \
                        before the fog came in from the north, slowly and without any wind.";
    const THEIRS: &str = "Large language models are trained on text from many sources, and their \
                          output is often fluent, general, and free of any particular voice.";

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::of(text, DocumentVersion::new(0))
    }

    fn paste(text: &str, known: &[&str]) -> Vec<u64> {
        let paste = Paste {
            text: text.to_owned(),
            known: known.iter().map(|text| snapshot(text)).collect(),
            file: None,
            came_at: SystemTime::now(),
        };
        shingles(Arrival::Pasted(paste)).1
    }

    #[test]
    fn what_documents_hold_or_held_is_no_paste() {
        assert_eq!(paste(THEIRS, &[OURS]), distinct(THEIRS));
        let wrapped = OURS.replace(' ', "\n");
        assert!(paste(&wrapped, &["", OURS]).is_empty());
        let long = format!("{}{OURS}", "砚台 and ink. ".repeat(20_000));
        assert!(paste(OURS, &[&long]).is_empty());
        let both = paste(&format!("{OURS} {THEIRS}"), &[OURS]);
        assert!(distinct(THEIRS).iter().all(|hash| both.contains(hash)));
        assert!(!distinct(OURS).iter().any(|hash| both.contains(hash)));
    }

    #[test]
    fn seams_of_own_text_are_no_paste() {
        let (first, second) = OURS.split_once(", and").expect("two parts");
        assert!(paste(&format!("{second} {first}"), &[OURS]).is_empty());
    }

    #[test]
    fn what_the_file_holds_was_reloaded() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("港口.md");
        std::fs::write(&file, format!("# 港口\r\n\r\n{THEIRS}\r\n")).expect("written");
        let came = |file: &Path, came_at| {
            let paste = Paste {
                text: THEIRS.to_owned(),
                known: vec![snapshot(OURS)],
                file: Some(file.to_owned()),
                came_at,
            };
            shingles(Arrival::Pasted(paste)).1
        };
        let written_at = std::fs::metadata(&file).and_then(|file| file.modified());
        let written_at = written_at.expect("a time");
        let reloaded = |file: &Path| came(file, written_at);
        assert!(reloaded(&file).is_empty());
        // Saved since: it shows what was pasted, and that it was there before nobody knows.
        let before = written_at - std::time::Duration::from_millis(1);
        assert!(!came(&file, before).is_empty());
        assert!(!reloaded(folder.path()).is_empty());
        assert!(!reloaded(&folder.path().join("none.md")).is_empty());
    }

    #[test]
    fn a_suggestion_is_remembered_with_what_led_to_it_and_a_short_one_not() {
        let of = |text: &str| shingles(Arrival::Suggested(text.to_owned())).1.len();
        assert_eq!(of("the old harbour was quiet"), 0);
        assert_eq!(of("the old harbour was quiet again."), 1);
        assert_eq!(of("经做过许多梦，后来大半忘却了"), 2);
    }
}
