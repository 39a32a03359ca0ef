//! `inkstone model pull`: fetches a model of the catalogue.

use inkstone_fetch::{Consent, FetchEnvironment, FetchError, Fetcher, Pulled};
use inkstone_models::{Catalogue, CatalogueEntry, Registry, Terms};

use super::model_progress::TerminalProgress;
use super::model_table::size;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `model pull`.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelPullArgs {
    /// Name in the catalogue (see `inkstone model list`)
    name: String,
    /// Accept the terms of the model, where it has some
    #[arg(long)]
    accept_license: bool,
}

pub(crate) fn run(args: &ModelPullArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let directories = env.directories()?;
    directories.ensure_private()?;
    let (catalogue, problems) = Catalogue::load(directories);
    for problem in problems {
        env.note(&problem.to_string());
    }
    let entry = catalogue.find(&args.name)?;
    let consent = if args.accept_license {
        Consent::InAdvance
    } else {
        Consent::NotGiven
    };
    let registry = Registry::of(directories);
    let pulled = pull(entry, &registry, consent).inspect_err(|error| {
        if let FetchError::LicenceNotAccepted { terms, .. } = error {
            env.note(&terms_page(terms));
        }
    })?;
    let model = pulled.model();
    let path = model.path.display();
    env.print(&match &pulled {
        Pulled::Already(_) => format!("{} is installed already ({path})\n", args.name),
        Pulled::Fetched(_) => {
            format!(
                "{} is installed: {} ({path})\n",
                args.name,
                size(model.size_bytes)
            )
        }
    })?;
    Ok(ExitStatus::Done)
}

/// Terms as they are shown to who accepts them.
pub(crate) fn terms_page(terms: &Terms) -> String {
    format!("{} ({})\n\n{}", terms.name, terms.url, terms.text)
}

/// Fetches one entry with the progress on the terminal; `setup` calls it too.
pub(crate) fn pull(
    entry: &CatalogueEntry,
    registry: &Registry,
    consent: Consent,
) -> Result<Pulled, FetchError> {
    let environment = FetchEnvironment::from_env();
    let mut progress = TerminalProgress::start(entry.name.as_str());
    Fetcher::new(registry, &environment, &mut progress).pull(entry, consent)
}
