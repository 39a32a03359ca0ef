//! The labelled sentences: reading them, and judging what the rules made of each.

use std::collections::BTreeMap;
use std::path::Path;

use inkstone_corpus::clean::{Cleaned, Context, RuleSet, clean};
use inkstone_corpus::{BlockKind, Genre};
use inkstone_prose::Language;

/// One sentence with what should come of it.
pub(crate) struct Row {
    /// Such as `oral-en.tsv:12`.
    pub(crate) place: String,
    /// Whether it was written after the rules were done.
    pub(crate) is_unseen: bool,
    pub(crate) context: Context,
    pub(crate) rules: Vec<String>,
    pub(crate) before: String,
    pub(crate) after: After,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum After {
    Text(String),
    LeftOut,
}

/// What the rules made of a row.
pub(crate) struct Judged {
    pub(crate) cleaned: Cleaned,
    /// Rules that fired.
    pub(crate) fired: Vec<String>,
    /// Whether the text is the expected one.
    pub(crate) is_as_expected: bool,
}

/// How often a rule was expected, fired, and did what was expected.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Score {
    pub(crate) expected: usize,
    pub(crate) fired: usize,
    pub(crate) right: usize,
}

impl Score {
    pub(crate) fn precision(self) -> f64 {
        share(self.right, self.fired)
    }

    pub(crate) fn recall(self) -> f64 {
        share(self.right, self.expected)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

pub(crate) fn read(folder: &Path) -> Vec<Row> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "tsv"))
        .collect();
    paths.sort();
    let mut rows = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", index + 1);
            rows.push(row(&place, line).unwrap_or_else(|problem| panic!("{place}: {problem}")));
        }
    }
    rows
}

fn row(place: &str, line: &str) -> Result<Row, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [language, context, rules, before, after] = fields[..] else {
        return Err(format!("{} fields instead of 5", fields.len()));
    };
    let before = unescaped(before)?;
    let after = match after {
        "=" | "FLAG" => After::Text(before.clone()),
        "LEFT_OUT" => After::LeftOut,
        text => After::Text(unescaped(text)?),
    };
    let rules = rules.split(',').filter(|rule| *rule != "-");
    Ok(Row {
        place: place.to_owned(),
        is_unseen: place.starts_with("unseen-"),
        context: context_of(language, context)?,
        rules: rules.map(str::to_owned).collect(),
        before,
        after,
    })
}

fn context_of(language: &str, words: &str) -> Result<Context, String> {
    let mut context = Context::paragraph(match language {
        "en" => Language::English,
        "zh" => Language::Chinese,
        "und" => Language::Other,
        _ => return Err(format!("no language {language}")),
    });
    for word in words.split(',') {
        match word {
            "-" => {}
            "transcript" => context.is_transcript = true,
            "dialogue" => context.is_dialogue = true,
            "quote" => context.kind = BlockKind::Quote,
            "list" => context.kind = BlockKind::ListItem,
            "heading" => context.kind = BlockKind::Heading(2),
            "fiction" => context.genre = Some(Genre::Fiction),
            "blog" => context.genre = Some(Genre::Blog),
            "news" => context.genre = Some(Genre::News),
            "notes" => context.genre = Some(Genre::Notes),
            "comment" => context.genre = Some(Genre::CommentReply),
            "marketing" => context.genre = Some(Genre::Marketing),
            "documentation" => context.genre = Some(Genre::Documentation),
            "correspondence" => context.genre = Some(Genre::Correspondence),
            _ => return Err(format!("no context {word}")),
        }
    }
    Ok(context)
}

/// `\n`, `\t`, `\r`, `\\` and `\u{…}`.
fn unescaped(text: &str) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let c = rest.chars().next().ok_or("a backslash at the end")?;
        rest = &rest[c.len_utf8()..];
        result.push(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '\\' => '\\',
            'u' => {
                let end = rest.find('}').ok_or("\\u{ without }")?;
                let code = u32::from_str_radix(rest[..end].trim_start_matches('{'), 16)
                    .map_err(|error| error.to_string())?;
                rest = &rest[end + 1..];
                char::from_u32(code).ok_or("no character")?
            }
            _ => return Err(format!("no escape \\{c}")),
        });
    }
    result.push_str(rest);
    Ok(result)
}

pub(crate) fn judge(row: &Row) -> Judged {
    let cleaned = clean(&row.before, &row.context, &RuleSet::default());
    let fired = cleaned.hits.iter().map(|(id, _)| id.as_str().to_owned());
    let is_as_expected = match (&row.after, &cleaned.left_out) {
        (After::LeftOut, left_out) => left_out.is_some(),
        (After::Text(text), None) => *text == cleaned.text,
        (After::Text(_), Some(_)) => false,
    };
    Judged {
        fired: fired.collect(),
        is_as_expected,
        cleaned,
    }
}

/// By rule. A rule was right where it was expected, fired, and the text came out as expected:
/// when it did not, no rule that fired gets the benefit of the doubt.
pub(crate) fn scores(
    rows: &[Row],
    judged: &[Judged],
    counts: impl Fn(&Row) -> bool,
) -> BTreeMap<String, Score> {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for (row, judged) in rows.iter().zip(judged).filter(|(row, _)| counts(row)) {
        for rule in &row.rules {
            scores.entry(rule.clone()).or_default().expected += 1;
        }
        for rule in &judged.fired {
            let score = scores.entry(rule.clone()).or_default();
            score.fired += 1;
            score.right += usize::from(judged.is_as_expected && row.rules.contains(rule));
        }
    }
    scores
}
