//! What a person brings back of what was left out: at which step, with which of the others still in
//! force.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use inkstone_corpus::authorship::{Claim, Evidence, LineAuthor, Origin};
use inkstone_corpus::clean::RuleSet;
use inkstone_corpus::dedup::Fingerprint;
use inkstone_corpus::document::{Source, clean_document};
use inkstone_corpus::format::Format;
use inkstone_corpus::read::ReadLimits;
use inkstone_corpus::review::wanted::{Said, Wanted, left_out_key};
use inkstone_corpus::{AuthorState, BlockKind, CleanDocument, Reason};
use inkstone_prose::Language;

/// Letters that somebody indented, or fenced as what they are not, so that they are taken for code.
const INDENTED: &str = "# Letters\n\nWe came to the island on the last evening of the year.\n\n    \
    My dear, the harbour is quiet again and the boats are home. Write to ann.lee@harbour-mail.org\n    \
    when you can, and tell me how the winter was on your side of the water.\n\nThat was all he wrote.\n";
const CHINESE: &str = "# 信\n\n我们在一年的最后一个晚上到了岛上，谁也没有说话。\n\n```toml\n\
    海港又安静下来了，船都回来了。你有空就写信给我，说说你那边的冬天是怎么过的，我很想知道。\n```\n\n那就是他写的全部。\n";
const QUOTED: &str = "He said it again.\n\n> The sea gives back what it has taken, but never to the one who \
    lost it, and never in the year in which it is looked for.\n\nNobody answered him that evening.\n";

/// Reads a Markdown file of which a person said this.
fn read(text: &str, said: Vec<Said>) -> CleanDocument {
    read_of(text, said, None, Claim::Auto)
}

fn read_of(
    text: &str,
    said: Vec<Said>,
    line_authors: Option<&[LineAuthor]>,
    claim: Claim,
) -> CleanDocument {
    let origin_of = |_| None::<Origin>;
    let source = Source {
        format: Format::Markdown,
        bytes: text.as_bytes(),
        limits: &ReadLimits::default(),
        evidence: Evidence {
            path: "letters/island.md",
            line_authors,
            origin_of: &origin_of,
            claim,
            main_language: Language::English,
        },
        rules: &RuleSet::default(),
        wanted: &Wanted::of(said),
    };
    clean_document(&source).unwrap()
}

/// What a person says of the first block that was left out for a reason.
fn said(document: &CleanDocument, reason: Reason, is_theirs: bool) -> Said {
    let mut blocks = document.left_out.iter();
    let block = blocks.find(|block| block.reason == reason);
    let block = block.unwrap_or_else(|| panic!("{reason:?}: {:#?}", document.left_out));
    let fingerprint = Fingerprint::of(&block.excerpt);
    Said {
        key: left_out_key(reason, &block.excerpt),
        reason,
        words: fingerprint.words,
        signature: fingerprint.signature,
        keep: true,
        is_theirs,
        made_ms: 1,
    }
}

#[test]
fn a_letter_that_was_taken_for_code_comes_back_as_prose_in_its_place_without_what_is_private() {
    for (text, words, language) in [
        (INDENTED, "the harbour is quiet", "en"),
        (CHINESE, "海港又安静", "zh"),
    ] {
        let before = read(text, Vec::new());
        assert!(
            before
                .pieces
                .iter()
                .all(|piece| !piece.text.contains(words))
        );
        let after = read(text, vec![said(&before, Reason::Code, false)]);
        let at = after
            .pieces
            .iter()
            .position(|piece| piece.text.contains(words));
        let piece = &after.pieces[at.unwrap()];
        assert_eq!(piece.brought_back, Some(Reason::Code));
        assert_eq!(
            (piece.kind, piece.author),
            (BlockKind::Paragraph, AuthorState::Own)
        );
        assert_eq!(piece.language, language);
        assert!(!piece.text.contains("ann.lee"), "{}", piece.text);
        assert!(!piece.original.contains("ann.lee"), "{}", piece.original);
        assert_eq!(after.pieces.len(), before.pieces.len() + 1);
        assert!(
            after
                .left_out
                .iter()
                .all(|block| block.reason != Reason::Code)
        );
        // It stands between its neighbours, and they are as before.
        assert!(
            after.pieces[at.unwrap() - 1]
                .text
                .contains(if language == "en" {
                    "last evening"
                } else {
                    "最后一个晚上"
                })
        );
        assert!(
            after
                .pieces
                .iter()
                .filter(|one| one.brought_back.is_none())
                .eq(&before.pieces)
        );
    }
}

