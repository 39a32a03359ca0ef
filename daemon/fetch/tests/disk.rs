//! A disk that is really full: a tiny file system in memory, where the system lets us mount one.
//! (That a write error is told right is tested without one, in `src/sink.rs`.)

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use inkstone_fetch::FetchError;
use inkstone_models::Sha256;
use support::server::Server;
use support::{Place, entry, model_bytes};

/// A file system in memory, unmounted at the end.
struct TinyDisk(PathBuf);

impl TinyDisk {
    /// Mounts one, or prints why it cannot.
    fn mount(at: &Path, size_mb: u32) -> Option<Self> {
        let size = format!("size={size_mb}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "inkstone-test"])
            .arg(at)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(at.to_owned())),
            Ok(output) => {
                println!(
                    "skipped: no right to mount ({})",
                    String::from_utf8_lossy(&output.stderr).trim()
                );
                None
            }
            Err(error) => {
                println!("skipped: cannot run mount ({error})");
                None
            }
        }
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        // A mount that stays is reported by the temporary folder that cannot be removed.
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn too_little_room_is_known_before_the_transfer() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = TinyDisk::mount(folder.path(), 16) else {
        return;
    };
    let inside = tempfile::tempdir_in(folder.path()).unwrap();
    let bytes = model_bytes("llama", 100_000);
    let place = Place::at(inside);
    let server = Server::start(bytes.clone(), vec![]);
    let source = format!("{{ kind = \"url\", url = \"{}\" }}", server.url());
    let error = place.pull(&entry(&bytes, &source)).unwrap_err();
    assert!(matches!(error, FetchError::NoSpace { .. }), "{error}");
    assert!(error.to_string().contains("MB free"), "{error}");
    assert_eq!(place.files(), Vec::<String>::new());
    // What came earlier is good to go on from when there is room again.
    let part = format!(".tiny.{}.part", Sha256::of(&bytes).short());
    fs::write(place.registry.directory().join(&part), &bytes[..10]).unwrap();
    let error = place.pull(&entry(&bytes, &source)).unwrap_err();
    assert!(matches!(error, FetchError::NoSpace { .. }), "{error}");
    assert_eq!(place.files(), [part]);
    drop(place);
    drop(disk);
}

#[test]
fn a_disk_that_fills_up_meanwhile_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = TinyDisk::mount(folder.path(), 80) else {
        return;
    };
    let inside = tempfile::tempdir_in(folder.path()).unwrap();
    let place = Place::at(inside);
    // 44 MB fit beside the reserve when asked; then somebody else takes the room.
    let bytes = model_bytes("llama", 11_000_000);
    let hog = folder.path().join("hog");
    let server = Server::start(bytes.clone(), vec![]);
    let source = format!("{{ kind = \"url\", url = \"{}\" }}", server.url());
    let entry = entry(&bytes, &source);
    let mut greedy = Greedy { hog: hog.clone() };
    let error = inkstone_fetch::Fetcher::new(&place.registry, &place.environment, &mut greedy)
        .pull(&entry, inkstone_fetch::Consent::Given)
        .unwrap_err();
    assert!(matches!(error, FetchError::DiskFull { .. }), "{error}");
    assert_eq!(place.files(), Vec::<String>::new());
    drop(place);
    drop(disk);
}

/// Fills the disk as soon as the transfer starts.
struct Greedy {
    hog: PathBuf,
}

impl inkstone_fetch::Progress for Greedy {
    fn phase(&mut self, phase: inkstone_fetch::Phase<'_>) {
        if phase == inkstone_fetch::Phase::Downloading {
            std::fs::write(&self.hog, vec![0; 60 * 1024 * 1024]).unwrap();
        }
    }

    fn pace(&mut self, _pace: inkstone_fetch::Pace) {}

    fn accepted(&mut self, _terms: &inkstone_models::Terms) {}

    fn source_failed(&mut self, _source: &inkstone_models::Source, _error: &FetchError) {}
}
