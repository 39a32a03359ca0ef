//! What `model list` shows, as data for JSON and as text for people. Pure.

use std::fmt::Write as _;

use inkstone_models::role::{self, RoleUse};
use inkstone_models::{Catalogue, Listed, ModelName, Origin};
use inkstone_settings::Settings;
use serde::Serialize;

/// The whole listing.
#[derive(Debug, Serialize)]
pub(crate) struct Listing {
    /// Models whose files are here.
    pub(crate) installed: Vec<InstalledRow>,
    /// Models of the catalogue that are not.
    pub(crate) available: Vec<AvailableRow>,
}

/// One installed model.
#[derive(Debug, Serialize)]
pub(crate) struct InstalledRow {
    name: String,
    path: String,
    /// Whether the file lies in `INKSTONE_MODELS`.
    read_only: bool,
    languages: Vec<String>,
    roles: Vec<RoleUse>,
    #[serde(flatten)]
    facts: Facts,
}

/// What a file is, or why it cannot be used.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Facts {
    Usable {
        size_bytes: u64,
        architecture: String,
        quantization: String,
        parameters: u64,
        context_tokens: u32,
        fim: bool,
        chat_template: bool,
        licence: Option<String>,
        source: Option<String>,
    },
    Unusable {
        problem: String,
    },
}

/// One model that can be pulled.
#[derive(Debug, Serialize)]
pub(crate) struct AvailableRow {
    name: String,
    summary: String,
    size_bytes: u64,
    languages: Vec<String>,
    licence: String,
    /// Whether `--accept-license` is needed.
    has_terms: bool,
}

impl Listing {
    /// Puts the registry, the catalogue and the roles together.
    pub(crate) fn of(listed: Vec<Listed>, catalogue: &Catalogue, settings: &Settings) -> Self {
        let is_installed = |name: &ModelName| listed.iter().any(|file| file.name == *name);
        let available = catalogue
            .entries()
            .iter()
            .filter(|entry| !is_installed(&entry.name))
            .map(|entry| AvailableRow {
                name: entry.name.to_string(),
                summary: entry.summary.clone(),
                size_bytes: entry.size_bytes,
                languages: entry.languages.iter().map(ToString::to_string).collect(),
                licence: entry.licence.name().to_owned(),
                has_terms: matches!(entry.licence, inkstone_models::Licence::Terms(_)),
            })
            .collect();
        let installed = listed
            .into_iter()
            .map(|file| row(file, catalogue, settings))
            .collect();
        Self {
            installed,
            available,
        }
    }

    /// The listing for people.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if self.installed.is_empty() {
            text.push_str("No model is installed.\n");
        } else {
            text.push_str(&columns(&self.installed_cells()));
        }
        for row in &self.installed {
            if let Facts::Unusable { problem } = &row.facts {
                // proof: writing into a string cannot fail.
                let _ = write!(text, "\n{}: {problem}\n", row.name);
            }
        }
        if !self.available.is_empty() {
            text.push_str("\nTo be had with `inkstone model pull NAME`:\n\n");
            text.push_str(&columns(&self.available_cells()));
        }
        text
    }

    fn installed_cells(&self) -> Vec<Vec<String>> {
        let titles = [
            "NAME",
            "ARCH",
            "QUANT",
            "SIZE",
            "CONTEXT",
            "FIM",
            "CHAT",
            "LANGUAGES",
            "ROLES",
        ];
        let mut cells = vec![titles.map(str::to_owned).to_vec()];
        cells.extend(self.installed.iter().map(|row| {
            let Facts::Usable {
                size_bytes,
                architecture,
                quantization,
                context_tokens,
                fim,
                chat_template,
                ..
            } = &row.facts
            else {
                return vec![row.name.clone(), "unusable, see below".to_owned()];
            };
            vec![
                row.name.clone(),
                architecture.clone(),
                quantization.clone(),
                size(*size_bytes),
                context_tokens.to_string(),
                yes_or_no(*fim),
                yes_or_no(*chat_template),
                some_of(&row.languages),
                roles(&row.roles),
            ]
        }));
        cells
    }

    fn available_cells(&self) -> Vec<Vec<String>> {
        let titles = ["NAME", "SIZE", "LANGUAGES", "LICENCE", ""];
        let mut cells = vec![titles.map(str::to_owned).to_vec()];
        cells.extend(self.available.iter().map(|row| {
            vec![
                row.name.clone(),
                size(row.size_bytes),
                some_of(&row.languages),
                row.licence.clone(),
                row.summary.clone(),
            ]
        }));
        cells
    }
}