#[test]
fn somebody_elses_words_need_their_owners_word_and_a_wish_for_one_reason_is_none_for_another() {
    let before = read(QUOTED, Vec::new());
    let unclaimed = said(&before, Reason::Quotation, false);
    assert_eq!(read(QUOTED, vec![unclaimed.clone()]), before);
    let claimed = said(&before, Reason::Quotation, true);
    let after = read(QUOTED, vec![claimed]);
    let back = after
        .pieces
        .iter()
        .find(|piece| piece.brought_back.is_some());
    assert!(back.unwrap().text.contains("The sea gives back"));

    // Taken for code, and another's besides: the wish for the first leaves the second as it is.
    let mut authors = vec![LineAuthor::Owner; INDENTED.lines().count()];
    for line in [4, 5] {
        authors[line] = LineAuthor::Other;
    }
    let code = said(&read(INDENTED, Vec::new()), Reason::Code, false);
    let half = read_of(INDENTED, vec![code.clone()], Some(&authors), Claim::Auto);
    assert!(half.pieces.iter().all(|piece| piece.brought_back.is_none()));
    let theirs = said(&half, Reason::OtherAuthor, true);
    let whole = read_of(INDENTED, vec![code, theirs], Some(&authors), Claim::Auto);
    let back = whole
        .pieces
        .iter()
        .find(|piece| piece.brought_back.is_some());
    assert_eq!(back.unwrap().brought_back, Some(Reason::OtherAuthor));
}

#[test]
fn a_file_that_is_marked_as_not_theirs_stays_out_whatever_was_decided() {
    let before = read_of(QUOTED, Vec::new(), None, Claim::NotMine);
    assert!(before.pieces.is_empty());
    let wish = said(&before, Reason::Excluded, true);
    assert_eq!(read_of(QUOTED, vec![wish], None, Claim::NotMine), before);
}

#[test]
fn what_a_rule_refused_is_mended_and_kept_and_what_is_nothing_but_a_secret_stays_out() {
    let spam = "CLICK HERE NOW!!! Buy cheap watches today, 100% free money, limited offer, act now, \
        visit www.cheap-watches-deal.com and win $$$ every day!!! Call now &amp; win!!!\n";
    let before = read(spam, Vec::new());
    let block = before.left_out.iter().find(|block| block.rule.is_some());
    let reason = block.unwrap_or_else(|| panic!("{before:#?}")).reason;
    let after = read(spam, vec![said(&before, reason, false)]);
    assert_eq!(after.pieces[0].brought_back, Some(reason));
    assert!(
        after.pieces[0].text.contains("& win"),
        "{:#?}",
        after.pieces
    );

    let secret = "    -----BEGIN RSA PRIVATE KEY-----\n    MIIEpAIBAAKCAQEA7bq3nDkPzVxqvYb2mHkz0W6g1qkRr5uX9d8fGh2jK4lM\n    \
        N6oP8qR0sT2uV4wX6yZ8aB0cD2eF4gH6iJ8kL0mN2oP4qR6sT8uV0wX2yZ4a\n    -----END RSA PRIVATE KEY-----\n";
    let before = read(secret, Vec::new());
    let after = read(secret, vec![said(&before, Reason::Code, false)]);
    for piece in &after.pieces {
        assert!(!piece.text.contains("MIIEpAIBAA"), "{}", piece.text);
        assert!(!piece.original.contains("MIIEpAIBAA"), "{}", piece.original);
    }
}

#[test]
fn a_piece_of_a_translation_comes_back_alone() {
    let before = read(CHINESE, Vec::new());
    let mut left_out = before.clone();
    left_out.leave_out_all(Reason::Translation, &Wanted::default());
    assert!(left_out.pieces.is_empty());
    let wish = said(&left_out, Reason::Translation, true);
    let mut one = before.clone();
    one.leave_out_all(Reason::Translation, &Wanted::of(vec![wish]));
    assert_eq!(one.pieces.len(), 1);
    assert_eq!(one.pieces[0].brought_back, Some(Reason::Translation));
}
