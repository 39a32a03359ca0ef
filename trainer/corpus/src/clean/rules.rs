//! All rules, in the order in which they run.
//!
//! Refusals that need the text as it came stand first: what shouts in spam is mended away later.
//! Broken encodings come before anything that looks at single characters, entities before tags,
//! lines before spaces, spaces before punctuation. What judges the mended text comes last.

use super::rule::Rule;
use super::{
    adverts, control_characters, emoji_floods, fillers_chinese, fillers_english, footnote_marks,
    full_width, garbage_han, garbage_latin, html_entities, html_tags, kaomoji, line_wraps,
    low_information, mojibake, mojibake_mended, ocr_candidates, page_furniture, perplexity,
    repeated_punctuation, repeated_sentences, replacement_characters, seo, spaced_out_han, spaces,
    spam, stutter_chinese, stutter_english, tracking_parameters, typo_candidates, unicode_form,
    zero_width,
};

/// Every rule.
pub static RULES: &[Rule] = &[
    page_furniture::RULE,
    spam::RULE,
    adverts::RULE,
    seo::RULE,
    mojibake_mended::RULE,
    control_characters::RULE,
    zero_width::RULE,
    replacement_characters::RULE,
    mojibake::RULE,
    html_entities::RULE,
    html_tags::RULE,
    unicode_form::RULE,
    tracking_parameters::RULE,
    page_furniture::LINES,
    line_wraps::RULE,
    full_width::RULE,
    spaced_out_han::RULE,
    spaces::RULE,
    repeated_punctuation::RULE,
    footnote_marks::RULE,
    emoji_floods::RULE,
    fillers_english::RULE,
    fillers_chinese::RULE,
    stutter_english::RULE,
    stutter_chinese::RULE,
    repeated_sentences::RULE,
    repeated_sentences::DOUBLED,
    garbage_latin::RULE,
    garbage_han::RULE,
    low_information::RULE,
    perplexity::RULE,
    typo_candidates::RULE,
    ocr_candidates::RULE,
    kaomoji::RULE,
];
