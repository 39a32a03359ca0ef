//! Secrets and personal data in whole documents: nothing that is kept of one holds any, neither the
//! text, nor the original beside it, nor the excerpts of what was left out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod written;

use inkstone_corpus::CleanDocument;
use inkstone_corpus::left_out::EXCERPT_BYTES_MAX;
use written::document_at;

fn document(text: &str) -> CleanDocument {
    document_at("letters/harbour.md", text)
}

#[test]
fn what_only_the_rules_bring_to_light_is_not_kept_as_the_original_either() {
    // The entity was escaped twice: the reader sees `&#64;`, and a rule makes the sign of it.
    let document =
        document("My letters went to ann&amp;#64;example.org, and were read by the fire.");
    let piece = &document.pieces[0];
    assert_eq!(
        piece.text,
        "My letters went to [EMAIL], and were read by the fire."
    );
    assert!(!piece.original.contains("ann&"), "{}", piece.original);
}

#[test]
fn full_width_and_characters_without_width_hide_nothing() {
    let document =
        document("有事请打１３８１２３４５６７８找我，或者写信到ann\u{200b}@example.org，都可以。");
    let piece = &document.pieces[0];
    assert_eq!(
        piece.text,
        "有事请打[PHONE]找我，或者写信到[EMAIL]，都可以。"
    );
    assert_eq!(piece.original, piece.text);
}

#[test]
fn an_excerpt_keeps_no_half_of_a_number_that_it_is_cut_in() {
    let id = "11010519491231002X";
    // The number begins before the end of the excerpt and ends behind it.
    for before in EXCERPT_BYTES_MAX - id.len()..EXCERPT_BYTES_MAX {
        let code = format!("```\n{}{id} and more\n```\n", " x".repeat(before / 2) + " ");
        let excerpt = &document(&code).left_out[0].excerpt;
        assert!(!excerpt.contains("11010"), "{excerpt}");
        assert!(excerpt.len() <= EXCERPT_BYTES_MAX);
    }
}

#[test]
fn excerpts_end_between_characters() {
    let code = format!("```\n{}\n```\n", "雨".repeat(1000));
    let excerpt = &document(&code).left_out[0].excerpt;
    assert_eq!(excerpt.len(), EXCERPT_BYTES_MAX - EXCERPT_BYTES_MAX % 3);
}
