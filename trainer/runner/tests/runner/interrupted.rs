//! Builds with something in their way: a disk that is away, a folder that is removed, a git that fails.

use std::fs;
use std::path::{Path, PathBuf};

use inkstone_corpus::dataset::{DatasetId, Record};
use inkstone_settings::Corpus;
use inkstone_store::{Identities, Store};
use inkstone_trainer::assemble::{self, AssembleError};
use inkstone_trainer::build::{BuildError, Built, build, sweep};

use crate::desk::{Desk, git};

pub(crate) const ENGLISH: &str = "The harbour was quiet when we walked down to the boats, and nobody \
    spoke of the storm that had kept us in the house for three whole days.";
pub(crate) const CHINESE: &str =
    "清晨的海港很安静，我们沿着石阶走到船边，谁也没有提起那场把我们困在屋里整整三天的大雨。";
pub(crate) const SECOND: &str = "When the last ferry had left, the harbour master counted the crates \
    again, as he had done every evening for thirty years, and walked home along the wall.";

/// A database, and how its dataset is built.
pub(crate) struct Library {
    pub(crate) home: Desk,
    pub(crate) store: Store,
    pub(crate) corpus: Corpus,
}

impl Library {
    pub(crate) fn new() -> Self {
        let home = Desk::new();
        let store = Store::open(&home.at("inkstone.db")).unwrap();
        let corpus = Corpus::default();
        Self {
            home,
            store,
            corpus,
        }
    }

    pub(crate) fn add(&mut self, folder: &Path) {
        let ann = Identities::of(["ann@new.example"]);
        self.store.add_workspace(folder, &ann, 0).unwrap();
    }

    pub(crate) fn try_build(&mut self, only: &[PathBuf]) -> Result<Built, BuildError> {
        build(&mut self.store, &self.corpus, only, None, 1, &mut |_| ())
    }

    pub(crate) fn build(&mut self) -> DatasetId {
        self.try_build(&[]).unwrap().dataset
    }

    /// Paths and texts of a version.
    pub(crate) fn texts(&mut self, id: DatasetId) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        assemble::read_version(&mut self.store, id, |record: Record| {
            texts.push((record.provenance.path, record.text));
            Ok::<_, AssembleError>(())
        })
        .unwrap();
        texts
    }

    pub(crate) fn paths(&mut self, id: DatasetId) -> Vec<String> {
        let mut paths: Vec<String> = self.texts(id).into_iter().map(|(path, _)| path).collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

#[test]
fn a_folder_whose_disk_is_away_keeps_what_is_known_and_the_others_are_built() {
    let (there, away) = (Desk::new(), Desk::new());
    there.write("a.md", ENGLISH);
    away.write("disk/b.md", CHINESE);
    let mut library = Library::new();
    library.add(&there.root);
    library.add(&away.at("disk"));
    let whole = library.build();
    fs::rename(away.at("disk"), away.at("gone")).unwrap();
    there.write("c.md", SECOND);
    let built = library.try_build(&[]).unwrap();
    let problem = built.workspaces[&away.at("disk")].problem.as_deref();
    assert!(problem.unwrap().contains("disk"), "{problem:?}");
    assert_eq!(library.paths(built.dataset), ["a.md", "b.md", "c.md"]);
    let asked = library.try_build(&[away.at("disk")]).unwrap_err();
    assert!(matches!(asked, BuildError::Look { .. }), "{asked}");
    fs::rename(away.at("gone"), away.at("disk")).unwrap();
    fs::remove_file(there.at("c.md")).unwrap();
    assert_eq!(library.build(), whole);
}

#[test]
fn an_empty_place_where_a_disk_was_keeps_what_is_known_until_something_lies_there() {
    let (there, away) = (Desk::new(), Desk::new());
    there.write("a.md", ENGLISH);
    away.write("disk/b.md", CHINESE);
    away.write("disk/信/c.md", SECOND);
    let mut library = Library::new();
    library.add(&there.root);
    library.add(&away.at("disk"));
    let whole = library.build();
    fs::rename(away.at("disk"), away.at("gone")).unwrap();
    fs::create_dir(away.at("disk")).unwrap();
    let built = library.try_build(&[]).unwrap();
    let problem = built.workspaces[&away.at("disk")].problem.as_deref();
    let problem = problem.unwrap();
    assert!(problem.contains("is its disk connected?"), "{problem}");
    assert!(problem.contains("inkstone workspace rm"), "{problem}");
    assert_eq!(built.dataset, whole);
    let asked = library.try_build(&[away.at("disk")]).unwrap_err();
    assert!(matches!(asked, BuildError::Look { .. }), "{asked}");
    // The disk is there again, and a file of it went meanwhile.
    fs::remove_dir(away.at("disk")).unwrap();
    fs::remove_file(away.at("gone/b.md")).unwrap();
    fs::rename(away.at("gone"), away.at("disk")).unwrap();
    let id = library.build();
    assert_eq!(library.paths(id), ["a.md", "信/c.md"]);
    // Another file, in a folder that its owner emptied: that is no disk.
    fs::remove_dir_all(away.at("disk/信")).unwrap();
    assert_eq!(library.build(), id);
    away.write("disk/new.md", CHINESE);
    let id = library.build();
    assert_eq!(library.paths(id), ["a.md", "new.md"]);
    // Or the folder is removed.
    fs::remove_file(away.at("disk/new.md")).unwrap();
    assert_eq!(library.build(), id);
    library.store.remove_workspace(&away.at("disk")).unwrap();
    let id = library.build();
    assert_eq!(library.paths(id), ["a.md"]);
}

#[test]
fn a_folder_that_is_removed_while_it_is_read_is_read_no_further_and_kept_nowhere() {
    let (stays, goes) = (Desk::new(), Desk::new());
    stays.write("a.md", ENGLISH);
    for number in 0..20 {
        goes.write(
            &format!("{number}.md"),
            &format!("{SECOND} {number} {CHINESE}"),
        );
    }
    let mut library = Library::new();
    library.add(&stays.root);
    library.add(&goes.root);
    let mut other = Store::open(&library.home.at("inkstone.db")).unwrap();
    let mut read_after = 0;
    let mut hear = |progress: inkstone_trainer::build::Progress<'_>| {
        if let inkstone_trainer::build::Progress::Reading { workspace, .. } = progress
            && workspace == goes.root
        {
            read_after += 1;
            other.remove_workspace(&goes.root).unwrap();
        }
    };
    let corpus = Corpus::default();
    let built = build(&mut library.store, &corpus, &[], None, 1, &mut hear).unwrap();
    assert_eq!(read_after, 1);
    assert_eq!(library.paths(built.dataset), ["a.md"]);
    let documents = library.store.read_corpus(|corpus| corpus.document_count());
    assert_eq!(documents.unwrap(), 1);
    assert!(sweep(&mut library.store).unwrap());
    // Who asked for that folder is told.
    let asked = library
        .try_build(std::slice::from_ref(&goes.root))
        .unwrap_err();
    assert!(matches!(asked, BuildError::NotAdded { .. }), "{asked}");
}

