//! What the rules do to clean books: every change there is one too many, or dirt that is really
//! there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inkstone_corpus::BlockKind;
use inkstone_corpus::clean::{Cleaned, Context, RuleId, RuleSet, clean};
use inkstone_prose::Language;

/// Folder, language, and whether its files are Markdown.
const CORPORA: &[(&str, Language, bool)] = &[
    ("en/thoreau", Language::English, false),
    ("en/twain", Language::English, false),
    ("en/willison-til", Language::English, true),
    ("zh/luxun", Language::Chinese, false),
    ("zh/react-docs", Language::Chinese, true),
];

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) name: &'static str,
    pub(crate) paragraphs: usize,
    pub(crate) changed: usize,
    pub(crate) flagged: usize,
    pub(crate) left_out: usize,
    /// Paragraphs in which a rule fired.
    pub(crate) by_rule: BTreeMap<String, usize>,
}

pub(crate) fn count_all(root: &Path) -> Vec<Counts> {
    let count = |&(name, language, is_markdown)| count(root, name, language, is_markdown);
    CORPORA.iter().map(count).collect()
}

fn count(root: &Path, name: &'static str, language: Language, is_markdown: bool) -> Counts {
    let rules = RuleSet::default();
    let mut counts = Counts {
        name,
        ..Counts::default()
    };
    for path in files(&root.join(name)) {
        let text = std::fs::read_to_string(&path).unwrap();
        for (kind, paragraph) in paragraphs(&text, is_markdown) {
            let context = Context {
                kind,
                ..Context::paragraph(language)
            };
            let once = clean(&paragraph, &context, &rules);
            counts.paragraphs += 1;
            counts.left_out += usize::from(once.left_out.is_some());
            counts.flagged += usize::from(!once.flags.is_empty());
            counts.changed += usize::from(once.left_out.is_none() && once.text != paragraph);
            show(&path, &paragraph, &once);
            for (id, _) in &once.hits {
                *counts.by_rule.entry(id.to_string()).or_default() += 1;
            }
            if once.left_out.is_none() {
                let twice = clean(&once.text, &context, &rules);
                assert_eq!(twice.text, once.text, "{}", path.display());
            }
        }
    }
    counts
}

/// Prints what a rule of `INKSTONE_SHOW_RULES` did, for a person who judges it.
fn show(path: &Path, before: &str, cleaned: &Cleaned) {
    let Ok(wanted) = std::env::var("INKSTONE_SHOW_RULES") else {
        return;
    };
    let is_wanted = |id: &RuleId| wanted.split(',').any(|name| name == id.as_str());
    if cleaned.hits.iter().any(|(id, _)| is_wanted(id)) {
        println!(
            "{} {:?}\n- {before:?}\n+ {:?}",
            path.display(),
            cleaned.hits,
            cleaned.text
        );
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "md") {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// Blocks between blank lines. Of Markdown, without fenced code, metadata, tables and lines that
/// are tags; readers do this better, but they are not under test.
fn paragraphs(text: &str, is_markdown: bool) -> Vec<(BlockKind, String)> {
    let mut blocks = Vec::new();
    let mut block = String::new();
    let mut is_in_fence = false;
    let body = if is_markdown {
        without_metadata(text)
    } else {
        text
    };
    for line in body.lines() {
        let trimmed = line.trim();
        let is_fence = trimmed.starts_with("```") || trimmed.starts_with("~~~");
        is_in_fence ^= is_fence;
        let is_skipped = is_fence
            || is_markdown
                && (is_in_fence
                    || line.starts_with("    ")
                    || trimmed.starts_with(['|', '<', '{', '!']));
        let begins_block = is_markdown && trimmed.starts_with(['#', '-', '*', '+', '>']);
        if trimmed.is_empty() || is_skipped || begins_block {
            push(&mut blocks, &mut block);
        }
        if begins_block && !is_skipped {
            let item = trimmed.trim_start_matches(['#', '-', '*', '+', '>', ' ']);
            let kind = match trimmed.chars().next() {
                Some('#') => BlockKind::Heading(2),
                Some('>') => BlockKind::Quote,
                _ => BlockKind::ListItem,
            };
            if !item.is_empty() {
                blocks.push((kind, item.to_owned()));
            }
        } else if !trimmed.is_empty() && !is_skipped {
            block.push_str(line);
            block.push('\n');
        }
    }
    push(&mut blocks, &mut block);
    blocks
}

fn push(blocks: &mut Vec<(BlockKind, String)>, block: &mut String) {
    let text = block.trim_end_matches('\n');
    if !text.is_empty() {
        blocks.push((BlockKind::Paragraph, text.to_owned()));
    }
    block.clear();
}

fn without_metadata(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---\n") else {
        return text;
    };
    rest.split_once("\n---\n").map_or(text, |(_, body)| body)
}
