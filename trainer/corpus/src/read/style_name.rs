//! What a paragraph style means, by its name.
//!
//! Word keeps the names of its own styles in English in every language; WPS, LibreOffice,
//! converters and people do not. Called by the readers of `.docx` and `.odt`.

use crate::block::BlockKind;

/// What a paragraph of a style is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The title of the document.
    Title,
    /// The kind of block that it makes.
    Block(BlockKind),
    /// What a form shows until it is filled in.
    Placeholder,
}

/// Names of headings, before their number.
const HEADINGS: &[&str] = &[
    "heading",
    "标题",
    "標題",
    "überschrift",
    "titre",
    "título",
    "titolo",
    "заголовок",
    "見出し",
    "kop",
    "nagłówek",
    "rubrik",
    "제목",
];

const TITLES: &[&str] = &[
    "title", "标题", "標題", "titel", "titre", "título", "titolo",
];

const SUBTITLES: &[&str] = &["subtitle", "副标题", "副標題", "untertitel", "sous titre"];

const QUOTES: &[&str] = &[
    "quote",
    "intense quote",
    "quotations",
    "quotation",
    "block text",
    "block quote",
    "blockquote",
    "引用",
    "明显引用",
    "引文",
    "zitat",
    "intensives zitat",
    "citation",
    "citation intense",
    "cita",
];

const CAPTIONS: &[&str] = &[
    "caption",
    "题注",
    "題注",
    "图注",
    "beschriftung",
    "légende",
    "epígrafe",
    "illustration",
    "figure",
    "table",
    "drawing",
    "image caption",
    "table caption",
];

const BIBLIOGRAPHIES: &[&str] = &[
    "bibliography",
    "references",
    "书目",
    "書目",
    "参考文献",
    "參考文獻",
    "literaturverzeichnis",
    "bibliographie",
];

const PLACEHOLDERS: &[&str] = &["placeholder text", "placeholder", "占位符文本"];

/// What the names of styles for tables of contents, page headers and footers begin with.
const NAVIGATION_PREFIXES: &[&str] = &[
    "toc",
    "table of ",
    "contents",
    "目录",
    "目錄",
    "图表目录",
    "verzeichnis",
    "index",
    "header",
    "footer",
    "页眉",
    "页脚",
    "頁首",
    "頁尾",
];

const ITEM_PREFIXES: &[&str] = &["list bullet", "list number", "列表项目符号", "列表编号"];

/// Words that occur in names of styles for code only.
const CODE_WORDS: &[&str] = &["code", "preformatted", "verbatim", "quelltext", "listing"];
const CODE_WORDS_HAN: &[&str] = &["代码", "代碼", "程式碼"];

/// Names are a few words; longer ones mean nothing.
const NAME_BYTES_MAX: usize = 200;

/// What a style of this name means; none for the many that are plain text.
pub(crate) fn role(name: &str) -> Option<Role> {
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    let name = name
        .replace("_20_", " ")
        .replace(['_', '-'], " ")
        .to_lowercase();
    let name = name.trim();
    let is = |names: &[&str]| names.contains(&name);
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if begins(NAVIGATION_PREFIXES) {
        return Some(Role::Block(BlockKind::Navigation));
    }
    if let Some(level) = heading_level(name) {
        return Some(Role::Block(BlockKind::Heading(level)));
    }
    if is(PLACEHOLDERS) {
        return Some(Role::Placeholder);
    }
    if is(TITLES) {
        return Some(Role::Title);
    }
    let is_code = name
        .split_whitespace()
        .any(|word| CODE_WORDS.contains(&word))
        || name == "sourcecode"
        || CODE_WORDS_HAN.iter().any(|word| name.contains(word));
    let kind = if is(SUBTITLES) {
        BlockKind::Heading(2)
    } else if is(QUOTES) {
        BlockKind::Quote
    } else if is(CAPTIONS) {
        BlockKind::Caption
    } else if is(BIBLIOGRAPHIES) || name.starts_with("bibliography ") {
        BlockKind::Bibliography
    } else if is_code {
        BlockKind::Code
    } else if begins(ITEM_PREFIXES) {
        BlockKind::ListItem
    } else {
        return None;
    };
    Some(Role::Block(kind))
}

/// Of "heading 2", "Heading2", "标题 2": 2. Of "heading" alone, which others are based on: 1.
fn heading_level(name: &str) -> Option<u8> {
    if name == "heading" {
        return Some(1);
    }
    let rest = HEADINGS
        .iter()
        .find_map(|heading| name.strip_prefix(heading))?;
    let level: u8 = rest.trim().parse().ok()?;
    (1..=9).contains(&level).then(|| level.min(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_known_by_their_names_in_several_languages() {
        let heading = |level| Some(Role::Block(BlockKind::Heading(level)));
        for (name, expected) in [
            ("heading 1", heading(1)),
            ("Heading_20_2", heading(2)),
            ("标题 3", heading(3)),
            ("Überschrift 9", heading(6)),
            ("标题", Some(Role::Title)),
            ("Intense Quote", Some(Role::Block(BlockKind::Quote))),
            ("引用", Some(Role::Block(BlockKind::Quote))),
            ("Preformatted_20_Text", Some(Role::Block(BlockKind::Code))),
            ("Source Code", Some(Role::Block(BlockKind::Code))),
            ("toc 1", Some(Role::Block(BlockKind::Navigation))),
            ("TOC Heading", Some(Role::Block(BlockKind::Navigation))),
            ("Contents_20_1", Some(Role::Block(BlockKind::Navigation))),
            ("题注", Some(Role::Block(BlockKind::Caption))),
            ("Bibliography 1", Some(Role::Block(BlockKind::Bibliography))),
            ("List Bullet 2", Some(Role::Block(BlockKind::ListItem))),
            ("Placeholder Text", Some(Role::Placeholder)),
            ("Normal", None),
            ("正文", None),
            ("Text body", None),
            ("List Paragraph", None),
            ("Table Contents", None),
            ("Decoder notes", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }
}
