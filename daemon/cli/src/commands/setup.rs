//! `inkstone setup`: from nothing to a first suggestion. Looks at the machine, fetches the models of
//! the languages, writes the settings, prints what the editors need. Safe to run again.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use inkstone_fetch::{Consent, FetchError};
use inkstone_models::{Catalogue, CatalogueEntry, LanguageTag, Licence, Registry, Role};
use inkstone_settings::{Directories, Loaded};

use super::model_table::size;
use super::setup_plan::{self, Choice, Machine};
use super::{model_pull, model_use, setup_measure, setup_snippets};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `setup`.
#[derive(Debug, clap::Args)]
pub(crate) struct SetupArgs {
    /// Languages you write, such as `en,zh`; without it, English and that of your locale
    #[arg(long = "lang", value_delimiter = ',')]
    languages: Vec<LanguageTag>,
    /// One model for all of them, instead of the recommended ones
    #[arg(long)]
    model: Option<String>,
    /// Accept the terms of the models that have some
    #[arg(long)]
    accept_license: bool,
    /// Ask nothing
    #[arg(long)]
    yes: bool,
    /// Do not measure how the models are computed best on this machine
    #[arg(long)]
    no_measure: bool,
}

pub(crate) fn run(args: &SetupArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let directories = env.directories()?;
    directories.ensure_private()?;
    let (catalogue, problems) = Catalogue::load(directories);
    let loaded = Loaded::of_user(directories);
    let problems = problems.iter().map(ToString::to_string);
    for problem in problems.chain(loaded.problems.iter().map(ToString::to_string)) {
        env.note(&problem);
    }
    let machine = look_at_machine(env, directories);
    env.print(&format!("This machine: {machine}\n\n"))?;
    let languages = match args.languages.as_slice() {
        [] => setup_plan::default_languages(&catalogue, |variable| std::env::var(variable).ok()),
        given => given.to_vec(),
    };
    let registry = Registry::of(directories);
    let choices = setup_plan::choose(
        &languages,
        args.model.as_deref(),
        &loaded.settings,
        &catalogue,
        &registry,
    )?;
    let mut status = ExitStatus::Done;
    for choice in &choices {
        match fetch(args, env, choice, &registry)? {
            Fetched::Here => assign(env, choice)?,
            Fetched::Refused(why) => {
                env.note(&why);
                status = ExitStatus::Refused;
            }
        }
    }
    if !args.no_measure {
        let mut models: Vec<&str> = choices.iter().map(|choice| choice.model.as_str()).collect();
        models.dedup();
        setup_measure::run(env, &models, &loaded.settings)?;
    }
    for advice in setup_plan::advice(&choices, args.model.is_none(), &catalogue, &machine) {
        env.print(&format!("\n{advice}\n"))?;
    }
    env.print(&setup_snippets::text())?;
    Ok(status)
}

/// Whether a model is here now.
enum Fetched {
    /// It is.
    Here,
    /// Its terms or the download were not agreed to.
    Refused(String),
}

/// Gets the model of one choice, asking where somebody can answer.
fn fetch(
    args: &SetupArgs,
    env: &Environment,
    choice: &Choice,
    registry: &Registry,
) -> Result<Fetched, CommandError> {
    let Some(entry) = choice
        .entry
        .as_ref()
        .filter(|_| registry.verify(choice.model.as_str()).is_err())
    else {
        env.print(&format!(
            "{}: {} is installed\n",
            choice.language, choice.model
        ))?;
        return Ok(Fetched::Here);
    };
    let can_ask = !args.yes && std::io::stdin().is_terminal();
    let consent = match &entry.licence {
        Licence::Terms(_) if args.accept_license => Consent::InAdvance,
        Licence::Terms(terms) if can_ask => {
            env.print(&format!("{}\n", model_pull::terms_page(terms)))?;
            if ask(
                env,
                &format!("Accept the {} and download {}?", terms.name, offer(entry)),
            )? {
                Consent::Given
            } else {
                Consent::NotGiven
            }
        }
        Licence::Spdx(_) if can_ask && !ask(env, &format!("Download {}?", offer(entry)))? => {
            return Ok(Fetched::Refused(format!("{}: not downloaded", entry.name)));
        }
        _ => Consent::NotGiven,
    };
    match model_pull::pull(entry, registry, consent) {
        Ok(pulled) => {
            let path = pulled.model().path.display();
            env.print(&format!(
                "{}: {} is installed ({path})\n",
                choice.language, choice.model
            ))?;
            Ok(Fetched::Here)
        }
        Err(FetchError::LicenceNotAccepted { name, terms }) => Ok(Fetched::Refused(format!(
            "{}: `{name}` comes under the {} ({}), which are not accepted; read them, then run: inkstone setup --lang {} --accept-license",
            choice.language, terms.name, terms.url, choice.language
        ))),
        Err(error) => Err(error.into()),
    }
}

/// A model with its size and licence, as a question names it.
fn offer(entry: &CatalogueEntry) -> String {
    format!(
        "{} ({}, {})",
        entry.name,
        size(entry.size_bytes),
        entry.licence.name()
    )
}

/// Writes the roles of a choice.
fn assign(env: &Environment, choice: &Choice) -> Result<(), CommandError> {
    model_use::assign(env, Role::Completion, &choice.language, &choice.model)?;
    if choice.rewrites {
        model_use::assign(env, Role::Rewrite, &choice.language, &choice.model)?;
    }
    Ok(())
}

/// A question with yes as the answer to an empty line.
fn ask(env: &Environment, question: &str) -> Result<bool, CommandError> {
    env.print(&format!("{question} [Y/n] "))?;
    std::io::stdout().flush()?;
    let mut answer = String::new();
    let read_bytes = std::io::stdin().lock().read_line(&mut answer)?;
    // The end of the input is no consent.
    Ok(read_bytes > 0 && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes"))
}

fn look_at_machine(env: &Environment, directories: &Directories) -> Machine {
    Machine {
        has_gpu: computes_on_gpu(env).unwrap_or(false),
        cores: inkstone_platform::physical_cores(),
        memory_available_bytes: inkstone_platform::memory_available_bytes(),
        disk_free_bytes: inkstone_platform::free_bytes(&directories.models_dir()).ok(),
    }
}

/// Whether a daemon that runs has put a model on a GPU: this program itself knows none. Without a
/// running one nothing is known.
fn computes_on_gpu(env: &Environment) -> Option<bool> {
    let launcher = env.launcher().ok()?;
    let asked = env.block_on(async { launcher.connect().await?.status().await });
    let models = asked.ok()?.ok()?.models;
    Some(models.iter().any(|model| model.layers_offloaded > 0))
}
