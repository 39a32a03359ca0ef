//! Whether the daemon can be reached or started, and what computes in it.

use inkstone_protocol::{Client, Launcher, ModelReport, ModelState, StartError, StatusReply};

use super::check::Check;

pub(super) async fn look(launcher: &Launcher) -> Vec<Check> {
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
    match client.status().await {
        Ok(status) => of_status(&client, &status),
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

fn of_status(client: &Client, status: &StatusReply) -> Vec<Check> {
    let mut checks = vec![of_version(&client.welcome().version, status)];
    checks.extend(status.models.iter().filter_map(of_model));
    checks
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
fn of_model(model: &ModelReport) -> Option<Check> {
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
            Some(Check::well(what, detail))
        }
        ModelState::Failed => {
            let problem = model
                .problem
                .clone()
                .unwrap_or_else(|| "cannot be loaded".to_owned());
            let remedy = format!("run: inkstone model pull {}", model.name);
            Some(Check::fault(
                format!("model {}", model.name),
                problem,
                remedy,
            ))
        }
        ModelState::Missing | ModelState::Unloaded | ModelState::Loading => None,
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
            loads: 0,
        }
    }

    #[test]
    fn a_loaded_model_says_its_device_and_a_failed_one_is_a_fault() {
        let loaded = of_model(&model(ModelState::Loaded)).unwrap();
        assert_eq!(
            loaded.shown(false),
            "ok     device for m: CPU, AVX2, 0 of 31 layers on the GPU\n"
        );
        let failed = of_model(&model(ModelState::Failed)).unwrap();
        assert!(failed.is_fault() && failed.shown(false).contains("no memory"));
        assert_eq!(of_model(&model(ModelState::Unloaded)), None);
    }
}
