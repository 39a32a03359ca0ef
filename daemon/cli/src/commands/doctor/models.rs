//! Whether the model of each role is installed and readable.
//!
//! Without any model that completes nothing works: a fault. A language beside it whose model is
//! missing is silent and says so: a note. A file that cannot be used is always a fault.

use inkstone_models::{InstalledModel, ModelError, Registry, Role};
use inkstone_settings::Settings;

use super::check::Check;

const BYTES_PER_MB: u64 = 1_000_000;

pub(super) fn look(registry: &Registry, settings: &Settings) -> Vec<Check> {
    let mut looked_at: Vec<(String, Vec<String>, Result<InstalledModel, ModelError>)> = Vec::new();
    let mut completes = false;
    for role in Role::ALL {
        for (language, name) in role.models(settings).iter() {
            let serves = format!("{} of {language}", role.word());
            if let Some((_, uses, _)) = looked_at
                .iter_mut()
                .find(|(looked_at, ..)| looked_at == name.as_str())
            {
                uses.push(serves);
                continue;
            }
            let found = registry.verify(name.as_str());
            completes |= role == Role::Completion && found.is_ok();
            looked_at.push((name.to_string(), vec![serves], found));
        }
    }
    if looked_at.is_empty() {
        let remedy = "run: inkstone model use NAME --role completion --lang en";
        return vec![Check::fault("models", "no role has a model", remedy)];
    }
    let check = |(name, uses, found): (String, Vec<String>, _)| {
        of_model(&name, &uses.join(", "), found, completes)
    };
    looked_at.into_iter().map(check).collect()
}

fn of_model(
    name: &str,
    uses: &str,
    found: Result<InstalledModel, ModelError>,
    completes: bool,
) -> Check {
    let what = format!("model {name}");
    match found {
        Ok(model) => {
            let summary = &model.summary;
            let size_mb = model.size_bytes / BYTES_PER_MB;
            let (architecture, quantization) = (&summary.architecture, &summary.quantization);
            Check::well(
                what,
                format!("{uses}; {architecture}, {quantization}, {size_mb} MB, readable"),
            )
        }
        Err(ModelError::NotInstalled { name, remedy }) => {
            let (detail, remedy) = (
                format!("{uses}; not installed"),
                format!("run: {}", remedy.command(&name)),
            );
            if completes {
                Check::note(
                    what,
                    format!("{detail}, so its languages stay silent"),
                    Some(remedy),
                )
            } else {
                Check::fault(what, detail, remedy)
            }
        }
        Err(ModelError::Unusable {
            name,
            path,
            why,
            remedy,
        }) => Check::fault(
            what,
            format!("{uses}; `{}` cannot be used: {why}", path.display()),
            format!("run: {}", remedy.command(&name)),
        ),
        // The message names the commands that help.
        Err(error) => Check::fault(
            what,
            format!("{uses}; {error}"),
            "then run: inkstone doctor",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_models::{ModelName, Remedy};
    use inkstone_settings::Directories;

    fn missing(completes: bool) -> Check {
        let name: ModelName = "gemma-3-270m".parse().unwrap();
        of_model(
            "gemma-3-270m",
            "completion of zh",
            Err(ModelError::NotInstalled {
                name,
                remedy: Remedy::Pull,
            }),
            completes,
        )
    }

    #[test]
    fn a_missing_model_is_a_fault_only_when_nothing_completes() {
        for (completes, is_fault) in [(true, false), (false, true)] {
            let check = missing(completes);
            assert_eq!(check.is_fault(), is_fault);
            assert!(
                check
                    .shown(false)
                    .contains("inkstone model pull gemma-3-270m")
            );
        }
    }

    #[test]
    fn without_any_model_file_the_default_models_are_faults() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().as_os_str().to_owned();
        let directories =
            Directories::from_lookup(|name| (name == "INKSTONE_HOME").then(|| home.clone()))
                .unwrap();
        let checks = look(&Registry::of(&directories), &Settings::default());
        assert_eq!(
            checks.len(),
            2,
            "one for each model, however many roles it has"
        );
        assert!(checks.iter().all(Check::is_fault));
    }

    #[test]
    fn a_file_that_is_no_model_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().as_os_str().to_owned();
        let directories =
            Directories::from_lookup(|name| (name == "INKSTONE_HOME").then(|| home.clone()))
                .unwrap();
        directories.ensure_private().unwrap();
        std::fs::write(
            directories.models_dir().join("smollm2-135m-instruct.gguf"),
            b"GGUF\x03",
        )
        .unwrap();
        let checks = look(&Registry::of(&directories), &Settings::default());
        let shown: Vec<String> = checks.iter().map(|check| check.shown(false)).collect();
        assert!(
            shown.iter().any(|text| text.starts_with("FAULT")
                && text.contains("truncated")
                && text.contains("→ run: inkstone model pull smollm2-135m-instruct")),
            "{shown:?}"
        );
    }
}
