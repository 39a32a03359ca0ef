//! What models wear, on the real ones: an adapter takes over open documents without a lost request, its
//! going leaves no trace, several are worn side by side, and what cannot be worn is refused with the
//! reason while requests go on.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_models::{Registry, Sha256};
use inkstone_protocol::{
    AdapterReport, AdapterState as Worn, CompleteParams, CompleteReply, DocumentId,
    DocumentVersion, ErrorCode, ModelState, Technique, WireError,
};
use inkstone_settings::{Directories, Settings};
use inkstone_store::adapters::file_name;
use inkstone_store::corpus::document::{At, NewDocument};
use inkstone_store::corpus::score::NewPassage;
use inkstone_store::{
    AdapterRow, AdapterScope, AdapterState, Added, Identities, NewAdapter, Store, WorkspaceId,
};
use inkstone_test_support::{CHINESE_MODEL, ConstantAdapter, ENGLISH_MODEL, Home, eventually};
use inkstoned::serving::{Serving, ServingEvent, ServingReport};
use tokio::sync::{mpsc, oneshot};

const ENGLISH: &str = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, and the fishermen stood in small groups,";
const CHINESE: &str = "今天早上我去公园散步,看到很多老人在打太极拳。湖边的柳树已经发芽了,空气里";
const DEADLINE: Duration = Duration::from_secs(120);
/// As strong as it takes for another text to come of it.
const VISIBLE: f32 = 5.0;
const DOCUMENTS: [&str; 3] = ["essay", "diary", "letter"];

/// A daemon's engine with a registry.
struct Stage {
    home: Home,
    dirs: Directories,
    serving: Serving,
}

impl Stage {
    fn new(settings: Settings) -> Self {
        let home = Home::new();
        let dirs = Directories::from_lookup(|name| home.variable(name)).unwrap();
        dirs.ensure_private().unwrap();
        let serving = Serving::start(Arc::new(settings), &dirs).unwrap();
        Self {
            home,
            dirs,
            serving,
        }
    }

    fn store(&self) -> Store {
        Store::open(&self.dirs.database()).unwrap()
    }

    fn model_file(&self, model: &str) -> PathBuf {
        self.home.models().join(format!("{model}.gguf"))
    }

    /// Registers a live adapter with these bytes.
    fn add(&self, model: &str, language: Option<&str>, bytes: &[u8]) -> AdapterRow {
        let installed = Registry::of(&self.dirs).resolve(model).unwrap();
        let scope = AdapterScope {
            base_sha256: installed.sha256().unwrap().to_bytes(),
            language: language.map(str::to_owned),
            genre: None,
            workspace: None,
        };
        self.add_for(model, scope, bytes)
    }

    fn add_for(&self, model: &str, scope: AdapterScope, bytes: &[u8]) -> AdapterRow {
        let sha256 = Sha256::of(bytes).to_bytes();
        let new = NewAdapter {
            sha256,
            bytes: bytes.len() as u64,
            base_model: model,
            scope,
            dataset: None,
            parent: None,
            made_at_s: 1,
            config: "{}",
            metrics: "{}",
            reasons: "[]",
            state: AdapterState::Live,
        };
        let path = self.dirs.adapters_dir().join(file_name(&sha256));
        std::fs::write(path, bytes).unwrap();
        self.store().add_adapter(&new).unwrap()
    }

    fn visible(&self, model: &str, weight: f32) -> Vec<u8> {
        ConstantAdapter::of(weight).bytes(&self.model_file(model))
    }

    /// The same home with a daemon that has only just started.
    async fn restarted(self) -> Self {
        self.serving.shutdown(DEADLINE).await;
        let serving = Serving::start(Arc::new(Settings::default()), &self.dirs).unwrap();
        Self { serving, ..self }
    }

    /// Until requests choose by the registry as it is.
    async fn adapters_changed(&self) {
        let (done, told) = oneshot::channel();
        self.serving.adapters_changed(done);
        tokio::time::timeout(DEADLINE, told).await.unwrap().unwrap();
    }

