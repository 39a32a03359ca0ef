//! Reading a model into memory, on a thread of its own so that other models go on serving.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{Backend, Context, ContextOptions, Device, EngineError, LoadOptions, Model};
use inkstone_models::ModelName;
use inkstone_settings::{DeviceChoice, Settings};

use super::lane::{BATCH_TOKENS_MAX, Lane};
use super::mail::Mail;

/// Loads models for the engine thread and tells it by letter.
#[derive(Debug)]
pub(super) struct Loader {
    mailbox: SyncSender<Mail>,
}

impl Loader {
    pub(super) fn new(mailbox: SyncSender<Mail>) -> Self {
        Self { mailbox }
    }

    /// Starts reading `path`; the result comes as [`Mail::Loaded`] with the same `generation`.
    pub(super) fn start(
        &self,
        model: &ModelName,
        path: PathBuf,
        settings: &Arc<Settings>,
        generation: u64,
    ) -> std::io::Result<()> {
        let mailbox = self.mailbox.clone();
        let settings = Arc::clone(settings);
        let model = model.clone();
        std::thread::Builder::new()
            .name(format!("load {model}"))
            .spawn(move || {
                let mut told = 0;
                let result = load(model.as_str(), &path, &settings, &mut |fraction| {
                    let percent = as_percent(fraction);
                    if percent >= told + 10 {
                        told = percent;
                        // A full mailbox may lose a progress letter, never the result.
                        let _ = mailbox.try_send(Mail::LoadProgress {
                            model: model.clone(),
                            percent,
                        });
                    }
                });
                // Fails only when the engine thread has ended: then nobody wants the model.
                let _ = mailbox.send(Mail::Loaded {
                    model,
                    generation,
                    result: result.map(Box::new),
                });
            })?;
        Ok(())
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Reason: clamped to 0..=100.
fn as_percent(fraction: f32) -> u8 {
    (fraction.clamp(0.0, 1.0) * 100.0) as u8
}

/// On the graphics card where one is wanted and fits; on the processor when that fails.
fn load(
    name: &str,
    path: &std::path::Path,
    settings: &Settings,
    progress: &mut dyn FnMut(f32),
) -> Result<Lane, EngineError> {
    let gpu = match settings.engine.device {
        DeviceChoice::Cpu => None,
        DeviceChoice::Auto => Backend::get()?.best_gpu(),
        DeviceChoice::Gpu => Some(Backend::get()?.best_gpu().ok_or(EngineError::NoGpu)?),
    };
    let Some(gpu) = gpu else {
        return load_on(name, path, settings, None, progress);
    };
    match load_on(name, path, settings, Some(gpu), progress) {
        Err(error) if settings.engine.device == DeviceChoice::Auto => {
            tracing::warn!(model = name, %error, "the graphics card cannot hold the model; using the processor");
            load_on(name, path, settings, None, progress)
        }
        result => result,
    }
}

fn load_on(
    name: &str,
    path: &std::path::Path,
    settings: &Settings,
    gpu: Option<Device>,
    progress: &mut dyn FnMut(f32),
) -> Result<Lane, EngineError> {
    let engine = &settings.engine;
    let offload_kv = gpu.is_some();
    let options = LoadOptions {
        context_tokens: engine.context_tokens,
        gpu,
        gpu_layers: u32::try_from(engine.gpu_layers).map_or(GpuLayers::Auto, GpuLayers::Exactly),
        host_free_bytes: inkstone_platform::memory_available_bytes().unwrap_or(u64::MAX),
    };
    let model = Model::load(path, &options, &mut |fraction| {
        progress(fraction);
        true
    })?;
    let context = Context::new(
        &model,
        ContextOptions {
            context_tokens: model.plan().context_tokens,
            sequences: engine.sequences,
            batch_tokens: BATCH_TOKENS_MAX,
            threads: threads(engine.threads),
            offload_kv,
        },
    )?;
    Ok(Lane::new(name, context, engine.sequences))
}

/// The setting, or one thread per physical core.
fn threads(setting: u32) -> u32 {
    if setting > 0 {
        setting
    } else {
        u32::try_from(inkstone_platform::physical_cores()).unwrap_or(1)
    }
}
