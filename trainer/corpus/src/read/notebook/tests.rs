//! Notebooks of formats 3 and 4, whose cells have lines in the file.

use super::*;

fn reading(text: &str) -> Reading {
    read(text.as_bytes(), &ReadLimits::default()).unwrap()
}

const NOTEBOOK: &str = r##"{
 "cells": [
  {
   "cell_type": "markdown",
   "metadata": {},
   "source": [
    "# 雨天\n",
    "\n",
    "今天下雨。\n",
    "\n",
    "It rained."
   ]
  },
  {"cell_type": "code", "source": "print(1)\n", "outputs": [{"text": ["Nobody wrote this."]}]},
  {"cell_type": "raw", "source": ["<div>"]},
  {"cell_type": "markdown", "source": []}
 ],
 "metadata": {"title": 3}, "nbformat": 4
}"##;

#[test]
fn cells_are_what_their_type_says_and_outputs_are_not_read() {
    let reading = reading(NOTEBOOK);
    let blocks: Vec<(BlockKind, &str)> = reading
        .blocks
        .iter()
        .map(|block| (block.kind, block.text.as_str()))
        .collect();
    assert_eq!(
        blocks,
        [
            (BlockKind::Heading(1), "雨天"),
            (BlockKind::Paragraph, "今天下雨。"),
            (BlockKind::Paragraph, "It rained."),
            (BlockKind::Code, "print(1)"),
            (BlockKind::Markup, "<div>"),
        ]
    );
    assert_eq!(reading.title.as_deref(), Some("雨天"));
}

#[test]
fn each_block_stands_at_its_lines_of_the_file() {
    let lines: Vec<&str> = NOTEBOOK.lines().collect();
    for block in reading(NOTEBOOK).blocks {
        let range = block.lines.unwrap();
        let there = lines[range.start as usize..range.end as usize].join("\n");
        let word = block.text.split(['(', ' ']).next().unwrap();
        assert!(there.contains(word), "{word} in {there}");
        assert!(range.end - range.start <= 2, "{range:?}");
    }
}

#[test]
fn a_notebook_on_one_line_has_all_its_blocks_there() {
    let line = r#"{"cells":[{"cell_type":"markdown","source":["One.\n","\n","Two."]}]}"#;
    let whole = LineRange { start: 0, end: 1 };
    let reading = reading(line);
    assert_eq!(reading.blocks.len(), 2);
    assert!(
        reading
            .blocks
            .iter()
            .all(|block| block.lines == Some(whole))
    );
}

#[test]
fn worksheets_and_headings_of_format_3_are_read() {
    let old = r#"{"worksheets":[{"cells":[{"cell_type":"heading","level":2,"source":["Old"]},{"cell_type":"code","input":["x = 1"]}]}]}"#;
    let reading = reading(old);
    assert_eq!(reading.blocks[0].kind, BlockKind::Heading(2));
    assert_eq!(
        (reading.blocks[1].kind, reading.blocks[1].text.as_str()),
        (BlockKind::Code, "x = 1")
    );
}

#[test]
fn what_is_no_notebook_is_broken() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "{",
        "[]",
        "{\"cells\": 3}",
        "{\"cells\":[{\"source\":",
        deep.as_str(),
    ] {
        let error = read(text.as_bytes(), &ReadLimits::default()).unwrap_err();
        assert!(matches!(error, Unreadable::Broken { .. }), "{error}");
    }
    assert!(read(b"{\"cells\":[\"\xFF\"]}", &ReadLimits::default()).is_err());
    // A cell of a strange type is passed over with a word.
    let odd = reading("{\"cells\":[{\"cell_type\":\"markdown\",\"source\":3}]}");
    assert!(odd.blocks.is_empty() && odd.problems.len() == 1);
}
