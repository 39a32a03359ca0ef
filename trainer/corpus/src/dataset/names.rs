//! The words for closed lists, as digests and exports spell them. They are the ones that JSON has,
//! without going through JSON for each record; a test compares the two.

use crate::block::BlockKind;
use crate::piece::{AuthorState, Genre};
use crate::split::Split;

/// What a piece is, in one word; a heading's level is told apart by [`heading_level`].
pub fn kind(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Paragraph => "paragraph",
        BlockKind::Heading(_) => "heading",
        BlockKind::ListItem => "list_item",
        BlockKind::Quote => "quote",
        BlockKind::Footnote => "footnote",
        BlockKind::Caption => "caption",
        BlockKind::Table => "table",
        BlockKind::Code => "code",
        BlockKind::Math => "math",
        BlockKind::FrontMatter => "front_matter",
        BlockKind::LinkList => "link_list",
        BlockKind::Navigation => "navigation",
        BlockKind::QuotedMail => "quoted_mail",
        BlockKind::Signature => "signature",
        BlockKind::EditorsNote => "editors_note",
        BlockKind::Bibliography => "bibliography",
        BlockKind::Markup => "markup",
    }
}

/// The level of a heading; 0 of everything else.
pub fn heading_level(kind: BlockKind) -> u8 {
    match kind {
        BlockKind::Heading(level) => level,
        _ => 0,
    }
}

/// What kind of writing it is.
pub fn genre(genre: Genre) -> &'static str {
    match genre {
        Genre::News => "news",
        Genre::Marketing => "marketing",
        Genre::Documentation => "documentation",
        Genre::Blog => "blog",
        Genre::Fiction => "fiction",
        Genre::Correspondence => "correspondence",
        Genre::Notes => "notes",
        Genre::CommentReply => "comment_reply",
    }
}

/// The kind of writing that a word names.
pub fn genre_of(word: &str) -> Option<Genre> {
    let mut all = Genre::ALL.into_iter();
    all.find(|one| genre(*one) == word)
}

/// Whose words they are.
pub fn author(author: AuthorState) -> &'static str {
    match author {
        AuthorState::Own => "own",
        AuthorState::Assisted => "assisted",
    }
}

/// Whether training sees it.
pub fn split(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::HeldOut => "held_out",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    fn in_json(value: impl Serialize) -> String {
        let text = serde_json::to_string(&value).unwrap();
        text.trim_matches('"').to_owned()
    }

    #[test]
    fn names_are_those_of_json() {
        for value in Genre::ALL {
            assert_eq!(genre(value), in_json(value));
        }
        for value in [AuthorState::Own, AuthorState::Assisted] {
            assert_eq!(author(value), in_json(value));
        }
        for value in [Split::Train, Split::HeldOut] {
            assert_eq!(split(value), in_json(value));
        }
        for value in [
            BlockKind::Paragraph,
            BlockKind::ListItem,
            BlockKind::Quote,
            BlockKind::Footnote,
            BlockKind::Caption,
            BlockKind::Table,
            BlockKind::Code,
            BlockKind::Math,
            BlockKind::FrontMatter,
            BlockKind::Navigation,
            BlockKind::QuotedMail,
            BlockKind::Signature,
            BlockKind::EditorsNote,
            BlockKind::Bibliography,
            BlockKind::Markup,
        ] {
            assert_eq!(kind(value), in_json(value));
        }
        assert!(in_json(BlockKind::Heading(3)).contains(kind(BlockKind::Heading(3))));
        assert_eq!(heading_level(BlockKind::Heading(3)), 3);
        assert_eq!(heading_level(BlockKind::Paragraph), 0);
    }
}
