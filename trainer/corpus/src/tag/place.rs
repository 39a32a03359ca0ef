//! What path, title and front matter say about a document's genre.
//!
//! Names are its writer's own words for it, so they weigh as much as a whole page of cues; but a
//! folder `blog` may hold anything, so they do not decide alone.

use crate::block::{Block, BlockKind};
use crate::format::Format;
use crate::piece::Genre;

/// English words of names, separated by spaces.
const WORDS: &[(Genre, &str)] = &[
    (Genre::News, "news press newsroom reports"),
    (
        Genre::Marketing,
        "marketing landing campaign campaigns ads advert adverts promo sales brochure copywriting",
    ),
    (
        Genre::Documentation,
        "docs doc documentation reference manual manuals guide guides tutorial tutorials howto api \
         readme contributing changelog til wiki faq troubleshooting spec specs rfc runbook handbook",
    ),
    (
        Genre::Blog,
        "blog blogs post posts essay essays column columns weblog",
    ),
    (
        Genre::Fiction,
        "fiction novel novels novella story stories chapter chapters tale tales manuscript",
    ),
    (
        Genre::Correspondence,
        "mail mails email emails letter letters correspondence sent outbox",
    ),
    (
        Genre::Notes,
        "note notes journal diary todo todos inbox scratch ideas memo memos zettel zettelkasten \
         daily meeting meetings agenda minutes",
    ),
    (
        Genre::CommentReply,
        "comment comments reply replies review reviews discussion forum",
    ),
];

/// Chinese parts of names, separated by spaces.
const CHINESE: &[(Genre, &str)] = &[
    (Genre::News, "新闻 报道 通讯"),
    (Genre::Marketing, "营销 推广 文案 广告"),
    (Genre::Documentation, "文档 手册 指南 教程 说明"),
    (Genre::Blog, "博客 随笔 杂文 散文"),
    (Genre::Fiction, "小说 故事 章节"),
    (Genre::Correspondence, "书信 信件 邮件 来信"),
    (Genre::Notes, "笔记 日记 备忘 待办 札记"),
    (Genre::CommentReply, "评论 回复 跟帖"),
];

/// Keys of front matter whose values name a genre.
const KEYS: &[&str] = &[
    "genre",
    "category",
    "categories",
    "type",
    "layout",
    "tags",
    "kind",
    "section",
];

/// How much of a path or front matter is looked at.
const NAME_BYTES_MAX: usize = 1024;

/// The weight of a word in the path, and of one in the front matter.
const PATH_WEIGHT: f32 = 2.0;
const KEY_WEIGHT: f32 = 2.5;

/// Of a format that one kind of writing comes in.
const FORMAT_WEIGHT: f32 = 4.0;

/// Adds what is said to the scores, through `add`, with the word that said it.
pub(super) fn say(
    path: &str,
    format: Format,
    title: Option<&str>,
    blocks: &[Block],
    mut add: impl FnMut(Genre, f32, &str),
) {
    let of_format = match format {
        Format::Email => Some(Genre::Correspondence),
        Format::CommitMessage => Some(Genre::Documentation),
        _ => None,
    };
    if let Some(genre) = of_format {
        add(genre, FORMAT_WEIGHT, "format");
    }
    for (genre, word) in named(inkstone_text::last_bytes(path, NAME_BYTES_MAX)) {
        add(genre, PATH_WEIGHT, word);
    }
    if title.is_some_and(is_chapter) {
        add(Genre::Fiction, PATH_WEIGHT, "chapter");
    }
    let metadata = blocks
        .iter()
        .find(|block| block.kind == BlockKind::FrontMatter);
    for value in metadata.into_iter().flat_map(|block| values(&block.text)) {
        for (genre, word) in named(value) {
            add(genre, KEY_WEIGHT, word);
        }
    }
}

/// Each genre that a name speaks of, once.
fn named(name: &str) -> Vec<(Genre, &'static str)> {
    let lower = name.to_lowercase();
    let has = |word: &&str| {
        lower
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|part| part == *word)
    };
    let english = WORDS
        .iter()
        .filter_map(|(genre, list)| list.split_whitespace().find(has).map(|word| (*genre, word)));
    let chinese = CHINESE.iter().filter_map(|(genre, list)| {
        list.split_whitespace()
            .find(|word| name.contains(word))
            .map(|word| (*genre, word))
    });
    english.chain(chinese).collect()
}

/// The values of the lines whose key is one of [`KEYS`], with the items below it.
fn values(metadata: &str) -> Vec<&str> {
    let mut wanted = false;
    let mut values = Vec::new();
    for line in inkstone_text::first_bytes(metadata, NAME_BYTES_MAX).lines() {
        let (key, value) = match line.split_once([':', '=']) {
            Some((key, value)) => (key, value),
            // An item belongs to the key above it.
            None => ("", line),
        };
        if !key.is_empty() {
            wanted = KEYS.contains(&key.trim().trim_matches('"').to_lowercase().as_str());
        }
        if wanted {
            values.push(value);
        }
    }
    values
}

/// "Chapter 3", "第十二回".
fn is_chapter(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    let numbered = lower.strip_prefix("chapter ").is_some();
    let chinese = lower.strip_prefix('第').is_some_and(|rest| {
        let end = rest.find(['章', '回', '节']);
        end.is_some_and(|end| {
            end > 0
                && rest[..end]
                    .chars()
                    .all(|c| "一二三四五六七八九十百零〇两".contains(c) || c.is_ascii_digit())
        })
    });
    numbered || chinese
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, format: Format, title: Option<&str>, metadata: &str) -> Vec<Genre> {
        let block = Block {
            kind: BlockKind::FrontMatter,
            text: metadata.into(),
            lines: None,
        };
        let mut said = Vec::new();
        say(path, format, title, &[block], |genre, _, _| {
            said.push(genre);
        });
        said
    }

    #[test]
    fn names_speak_in_both_languages() {
        let of = |path| said(path, Format::Markdown, None, "");
        assert_eq!(of("site/_posts/2024-05-01-bread.md"), [Genre::Blog]);
        assert_eq!(of("docs/install.md"), [Genre::Documentation]);
        assert_eq!(of("README.md"), [Genre::Documentation]);
        assert_eq!(of("写作/小说/第一章.md"), [Genre::Fiction]);
        // Words, not parts of words.
        assert!(of("postscript/apiary/notebooks.md").is_empty());
        assert!(of("").is_empty());
    }

    #[test]
    fn front_matter_titles_and_formats_speak() {
        let of = |title, metadata| said("a.md", Format::Markdown, title, metadata);
        assert_eq!(
            of(None, "title: A\nlayout: post\ndate: 2024"),
            [Genre::Blog]
        );
        assert_eq!(
            of(None, "tags:\n  - fiction\n  - sea\ntitle: diary"),
            [Genre::Fiction]
        );
        assert!(of(None, "title: my diary").is_empty());
        assert_eq!(of(Some("第十二回"), ""), [Genre::Fiction]);
        assert!(of(Some("第一次坐飞机"), "").is_empty());
        assert_eq!(
            said("a.eml", Format::Email, None, ""),
            [Genre::Correspondence]
        );
    }
}
