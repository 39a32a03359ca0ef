//! Looks now and then whether a training runs, as it says itself in a file of the state directory.
//!
//! Not through the daemon: `inkstone train` runs without one. Started by the event loop for editors
//! that show progress.

use std::path::PathBuf;
use std::time::Duration;

use inkstone_protocol::TrainingReport;
use tokio::sync::mpsc;

use crate::event::Event;

/// How often it is looked: a training takes minutes, and looking more often would wake laptops.
pub(crate) const TRAINING_CHECK_EVERY: Duration = Duration::from_secs(5);
/// A report has some 300 bytes.
const REPORT_BYTES_MAX: u64 = 16 * 1024;

/// Tells of each change, until the loop has ended.
pub(crate) async fn watch_training(
    file: PathBuf,
    is_alive: fn(u32) -> bool,
    check_every: Duration,
    events: mpsc::Sender<Event>,
) {
    let mut told: Option<TrainingReport> = None;
    loop {
        let report = read(file.clone()).await;
        // What a process that is gone left behind is no training.
        let report = report.filter(|report| is_alive(report.pid));
        if report != told {
            told.clone_from(&report);
            if events
                .send(Event::Training(report.map(Box::new)))
                .await
                .is_err()
            {
                return;
            }
        }
        tokio::time::sleep(check_every).await;
    }
}

/// Off the loop's thread: the file may lie on a slow disk.
async fn read(file: PathBuf) -> Option<TrainingReport> {
    let is_sane = tokio::fs::metadata(&file).await.ok()?.len() <= REPORT_BYTES_MAX;
    if !is_sane {
        return None;
    }
    serde_json::from_slice(&tokio::fs::read(&file).await.ok()?).ok()
}