    async fn complete(&self, params: CompleteParams) -> Result<CompleteReply, WireError> {
        complete(&self.serving, params).await
    }

    /// One more key in a document that stays as it is.
    async fn ask(&self, document: &str, version: u64, text: &str) -> CompleteReply {
        self.complete(params(document, version, text))
            .await
            .unwrap()
    }

    fn until(&self, what: &str, is_so: impl Fn(&ServingReport) -> bool) {
        eventually(DEADLINE, what, || {
            is_so(&self.serving.report()).then_some(())
        });
    }

    fn live(&self) -> Vec<AdapterReport> {
        self.serving.report().adapters.live
    }
}

async fn complete(serving: &Serving, params: CompleteParams) -> Result<CompleteReply, WireError> {
    let (events, mut received) = mpsc::channel(64);
    let _ticket = serving.complete(params, Some(Instant::now() + DEADLINE), events);
    loop {
        match received.recv().await.expect("an end") {
            ServingEvent::Done(result) => return result.map(|reply| *reply),
            ServingEvent::Text(_) | ServingEvent::Loading { .. } => {}
        }
    }
}

fn params(document: &str, version: u64, prefix: &str) -> CompleteParams {
    CompleteParams::new(
        DocumentId(document.to_owned()),
        DocumentVersion(version),
        prefix,
    )
}

/// What was written, or why it is not offered. How sure the model was differs in the last digits with
/// whatever else is in a batch.
fn said(reply: &CompleteReply) -> (String, Option<String>) {
    let silence = reply.silence.as_ref().map(|silence| silence.reason.clone());
    (reply.text.clone(), silence)
}

/// Types a key after the other into a document until `is_over`; every one is answered.
async fn type_on(
    serving: Serving,
    document: &'static str,
    mut is_over: impl FnMut(&CompleteReply) -> bool,
) -> Vec<CompleteReply> {
    let mut replies = Vec::new();
    for version in 10.. {
        let params = CompleteParams {
            version: DocumentVersion(version),
            ..short(document, &text_of(document))
        };
        let reply = complete(&serving, params).await;
        let reply = reply.expect("no request fails");
        let ends = is_over(&reply);
        replies.push(reply);
        if ends {
            break;
        }
    }
    replies
}

