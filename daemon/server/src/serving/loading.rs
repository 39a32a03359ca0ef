//! Reading a model into memory, on a thread of its own so that other models go on serving.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use inkstone_engine::plan::{ContextCost, GpuLayers, context_tokens_within, vocabulary_bytes};
use inkstone_engine::{
    Context, Device, DeviceWish, EngineError, LoadOptions, Model, ModelFile, ModelInfo, Placed,
    load_on,
};
use inkstone_models::ModelName;
use inkstone_models::tuning::{Computation, Place, Tuned, Tunings};
use inkstone_settings::{DeviceChoice, Settings};

use super::adapters::CheckedAdapter;
use super::card::Card;
use super::computation::{self, Chosen, context_options};
use super::drafter::{DraftFile, DraftModel};
use super::lane::{Lane, SPARE_SEQUENCES};
use super::loaded::{Loaded, with_adapters};
use super::mail::Mail;
use super::memory::{Size, Wanted};
use super::prompt::PROMPT_CACHE_BYTES_MAX;
use super::recollection::Recollection;
use super::room::{self, Ask};

/// Where a model comes from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// From its file.
    File(PathBuf),
    /// Its weights are in memory; it wants a context.
    Memory(Arc<Model>),
}

/// Loads models for the engine thread and tells it by letter.
#[derive(Debug)]
pub(super) struct Loader {
    mailbox: SyncSender<Mail>,
    tuning_file: PathBuf,
    memory_dir: PathBuf,
}

impl Loader {
    /// `tuning_file` is read anew for each model, since a setup may have written it meanwhile; in
    /// `memory_dir` lies what the writer wrote.
    pub(super) fn new(
        mailbox: SyncSender<Mail>,
        tuning_file: PathBuf,
        memory_dir: PathBuf,
    ) -> Self {
        Self {
            mailbox,
            tuning_file,
            memory_dir,
        }
    }

    /// Where letters to the engine thread go.
    pub(super) fn mailbox(&self) -> SyncSender<Mail> {
        self.mailbox.clone()
    }

    /// Where what the writer wrote lies.
    pub(super) fn memory_dir(&self) -> PathBuf {
        self.memory_dir.clone()
    }

    /// Starts making a model ready; the result comes as [`Mail::Loaded`] with the same `generation`.
    pub(super) fn start(
        &self,
        model: &ModelName,
        (source, draft): (Source, Option<DraftModel>),
        adapters: Vec<CheckedAdapter>,
        settings: &Arc<Settings>,
        generation: u64,
        card: &Card,
    ) -> std::io::Result<()> {
        let mailbox = self.mailbox.clone();
        let card = card.clone();
        let settings = Arc::clone(settings);
        let tuning_file = self.tuning_file.clone();
        let memory_dir = self.memory_dir.clone();
        let model = model.clone();
        std::thread::Builder::new()
            .name(format!("load {model}"))
            .spawn(move || {
                let mut told = 0;
                let mut progress = |fraction| {
                    let percent = as_percent(fraction);
                    if percent >= told + 10 {
                        told = percent;
                        // A full mailbox may lose a progress letter, never the result.
                        let _ = mailbox.try_send(Mail::LoadProgress {
                            model: model.clone(),
                            percent,
                        });
                    }
                };
                let ask = |wanted| room::ask(&mailbox, &model, generation, wanted);
                let result = caught(|| {
                    let mut job = Job {
                        name: model.as_str(),
                        draft,
                        adapters_bytes: 0,
                        settings: &settings,
                        tunings: &Tunings::read(&tuning_file),
                        card: &card,
                        memory_dir: Some(&memory_dir),
                        ask: &ask,
                    };
                    with_adapters(&adapters, |bytes| {
                        job.adapters_bytes = bytes;
                        job.wake(source.clone(), &mut progress)
                    })
                });
                // Fails only when the engine thread has ended: then nobody wants the model.
                let _ = mailbox.send(Mail::Loaded {
                    model,
                    generation,
                    result,
                });
            })?;
        Ok(())
    }
}

