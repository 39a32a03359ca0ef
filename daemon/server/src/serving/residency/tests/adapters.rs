//! Two adapters where the ceiling holds one: neither is refused for it, and they do not put each other
//! out without end.

use inkstone_models::Sha256;
use inkstone_store::adapters::file_name;
use inkstone_store::{AdapterScope, AdapterState, NewAdapter, Store};
use inkstone_test_support::ConstantAdapter;

use super::*;

impl Stage {
    /// Registers a live adapter of more than a mebibyte; its bytes and its name.
    fn add_adapter(&self, language: &str, weight: f32) -> (u64, String) {
        let dirs = Directories::from_lookup(|name| self.home.variable(name)).unwrap();
        dirs.ensure_private().unwrap();
        let large = ConstantAdapter {
            rank: 256,
            ..ConstantAdapter::of(weight)
        };
        let model = self.home.models().join(format!("{ENGLISH_MODEL}.gguf"));
        let bytes = large.bytes(&model);
        let installed = Registry::of(&dirs).resolve(ENGLISH_MODEL).unwrap();
        let sha256 = Sha256::of(&bytes).to_bytes();
        std::fs::write(dirs.adapters_dir().join(file_name(&sha256)), &bytes).unwrap();
        let new = NewAdapter {
            sha256,
            bytes: bytes.len() as u64,
            base_model: ENGLISH_MODEL,
            scope: AdapterScope {
                base_sha256: installed.sha256().unwrap().to_bytes(),
                language: Some(language.to_owned()),
                genre: None,
                workspace: None,
            },
            dataset: None,
            parent: None,
            made_at_s: 1,
            config: "{}",
            metrics: "{}",
            reasons: "[]",
            state: AdapterState::Live,
        };
        let row = Store::open(&dirs.database()).unwrap().add_adapter(&new);
        (bytes.len() as u64, row.unwrap().name)
    }

    /// Takes letters until the registry was read.
    fn take_adapters(&mut self) {
        loop {
            if let Mail::AdaptersRead(read) = self.letters.recv_timeout(LETTER_WAIT).unwrap() {
                return self.residency.adapters_read(*read, &self.report);
            }
        }
    }

    /// Leaves room below the ceiling for so many bytes more, to the mebibyte.
    fn leave_room_for(&mut self, bytes: u64) {
        let holdings = self.residency.residents.values().map(Resident::holding);
        let held = crate::serving::memory::total(holdings);
        let mut settings = (*self.residency.settings).clone();
        let ceiling_mb = (held + bytes).div_ceil(1 << 20);
        settings.engine.memory_mb_max = u32::try_from(ceiling_mb).unwrap();
        self.residency.settings = Arc::new(settings);
    }

    fn refused(&self) -> usize {
        self.residency.stock.current.refused.len()
    }
}

fn of_english_model(document: &str, version: u64, prefix: &str) -> CompleteParams {
    CompleteParams {
        model: Some(ENGLISH_MODEL.to_owned()),
        max_tokens: Some(1),
        ..params(document, version, prefix)
    }
}

#[test]
fn adapters_that_do_not_all_fit_are_read_once_and_none_is_refused_for_being_second() {
    let mut stage = Stage::new();
    let mut first = stage.ask(of_english_model("a", 1, ENGLISH));
    stage.take_loaded();
    assert!(stage.run_to_end(&mut first).is_ok());
    let mut second = stage.ask(of_english_model("b", 1, CHINESE));
    assert!(stage.run_to_end(&mut second).is_ok());
    let names = [stage.add_adapter("en", 5.0), stage.add_adapter("zh", 6.0)];
    let bytes = names[0].0;
    assert!(bytes > 1 << 20, "{bytes}");
    stage.leave_room_for(bytes);
    stage.residency.adapters_changed(None);
    stage.take_adapters();
    assert!(stage.residency.stock.reading.is_none(), "read without end");
    assert_eq!(stage.refused(), 0);
    let loaded = |stage: &Stage| {
        let lanes = stage.residency.lanes();
        lanes.map(Lane::adapters_loaded).sum::<usize>()
    };
    assert_eq!(loaded(&stage), 1);
    // The one that came last is put on.
    let documents = [("a", ENGLISH), ("b", CHINESE)];
    let has = |stage: &Stage, language| {
        let model: ModelName = ENGLISH_MODEL.parse().unwrap();
        let live = stage.residency.stock.live(&model, language);
        let key = live.unwrap().key;
        stage.residency.lanes().any(|lane| lane.has_adapter(key))
    };
    let worn = usize::from(has(&stage, Language::Chinese));
    while stage.residency.has_work() {
        stage.residency.step(&stage.report);
    }
    let (document, text) = documents[worn];
    let mut wearing = stage.ask(of_english_model(document, 2, text));
    let reply = stage.run_to_end(&mut wearing).unwrap();
    assert_eq!(reply.adapter.as_ref(), Some(&names[worn].1));
    // The other one is read for who asks for it, and finds the place taken: that passes.
    let (document, text) = documents[1 - worn];
    let mut lacking = stage.ask(of_english_model(document, 2, text));
    assert!(stage.residency.stock.reading.is_some(), "it is asked for");
    stage.take_adapters();
    assert_eq!((stage.refused(), loaded(&stage)), (0, 1));
    assert!(stage.residency.stock.reading.is_none(), "read without end");
    assert!(stage.run_to_end(&mut lacking).is_ok());
    // Now nothing is worn, and the next key gets it.
    let mut next = stage.ask(of_english_model(document, 3, text));
    stage.take_adapters();
    assert!(has(
        &stage,
        [Language::English, Language::Chinese][1 - worn]
    ));
    assert_eq!(stage.refused(), 0);
    assert!(stage.run_to_end(&mut next).is_ok());
    // One that would not fit alone is refused.
    stage.add_adapter("en", 7.0);
    stage.leave_room_for(0);
    let mut settings = (*stage.residency.settings).clone();
    settings.engine.memory_mb_max -= u32::try_from(bytes.div_ceil(1 << 20)).unwrap() + 1;
    stage.residency.settings = Arc::new(settings);
    stage.residency.adapters_changed(None);
    stage.take_adapters();
    assert_eq!(stage.refused(), 1);
}