fn text_of(document: &str) -> String {
    format!("# My {document}\n\n{ENGLISH}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_adapter_takes_over_documents_that_are_typed_into_and_its_going_leaves_no_trace() {
    let stage = Stage::new(Settings::default());
    let mut base = Vec::new();
    for document in DOCUMENTS {
        let base_of = short(document, &text_of(document));
        base.push(stage.complete(base_of).await.unwrap());
    }
    assert!(base.iter().all(|reply| reply.adapter.is_none()));
    let bytes = stage.visible(ENGLISH_MODEL, VISIBLE);
    let row = stage.add(ENGLISH_MODEL, Some("en"), &bytes);
    // All type on while it comes, and until they have it.
    let typing = DOCUMENTS.map(|document| {
        let serving = stage.serving.clone();
        let name = row.name.clone();
        tokio::spawn(type_on(serving, document, move |reply| {
            reply.adapter.as_ref() == Some(&name)
        }))
    });
    stage.adapters_changed().await;
    for (typing, base) in typing.into_iter().zip(&base) {
        let replies = tokio::time::timeout(DEADLINE, typing)
            .await
            .unwrap()
            .unwrap();
        let (first_worn, before) = replies.split_last().unwrap();
        assert!(
            before.iter().all(|reply| said(reply) == said(base)),
            "the base until then"
        );
        assert_ne!(said(first_worn), said(base), "it acts");
        // Its text was read ahead: the first key under the adapter reads what a key reads.
        assert!(first_worn.tokens.prefilled <= 2, "{:?}", first_worn.tokens);
    }
    assert_eq!(stage.serving.report().swaps, 3);
    assert_eq!(stage.serving.report().rejected, 0);
    let live = &stage.live()[0];
    assert_eq!(
        (live.name.as_str(), live.state),
        (row.name.as_str(), Worn::Worn)
    );
    stage
        .store()
        .set_adapter_state(row.id, AdapterState::Off)
        .unwrap();
    stage.adapters_changed().await;
    stage.until("the base is back", |report| {
        report.adapters.documents_waiting == 0
    });
    assert_eq!(stage.live(), []);
    for (document, base) in DOCUMENTS.into_iter().zip(&base) {
        let again = CompleteParams {
            version: DocumentVersion(u64::MAX),
            ..short(document, &text_of(document))
        };
        let reply = stage.complete(again).await.unwrap();
        assert_eq!((said(&reply), &reply.adapter), (said(base), &None));
        let anew = short(&format!("{document} anew"), &text_of(document));
        assert_eq!(said(&stage.complete(anew).await.unwrap()), said(base));
    }
    stage.serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_request_ends_with_what_it_began_with() {
    let stage = Stage::new(Settings::default());
    let long = |version| CompleteParams {
        max_tokens: Some(120),
        stop: Some(inkstone_protocol::StopRule::Paragraph),
        ..params("a", version, ENGLISH)
    };
    let alone = stage.complete(long(1)).await.unwrap();
    let bytes = stage.visible(ENGLISH_MODEL, VISIBLE);
    let (events, mut received) = mpsc::channel(64);
    let streamed = CompleteParams {
        stream: true,
        ..long(2)
    };
    let _ticket = stage.serving.complete(streamed, None, events);
    // It has begun when its first word is there.
    while !matches!(received.recv().await.unwrap(), ServingEvent::Text(_)) {}
    stage.add(ENGLISH_MODEL, None, &bytes);
    stage.adapters_changed().await;
    let reply = loop {
        if let ServingEvent::Done(result) = received.recv().await.unwrap() {
            break result.unwrap();
        }
    };
    assert_eq!((said(&reply), reply.adapter), (said(&alone), None));
    stage.serving.shutdown(DEADLINE).await;
}

/// A few tokens, none of them guessed: what else is in a batch moves the last digits, and further on
/// that may move a word.
fn short(document: &str, text: &str) -> CompleteParams {
    CompleteParams {
        max_tokens: Some(2),
        without: vec![Technique::Drafts],
        ..params(document, 1, text)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_languages_of_one_model_wear_different_adapters_at_once_and_are_not_mixed() {
    let mut settings = Settings::default();
    for language in ["en", "zh"] {
        let (language, model) = (language.parse().unwrap(), ENGLISH_MODEL.parse().unwrap());
        settings.model.completion.set(language, Some(model));
    }
    let stage = Stage::new(settings);
    let adapters = [("en", VISIBLE), ("zh", -VISIBLE)].map(|(language, weight)| {
        stage.add(
            ENGLISH_MODEL,
            Some(language),
            &stage.visible(ENGLISH_MODEL, weight),
        )
    });
    stage.adapters_changed().await;
    // By its language, by name, and by its language again. What it says is compared where the model is
    // sure of it: not in Chinese, which it hardly knows.
    let [english, chinese] = adapters.map(|adapter| adapter.name);
    let documents = [
        ("by language", ENGLISH, None, &english),
        ("by name", ENGLISH, Some(chinese.clone()), &chinese),
        ("chinese", CHINESE, None, &chinese),
    ];
    let wearing = |document: &str, text: &str, adapter: &Option<String>| CompleteParams {
        adapter: adapter.clone(),
        ..short(document, text)
    };
    let mut alone = Vec::new();
    for (document, text, named, worn) in &documents {
        let reply = stage
            .complete(wearing(document, text, named))
            .await
            .unwrap();
        assert_eq!(reply.adapter.as_ref(), Some(*worn));
        alone.push(said(&reply));
    }
    assert_ne!(alone[0], alone[1], "they act");
    let together = documents.clone().map(|(document, text, named, _)| {
        let serving = stage.serving.clone();
        // A document of its own each time, so that prompts are read in turns as well.
        let asked = (0..4).map(|round| wearing(&format!("{document} {round}"), text, &named));
        let asked: Vec<CompleteParams> = asked.collect();
        tokio::spawn(async move {
            let mut replies = Vec::new();
            for params in asked {
                replies.push(complete(&serving, params).await.unwrap());
            }
            replies
        })
    });
    for ((replies, alone), (_, text, _, worn)) in together.into_iter().zip(alone).zip(&documents) {
        for reply in replies.await.unwrap() {
            assert_eq!(reply.adapter.as_ref(), Some(*worn));
            assert!(said(&reply) == alone || *text == CHINESE, "{reply:?}");
        }
    }
    stage.serving.shutdown(DEADLINE).await;
}

/// Files that are no adapters of the English model: the language each is registered for, its bytes, and
/// what is said of it.
fn hostile_files(stage: &Stage, whole: &[u8]) -> [(&'static str, Vec<u8>, &'static str); 5] {
    let wrong_shape = ConstantAdapter {
        extra_inputs: 32,
        ..ConstantAdapter::of(0.5)
    };
    let not_a_number = stage.visible(ENGLISH_MODEL, f32::NAN);
    [
        (
            "en",
            wrong_shape.bytes(&stage.model_file(ENGLISH_MODEL)),
            "do not make 1536×576",
        ),
        ("zh", whole[..whole.len() - 100].to_vec(), "truncated"),
        ("de", not_a_number, "holds NaN at 0"),
        (
            "fr",
            stage.visible(CHINESE_MODEL, 0.5),
            "`gemma3`, where `llama` is needed",
        ),
        ("it", b"GGUF? no".to_vec(), "GGUF"),
    ]
}

#[tokio::test]
async fn hostile_files_are_refused_with_the_reason_and_requests_go_on() {
    let stage = Stage::new(Settings::default());
    let base = stage.ask("a", 1, ENGLISH).await;
    let whole = stage.visible(ENGLISH_MODEL, VISIBLE);
    let cases = hostile_files(&stage, &whole);
    for (language, bytes, _) in &cases {
        stage.add(ENGLISH_MODEL, Some(language), bytes);
    }
    // The model's file was another when this one was made.
    let of_another = AdapterScope {
        base_sha256: [9; 32],
        language: Some("es".to_owned()),
        genre: None,
        workspace: None,
    };
    stage.add_for(ENGLISH_MODEL, of_another, &whole);
    // The right bytes under another's name.
    let swapped = stage.add(
        ENGLISH_MODEL,
        Some("pt"),
        &stage.visible(ENGLISH_MODEL, 0.25),
    );
    let path = stage.dirs.adapters_dir().join(file_name(&swapped.sha256));
    std::fs::write(&path, &whole).unwrap();
    stage.adapters_changed().await;
    let live = stage.live();
    assert!(
        live.iter().all(|adapter| adapter.state == Worn::Refused),
        "{live:#?}"
    );
    let why = |prefix: &str| {
        let mut live = live.iter();
        let found = live.find(|adapter| adapter.name.starts_with(prefix));
        found.unwrap().why.clone()
    };
    for (language, _, problem) in cases {
        let text = why(language);
        assert!(text.contains(problem) && text.contains(".gguf"), "{text}");
    }
    assert!(
        why("es").contains("made for another file of the model"),
        "{}",
        why("es")
    );
    assert!(
        why("pt").contains("has changed since it was registered"),
        "{}",
        why("pt")
    );
    let reply = stage.ask("a", 2, ENGLISH).await;
    assert_eq!((reply.adapter.as_ref(), reply.text), (None, base.text));
    // A daemon that starts with them serves, too.
    let stage = stage.restarted().await;
    let reply = stage.ask("a", 1, ENGLISH).await;
    assert_eq!(reply.adapter, None);
    stage.serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_daemon_that_starts_wears_what_is_live_from_the_first_request_on() {
    let stage = Stage::new(Settings::default());
    let row = stage.add(
        ENGLISH_MODEL,
        Some("en"),
        &stage.visible(ENGLISH_MODEL, VISIBLE),
    );
    let stage = stage.restarted().await;
    let reply = stage.ask("a", 1, ENGLISH).await;
    assert_eq!(reply.adapter, Some(row.name));
    stage.serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_request_may_name_what_is_worn() {
    let stage = Stage::new(Settings::default());
    let named = |document: &str, adapter: &str| CompleteParams {
        adapter: Some(adapter.to_owned()),
        ..short(document, ENGLISH)
    };
    let base = said(&stage.complete(short("a", ENGLISH)).await.unwrap());
    let row = stage.add(
        ENGLISH_MODEL,
        Some("en"),
        &stage.visible(ENGLISH_MODEL, VISIBLE),
    );
    stage
        .store()
        .set_adapter_state(row.id, AdapterState::Refused)
        .unwrap();
    stage.adapters_changed().await;
    let by_name = stage.complete(named("b", &row.name)).await.unwrap();
    assert_eq!(by_name.adapter.as_ref(), Some(&row.name));
    assert_ne!(said(&by_name), base);
    let file = stage.dirs.adapters_dir().join(file_name(&row.sha256));
    let file = file.to_str().unwrap();
    let by_file = stage.complete(named("c", file)).await.unwrap();
    assert_eq!(said(&by_file), said(&by_name));
    stage
        .store()
        .set_adapter_state(row.id, AdapterState::Live)
        .unwrap();
    stage.adapters_changed().await;
    assert_eq!(stage.ask("d", 1, ENGLISH).await.adapter, Some(row.name));
    let none = stage.complete(named("e", "none")).await.unwrap();
    assert_eq!((said(&none), none.adapter), (base, None));
    for (unknown, problem) in [
        ("en-99", "no adapter `en-99`"),
        ("/no/such.gguf", "/no/such.gguf"),
    ] {
        let error = stage.complete(named("f", unknown)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::ModelUnavailable);
        assert!(error.message.contains(problem), "{error:?}");
    }
    stage.serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn what_was_read_with_an_adapter_is_put_back_under_that_one_only() {
    let mut settings = Settings::default();
    settings.engine.idle_kv_release_s = 1;
    settings.engine.idle_unload_s = 0;
    let stage = Stage::new(settings);
    let row = stage.add(ENGLISH_MODEL, None, &stage.visible(ENGLISH_MODEL, VISIBLE));
    stage.adapters_changed().await;
    let long = ENGLISH.repeat(6);
    let rests = |stage: &Stage| {
        stage.until("the model rests", |report| {
            let mut models = report.models.iter();
            models.any(|model| model.loads > 0 && model.state == ModelState::Resting)
        });
    };
    stage.ask("a", 1, &long).await;
    // The last token is computed alone from here on.
    let before = stage.ask("a", 2, &long).await;
    rests(&stage);
    let after = stage.ask("a", 3, &long).await;
    assert!(after.tokens.prefilled <= 2, "{:?}", after.tokens);
    assert_eq!(
        (said(&after), &after.adapter),
        (said(&before), &Some(row.name))
    );
    rests(&stage);
    stage
        .store()
        .set_adapter_state(row.id, AdapterState::Off)
        .unwrap();
    stage.adapters_changed().await;
    let base = stage.ask("a", 4, &long).await;
    assert_eq!(
        (base.tokens.reused, base.adapter),
        (0, None),
        "{:?}",
        base.tokens
    );
    stage.serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn an_adapter_of_a_folder_is_worn_in_that_folder() {
    let stage = Stage::new(Settings::default());
    let folder = stage.home.scratch().canonicalize().unwrap().join("文章");
    std::fs::create_dir(&folder).unwrap();
    let workspace = added(&mut stage.store(), &folder);
    let installed = Registry::of(&stage.dirs).resolve(ENGLISH_MODEL).unwrap();
    let scope = AdapterScope {
        base_sha256: installed.sha256().unwrap().to_bytes(),
        language: None,
        genre: None,
        workspace: Some(workspace),
    };
    let row = stage.add_for(ENGLISH_MODEL, scope, &stage.visible(ENGLISH_MODEL, VISIBLE));
    stage.adapters_changed().await;
    assert!(stage.live()[0].why.contains("文章"), "{:?}", stage.live());
    let at = |document: &str, path: Option<&Path>| CompleteParams {
        path: path.map(|path| path.to_str().unwrap().to_owned()),
        ..params(document, 1, ENGLISH)
    };
    let inside = folder.join("new.md");
    let inside = stage.complete(at("a", Some(&inside))).await.unwrap();
    assert_eq!(inside.adapter, Some(row.name));
    let outside = stage.home.scratch().join("else.md");
    let outside = stage.complete(at("b", Some(&outside))).await.unwrap();
    assert_eq!(outside.adapter, None);
    assert_eq!(stage.complete(at("c", None)).await.unwrap().adapter, None);
    stage.serving.shutdown(DEADLINE).await;
}

fn added(store: &mut Store, folder: &Path) -> WorkspaceId {
    let added = store.add_workspace(folder, &Identities::default(), 1);
    let (Added::New(id) | Added::Known(id)) = added.unwrap();
    id
}

#[tokio::test]
async fn more_adapters_than_stay_in_memory_are_worn_by_who_they_are_for_and_the_rest_makes_room() {
    const FOLDERS: usize = 10;
    let stage = Stage::new(Settings::default());
    let root = stage.home.scratch().canonicalize().unwrap();
    let installed = Registry::of(&stage.dirs).resolve(ENGLISH_MODEL).unwrap();
    let base_sha256 = installed.sha256().unwrap().to_bytes();
    let mut all = Vec::new();
    for (number, weight) in (0..FOLDERS).zip(1_u8..) {
        let folder = root.join(format!("folder {number}"));
        std::fs::create_dir(&folder).unwrap();
        let scope = AdapterScope {
            base_sha256,
            language: None,
            genre: None,
            workspace: Some(added(&mut stage.store(), &folder)),
        };
        let bytes = stage.visible(ENGLISH_MODEL, VISIBLE + f32::from(weight));
        all.push((folder, stage.add_for(ENGLISH_MODEL, scope, &bytes)));
    }
    let bytes = all[0].1.bytes as f64;
    stage.adapters_changed().await;
    // One after the other in the same two documents, each until it wears what it is for.
    for (number, (folder, row)) in all.iter().enumerate() {
        let document = ["a", "b"][number % 2];
        let path = folder.join("new.md").to_str().unwrap().to_owned();
        let mut is_worn = false;
        for version in 0..200 {
            let reply = stage
                .complete(CompleteParams {
                    path: Some(path.clone()),
                    max_tokens: Some(1),
                    ..params(document, (number * 1_000 + version) as u64, ENGLISH)
                })
                .await
                .unwrap();
            is_worn = reply.adapter.as_ref() == Some(&row.name);
            if is_worn {
                break;
            }
            assert_eq!(reply.adapter, None, "never another folder's");
        }
        assert!(is_worn, "{}", row.name);
        let memory = stage.serving.report().memory;
        assert!(memory.adapters <= 8, "{memory:?}");
        let expected = f64::from(memory.adapters) * bytes / f64::from(1 << 20);
        assert!((memory.adapters_mb - expected).abs() < 0.01, "{memory:?}");
    }
    stage.serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn an_adapter_for_which_the_ceiling_leaves_no_room_is_refused_and_requests_go_on() {
    let with = |memory_mb_max| {
        let mut settings = Settings::default();
        settings.engine.memory_mb_max = memory_mb_max;
        settings.engine.sequences = 1;
        settings.engine.context_tokens = 2_304;
        settings.engine.saved_context_mb_max = 0;
        settings
    };
    let stage = Stage::new(with(1_024));
    let before = stage.complete(short("a", ENGLISH)).await.unwrap();
    let held_mb = stage.serving.report().memory.held_mb;
    // The model fits to the mebibyte, and the adapter is larger than that.
    stage.serving.shutdown(DEADLINE).await;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some hundred mebibytes"
    )]
    let tight = Arc::new(with(held_mb.ceil() as u32));
    let serving = Serving::start(tight, &stage.dirs).unwrap();
    let stage = Stage {
        home: stage.home,
        dirs: stage.dirs,
        serving,
    };
    stage.complete(short("a", ENGLISH)).await.unwrap();
    let large = ConstantAdapter {
        rank: 256,
        ..ConstantAdapter::of(VISIBLE)
    };
    let bytes = large.bytes(&stage.model_file(ENGLISH_MODEL));
    assert!(bytes.len() > 1 << 20);
    let row = stage.add(ENGLISH_MODEL, Some("en"), &bytes);
    stage.adapters_changed().await;
    let reply = stage.complete(short("b", ENGLISH)).await.unwrap();
    assert_eq!((said(&reply), reply.adapter.clone()), (said(&before), None));
    let refused = stage.live();
    let refused = refused.iter().find(|one| one.name == row.name).unwrap();
    assert_eq!(refused.state, Worn::Refused, "{refused:?}");
    assert!(refused.why.contains("engine.memory_mb_max"), "{refused:?}");
    let held = stage.serving.report().memory;
    assert!(held.held_mb <= f64::from(held.ceiling_mb), "{held:?}");
    stage.serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn an_adapter_of_a_genre_is_worn_by_the_documents_that_the_dataset_knows_as_such() {
    let stage = Stage::new(Settings::default());
    let folder = stage.home.scratch().canonicalize().unwrap().join("文章");
    std::fs::create_dir_all(folder.join("posts")).unwrap();
    let workspace = added(&mut stage.store(), &folder);
    known(&mut stage.store(), workspace, "posts/first.md", "blog");
    known(&mut stage.store(), workspace, "letter.md", "correspondence");
    let installed = Registry::of(&stage.dirs).resolve(ENGLISH_MODEL).unwrap();
    let scope = AdapterScope {
        base_sha256: installed.sha256().unwrap().to_bytes(),
        language: Some("en".to_owned()),
        genre: Some("blog".to_owned()),
        workspace: None,
    };
    let language = AdapterScope {
        genre: None,
        ..scope.clone()
    };
    let blog = stage.add_for(ENGLISH_MODEL, scope, &stage.visible(ENGLISH_MODEL, VISIBLE));
    let any = stage.visible(ENGLISH_MODEL, VISIBLE * 2.0);
    let any = stage.add_for(ENGLISH_MODEL, language, &any);
    assert!(blog.name.starts_with("en-blog-"), "{}", blog.name);
    stage.adapters_changed().await;
    let said = stage.live();
    let said = said.iter().find(|one| one.name == blog.name).unwrap();
    assert!(
        said.state == Worn::Worn && said.why.contains("blog"),
        "{said:?}"
    );
    let worn = async |document: &str, path: Option<&str>| {
        let asked = CompleteParams {
            path: path.map(|path| folder.join(path).to_str().unwrap().to_owned()),
            ..short(document, ENGLISH)
        };
        stage.complete(asked).await.unwrap().adapter
    };
    assert_eq!(
        worn("a", Some("posts/first.md")).await,
        Some(blog.name.clone())
    );
    assert_eq!(worn("b", Some("posts/new.md")).await, Some(blog.name));
    assert_eq!(worn("c", Some("letter.md")).await, Some(any.name.clone()));
    assert_eq!(worn("d", None).await, Some(any.name));
    stage.serving.shutdown(DEADLINE).await;
}

/// A file of a folder that the dataset knows.
fn known(store: &mut Store, workspace: WorkspaceId, path: &str, genre: &str) {
    let new = NewDocument {
        at: At {
            workspace: workspace.as_i64(),
            path: path.as_bytes(),
        },
        key: path.as_bytes(),
        content_hash: b"c",
        modified: 1,
        made_by: b"m",
        folder: "f",
        likeness: b"l",
        reading: b"r",
    };
    let passage = NewPassage {
        ordinal: 0,
        text: b"t",
        language: "en",
        genre,
    };
    let kept = store.change_corpus(|corpus| {
        let id = corpus.insert_document(&new)?;
        corpus.insert_passages(id, &[passage])
    });
    kept.unwrap();
}