/// The result, or the problem in words. A panic is one as well: requests wait for the end of every
/// load.
fn caught<T>(load: impl FnOnce() -> Result<T, EngineError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(load)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the daemon has a bug: its loader panicked; see: inkstone logs".to_owned()),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Reason: clamped to 0..=100.
fn as_percent(fraction: f32) -> u8 {
    (fraction.clamp(0.0, 1.0) * 100.0) as u8
}

/// One load: which model, and by what it goes.
struct Job<'a> {
    name: &'a str,
    /// The model that may guess ahead of it.
    draft: Option<DraftModel>,
    /// Of the adapters that it begins with.
    adapters_bytes: u64,
    settings: &'a Settings,
    tunings: &'a Tunings,
    card: &'a Card,
    /// Where what the writer wrote lies, if it is to be remembered.
    memory_dir: Option<&'a Path>,
    ask: Ask<'a>,
}

impl Job<'_> {
    /// Makes a context for weights in memory, or reads the file when there are none.
    fn wake(&self, source: Source, progress: &mut dyn FnMut(f32)) -> Result<Loaded, EngineError> {
        let path = match source {
            Source::File(path) => path,
            Source::Memory(model) if self.card.is_lost() && model.device().is_some() => {
                model.path().to_owned()
            }
            Source::Memory(model) => match self.lane_of(&model, self.open_draft(), self.ask) {
                Ok(lane) => return Ok(Loaded::new(lane, false)),
                Err(error @ EngineError::Ceiling { .. }) => return Err(error),
                Err(error) => {
                    // The card may be full of others' data by now: a load may go to the processor.
                    tracing::warn!(model = self.name, %error, "no context for the weights in memory; they are read again");
                    model.path().to_owned()
                }
            },
        };
        Ok(Loaded::new(self.load(&path, progress)?, true))
    }

    /// On the graphics card where one is wanted and fits; on the processor when that fails, or when
    /// the card has failed before.
    fn load(&self, path: &Path, progress: &mut dyn FnMut(f32)) -> Result<Lane, EngineError> {
        let choice = self.settings.engine.device;
        let Placed {
            loaded: mut lane,
            card_problem,
        } = load_on(self.card.wish(choice)?, |gpu| {
            let _trial = gpu.as_ref().map(|_| self.card.trial());
            self.load_with(path, gpu, &mut *progress)
        })?;
        if let Some(notice) = self.card.notice(choice, self.name, card_problem.as_ref()) {
            lane.set_notice(notice);
        }
        Ok(lane)
    }

    fn load_with(
        &self,
        path: &Path,
        gpu: Option<Device>,
        progress: &mut dyn FnMut(f32),
    ) -> Result<Lane, EngineError> {
        let engine = &self.settings.engine;
        // Before anything of it is in memory.
        let file = ModelFile::open(path)?;
        let draft = self.open_draft();
        let device = gpu.as_ref().map_or("CPU", |device| device.name.as_str());
        let computation = self.computation_of(path, device).computation;
        let asked = self.wanted(
            file.info(),
            &computation,
            engine.context_tokens,
            draft.as_ref(),
        );
        let size = (self.ask)(asked)?;
        let options = load_options(engine.context_tokens, gpu, engine.gpu_layers);
        let model = file.load(&options, &mut |fraction| {
            progress(fraction);
            true
        })?;
        let mut lane = self.lane_of(&model, draft, &|wanted| {
            // Layers that did not go to the card may be computed otherwise; and what the machine has
            // free may be less.
            if wanted.holding(size).context_bytes <= asked.holding(size).context_bytes {
                let tokens = size.tokens.min(model.plan().context_tokens);
                Ok(Size { tokens, ..size })
            } else {
                (self.ask)(wanted)
            }
        })?;
        if model.device().is_some() {
            lane.try_out()?;
        }
        Ok(lane)
    }

    fn lane_of(
        &self,
        model: &Arc<Model>,
        draft: Option<DraftFile>,
        ask: Ask<'_>,
    ) -> Result<Lane, EngineError> {
        let Chosen {
            computation,
            report,
        } = self.computation_of(model.path(), model.device_name());
        let tokens = model.plan().context_tokens;
        let size = ask(self.wanted(model.info(), &computation, tokens, draft.as_ref()))?;
        let options = context_options(
            &computation,
            model,
            size.tokens,
            size.sequences + SPARE_SEQUENCES,
        );
        let context = Context::new(model, options)?;
        let mut lane = Lane::new(self.name, context, size.sequences, report);
        let engine = &self.settings.engine;
        let drafter = draft.and_then(|draft| draft.load(model, computation.threads, engine));
        if let Some(drafter) = drafter {
            lane.set_drafter(drafter);
        }
        if let Some(recollection) = self.recollection(model.path()) {
            lane.set_recollection(recollection);
        }
        Ok(lane)
    }

    /// What the writer wrote, in the tokens of the model in this file.
    fn recollection(&self, model: &Path) -> Option<Recollection> {
        let opened = Recollection::open(self.memory_dir?, model, &self.settings.memory);
        let told = |error: &std::io::Error| {
            tracing::warn!(model = self.name, %error, "what the writer wrote is not remembered");
        };
        opened.inspect_err(told).ok()
    }

    /// Its draft model, if it is to have one and it can be read.
    fn open_draft(&self) -> Option<DraftFile> {
        self.draft.as_ref()?.open(self.settings)
    }

    /// What a context takes that is computed so, what its tokenizer remembers, and what its draft
    /// model takes, which comes and goes with it.
    fn wanted(
        &self,
        info: &ModelInfo,
        computation: &Computation,
        context_tokens: u32,
        draft: Option<&DraftFile>,
    ) -> Wanted {
        let settings = self.settings;
        let kv_type = computation::kv_type(computation.kv_type);
        let mut cost = ContextCost::of(info, computation.batch_tokens, kv_type);
        cost.fixed_bytes += PROMPT_CACHE_BYTES_MAX + draft.map_or(0, DraftFile::bytes);
        let completion = &settings.completion;
        let useful_tokens = completion
            .prompt_tokens
            .saturating_add(completion.max_tokens);
        Wanted {
            cost,
            vocabulary_bytes: vocabulary_bytes(info),
            size: Size {
                tokens: context_tokens_within(context_tokens, info.context_length),
                sequences: settings.engine.sequences,
            },
            useful_tokens,
            kept_tokens: if settings.engine.saved_context_mb_max > 0 {
                useful_tokens
            } else {
                0
            },
            adapters_bytes: self.adapters_bytes,
        }
    }

    /// How the model is computed on a device.
    fn computation_of(&self, path: &Path, device: &str) -> Chosen {
        let cores = u32::try_from(inkstone_platform::physical_cores()).unwrap_or(1);
        let tuned = tuned(self.name, path, device, self.tunings, cores);
        computation::choose(&self.settings.engine, tuned, cores)
    }
}

