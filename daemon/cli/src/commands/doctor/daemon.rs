//! Whether the daemon can be reached or started, and what computes in it: a model is loaded for it.

use std::time::Duration;

use inkstone_models::{ModelName, Registry};
use inkstone_protocol::{
    Call, Client, ClientError, Launcher, ModelReport, ModelState, StartError, StatusReply,
    TrainerReport, TrainerState,
};
use inkstone_settings::Settings;
use tokio::time::Instant;

use super::check::Check;

/// How long the default model may take to load: the largest of the catalogue from a slow disk.
const LOAD_WAIT: Duration = Duration::from_secs(60);
/// Between two questions whether it has.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// How long the daemon may take to note that a model is to be loaded.
const WARM_WAIT: Duration = Duration::from_secs(5);
/// Languages that the daemon tells apart, each with a text of it: it chooses the model by the text.
const SAMPLES: [(&str, &str); 3] = [
    ("en", "The harbour was quiet in the morning."),
    ("zh", "早上的港口很安静。"),
    ("und", "Утром гавань была тихой."),
];

pub(super) async fn look(
    launcher: &Launcher,
    registry: &Registry,
    settings: &Settings,
) -> Vec<Check> {
    let client = match launcher.connect_or_start().await {
        Ok(client) => client,
        Err(error @ StartError::Stopped { .. }) => {
            let remedy = Some("run: inkstone start".to_owned());
            return vec![Check::note("daemon", error.to_string(), remedy)];
        }
        // The message names what helps.
        Err(error) => {
            return vec![Check::fault(
                "daemon",
                error.to_string(),
                "see what it logged: inkstone logs",
            )];
        }
    };
    let asked = match default_model(registry, settings) {
        Some((model, sample)) => load(&client, model, sample).await,
        // Which is missing was said before.
        None => client.status().await,
    };
    match asked {
        Ok(status) => of_status(&client, &status, registry),
        Err(error) => {
            let remedy = "run: inkstone stop && inkstone start";
            vec![Check::fault(
                "daemon",
                format!("connected, but it gives no status: {error}"),
                remedy,
            )]
        }
    }
}

/// The model of the first language that has one, with a text that makes the daemon choose it.
fn default_model<'a>(
    registry: &Registry,
    settings: &'a Settings,
) -> Option<(&'a ModelName, &'static str)> {
    SAMPLES.into_iter().find_map(|(language, sample)| {
        let name = settings.model.completion.get(language)?;
        registry.verify(name.as_str()).ok()?;
        Some((name, sample))
    })
}

