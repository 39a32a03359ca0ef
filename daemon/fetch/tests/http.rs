//! Downloads from a real web server on this machine: whole, broken off, refused, wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::fs;

use inkstone_fetch::{FetchError, Pulled};
use inkstone_models::Unusable;
use support::server::{Answer, Server};
use support::{Heard, Place, entry, entry_with, model_bytes};

/// A model of some hundred kilobytes, so that a transfer can break in the middle.
fn bytes() -> Vec<u8> {
    model_bytes("llama", 100_000)
}

fn url_source(server: &Server) -> String {
    format!("{{ kind = \"url\", url = \"{}\" }}", server.url())
}

/// The one failure of a pull that has one source.
fn only_failure(error: FetchError) -> FetchError {
    match error {
        FetchError::AllSourcesFailed { mut failures, .. } if failures.len() == 1 => {
            failures.remove(0).error
        }
        other => other,
    }
}

#[test]
fn a_file_is_fetched_checked_and_described() {
    let (place, server) = (Place::new(), Server::start(bytes(), vec![]));
    let mut heard = Heard::default();
    let pulled = place
        .pull_heard(&entry(&bytes(), &url_source(&server)), &mut heard)
        .unwrap();
    let Pulled::Fetched(model) = pulled else {
        panic!("{pulled:?}")
    };
    assert_eq!(fs::read(&model.path).unwrap(), bytes());
    let record = model.record.unwrap();
    assert_eq!(
        (record.source, record.size_bytes),
        (server.url(), bytes().len() as u64)
    );
    assert_eq!(record.licence.as_deref(), Some("MIT"));
    assert_eq!(place.files(), ["tiny.gguf", "tiny.toml"]);
    let last = heard.paces.last().unwrap();
    assert_eq!(
        (last.done_bytes, last.total_bytes),
        (record.size_bytes, Some(record.size_bytes))
    );
}

#[test]
fn a_model_that_is_there_is_not_fetched_again() {
    let (place, server) = (Place::new(), Server::start(bytes(), vec![]));
    let entry = entry(&bytes(), &url_source(&server));
    place.pull(&entry).unwrap();
    assert!(matches!(place.pull(&entry).unwrap(), Pulled::Already(_)));
    assert_eq!(server.asked().len(), 1);
    // Put there by hand, it is recognised by its content.
    fs::remove_file(place.registry.directory().join("tiny.toml")).unwrap();
    assert!(matches!(place.pull(&entry).unwrap(), Pulled::Already(_)));
    // Another content under the name is replaced.
    fs::write(
        place.registry.directory().join("tiny.gguf"),
        model_bytes("llama", 3),
    )
    .unwrap();
    assert!(matches!(place.pull(&entry).unwrap(), Pulled::Fetched(_)));
    assert_eq!(
        fs::read(place.registry.directory().join("tiny.gguf")).unwrap(),
        bytes()
    );
}

#[test]
fn a_damaged_file_is_fetched_anew_although_its_description_and_size_are_right() {
    let (place, server) = (Place::new(), Server::start(bytes(), vec![]));
    let entry = entry(&bytes(), &url_source(&server));
    let path = place.pull(&entry).unwrap().model().path.clone();
    let mut damaged = bytes();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&path, &damaged).unwrap();
    let mut heard = Heard::default();
    let pulled = place.pull_heard(&entry, &mut heard).unwrap();
    assert!(matches!(pulled, Pulled::Fetched(_)), "{pulled:?}");
    assert!(
        heard.phases.contains(&"Replacing".to_owned()),
        "{:?}",
        heard.phases
    );
    assert_eq!(fs::read(&path).unwrap(), bytes());
    // Cut short, it is no model at all.
    fs::write(&path, &damaged[..1_000]).unwrap();
    let pulled = place.pull(&entry).unwrap();
    assert!(matches!(pulled, Pulled::Fetched(_)), "{pulled:?}");
}

#[test]
fn a_part_survives_login_pages_and_refusals() {
    let place = Place::new();
    let mut answers = vec![Answer::CutAfter(100_000)];
    answers.extend(vec![Answer::Status(503); 4]);
    answers.push(Answer::Other(b"<html>Log in</html>".to_vec()));
    // Padded to the very length.
    answers.push(Answer::Other(vec![b' '; bytes().len()]));
    answers.extend([403, 404].map(Answer::Status));
    let server = Server::start(bytes(), answers);
    let entry = entry(&bytes(), &url_source(&server));
    place.pull(&entry).unwrap_err();
    let part = place.files();
    for expected in [
        "bytes instead of",
        "not a GGUF file",
        "answers 403",
        "answers 404",
    ] {
        let error = place.pull(&entry).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert_eq!(place.files(), part, "{expected}");
    }
    place.pull(&entry).unwrap();
    let asked = server.asked();
    assert_eq!(
        asked.last().unwrap().range.as_deref(),
        Some("bytes=100000-")
    );
}