/// What the setting asks of the engine.
pub(crate) fn wish(setting: DeviceChoice) -> DeviceWish {
    match setting {
        DeviceChoice::Cpu => DeviceWish::Cpu,
        DeviceChoice::Auto => DeviceWish::Auto,
        DeviceChoice::Gpu => DeviceWish::Gpu,
    }
}

/// How to read a model, within the memory that is free now. `gpu_layers` is the setting.
pub(crate) fn load_options(
    context_tokens: u32,
    gpu: Option<Device>,
    gpu_layers: i32,
) -> LoadOptions {
    LoadOptions {
        context_tokens,
        gpu,
        gpu_layers: GpuLayers::of_setting(gpu_layers),
        host_free_bytes: inkstone_platform::memory_available_bytes().unwrap_or(u64::MAX),
    }
}

/// What setup measured of this file on the device that it was loaded to.
fn tuned<'a>(
    name: &str,
    path: &Path,
    device: &str,
    tunings: &'a Tunings,
    cores: u32,
) -> Option<&'a Tuned> {
    let file_bytes = std::fs::metadata(path).ok()?.len();
    let place = Place {
        model: name,
        file_bytes,
        cores,
    };
    tunings.find(place, device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_models::tuning::{KvType, Measured};
    use inkstone_test_support::{ENGLISH_MODEL, test_models};

    /// There is room for everything.
    #[allow(clippy::unnecessary_wraps)] // Reason: it stands in for one that may refuse.
    fn all(wanted: Wanted) -> Result<Size, EngineError> {
        Ok(wanted.size)
    }

    fn loaded_as(settings: &Settings, card: &Card) -> Result<Lane, EngineError> {
        let path = test_models().join(format!("{ENGLISH_MODEL}.gguf"));
        job(ENGLISH_MODEL, settings, &Tunings::default(), card).load(&path, &mut |_| {})
    }

    fn job<'a>(
        name: &'a str,
        settings: &'a Settings,
        tunings: &'a Tunings,
        card: &'a Card,
    ) -> Job<'a> {
        Job {
            name,
            draft: None,
            adapters_bytes: 0,
            settings,
            tunings,
            card,
            memory_dir: None,
            ask: &all,
        }
    }

    #[test]
    fn a_wish_for_layers_on_a_card_does_not_keep_the_processor_from_serving() {
        let mut settings = Settings::default();
        settings.engine.device = DeviceChoice::Cpu;
        settings.engine.gpu_layers = 5;
        settings.engine.context_tokens = 256;
        let lane = loaded_as(&settings, &Card::default()).unwrap();
        assert_eq!((lane.model().plan().gpu_layers, lane.notice()), (0, None));
    }

    #[test]
    fn after_the_loss_of_the_card_the_processor_serves_with_a_notice_unless_the_card_is_demanded() {
        let mut settings = Settings::default();
        settings.engine.context_tokens = 256;
        let mut card = Card::default();
        card.lose("the graphics card Vulkan0 failed: ErrorDeviceLost");
        let mut loaded = |device| {
            settings.engine.device = device;
            loaded_as(&settings, &card)
        };
        let lane = loaded(DeviceChoice::Auto).unwrap();
        assert!(lane.model().device().is_none());
        assert!(lane.notice().unwrap().contains("ErrorDeviceLost"));
        assert_eq!(loaded(DeviceChoice::Cpu).unwrap().notice(), None);
        let refused = loaded(DeviceChoice::Gpu).unwrap_err();
        assert!(matches!(refused, EngineError::CardLost { .. }), "{refused}");
    }

    #[test]
    fn what_setup_measured_of_this_file_and_device_is_used_and_said() {
        let path = test_models().join(format!("{ENGLISH_MODEL}.gguf"));
        let mut settings = Settings::default();
        settings.engine.device = DeviceChoice::Cpu;
        settings.engine.context_tokens = 256;
        let best = Measured {
            computation: Computation {
                threads: 1,
                flash_attention: true,
                kv_type: KvType::Q8,
                batch_tokens: 32,
            },
            prefill_tokens_per_s: 500.0,
            decode_tokens_per_s: 100.0,
        };
        let mut tunings = Tunings::default();
        tunings.put(Tuned {
            model: ENGLISH_MODEL.to_owned(),
            file_bytes: std::fs::metadata(&path).unwrap().len(),
            device: "CPU".to_owned(),
            cores: u32::try_from(inkstone_platform::physical_cores()).unwrap(),
            best,
            untuned: best,
        });
        let card = Card::default();
        let loaded = |name: &str| {
            let job = job(name, &settings, &tunings, &card);
            job.load(&path, &mut |_| {}).unwrap()
        };
        let lane = loaded(ENGLISH_MODEL);
        let report = lane.computation();
        assert!(report.is_measured && report.flash_attention);
        assert_eq!((report.threads, report.batch_tokens), (1, 32));
        assert_eq!(report.kv_type, "q8_0");
        assert!(!loaded("another-name").computation().is_measured);
    }

    #[test]
    fn a_panic_while_loading_is_a_failure_to_load() {
        let problem = caught::<Lane>(|| panic!("rigged")).unwrap_err();
        assert!(problem.contains("inkstone logs"), "{problem}");
        assert_eq!(caught(|| Ok(1)), Ok(1));
    }
}