/// Has a model loaded, so that there is something to say of the device. Gives the state in which it
/// is loaded, or cannot be, or is still being loaded when patience ends.
async fn load(
    client: &Client,
    model: &ModelName,
    sample: &str,
) -> Result<StatusReply, ClientError> {
    let sample = sample.to_owned();
    // A load that failed an hour ago says nothing of now.
    client.call(Call::Reload, WARM_WAIT).await?;
    client.call(Call::Warm { sample }, WARM_WAIT).await?;
    let give_up_at = Instant::now() + LOAD_WAIT;
    loop {
        let status = client.status().await?;
        let report = status
            .models
            .iter()
            .find(|report| report.name == model.as_str());
        // Unloaded: the engine has not come to it yet.
        let is_under_way = report.is_some_and(|report| {
            matches!(
                report.state,
                ModelState::Unloaded | ModelState::Resting | ModelState::Loading
            )
        });
        if !is_under_way || Instant::now() >= give_up_at {
            return Ok(status);
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

fn of_status(client: &Client, status: &StatusReply, registry: &Registry) -> Vec<Check> {
    let mut checks = vec![of_version(&client.welcome().version, status)];
    let remedy = |name: &str| match name.parse::<ModelName>() {
        Ok(name) => format!("run: {}", registry.remedy_for(&name).command(&name)),
        Err(_) => "see: inkstone model list".to_owned(),
    };
    checks.extend(
        status
            .models
            .iter()
            .filter_map(|model| of_model(model, remedy)),
    );
    checks.extend(of_trainer(&status.trainer));
    checks
}

/// What watches the writer's folders, where there is something to say of it.
fn of_trainer(trainer: &TrainerReport) -> Option<Check> {
    let notice = trainer.notice.clone();
    match trainer.state {
        TrainerState::Off => None,
        TrainerState::Failed => Some(Check::fault(
            "trainer",
            notice.unwrap_or_else(|| "it ended by itself".to_owned()),
            "see: inkstone logs",
        )),
        _ => match notice {
            Some(notice) => Some(Check::note("trainer", notice, None)),
            None => Some(Check::well(
                "trainer",
                format!("{} folders", trainer.folders),
            )),
        },
    }
}

fn of_version(version: &str, status: &StatusReply) -> Check {
    let detail = format!(
        "process {}, version {version}, {:.0} MiB of memory",
        status.pid, status.rss_mb
    );
    if version == env!("CARGO_PKG_VERSION") {
        return Check::well("daemon", detail);
    }
    let detail = format!(
        "{detail}; this program is version {}",
        env!("CARGO_PKG_VERSION")
    );
    Check::note(
        "daemon",
        detail,
        Some("run: inkstone stop && inkstone start".to_owned()),
    )
}

/// What computes, of the models in memory; whether they are installed was looked at before.
fn of_model(model: &ModelReport, remedy: impl Fn(&str) -> String) -> Option<Check> {
    let what = format!("device for {}", model.name);
    match model.state {
        ModelState::Loaded => {
            let device = model.device.as_deref().unwrap_or("unknown");
            let instructions = model
                .instruction_set
                .as_deref()
                .unwrap_or("unknown instruction set");
            let detail = format!(
                "{device}, {instructions}, {} of {} layers on the GPU",
                model.layers_offloaded, model.layers
            );
            Some(match &model.problem {
                None => Check::well(what, detail),
                Some(problem) => Check::note(what, format!("{detail}; {problem}"), None),
            })
        }
        ModelState::Failed => {
            let problem = model
                .problem
                .clone()
                .unwrap_or_else(|| "cannot be loaded".to_owned());
            Some(Check::fault(
                format!("model {}", model.name),
                problem,
                format!(
                    "see: inkstone logs; for a whole file, {}",
                    remedy(&model.name)
                ),
            ))
        }
        ModelState::Loading => Some(Check::note(
            what,
            format!(
                "not known, since it is still being loaded after {} s",
                LOAD_WAIT.as_secs()
            ),
            Some("wait, then run: inkstone doctor".to_owned()),
        )),
        ModelState::Missing | ModelState::Unloaded | ModelState::Resting => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(state: ModelState) -> ModelReport {
        ModelReport {
            name: "m".to_owned(),
            languages: vec!["en".to_owned()],
            state,
            problem: Some("no memory".to_owned()),
            device: Some("CPU".to_owned()),
            instruction_set: Some("AVX2".to_owned()),
            layers_offloaded: 0,
            layers: 31,
            weights_mb: 0.0,
            kv_mb: 0.0,
            context_tokens: 0,
            sequences_used: 0,
            sequences: 0,
            is_made_smaller: false,
            loads: 0,
            released: None,
            computation: None,
            drafts: None,
            recollection: None,
        }
    }

    #[test]
    fn a_trainer_that_failed_is_a_fault_and_one_that_is_off_is_none() {
        let report = |state, notice: Option<&str>| TrainerReport {
            state,
            folders: 2,
            notice: notice.map(str::to_owned),
        };
        assert_eq!(of_trainer(&report(TrainerState::Off, None)), None);
        let failed = of_trainer(&report(TrainerState::Failed, Some("it ended"))).unwrap();
        assert!(failed.is_fault() && failed.shown(false).contains("it ended"));
        let polls = of_trainer(&report(TrainerState::Watching, Some("polling"))).unwrap();
        assert!(polls.shown(false).starts_with("note"));
        assert!(of_trainer(&report(TrainerState::Watching, None)).is_some());
    }

    #[test]
    fn a_loaded_model_says_its_device_and_a_failed_one_is_a_fault() {
        let remedy = |name: &str| format!("run: inkstone model pull {name}");
        let checked = |state| of_model(&model(state), remedy);
        let well = ModelReport {
            problem: None,
            ..model(ModelState::Loaded)
        };
        assert_eq!(
            of_model(&well, remedy).unwrap().shown(false),
            "ok     device for m: CPU, AVX2, 0 of 31 layers on the GPU\n"
        );
        let worse = checked(ModelState::Loaded).unwrap().shown(false);
        assert!(
            worse.starts_with("note") && worse.contains("no memory"),
            "{worse}"
        );
        let failed = checked(ModelState::Failed).unwrap();
        let shown = failed.shown(false);
        assert!(failed.is_fault() && shown.contains("no memory"), "{shown}");
        assert!(shown.contains("run: inkstone model pull m"), "{shown}");
        let late = checked(ModelState::Loading).unwrap().shown(false);
        assert!(late.starts_with("note") && late.contains("60 s"), "{late}");
        assert_eq!(checked(ModelState::Unloaded), None);
    }
}