#[test]
fn a_cut_connection_goes_on_where_it_stopped() {
    let place = Place::new();
    let cuts = vec![Answer::CutAfter(100_000), Answer::CutAfter(150_000)];
    let server = Server::start(bytes(), cuts);
    let pulled = place.pull(&entry(&bytes(), &url_source(&server))).unwrap();
    assert_eq!(fs::read(&pulled.model().path).unwrap(), bytes());
    let ranges: Vec<_> = server
        .asked()
        .into_iter()
        .map(|asked| asked.range)
        .collect();
    assert_eq!(
        ranges,
        [
            None,
            Some("bytes=100000-".to_owned()),
            Some("bytes=250000-".to_owned())
        ]
    );
}

#[test]
fn a_server_that_goes_away_leaves_a_part_and_the_next_pull_goes_on_from_it() {
    let place = Place::new();
    let mut answers = vec![Answer::CutAfter(100_000)];
    answers.extend(vec![Answer::Status(503); 4]);
    let server = Server::start(bytes(), answers);
    let entry = entry(&bytes(), &url_source(&server));
    let error = only_failure(place.pull(&entry).unwrap_err());
    assert!(
        matches!(
            error,
            FetchError::Unreachable {
                kept_bytes: 100_000,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error.to_string().contains("goes on where it stopped"),
        "{error}"
    );
    let left = place.files();
    assert!(left.len() == 1 && left[0].contains(".part"), "{left:?}");
    let mut heard = Heard::default();
    place.pull_heard(&entry, &mut heard).unwrap();
    assert_eq!(
        server.asked().last().unwrap().range.as_deref(),
        Some("bytes=100000-")
    );
    assert!(
        heard.phases.contains(&"Checking".to_owned()),
        "{:?}",
        heard.phases
    );
    assert_eq!(place.files(), ["tiny.gguf", "tiny.toml"]);
}

#[test]
fn a_server_without_ranges_sends_all_again() {
    let place = Place::new();
    let server = Server::start(bytes(), vec![Answer::CutAfter(100_000), Answer::Whole]);
    let pulled = place.pull(&entry(&bytes(), &url_source(&server))).unwrap();
    assert_eq!(fs::read(&pulled.model().path).unwrap(), bytes());
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_wrong_hash_is_told_with_both_and_leaves_nothing() {
    let place = Place::new();
    let mut other = bytes();
    *other.last_mut().unwrap() ^= 1;
    let server = Server::start(bytes(), vec![Answer::Other(other)]);
    let error = only_failure(
        place
            .pull(&entry(&bytes(), &url_source(&server)))
            .unwrap_err(),
    );
    let FetchError::WrongHash { expected, found } = &error else {
        panic!("{error}")
    };
    assert!(error.to_string().contains(&expected.to_string()));
    assert!(error.to_string().contains(&found.to_string()));
    assert_eq!(place.files(), Vec::<String>::new());
}

#[test]
fn a_part_of_something_else_is_given_up_and_fetched_from_the_start() {
    let place = Place::new();
    let mut answers = vec![Answer::CutAfter(10)];
    answers.extend(vec![Answer::Status(503); 4]);
    let server = Server::start(bytes(), answers);
    let entry = entry(&bytes(), &url_source(&server));
    place.pull(&entry).unwrap_err();
    let part = place.files().remove(0);
    fs::write(place.registry.directory().join(part), vec![7; 50_000]).unwrap();
    let pulled = place.pull(&entry).unwrap();
    assert_eq!(fs::read(&pulled.model().path).unwrap(), bytes());
}

#[test]
fn a_file_of_another_length_is_refused_before_it_is_read() {
    let place = Place::new();
    let server = Server::start(bytes(), vec![Answer::Other(vec![7; 10_000_000])]);
    let error = only_failure(
        place
            .pull(&entry(&bytes(), &url_source(&server)))
            .unwrap_err(),
    );
    assert!(matches!(error, FetchError::NotTheFile { .. }), "{error}");
    assert!(
        error.to_string().contains("10000000 bytes instead of"),
        "{error}"
    );
    assert_eq!(place.files(), Vec::<String>::new());
}

#[test]
fn sources_are_tried_in_order_and_each_failure_is_named() {
    let place = Place::new();
    let gone = Server::start(bytes(), vec![Answer::Status(404)]);
    let forbidden = Server::start(bytes(), vec![Answer::Status(403); 2]);
    let good = Server::start(bytes(), vec![]);
    let sources = format!(
        "{{ kind = \"path\", path = \"/nowhere/tiny.gguf\" }}, {}, {}",
        url_source(&gone),
        url_source(&forbidden)
    );
    let error = place
        .pull(&entry(&bytes(), &sources))
        .unwrap_err()
        .to_string();
    let at = |needle: &str| {
        error
            .find(needle)
            .unwrap_or_else(|| panic!("{needle} in {error}"))
    };
    assert!(
        at("/nowhere/tiny.gguf: cannot read") < at("answers 404 (no such file)"),
        "{error}"
    );
    assert!(
        at("answers 404") < at("answers 403 (not allowed"),
        "{error}"
    );
    let mut heard = Heard::default();
    let sources = format!("{}, {}", url_source(&forbidden), url_source(&good));
    let pulled = place
        .pull_heard(&entry(&bytes(), &sources), &mut heard)
        .unwrap();
    assert_eq!(heard.failures.len(), 1);
    assert_eq!(pulled.model().record.as_ref().unwrap().source, good.url());
}

#[test]
fn a_hub_file_is_checked_against_the_hash_that_the_hub_publishes() {
    let place = Place::new();
    let hash = inkstone_models::Sha256::of(&bytes());
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let described = |hash: &str| {
        Answer::Redirect(vec![
            (
                "Location".to_owned(),
                "https://elsewhere.example/blob".to_owned(),
            ),
            ("X-Linked-Etag".to_owned(), format!("\"{hash}\"")),
            ("X-Linked-Size".to_owned(), bytes().len().to_string()),
            ("X-Repo-Commit".to_owned(), commit.to_owned()),
        ])
    };
    let moved = Answer::Redirect(vec![(
        "Location".to_owned(),
        "/new/name/resolve/main/t.gguf".to_owned(),
    )]);
    let server = Server::start(
        bytes(),
        vec![moved, described(&hash.to_string()), Answer::File],
    );
    let mut place = place;
    place.environment.hub.clone_from(&server.address);
    place.environment.hub_token = Some(inkstone_fetch::environment::Token::new("hf_secret"));
    let entry = entry_with(
        "size_bytes = 1\nlicence = { spdx = \"MIT\" }\nsources = [{ kind = \"hub\", repo = \"me/tiny\", file = \"t.gguf\", revision = \"main\" }]",
    );
    let pulled = place.pull(&entry).unwrap();
    assert_eq!(pulled.model().record.as_ref().unwrap().sha256, hash);
    let asked = server.asked();
    assert_eq!(asked[0].path, "/me/tiny/resolve/main/t.gguf");
    assert_eq!(
        (asked[1].method.as_str(), asked[1].path.as_str()),
        ("HEAD", "/new/name/resolve/main/t.gguf")
    );
    assert_eq!(
        (asked[2].method.as_str(), asked[2].path.as_str()),
        ("GET", &*format!("/me/tiny/resolve/{commit}/t.gguf"))
    );
    assert!(
        asked
            .iter()
            .all(|asked| asked.authorization.as_deref() == Some("Bearer hf_secret"))
    );
    assert!(
        matches!(place.pull(&entry).unwrap(), Pulled::Already(_)),
        "no question to the hub"
    );
    let wrong = inkstone_models::Sha256::of(b"other");
    let server = Server::start(bytes(), vec![described(&wrong.to_string()), Answer::File]);
    let mut place = Place::new();
    place.environment.hub.clone_from(&server.address);
    let error = only_failure(place.pull(&entry).unwrap_err());
    assert!(matches!(error, FetchError::WrongHash { .. }), "{error}");
    assert_eq!(place.files(), Vec::<String>::new());
}

#[test]
fn a_hub_that_gives_no_hash_or_refuses_is_told() {
    let entry = entry_with(
        "size_bytes = 1\nlicence = { spdx = \"MIT\" }\nsources = [{ kind = \"hub\", repo = \"me/tiny\", file = \"t.gguf\", revision = \"main\" }]",
    );
    for (answer, expected) in [
        (Answer::File, "gives no SHA-256"),
        (Answer::Status(401), "set HF_TOKEN"),
        (
            Answer::Redirect(vec![(
                "Location".to_owned(),
                "https://evil.example/".to_owned(),
            )]),
            "gives no SHA-256",
        ),
    ] {
        let server = Server::start(bytes(), vec![answer]);
        let mut place = Place::new();
        place.environment.hub.clone_from(&server.address);
        place.environment.hub_token = Some(inkstone_fetch::environment::Token::new("hf_secret"));
        let error = place.pull(&entry).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("hf_secret"), "{error}");
        assert_eq!(server.asked().len(), 1, "nothing is downloaded unchecked");
    }
}

#[test]
fn a_file_that_is_no_model_of_ours_is_not_published() {
    let whole = bytes();
    let truncated = whole[..whole.len() - 1_000].to_vec();
    let mut hostile = b"GGUF\x03\0\0\0".to_vec();
    hostile.extend([0xff; 64]);
    let strange = model_bytes("inkwell", 10);
    let other = model_bytes("gemma3", 10);
    let check = |served: Vec<u8>| {
        let (place, server) = (Place::new(), Server::start(served.clone(), vec![]));
        let error = only_failure(
            place
                .pull(&entry(&served, &url_source(&server)))
                .unwrap_err(),
        );
        assert_eq!(place.files(), Vec::<String>::new(), "{error}");
        error
    };
    let error = check(truncated);
    assert!(error.to_string().contains("truncated"), "{error}");
    for served in [hostile, b"<html>Please log in</html>".to_vec()] {
        assert!(matches!(
            check(served),
            FetchError::Unusable(Unusable::Header(_))
        ));
    }
    assert!(matches!(
        check(strange),
        FetchError::Unusable(Unusable::UnknownArchitecture { .. })
    ));
    assert!(matches!(
        check(other),
        FetchError::ArchitectureMismatch { .. }
    ));
}

#[test]
fn nobody_listening_is_told_with_the_address() {
    let place = Place::new();
    let source = "{ kind = \"url\", url = \"http://127.0.0.1:9/tiny.gguf\" }";
    let error = only_failure(place.pull(&entry(&bytes(), source)).unwrap_err());
    assert!(
        matches!(error, FetchError::Unreachable { kept_bytes: 0, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("http://127.0.0.1:9/tiny.gguf"),
        "{error}"
    );
    assert_eq!(
        place.files(),
        Vec::<String>::new(),
        "an empty part is no use to anybody"
    );
}

#[test]
fn two_pulls_at_once_fetch_once() {
    let (place, server) = (Place::new(), Server::start(bytes(), vec![]));
    let entry = entry(&bytes(), &url_source(&server));
    std::thread::scope(|scope| {
        let pulls: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| place.pull(&entry).unwrap()))
            .collect();
        let fetched = pulls
            .into_iter()
            .map(|pull| pull.join().unwrap())
            .filter(|pulled| matches!(pulled, Pulled::Fetched(_)));
        assert_eq!(fetched.count(), 1);
    });
    assert_eq!(server.asked().len(), 1);
    assert_eq!(place.files(), ["tiny.gguf", "tiny.toml"]);
}

#[test]
fn an_interrupted_download_keeps_its_part_and_goes_on_later() {
    /// Wants to stop as soon as bytes arrived.
    struct Impatient(bool);
    impl inkstone_fetch::Progress for Impatient {
        fn phase(&mut self, _phase: inkstone_fetch::Phase<'_>) {}
        fn pace(&mut self, pace: inkstone_fetch::Pace) {
            self.0 = pace.done_bytes > 0;
        }
        fn accepted(&mut self, _terms: &inkstone_models::Terms) {}
        fn source_failed(&mut self, _source: &inkstone_models::Source, _error: &FetchError) {}
        fn is_cancelled(&mut self) -> bool {
            self.0
        }
    }
    let (place, server) = (Place::new(), Server::start(bytes(), vec![]));
    let entry = entry(&bytes(), &url_source(&server));
    let mut impatient = Impatient(false);
    let error = inkstone_fetch::Fetcher::new(&place.registry, &place.environment, &mut impatient)
        .pull(&entry, inkstone_fetch::Consent::Given)
        .unwrap_err();
    assert!(matches!(error, FetchError::Cancelled), "{error}");
    let left = place.files();
    assert!(left.len() == 1 && left[0].contains(".part"), "{left:?}");
    place.pull(&entry).unwrap();
    assert!(server.asked().last().unwrap().range.is_some());
    assert_eq!(place.files(), ["tiny.gguf", "tiny.toml"]);
}

#[test]
fn parts_of_other_versions_go_when_the_model_is_there() {
    let (place, server) = (Place::new(), Server::start(bytes(), vec![]));
    let older = [
        ".tiny.0123456789ab.part",
        ".tiny.new",
        ".tiny-2.0123456789ab.part",
        "notes",
        "tiny.toml.new",
    ];
    for name in older {
        fs::write(place.registry.directory().join(name), "x").unwrap();
    }
    fs::create_dir(place.registry.directory().join(".tiny.wheels")).unwrap();
    place.pull(&entry(&bytes(), &url_source(&server))).unwrap();
    assert_eq!(
        place.files(),
        [
            ".tiny-2.0123456789ab.part",
            "notes",
            "tiny.gguf",
            "tiny.toml"
        ],
        "only what is the model's own"
    );
}