#[test]
fn a_file_of_which_git_could_not_tell_whose_it_is_is_asked_about_again() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.write("ben.md", SECOND);
    desk.git(&["add", "-A"]);
    git(
        &desk.root,
        "Ben <b@x.example>",
        &["commit", "-q", "-m", "Ben's"],
    );
    desk.write("ann.md", &format!("{ENGLISH}\n"));
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-q", "-m", "hers"]);
    let blob = desk.git(&["rev-parse", "HEAD:ann.md"]);
    desk.write("ann.md", &format!("{ENGLISH}\n\n{CHINESE}\n"));
    // Without what was committed of it, git cannot tell what is new in it.
    let (folder, rest) = blob.trim().split_at(2);
    let object = desk.at(&format!(".git/objects/{folder}/{rest}"));
    fs::rename(&object, desk.at(".git/away")).unwrap();
    let mut library = Library::new();
    library.add(&desk.root);
    let id = library.build();
    assert_eq!(library.paths(id), [""; 0]);
    fs::rename(desk.at(".git/away"), &object).unwrap();
    let id = library.build();
    assert_eq!(library.paths(id), ["ann.md"]);
}

#[test]
fn messages_of_a_repository_that_cannot_be_asked_now_stay() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.write("a.md", ENGLISH);
    desk.git(&["add", "-A"]);
    let subject = "Let the harbour master walk home";
    desk.git(&["commit", "-q", "-m", subject, "-m", SECOND]);
    let mut library = Library::new();
    library.add(&desk.root);
    let id = library.build();
    let has_message = |paths: &[String]| paths.iter().any(|path| path.starts_with("git:"));
    assert!(has_message(&library.paths(id)), "{:?}", library.paths(id));
    let head = fs::read(desk.at(".git/HEAD")).unwrap();
    fs::write(desk.at(".git/HEAD"), "broken").unwrap();
    let broken = library.build();
    assert!(has_message(&library.paths(broken)));
    fs::write(desk.at(".git/HEAD"), head).unwrap();
    assert_eq!(library.build(), id);
}

#[test]
fn what_an_export_held_that_was_killed_is_let_go_of() {
    let desk = Desk::new();
    desk.write("a.md", ENGLISH);
    let mut library = Library::new();
    library.corpus.versions_kept = 1;
    library.add(&desk.root);
    let first = library.build();
    let own = format!("{}{}", assemble::EXPORT_HOLDER, std::process::id());
    for holder in ["export 2147483632", "export ", "adapter 3", &own] {
        assemble::pin(&mut library.store, first, holder).unwrap();
    }
    desk.write("a.md", SECOND);
    library.build();
    let versions = assemble::versions(&mut library.store).unwrap();
    let held = versions.iter().find(|version| version.id == first);
    assert_eq!(held.unwrap().pins, ["adapter 3", &own]);
}
