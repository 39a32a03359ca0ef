//! Building, inspecting and exporting the dataset, and what is left when a build is killed.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use inkstone_test_support::{Home, eventually};
use serde_json::Value;

use super::Finished;

/// Prose of the owner's, long enough to be learned from, each text another.
const ENGLISH: &str = "The harbour was quiet when we walked down to the boats, and nobody spoke \
    of the storm that had kept us in the house for three whole days.";
const CHINESE: &str =
    "清晨的海港很安静，我们沿着石阶走到船边，谁也没有提起那场把我们困在屋里整整三天的大雨。";
const SECRET: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
const ADDRESS: &str = "ann.lee@harbour-mail.org";

/// A writer with one folder, which is added.
pub(super) struct Writer {
    pub(super) home: Home,
    pub(super) texts: PathBuf,
}

impl Writer {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let home = Home::with_models(&[]);
        let texts = home.scratch().canonicalize().unwrap().join("文稿");
        let writer = Self { home, texts };
        fs::create_dir_all(&writer.texts).unwrap();
        for (path, text) in files {
            writer.write(path, text);
        }
        writer
            .inkstone(&["workspace", "add", writer.texts(), "--yes"])
            .check(0, &["is added"]);
        writer
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.texts.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn texts(&self) -> &str {
        self.texts.to_str().unwrap()
    }

    pub(super) fn inkstone(&self, arguments: &[&str]) -> Finished {
        super::inkstone(&self.home, arguments)
    }

    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        let finished = self.inkstone(&[arguments, &["--json"]].concat());
        finished.check(0, &[]);
        serde_json::from_str(&finished.stdout).unwrap()
    }

    /// Builds; what was read of the one folder.
    pub(super) fn build(&self) -> (Value, Value) {
        let built = self.json(&["dataset", "build"]);
        let looked = built["workspaces"][self.texts()].clone();
        (built, looked)
    }
}

fn two_languages() -> Writer {
    Writer::new(&[
        (
            "harbour.md",
            &format!(
                "# Harbour\n\n{ENGLISH}\n\nWrite to {ADDRESS} or use {SECRET} to log in to the machine at the pier.\n"
            ),
        ),
        ("海港.md", &format!("# 海港\n\n{CHINESE}\n")),
    ])
}

#[test]
fn a_dataset_of_two_languages_is_built_shown_and_exported_without_what_is_private() {
    let writer = two_languages();
    let built = writer.inkstone(&["dataset", "build"]);
    built.check(
        0,
        &[
            "2  new",
            "language",
            "en  ",
            "zh  ",
            "replaced by placeholders",
        ],
    );
    let shown = writer.inkstone(&["dataset", "stats"]);
    shown.check(0, &["dataset ", "versions, the newest first"]);
    let stats = writer.json(&["dataset", "stats"]);
    let languages = &stats["statistics"]["by_language"];
    assert!(languages["zh"]["pieces"].as_u64() >= Some(1), "{stats:#}");
    assert!(languages["en"]["pieces"].as_u64() >= Some(2), "{stats:#}");
    let name = stats["dataset"].as_str().unwrap();

    let lines = writer.home.scratch().join("out.jsonl");
    let columns = writer.home.scratch().join("out.parquet");
    for file in [&lines, &columns] {
        let file = file.to_str().unwrap();
        writer
            .inkstone(&["dataset", "export", file, "--dataset", &name[..8]])
            .check(0, &["pieces of dataset", file]);
    }
    let exported = fs::read_to_string(&lines).unwrap();
    assert!(
        exported.contains(ENGLISH) && exported.contains(CHINESE),
        "{exported}"
    );
    let records: Vec<Value> = exported
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let redacted: Vec<&Value> = records
        .iter()
        .map(|one| &one["provenance"]["redacted"])
        .collect();
    assert!(
        redacted
            .iter()
            .any(|kinds| kinds.as_object().unwrap().len() == 2),
        "{redacted:?}"
    );
    assert_eq!(&fs::read(&columns).unwrap()[..4], b"PAR1");
    for file in [&lines, &columns] {
        let bytes = fs::read(file).unwrap();
        for private in [SECRET, ADDRESS] {
            let found = bytes
                .windows(private.len())
                .any(|part| part == private.as_bytes());
            assert!(!found, "{private} is in {}", file.display());
        }
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o077, 0);
    }
    let split: u64 = ["train", "held-out"]
        .iter()
        .map(|split| {
            let file = writer.home.scratch().join(split);
            let file = file.to_str().unwrap();
            let done = writer.json(&["dataset", "export", file, "--split", split]);
            done["records"].as_u64().unwrap()
        })
        .sum();
    assert_eq!(split, records.len() as u64);
}

