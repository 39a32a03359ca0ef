//! What each element means for the text in it.
//!
//! Names by the HTML standard; classes and ids by the habit of the generators of blogs, manuals and
//! Gutenberg's books.

/// An open element.
pub(super) struct Element {
    pub(super) name: String,
    pub(super) role: Role,
    /// The byte at which its start tag stands.
    pub(super) started: usize,
}

/// What an element says of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing: emphasis, spans, links.
    Inline,
    /// It starts a block of its own and says nothing else.
    Block,
    /// A paragraph.
    Paragraph,
    Heading(u8),
    Item,
    Quote,
    Caption,
    Footnote,
    Bibliography,
    /// What a mail program puts under a mail.
    Signature,
    Preformatted,
    /// Code within a line.
    InlineCode,
    /// `table`, `tr` and their like.
    Table,
    /// `td` and `th`.
    Cell,
    /// Menus, forms, the page's head and foot.
    Navigation,
    /// Scripts and styles.
    Markup,
    /// Not shown, and not worth a block.
    Silent,
    /// The page's title.
    Title,
    /// The article itself, inside which a header is a part of the text.
    Article,
}

impl Role {
    /// Whether text before and after it belongs to other blocks.
    pub(super) fn is_block(self) -> bool {
        !matches!(
            self,
            Self::Inline | Self::InlineCode | Self::Silent | Self::Title
        )
    }

    /// Whether it holds text of its own kind, so that a table around it lays out a page.
    pub(super) fn holds_prose(self) -> bool {
        matches!(
            self,
            Self::Paragraph
                | Self::Heading(_)
                | Self::Item
                | Self::Quote
                | Self::Caption
                | Self::Footnote
                | Self::Preformatted
                | Self::Bibliography
        )
    }
}

/// Classes and ids of what is no text of the page.
const NAVIGATION_CLASSES: &[&str] = &[
    "nav",
    "navbar",
    "navigation",
    "menu",
    "breadcrumb",
    "breadcrumbs",
    "sidebar",
    "toc",
    "toc2",
    "table-of-contents",
    "footer",
    "site-footer",
    "site-header",
    "page-footer",
    "pagination",
    "pager",
    "skip-link",
    "cookie-banner",
    "share",
    "social",
    "related-posts",
    "headerlink",
    "anchor",
    "pagenum",
    "mw-editsection",
    "navbox",
    "catlinks",
    "printfooter",
    "advert",
    "advertisement",
    "ads",
];

/// Classes and ids of notes.
const FOOTNOTE_CLASSES: &[&str] = &[
    "footnote",
    "footnotes",
    "endnote",
    "endnotes",
    "foot",
    "note-text",
    "fn",
    "doc-endnotes",
];

/// Classes and ids of lists of references.
const BIBLIOGRAPHY_CLASSES: &[&str] = &[
    "references",
    "bibliography",
    "reflist",
    "doc-bibliography",
    "csl-bib-body",
];

/// Classes of notes to the reader, which are text of the page in an `aside`.
const ADMONITION_CLASSES: &[&str] = &[
    "admonition",
    "callout",
    "note",
    "tip",
    "important",
    "warning",
    "caution",
    "alert",
    "starlight-aside",
    "sidenote",
    "marginnote",
];

/// Classes and ids of the signature in a mail.
const SIGNATURE_CLASSES: &[&str] = &[
    "gmail_signature",
    "moz-signature",
    "ntes-pcmac-signature",
    "applemailsignature",
];

/// Classes and ids of a `header` that holds the title of the text below it.
const TITLE_CLASSES: &[&str] = &[
    "title-block-header",
    "entry-header",
    "post-header",
    "article-header",
];

/// Ids of the form that some servers put around the whole page.
const PAGE_FORMS: &[&str] = &["form1", "aspnetform", "mainform"];

/// What an element says of its text; `attribute` gives its attributes.
pub(super) fn role(
    name: &str,
    attribute: &dyn Fn(&str) -> Option<String>,
    open: &[Element],
) -> Role {
    if is_hidden(attribute) {
        return Role::Silent;
    }
    let by_name = match name {
        "aside" if has(attribute, ADMONITION_CLASSES) => Role::Block,
        "header" if has(attribute, TITLE_CLASSES) => Role::Block,
        "form" if has(attribute, PAGE_FORMS) => Role::Block,
        "aside" => by_class(name, attribute).unwrap_or(Role::Navigation),
        _ => by_name(name, open),
    };
    if !matches!(
        by_name,
        Role::Block | Role::Inline | Role::Paragraph | Role::Item | Role::Article
    ) {
        return by_name;
    }
    by_class(name, attribute).unwrap_or(by_name)
}

fn by_name(name: &str, open: &[Element]) -> Role {
    match name {
        "p" | "address" => Role::Paragraph,
        "h1" => Role::Heading(1),
        "h2" => Role::Heading(2),
        "h3" => Role::Heading(3),
        "h4" => Role::Heading(4),
        "h5" => Role::Heading(5),
        "h6" => Role::Heading(6),
        "li" | "dd" | "dt" => Role::Item,
        "blockquote" => Role::Quote,
        "figcaption" | "caption" => Role::Caption,
        "pre" | "listing" | "plaintext" | "xmp" => Role::Preformatted,
        "code" | "tt" | "samp" => Role::InlineCode,
        "table" | "thead" | "tbody" | "tfoot" | "tr" | "colgroup" => Role::Table,
        "td" | "th" => Role::Cell,
        "nav" | "footer" | "aside" | "menu" | "form" | "select" | "button" | "textarea"
        | "noscript" | "dialog" => Role::Navigation,
        "header" if !open.iter().any(|element| element.role == Role::Article) => Role::Navigation,
        "article" | "main" => Role::Article,
        "script" | "style" => Role::Markup,
        "head" | "template" | "svg" | "iframe" | "object" | "embed" | "canvas" | "audio"
        | "video" | "rt" | "rp" | "rtc" | "math" | "noframes" | "noembed" | "datalist"
        | "option" | "map" => Role::Silent,
        "title" => Role::Title,
        _ if is_block_name(name) => Role::Block,
        _ => Role::Inline,
    }
}

