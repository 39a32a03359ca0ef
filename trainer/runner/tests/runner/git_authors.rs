//! A repository with three authors: only the configured writer's lines are theirs, whatever git went
//! through.

use std::time::Duration;

use inkstone_store::{Identities, Mark, Store, Workspace};
use inkstone_trainer::git::{Authors, FileAuthors, GitError, LineAuthor, authors::NotTheirs};

use crate::desk::{git, write};

const DEADLINE: Duration = Duration::from_secs(60);
const ANN: &str = "Ann <ann@new.example>";
const BEN: &str = "Ben <ben@x.example>";
const CYN: &str = "辛 <cyn@x.example>";

/// A repository on its way through the tests.
struct Book {
    folder: tempfile::TempDir,
    identities: Identities,
    marks: Vec<(&'static str, Mark)>,
}

impl Book {
    fn new() -> Self {
        let book = Self {
            folder: tempfile::tempdir().unwrap(),
            identities: Identities::of(["ann@new.example"]),
            marks: Vec::new(),
        };
        book.git(ANN, &["init", "-q"]);
        book
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn git(&self, who: &str, arguments: &[&str]) -> String {
        git(&self.root(), who, arguments)
    }

    fn write(&self, path: &str, text: &str) {
        write(&self.root().join(path), text);
    }

    fn commit(&self, who: &str, path: &str, text: &str) -> String {
        self.write(path, text);
        self.git(who, &["add", "-A"]);
        self.git(who, &["commit", "-q", "-m", "words"]);
        self.git(who, &["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn workspace(&self) -> Workspace {
        let database = tempfile::tempdir().unwrap();
        let mut store = Store::open(&database.path().join("db")).unwrap();
        store
            .add_workspace(&self.root(), &self.identities, 0)
            .unwrap();
        for (path, mark) in &self.marks {
            store.mark(&self.root().join(path), Some(*mark)).unwrap();
        }
        store.workspaces().unwrap().remove(0)
    }

    fn authors(&self, path: &str) -> FileAuthors {
        let content = std::fs::read(self.root().join(path)).unwrap();
        let workspace = self.workspace();
        Authors::of(&workspace, DEADLINE).of_file(path, &content, true)
    }

    /// The lines of a file with a letter for whose they are: `A` the writer's, `.` another's, `?` in
    /// no commit.
    #[track_caller]
    fn check(&self, path: &str, expected: &str) {
        let text = std::fs::read_to_string(self.root().join(path)).unwrap();
        let lines = match self.authors(path) {
            FileAuthors::Lines(lines) => lines,
            other => panic!("{path}: {other:?}"),
        };
        let letters: String = lines
            .iter()
            .map(|line| match line {
                LineAuthor::Owner => 'A',
                LineAuthor::Other => '.',
                LineAuthor::Uncommitted => '?',
            })
            .collect();
        assert_eq!(letters, expected, "{text}");
    }
}

/// Long enough that git sees them again where they were moved to.
const FIRST: &str = "The harbour was quiet on the morning after the storm had gone.";
const SECOND: &str = "渔民们三三两两地站在码头上，谁也没有说话，只听见远处的海浪声。";
const THIRD: &str = "Nobody had expected the boats to come back before the evening.";
const FOURTH: &str = "She counted the masts again, and again one of them was missing.";

/// A chapter of three authors: the writer's first and third lines, the others' between.
fn chapter() -> Book {
    let book = Book::new();
    book.commit(ANN, "one.md", &format!("{FIRST}\n"));
    book.commit(BEN, "one.md", &format!("{FIRST}\n{SECOND}\n"));
    book.commit(ANN, "one.md", &format!("{FIRST}\n{SECOND}\n{THIRD}\n"));
    book.commit(
        CYN,
        "one.md",
        &format!("{FIRST}\n{SECOND}\n{THIRD}\n{FOURTH}\n"),
    );
    book
}

#[test]
fn only_the_writers_lines_are_theirs_and_what_is_in_no_commit_is_told_apart() {
    let book = chapter();
    book.check("one.md", "A.A.");
    let text =
        format!("{FIRST}\nA new line at the desk, in no commit yet.\n{SECOND}\n{THIRD}\n{FOURTH}");
    book.write("one.md", &text);
    book.check("one.md", "A?.A.");
    book.write("new.md", "A file that git does not know.\n另一行\n");
    book.check("new.md", "??");
}

#[test]
fn a_renamed_file_and_lines_moved_to_another_keep_their_authors() {
    let book = chapter();
    book.git(BEN, &["mv", "one.md", "chapter-1.md"]);
    book.git(BEN, &["commit", "-q", "-m", "rename"]);
    book.check("chapter-1.md", "A.A.");
    // Ben moves the writer's third line into a new file, and it stays the writer's.
    book.write("chapter-1.md", &format!("{FIRST}\n{SECOND}\n{FOURTH}\n"));
    book.commit(
        BEN,
        "two.md",
        &format!("{THIRD}\nBen went on with a line of his own here.\n"),
    );
    book.check("two.md", "A.");
}

#[test]
fn a_rebase_keeps_the_authors() {
    let book = Book::new();
    book.commit(BEN, "one.md", &format!("{FIRST}\n"));
    book.git(ANN, &["checkout", "-q", "-b", "draft"]);
    book.commit(ANN, "two.md", &format!("{SECOND}\n"));
    book.commit(CYN, "two.md", &format!("{SECOND}\n{THIRD}\n"));
    book.git(ANN, &["checkout", "-q", "main"]);
    book.commit(BEN, "three.md", &format!("{FOURTH}\n"));
    book.git(ANN, &["checkout", "-q", "draft"]);
    let before = book.git(ANN, &["rev-parse", "HEAD"]);
    // Ben rebases: he commits what others wrote.
    book.git(BEN, &["rebase", "-q", "main"]);
    assert_ne!(before, book.git(ANN, &["rev-parse", "HEAD"]));
    book.check("two.md", "A.");
    book.check("three.md", ".");
}

#[test]
fn a_commit_that_only_formats_is_passed_over_when_the_repository_says_so() {
    let book = chapter();
    let formatted = format!("* {FIRST}\n* {SECOND}\n* {THIRD}\n* {FOURTH}\n");
    let id = book.commit(BEN, "one.md", &formatted);
    book.check("one.md", "....");
    let missing = "0123456789012345678901234567890123456789";
    let list = format!("# formatting\n{id} # by a tool\n{missing}\nno commit\n");
    book.commit(BEN, ".git-blame-ignore-revs", &list);
    book.check("one.md", "A.A.");
}

#[test]
fn white_space_is_not_authorship() {
    let book = chapter();
    let indented = format!("    {FIRST}\n  {SECOND}\n    {THIRD}\n {FOURTH}\n");
    book.commit(BEN, "one.md", &indented);
    book.check("one.md", "A.A.");
    // Another end of line, in no commit.
    book.write("one.md", &indented.replace('\n', "\r\n"));
    book.check("one.md", "A.A.");
}

#[test]
fn several_addresses_are_one_person_by_the_mailmap_or_by_name() {
    let mut book = Book::new();
    book.commit("Ann <ann@old.example>", "one.md", &format!("{FIRST}\n"));
    book.commit(BEN, "one.md", &format!("{FIRST}\n{SECOND}\n"));
    book.commit(
        "A. Lee <ANN@Work.example>",
        "one.md",
        &format!("{FIRST}\n{SECOND}\n{THIRD}\n"),
    );
    let none = FileAuthors::Others(NotTheirs::Repository);
    assert_eq!(book.authors("one.md"), none);
    let map = "Ann <ann@new.example> <ann@old.example>\nAnn <ann@new.example> <ann@work.example>\n";
    book.commit(BEN, ".mailmap", map);
    book.check("one.md", "A.A");
    // Known by an old address, which the mailmap replaces in what git says.
    book.identities = Identities::of(["ann@old.example"]);
    book.check("one.md", "A.A");
    book.identities = Identities::of(["Ben"]);
    book.check("one.md", ".A.");
}

#[test]
fn a_repository_of_others_gives_nothing_and_one_of_the_writers_alone_everything() {
    let book = Book::new();
    book.write("new.md", "No commit yet.\n");
    assert_eq!(book.authors("new.md"), FileAuthors::Owner);
    book.commit(ANN, "one.md", &format!("{FIRST}\n"));
    assert_eq!(book.authors("one.md"), FileAuthors::Owner);
    let others = Book::new();
    others.commit(BEN, "one.md", &format!("{FIRST}\n"));
    others.write("new.md", "Written here, in somebody else's repository.\n");
    let none = FileAuthors::Others(NotTheirs::Repository);
    assert_eq!(others.authors("one.md"), none);
    assert_eq!(others.authors("new.md"), none);
}

#[test]
fn a_repository_within_a_folder_counts_for_itself() {
    let book = Book::new();
    book.commit(ANN, "one.md", &format!("{FIRST}\n"));
    write(&book.root().join("theirs/x.md"), SECOND);
    let inner = book.root().join("theirs");
    git(&inner, BEN, &["init", "-q"]);
    git(&inner, BEN, &["add", "x.md"]);
    git(&inner, BEN, &["commit", "-q", "-m", "x"]);
    let none = FileAuthors::Others(NotTheirs::Repository);
    assert_eq!(book.authors("theirs/x.md"), none);
    assert_eq!(book.authors("one.md"), FileAuthors::Owner);
}

#[test]
fn a_mark_by_hand_stands_above_git() {
    let mut book = chapter();
    book.marks = vec![("one.md", Mark::Mine)];
    assert_eq!(book.authors("one.md"), FileAuthors::Owner);
    book.marks = vec![("", Mark::NotMine)];
    assert_eq!(
        book.authors("one.md"),
        FileAuthors::Others(NotTheirs::Marked)
    );
}

#[test]
fn a_file_without_lines_is_the_writers_when_nobody_else_committed_it() {
    let book = chapter();
    book.commit(ANN, "mine.docx", "PK mine");
    book.commit(BEN, "theirs.docx", "PK theirs");
    let workspace = book.workspace();
    let mut authors = Authors::of(&workspace, DEADLINE);
    let mut of = |path: &str| authors.of_file(path, b"PK", false);
    assert_eq!(of("mine.docx"), FileAuthors::Owner);
    assert_eq!(of("theirs.docx"), FileAuthors::Others(NotTheirs::File));
    assert_eq!(of("new.docx"), FileAuthors::Owner);
}

#[test]
fn in_a_shallow_clone_what_came_before_is_nobodys() {
    let book = chapter();
    let text = format!("{FIRST}\n{SECOND}\n{THIRD}\n{FOURTH}\nThe last line is the writer's.\n");
    book.commit(ANN, "one.md", &text);
    book.commit(
        ANN,
        "one.md",
        &format!("{text}So is this one, of a later day.\n"),
    );
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", book.root().display());
    git(
        clone.path(),
        ANN,
        &["clone", "-q", "--depth", "2", &from, "book"],
    );
    // Others are in the clone only by what stands for them.
    git(
        &clone.path().join("book"),
        BEN,
        &["commit", "-q", "--allow-empty", "-m", "x"],
    );
    let shallow = Book {
        folder: clone,
        identities: book.identities.clone(),
        marks: Vec::new(),
    };
    shallow.check("book/one.md", ".....A");
}

/// A clone with the last commit only.
fn shallow(book: &Book) -> Book {
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", book.root().display());
    let arguments = ["clone", "-q", "--depth", "1", &from, "."];
    git(clone.path(), ANN, &arguments);
    Book {
        folder: clone,
        identities: book.identities.clone(),
        marks: Vec::new(),
    }
}

#[test]
fn the_only_commit_of_a_shallow_clone_is_nobodys_though_the_writer_made_it() {
    let book = chapter();
    book.write("letter.docx", "not lines");
    book.commit(BEN, "x.md", "Ben's own words.\n");
    book.commit(ANN, "y.md", "The writer's last words.\n");
    let shallow = shallow(&book);
    shallow.check("x.md", ".");
    let workspace = shallow.workspace();
    let whole = Authors::of(&workspace, DEADLINE).of_file("letter.docx", b"not lines", false);
    assert_eq!(whole, FileAuthors::Others(NotTheirs::File));
    // A setting that hides where the clone begins changes nothing.
    shallow.git(ANN, &["config", "blame.showRoot", "true"]);
    shallow.check("x.md", ".");
    shallow.commit(ANN, "z.md", "Written in the clone itself.\n");
    shallow.check("z.md", "A");
}

#[test]
fn a_file_that_is_called_like_a_commit_is_no_riddle() {
    let book = chapter();
    book.commit(ANN, "HEAD", "not the head\n");
    assert!(matches!(book.authors("one.md"), FileAuthors::Lines(_)));
}

#[test]
fn a_writer_known_by_name_is_found_whatever_encoding_git_is_set_to() {
    let mut book = chapter();
    book.commit(CYN, "辛.md", "这一行是辛写的。\n");
    book.identities = Identities::of(["辛"]);
    for name in ["i18n.logOutputEncoding", "i18n.commitEncoding"] {
        book.git(CYN, &["config", name, "GBK"]);
    }
    book.check("辛.md", "A");
}

#[test]
fn what_git_cannot_say_in_time_or_at_all_is_nobodys() {
    let book = chapter();
    let workspace = book.workspace();
    let late = Authors::of(&workspace, Duration::ZERO).of_file("one.md", b"x\n", true);
    assert!(
        matches!(late, FileAuthors::Unknown(GitError::TooLate { .. })),
        "{late:?}"
    );
    std::fs::write(book.root().join(".git/HEAD"), "broken").unwrap();
    let broken = book.authors("one.md");
    assert!(
        matches!(broken, FileAuthors::Unknown(GitError::Refused(_))),
        "{broken:?}"
    );
}

#[test]
fn a_folder_without_a_repository_is_its_owners() {
    let folder = tempfile::tempdir().unwrap();
    let is_in_one = folder
        .path()
        .ancestors()
        .any(|above| above.join(".git").exists());
    assert!(
        !is_in_one,
        "{}: set TMPDIR outside of repositories",
        folder.path().display()
    );
    let book = Book {
        folder,
        identities: Identities::default(),
        marks: Vec::new(),
    };
    book.write("信/一.md", "Dear Ben,\n");
    assert_eq!(book.authors("信/一.md"), FileAuthors::Owner);
}