#[test]
fn only_what_changed_is_read_again() {
    let writer = two_languages();
    writer.write("third.md", &ENGLISH.replace("harbour", "village"));
    let (first, looked) = writer.build();
    assert_eq!(looked["kept"]["files_read"], 3, "{first:#}");

    writer.write("third.md", &ENGLISH.replace("harbour", "mountain pass"));
    let (changed, looked) = writer.build();
    assert_eq!(looked["kept"]["files_read"], 1, "{changed:#}");
    assert_eq!(looked["files"]["changed"], 1);
    assert_ne!(changed["dataset"], first["dataset"]);

    fs::rename(writer.texts.join("third.md"), writer.texts.join("四.md")).unwrap();
    let (renamed, looked) = writer.build();
    assert_eq!(looked["files"]["renamed"], 1, "{renamed:#}");
    assert_eq!(looked["kept"]["files_read"], 1);

    fs::remove_file(writer.texts.join("四.md")).unwrap();
    let (removed, looked) = writer.build();
    assert_eq!(looked["kept"]["files_read"], 0, "{removed:#}");
    assert_eq!(looked["files"]["removed"], 1);
    let languages = &removed["statistics"]["by_language"];
    assert_eq!(languages["zh"], first["statistics"]["by_language"]["zh"]);
    let (again, looked) = writer.build();
    assert_eq!(looked["kept"]["files_read"], 0);
    assert_eq!(again["dataset"], removed["dataset"]);
}

#[test]
fn text_of_a_folder_that_is_not_theirs_is_known_wherever_it_is_quoted() {
    let theirs = "The lighthouse keeper counted every ship that passed in the long winter of his \
        first year, and wrote their names into a book that nobody was ever meant to read.";
    let writer = two_languages();
    writer.write(
        "a/quoted.md",
        &format!("{ENGLISH} I went home.\n\n{theirs}\n"),
    );
    writer.write("library/keeper.md", &format!("{theirs}\n"));
    let left_out = |built: &Value, reason: &str| built["statistics"]["left_out"][reason].clone();
    let (before, _) = writer.build();
    assert_eq!(left_out(&before, "known_source"), Value::Null);
    let library = writer.texts.join("library");
    let mark = ["workspace", "mark", library.to_str().unwrap(), "not-mine"];
    writer.inkstone(&mark).check(0, &[]);
    // The folder comes after what quotes it, which was read long ago.
    let (after, _) = writer.build();
    assert_eq!(left_out(&after, "known_source"), 1, "{after}");
    assert_eq!(left_out(&after, "excluded"), 1, "{after}");
    assert_eq!(writer.build().0["dataset"], after["dataset"]);
}

#[test]
fn the_habits_of_the_writer_are_counted_for_each_version_and_kept_for_them_alone() {
    let writer = two_languages();
    let (first, _) = writer.build();
    let profile = writer.json(&["dataset", "profile"]);
    assert_eq!(profile["dataset"], first["dataset"]);
    let styles = profile["styles"].as_array().unwrap();
    let of = |language: &str| {
        let mut whole = styles.iter().filter(|one| one["genre"].is_null());
        whole.find(|one| one["language"] == language).unwrap()["style"].clone()
    };
    assert!(of("en")["words"].as_u64().unwrap() > 20);
    let listed = of("zh")["vocabulary"].to_string();
    assert!(
        listed.contains("我们") && listed.contains("安静"),
        "{listed}"
    );
    let file = PathBuf::from(profile["file"].as_str().unwrap());
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    let shown = writer.inkstone(&["dataset", "profile"]);
    shown.check(0, &["en", "zh", "sentences", "words"]);
}