fn by_class(name: &str, attribute: &dyn Fn(&str) -> Option<String>) -> Option<Role> {
    let by_meaning = ["role", "epub:type"]
        .iter()
        .filter_map(|key| attribute(key))
        .find_map(|value| value.split_ascii_whitespace().find_map(by_meaning));
    match by_meaning {
        // The number of a page stands in the middle of a sentence.
        Some(Role::Navigation) if !is_block_name(name) => return Some(Role::Silent),
        Some(role) => return Some(role),
        None => {}
    }
    let has = |list| has(attribute, list);
    if name == "a"
        && has(&[
            "footnote-ref",
            "noteref",
            "fnref",
            "footnote-backref",
            "reversefootnote",
            "headerlink",
            "anchor",
        ])
    {
        return Some(Role::Silent);
    }
    // A body or an article of the class `page menu` is the page all the same.
    if matches!(name, "body" | "html" | "main" | "article") {
        return None;
    }
    if has(NAVIGATION_CLASSES) {
        Some(if is_block_name(name) {
            Role::Navigation
        } else {
            Role::Silent
        })
    } else if has(SIGNATURE_CLASSES) && is_block_name(name) {
        Some(Role::Signature)
    } else if has(FOOTNOTE_CLASSES) && is_block_name(name) {
        Some(Role::Footnote)
    } else if has(BIBLIOGRAPHY_CLASSES) && is_block_name(name) {
        Some(Role::Bibliography)
    } else {
        None
    }
}

/// Whether one of an element's classes, or its id, is in a list.
fn has(attribute: &dyn Fn(&str) -> Option<String>, list: &[&str]) -> bool {
    [attribute("class"), attribute("id")]
        .iter()
        .flatten()
        .flat_map(|value| value.split_ascii_whitespace())
        .any(|word| list.contains(&word.to_ascii_lowercase().as_str()))
}

/// What one word of `role` (DPUB-ARIA) or `epub:type` says.
fn by_meaning(word: &str) -> Option<Role> {
    Some(match word {
        "navigation" | "banner" | "contentinfo" | "search" | "menu" | "menubar" | "toolbar"
        | "doc-toc" | "toc" | "landmarks" | "page-list" | "pagebreak" | "doc-pagebreak" => {
            Role::Navigation
        }
        "doc-noteref" | "noteref" | "doc-backlink" | "backlink" => Role::Silent,
        "doc-footnote" | "doc-endnote" | "doc-endnotes" | "footnote" | "endnote" | "rearnote"
        | "footnotes" | "endnotes" | "rearnotes" => Role::Footnote,
        "heading" => Role::Heading(2),
        _ => return None,
    })
}

fn is_hidden(attribute: &dyn Fn(&str) -> Option<String>) -> bool {
    attribute("hidden").is_some()
        || attribute("aria-hidden").as_deref() == Some("true")
        || attribute("style").is_some_and(|style| {
            let style = style.replace(' ', "").to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// Elements that start a block by the standard's rendering.
pub(super) fn is_block_name(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "caption"
            | "head"
    )
}

/// Elements without content.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Whether `<name/>` is whole: in XHTML and SVG it is, and in HTML it is a mistake for the same.
/// Not for elements whose text the tokenizer reads in a state of its own.
pub(super) fn may_close_itself(name: &str) -> bool {
    !matches!(
        name,
        "script"
            | "style"
            | "title"
            | "textarea"
            | "xmp"
            | "iframe"
            | "noembed"
            | "noframes"
            | "plaintext"
    )
}

/// Whether a part of a `ruby` ends with the part `next` of it, as the standard has it.
pub(super) fn is_ruby_part_closed_by(innermost: &str, next: &str) -> bool {
    matches!(innermost, "rb" | "rt" | "rp") && matches!(next, "rb" | "rt" | "rp" | "rtc")
        || innermost == "rtc" && matches!(next, "rb" | "rtc")
}

/// Whether the start of the block `next` ends the open element `innermost` by the standard.
pub(super) fn is_closed_by(innermost: &str, next: &str) -> bool {
    match innermost {
        "p" => is_block_name(next) && !matches!(next, "td" | "th" | "tr"),
        "li" => next == "li",
        "dt" | "dd" => matches!(next, "dt" | "dd"),
        "td" | "th" => matches!(next, "td" | "th" | "tr" | "tbody" | "tfoot"),
        "tr" => matches!(next, "tr" | "tbody" | "tfoot" | "thead"),
        "thead" | "tbody" => matches!(next, "tbody" | "tfoot"),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            matches!(next, "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p")
        }
        "head" => is_block_name(next) && next != "head",
        _ => false,
    }
}

/// `057.jpg (53K)` describes no picture.
pub(super) fn names_a_file(alt: &str) -> bool {
    let lower = alt.to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".bmp"]
        .iter()
        .any(|ending| {
            lower
                .find(ending)
                .is_some_and(|at| !lower[..at].trim().contains(' '))
        })
}