fn row(file: Listed, catalogue: &Catalogue, settings: &Settings) -> InstalledRow {
    let known = catalogue.find(file.name.as_str()).ok();
    let roles = role::uses_of(&file.name, settings);
    let mut read_only = false;
    let mut languages: Vec<String> = known.map_or_else(Vec::new, |entry| {
        entry.languages.iter().map(ToString::to_string).collect()
    });
    let facts = match file.model {
        Ok(model) => {
            read_only = model.origin == Origin::Extra;
            if languages.is_empty() {
                languages.clone_from(&model.summary.languages);
            }
            let record = model.record;
            Facts::Usable {
                size_bytes: model.size_bytes,
                architecture: model.summary.architecture,
                quantization: model.summary.quantization,
                parameters: model.summary.parameters,
                context_tokens: model.summary.context_tokens,
                fim: model.summary.has_fim,
                chat_template: model.summary.has_chat_template,
                licence: record
                    .as_ref()
                    .and_then(|record| record.licence.clone())
                    .or(model.summary.licence),
                source: record.map(|record| record.source),
            }
        }
        Err(error) => Facts::Unusable {
            problem: error.to_string(),
        },
    };
    InstalledRow {
        name: file.name.to_string(),
        path: file.path.display().to_string(),
        read_only,
        languages,
        roles,
        facts,
    }
}

/// Cells as lines whose columns are aligned. All cells but the last are plain ASCII words.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column).filter(|_| column + 1 < row.len()));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    rows.iter().fold(String::new(), |mut text, row| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
        text
    })
}

/// Bytes as people compare files.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn yes_or_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

/// The first languages, and how many more.
fn some_of(languages: &[String]) -> String {
    /// As many as fit into a line of the table.
    const SHOWN_MAX: usize = 4;
    match languages {
        [] => "-".to_owned(),
        few if few.len() <= SHOWN_MAX => few.join(","),
        many => format!(
            "{},+{}",
            many[..SHOWN_MAX].join(","),
            many.len() - SHOWN_MAX
        ),
    }
}

fn roles(uses: &[RoleUse]) -> String {
    let words: Vec<String> = uses
        .iter()
        .map(|used| format!("{} {}", used.role.word(), used.language))
        .collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(", ")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;
    use inkstone_models::{InstalledModel, ModelError, Remedy, Summary};

    fn summary() -> Summary {
        Summary {
            architecture: "llama".to_owned(),
            quantization: "Q4_1".to_owned(),
            parameters: 134_515_008,
            context_tokens: 8_192,
            has_fim: false,
            has_chat_template: true,
            languages: vec!["en".to_owned()],
            licence: Some("apache-2.0".to_owned()),
        }
    }

    fn listed(name: &str) -> Listed {
        let name: ModelName = name.parse().unwrap();
        let path = std::path::PathBuf::from(format!("/m/{name}.gguf"));
        let model = InstalledModel {
            name: name.clone(),
            path: path.clone(),
            origin: Origin::Own,
            size_bytes: 98_362_432,
            summary: summary(),
            record: None,
        };
        Listed {
            name,
            path,
            model: Ok(model),
        }
    }

    #[test]
    fn the_table_shows_what_each_model_is_and_does() {
        let files = vec![listed("smollm2-135m-instruct"), listed("mine")];
        let text = Listing::of(files, &Catalogue::builtin(), &Settings::default()).text();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some(
                "NAME                   ARCH   QUANT  SIZE   CONTEXT  FIM  CHAT  LANGUAGES  ROLES"
            )
        );
        assert_eq!(
            lines.next(),
            Some(
                "smollm2-135m-instruct  llama  Q4_1   99 MB  8192     no   yes   en         completion en, rewrite en"
            )
        );
        assert_eq!(
            lines.next(),
            Some("mine                   llama  Q4_1   99 MB  8192     no   yes   en         -")
        );
        assert!(
            text.contains("gemma-3-270m   254 MB  zh,en,de,es,+6  Gemma Terms of Use"),
            "{text}"
        );
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_the_reason() {
        let name: ModelName = "gemma-3-270m".parse().unwrap();
        let model = Err(ModelError::NotInstalled {
            name: name.clone(),
            remedy: Remedy::Pull,
        });
        let broken = Listed {
            name,
            path: "/m/g.gguf".into(),
            model,
        };
        let listing = Listing::of(vec![broken], &Catalogue::builtin(), &Settings::default());
        assert!(
            listing
                .text()
                .contains("\ngemma-3-270m: model `gemma-3-270m` is not installed")
        );
        let json = serde_json::to_value(&listing).unwrap();
        assert!(json["installed"][0]["problem"].is_string());
        assert_eq!(json["installed"][0]["roles"][0]["role"], "completion");
    }

    #[test]
    fn nothing_installed_is_said_and_all_is_offered() {
        let listing = Listing::of(Vec::new(), &Catalogue::builtin(), &Settings::default());
        assert!(listing.text().starts_with("No model is installed.\n"));
        assert_eq!(
            listing.available.len(),
            Catalogue::builtin().entries().len()
        );
    }

    #[test]
    fn sizes_are_rounded_to_what_people_compare() {
        let shown = [0, 9_999, 10_001, 98_362_432, 2_498_000_000].map(size);
        assert_eq!(shown, ["0 B", "9999 B", "11 kB", "99 MB", "2.5 GB"]);
    }
}