#[test]
fn a_running_daemon_watches_the_folder_that_is_added_and_no_more_when_it_is_removed() {
    let home = Home::with_models(&[]);
    let texts = home.scratch().canonicalize().unwrap().join("texts");
    fs::create_dir_all(&texts).unwrap();
    fs::write(texts.join("harbour.md"), ENGLISH).unwrap();
    let inkstone = |arguments: &[&str]| super::inkstone(&home, arguments);
    inkstone(&["start"]).check(0, &[]);
    let state = || {
        let status: Value = serde_json::from_str(&inkstone(&["status", "--json"]).stdout).unwrap();
        status["daemon"]["trainer"]["state"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(state(), "off");
    inkstone(&["workspace", "add", texts.to_str().unwrap(), "--yes"]).check(0, &[]);
    let until = |wanted: &str| {
        eventually(BUILD_WAIT, wanted, || (state() == wanted).then_some(()));
    };
    until("watching");
    inkstone(&["workspace", "rm", texts.to_str().unwrap(), "--yes"]).check(0, &[]);
    until("off");
    inkstone(&["stop"]).check(0, &[]);
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_remedy() {
    let writer = two_languages();
    let other = writer.home.scratch().join("other");
    fs::create_dir(&other).unwrap();
    let remedy = format!(
        "inkstone workspace add {}",
        other.canonicalize().unwrap().display()
    );
    writer
        .inkstone(&["dataset", "stats"])
        .check(2, &["no dataset yet", "inkstone dataset build"]);
    writer
        .inkstone(&["dataset", "build", "--workspace", other.to_str().unwrap()])
        .check(2, &["not among your folders", &remedy]);
    writer
        .inkstone(&["dataset", "build", "--workspace", "/nowhere/at/all"])
        .check(2, &["/nowhere/at/all"]);
    writer.build();
    writer
        .inkstone(&["dataset", "stats", "--dataset", "zzz"])
        .check(2, &["no version zzz"]);
    writer
        .inkstone(&["dataset", "export", "/nowhere/out.jsonl"])
        .check(2, &["/nowhere/out.jsonl", "name a file"]);
    writer
        .home
        .write_config("[corpus]\nrules_off = [\"no_such_rule\"]\n");
    writer
        .inkstone(&["dataset", "build"])
        .check(2, &["no_such_rule", "corpus.rules_off"]);
}

#[test]
fn a_folder_that_is_removed_leaves_nothing_behind() {
    let writer = two_languages();
    writer.build();
    writer
        .inkstone(&["workspace", "rm", writer.texts(), "--yes"])
        .check(0, &["forgotten"]);
    writer
        .inkstone(&["dataset", "stats"])
        .check(2, &["no dataset yet"]);
    writer
        .inkstone(&["dataset", "build"])
        .check(2, &["no folder to learn from", "inkstone workspace add"]);
}

/// Builds that are killed.
const KILLS: usize = 50;
/// Files of the folder: enough for a build to last longer than a kill takes.
const FILES: usize = 240;
/// A build that takes longer than this has come to a stop.
const BUILD_WAIT: Duration = Duration::from_secs(60);

#[test]
fn a_build_killed_at_any_moment_leaves_the_next_one_with_the_same_dataset() {
    let writer = Writer::new(&[]);
    let mut chance = Chance(20_261_130);
    for file in 0..FILES {
        writer.write(&format!("{:02}/{file}.md", file % 12), &chance.text(file));
    }
    let database = writer.home.root().join("data");
    let untouched = copy_of(&database);
    let begun = Instant::now();
    let expected = ended(&writer);
    let took = begun.elapsed();

    for kill in 0..KILLS {
        // Spread evenly over the build and at random within each part.
        let share = (u32::try_from(kill).unwrap() * 1_000 + chance.below(1_000)) * 95 / 100;
        let mut moment = took * share / (u32::try_from(KILLS).unwrap() * 1_000);
        put_back(&database, &untouched);
        // A build that is faster than the first, since the machine has less to do, is killed earlier.
        while !kill_after(&writer, moment) {
            put_back(&database, &untouched);
            moment = moment * 2 / 3;
        }
        assert_eq!(
            ended(&writer),
            expected,
            "kill {kill} after {moment:?} of {took:?}"
        );
    }
}

fn start(writer: &Writer) -> Child {
    let mut command = writer.home.command("inkstone-trainer");
    command
        .arg("build")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The name of the dataset of a build that is left alone.
fn ended(writer: &Writer) -> String {
    let output = start(writer).wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let built: Value = serde_json::from_slice(&output.stdout).unwrap();
    built["dataset"].as_str().unwrap().to_owned()
}

/// Kills a build at a moment after its start; whether it had not ended by then.
fn kill_after(writer: &Writer, moment: Duration) -> bool {
    let mut child = start(writer);
    let mut output = child.stdout.take().unwrap();
    let (ends, end) = channel();
    // Its answer is the last thing that it does.
    let reader = std::thread::spawn(move || {
        let mut answer = String::new();
        output.read_to_string(&mut answer).unwrap();
        let _nobody_waits = ends.send(());
        answer
    });
    let waited = end.recv_timeout(moment.min(BUILD_WAIT));
    child.kill().unwrap();
    child.wait().unwrap();
    let answer = reader.join().unwrap();
    waited == Err(RecvTimeoutError::Timeout) && answer.is_empty()
}

fn copy_of(folder: &std::path::Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

fn put_back(folder: &std::path::Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
    for path in copy_of(folder).keys() {
        fs::remove_file(path).unwrap();
    }
    for (path, bytes) in files {
        fs::write(path, bytes).unwrap();
    }
}

/// SplitMix64: the same texts and moments in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let high = u32::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap();
        high % limit
    }

    /// Paragraphs in one of both languages; now and then one that another file has too.
    fn text(&mut self, file: usize) -> String {
        const WORDS: [&str; 16] = [
            "harbour", "quietly", "remember", "the", "letter", "walked", "before", "winter", "and",
            "her", "window", "slowly", "of", "a", "river", "stood",
        ];
        const HAN: [char; 16] = [
            '海', '港', '安', '静', '我', '们', '走', '到', '船', '边', '提', '起', '大', '雨',
            '困', '屋',
        ];
        let is_chinese = file % 2 == 1;
        let mut text = format!("# {file}\n\n");
        for paragraph in 0..8 {
            if paragraph == 3 && file.is_multiple_of(5) {
                text.push_str(if is_chinese { CHINESE } else { ENGLISH });
            } else if is_chinese {
                for _ in 0..60 {
                    text.push(HAN[self.below(16) as usize]);
                }
                text.push('。');
            } else {
                let words: Vec<&str> = (0..40).map(|_| WORDS[self.below(16) as usize]).collect();
                text.push_str(&words.join(" "));
                text.push('.');
            }
            text.push_str("\n\n");
        }
        text
    }
}
