//! `inkstone model use`: writes which model plays a role for a language into the user's settings.

use inkstone_models::{
    Catalogue, CatalogueEntry, LanguageTag, ModelError, ModelName, Registry, Role,
};
use inkstone_settings::{Loaded, Settings, Value, user_file};

use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `model use`.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelUseArgs {
    /// An installed model
    name: String,
    /// What it is to do
    #[arg(long, value_enum)]
    role: RoleArg,
    /// For which language; without it, every language of the role that the model writes
    #[arg(long = "lang")]
    language: Option<LanguageTag>,
}

/// The roles as arguments.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RoleArg {
    /// Continue text at the caret
    Completion,
    /// Rewrite a selection
    Rewrite,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Completion => Self::Completion,
            RoleArg::Rewrite => Self::Rewrite,
        }
    }
}

pub(crate) fn run(args: &ModelUseArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let directories = env.directories()?;
    directories.ensure_private()?;
    let (catalogue, _) = Catalogue::load(directories);
    let registry = Registry::of(directories);
    let model = registry.verify(&args.name).map_err(|error| {
        // A name that nobody knows is a slip of the pen, not a model to be pulled.
        let is_missing = matches!(error, ModelError::NotInstalled { .. });
        let unknown = catalogue.find(&args.name).err();
        unknown.filter(|_| is_missing).unwrap_or(error)
    })?;
    let entry = catalogue.find(model.name.as_str()).ok();
    let role = Role::from(args.role);
    let settings = Loaded::of_user(directories).settings;
    let languages = languages(args.language.as_ref(), entry, role, &settings);
    if languages.is_empty() {
        return Err(CommandError::usage(format!(
            "nothing says which languages `{}` writes; add --lang, for example: inkstone model use {} --role {} --lang en",
            model.name,
            model.name,
            role.word()
        )));
    }
    for language in &languages {
        assign(env, role, language, &model.name)?;
        if entry.is_some_and(|entry| !entry.languages.contains(language)) {
            env.note(&format!(
                "`{}` is not known to write `{language}` well",
                model.name
            ));
        }
    }
    Ok(ExitStatus::Done)
}

/// Writes one assignment; `setup` calls it too.
pub(crate) fn assign(
    env: &Environment,
    role: Role,
    language: &LanguageTag,
    model: &ModelName,
) -> Result<(), CommandError> {
    let file = env.directories()?.config_file();
    user_file::set(
        &file,
        &role.setting_key(language),
        &Value::Text(model.to_string()),
    )?;
    env.print(&format!(
        "{} of {language}: {model} ({})\n",
        role.word(),
        file.display()
    ))
}

/// The languages meant: the one given, or those that the role has and the model writes.
fn languages(
    given: Option<&LanguageTag>,
    entry: Option<&CatalogueEntry>,
    role: Role,
    settings: &Settings,
) -> Vec<LanguageTag> {
    if let Some(language) = given {
        return vec![language.clone()];
    }
    let written = entry.map_or(&[][..], |entry| &entry.languages);
    let assigned = role.models(settings).iter().map(|(language, _)| language);
    assigned
        .filter(|language| written.contains(language))
        .cloned()
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    #[test]
    fn without_a_language_those_are_meant_that_the_role_has_and_the_model_writes() {
        let catalogue = Catalogue::builtin();
        let settings = Settings::default();
        let tags = |model: &str, role| -> Vec<String> {
            let found = languages(None, catalogue.find(model).ok(), role, &settings);
            found.iter().map(ToString::to_string).collect()
        };
        assert_eq!(tags("smollm2-135m-instruct", Role::Completion), ["en"]);
        assert_eq!(tags("qwen3-0.6b", Role::Completion), ["en", "zh"]);
        assert_eq!(tags("qwen3-0.6b", Role::Rewrite), ["en"]);
        assert_eq!(tags("imported", Role::Completion), Vec::<String>::new());
        let german = "de".parse().unwrap();
        assert_eq!(
            languages(Some(&german), None, Role::Rewrite, &settings),
            [german]
        );
    }
}
