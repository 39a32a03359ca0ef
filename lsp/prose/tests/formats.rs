//! What a caret is in, in every kind of document but Markdown.
//!
//! Not Markdown (`markdown.rs`), nor headings (`outline.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_prose::{CodeFamily, DocumentKind, Zone};

mod support;

/// Asserts the zone of every `(fixture, zone)`.
fn check(kind: DocumentKind, cases: &[(&str, Zone)]) {
    for (fixture, zone) in cases {
        assert_eq!(support::read(kind, fixture).zone, *zone, "{fixture}");
    }
}

#[test]
fn latex_commands_formulas_and_verbatim_are_not_prose() {
    check(
        DocumentKind::Latex,
        &[
            ("The harbour was quiet‸.", Zone::Prose),
            ("港口很安静‸。", Zone::Prose),
            (
                "\\documentclass{article}\n\\usepackage{amsmath}\n‸",
                Zone::FrontMatter,
            ),
            (
                "\\documentclass{article}\n\\begin{document}\nText‸",
                Zone::Prose,
            ),
            ("See \\ref{fig:‸a} there", Zone::Command),
            ("See \\cite[p.~3]{kno‸", Zone::Command),
            ("See \\re‸", Zone::Command),
            ("This is \\emph{very‸ important}", Zone::Prose),
            ("\\section{The sto‸rm}", Zone::Heading),
            (
                "\\begin{itemize}\n\\item the mast‸\n\\end{itemize}",
                Zone::ListItem,
            ),
            (
                "\\begin{itemize}\n\\item a\n\\end{itemize}\nText‸",
                Zone::Prose,
            ),
            ("so $a + ‸b$ holds", Zone::Math),
            ("so $a$ holds‸", Zone::Prose),
            ("\\[ x‸ \\] text", Zone::Math),
            ("\\begin{align*}\na &= b‸\n\\end{align*}", Zone::Math),
            ("\\begin{align*}\na\n\\end{align*}\nText‸", Zone::Prose),
            ("\\begin{verbatim}\ncode‸\n\\end{verbatim}", Zone::CodeFence),
            (
                "\\begin{lstlisting}[language=C]\n$‸\n\\end{lstlisting}\n",
                Zone::CodeFence,
            ),
            ("\\begin{verbatim}\n$\n\\end{verbatim}\nText‸", Zone::Prose),
            ("call \\verb|pri‸nt| here", Zone::InlineCode),
            ("text % a comm‸ent\nmore", Zone::Comment),
            ("100\\% of it‸", Zone::Prose),
            ("\\url{https://exa‸}", Zone::Url),
            ("\\href{https://exa‸}{text}", Zone::Url),
            ("\\href{https://example.org}{the te‸xt}", Zone::Prose),
        ],
    );
}

#[test]
fn typst_code_raw_text_and_formulas_are_not_prose() {
    check(
        DocumentKind::Typst,
        &[
            ("The harbour was quiet‸.", Zone::Prose),
            ("= The sto‸rm", Zone::Heading),
            ("- the mast‸", Zone::ListItem),
            ("so $a + ‸b$ holds", Zone::Math),
            ("call `pri‸nt` here", Zone::InlineCode),
            ("```rust\nlet a‸\n```\n", Zone::CodeFence),
            ("```rust\nlet a\n```\nText‸", Zone::Prose),
            ("text // a comm‸ent", Zone::Comment),
            ("text // a comment\nmore‸", Zone::Prose),
            ("/* a\n‸ */ text", Zone::Comment),
            ("#set text(font: ‸)", Zone::Command),
            ("#set text(10pt)\nText‸", Zone::Prose),
            ("#figure(image(\"a‸.png\"))", Zone::Command),
            ("#figure(caption: [The har‸bour])", Zone::Prose),
            ("#emph[very‸ important]", Zone::Prose),
            ("#emph[very] important‸", Zone::Prose),
            ("#let a = 1\n砚台‸", Zone::Prose),
        ],
    );
}

#[test]
fn org_blocks_drawers_and_keywords_are_not_prose() {
    check(
        DocumentKind::Org,
        &[
            ("The harbour was quiet‸.", Zone::Prose),
            ("* The sto‸rm", Zone::Heading),
            ("- the mast‸", Zone::ListItem),
            ("| a‸ | b |", Zone::Table),
            ("#+BEGIN_SRC sh\nls‸\n#+END_SRC", Zone::CodeFence),
            ("#+begin_src sh\nls\n#+end_src\nText‸", Zone::Prose),
            ("#+BEGIN_QUOTE\nText‸\n#+END_QUOTE", Zone::Prose),
            ("#+OPTIONS: to‸c:nil", Zone::Command),
            ("#+TITLE: The har‸bour", Zone::Heading),
            ("# a comm‸ent", Zone::Comment),
            (": literal‸", Zone::CodeFence),
            ("* A\n:PROPERTIES:\n:ID: x‸\n:END:\n", Zone::FrontMatter),
            ("* A\n:PROPERTIES:\n:ID: x\n:END:\nText‸", Zone::Prose),
            ("call =pri‸nt= here", Zone::InlineCode),
            ("call ~print~ here‸", Zone::Prose),
            ("see [[file:a‸.org][text]]", Zone::LinkDestination),
            ("see [[file:a.org][te‸xt]]", Zone::Prose),
            ("so \\(a + ‸b\\)", Zone::Math),
            ("a = b 是等式‸", Zone::Prose),
        ],
    );
}

#[test]
fn asciidoc_blocks_attributes_and_macros_are_not_prose() {
    check(
        DocumentKind::Asciidoc,
        &[
            ("The harbour was quiet‸.", Zone::Prose),
            ("== The sto‸rm", Zone::Heading),
            ("* the mast‸", Zone::ListItem),
            ("[source,sh]\n----\nls‸\n----\n", Zone::CodeFence),
            ("----\nls\n----\nText‸", Zone::Prose),
            ("....\nliteral‸\n....\n", Zone::CodeFence),
            ("[stem]\n++++\nx‸\n++++\n", Zone::Math),
            ("////\nhidden‸\n////\n", Zone::Comment),
            ("// hid‸den", Zone::Comment),
            (":author: An‸n", Zone::FrontMatter),
            ("[source,ru‸st]", Zone::Command),
            ("image::har‸bour.png[]", Zone::Command),
            ("Text\n\n literal para‸graph\n", Zone::CodeFence),
            ("call `pri‸nt` here", Zone::InlineCode),
            ("|===\n|a‸ |b\n|===\n", Zone::Table),
            ("see https://example.org/‸[text]", Zone::Url),
            ("see https://example.org[te‸xt]", Zone::Prose),
            ("港口:很安静‸", Zone::Prose),
        ],
    );
}

#[test]
fn restructuredtext_directives_and_literal_blocks_are_not_prose() {
    check(
        DocumentKind::Restructuredtext,
        &[
            ("The harbour was quiet‸.", Zone::Prose),
            ("The sto‸rm\n=========\n", Zone::Heading),
            ("- the mast‸", Zone::ListItem),
            (".. code-block:: sh\n\n   ls‸\n", Zone::CodeFence),
            (".. code-block:: sh\n\n   ls\n\nText‸", Zone::Prose),
            (".. note::\n\n   The text of a note‸\n", Zone::Prose),
            (".. note‸", Zone::Comment),
            (".. image:: har‸bour.png", Zone::Command),
            (".. math::\n\n   a + b‸\n", Zone::Math),
            ("As follows::\n\n   literal‸\n", Zone::CodeFence),
            ("As follows::\n\n   literal\n\nText‸", Zone::Prose),
            (".. a comm‸ent", Zone::Comment),
            (".. _har‸bour: https://example.org", Zone::LinkDestination),
            ("call ``pri‸nt`` here", Zone::InlineCode),
            ("see :ref:`har‸bour`", Zone::Command),
            ("so :math:`a + ‸b`", Zone::Math),
            ("see `text <https‸://example.org>`_", Zone::LinkDestination),
            (":author: An‸n", Zone::FrontMatter),
            ("港口\n====\n\n很安静‸", Zone::Prose),
        ],
    );
}

#[test]
fn html_tags_scripts_and_code_are_not_prose() {
    check(
        DocumentKind::Html,
        &[
            ("<p>The harbour was quiet‸.</p>", Zone::Prose),
            ("<p cla‸ss=\"a\">Text</p>", Zone::HtmlTag),
            ("<p class=\"a > b‸\">Text</p>", Zone::HtmlTag),
            ("<p>a < b‸</p>", Zone::Prose),
            ("<!-- hid‸den --><p>Text", Zone::Comment),
            ("<!-- hidden --><p>Text‸", Zone::Prose),
            ("<script>let a‸ = 1 < 2;</script>", Zone::HtmlTag),
            ("<script>let a;</script><p>Text‸", Zone::Prose),
            ("<head><meta ‸></head>", Zone::FrontMatter),
            ("<pre>code‸</pre>", Zone::CodeFence),
            ("<p>call <code>pri‸nt</code>", Zone::InlineCode),
            ("<h1>The sto‸rm</h1>", Zone::Heading),
            ("<ul><li>the mast‸</ul>", Zone::ListItem),
            ("<p>港口很安静‸。</p>", Zone::Prose),
        ],
    );
}

#[test]
fn a_commit_messages_comments_and_diff_are_not_prose() {
    let scissors = "# ------------------------ >8 ------------------------";
    let diff = format!("subject\n\n{scissors}\ndiff --git a‸");
    check(
        DocumentKind::GitCommit,
        &[
            ("lsp: keep the sel‸", Zone::Heading),
            ("# comment\nlsp: keep‸", Zone::Heading),
            ("subject\n\nThe body explains‸", Zone::Prose),
            ("subject\n\n正文说明‸", Zone::Prose),
            ("subject\n\n- a point‸", Zone::ListItem),
            (
                "subject\n\nBody\n# Please enter‸ the message",
                Zone::Comment,
            ),
            ("subject\n\ncall `pri‸", Zone::InlineCode),
            ("subject\n\nSigned-off-by: An‸n", Zone::Command),
            (diff.as_str(), Zone::Comment),
        ],
    );
}

#[test]
fn a_mails_headers_and_quotes_are_not_prose() {
    check(
        DocumentKind::Mail,
        &[
            ("To: ann‸@example.org\n\nDear Ann", Zone::FrontMatter),
            ("Subject: The har‸bour\n\nDear Ann", Zone::Heading),
            ("To: ann@example.org\r\n\r\nDear Ann,‸", Zone::Prose),
            ("Hello: this is only text‸\n", Zone::FrontMatter),
            ("Dear Ann,\n\nthe plan: go‸", Zone::Prose),
            ("> you wrote‸\nI answer", Zone::Quote),
            ("> you wrote\n我回答‸", Zone::Prose),
        ],
    );
}

#[test]
fn plain_text_has_no_markup_but_addresses() {
    check(
        DocumentKind::PlainText,
        &[
            ("# not a heading‸", Zone::Prose),
            ("see https://exam‸", Zone::Url),
            ("```\nnot code‸", Zone::Prose),
        ],
    );
}

#[test]
fn code_files_hold_prose_in_comments_only() {
    check(
        DocumentKind::Code(CodeFamily::Slashes),
        &[
            ("let a‸ = 1;", Zone::Code),
            ("// why this‸", Zone::Comment),
            ("/‸/ why", Zone::Code),
            ("// why\nlet a‸", Zone::Code),
            ("let u = \"http://a‸\";", Zone::Code),
            ("/* 为什么\n * 这样‸ */", Zone::Comment),
            ("/* a */ let b‸", Zone::Code),
            ("fn a<'a>(b: &'a str) {} // why‸", Zone::Comment),
        ],
    );
    check(
        DocumentKind::Code(CodeFamily::Hash),
        &[
            ("a = 1 # why‸", Zone::Comment),
            ("echo $#‸", Zone::Code),
            ("a = '''\n# not‸\n'''", Zone::Code),
        ],
    );
    check(
        DocumentKind::Code(CodeFamily::Dashes),
        &[("a -- why‸", Zone::Comment)],
    );
    check(
        DocumentKind::Code(CodeFamily::Semicolon),
        &[("(a) ; why‸", Zone::Comment)],
    );
    check(
        DocumentKind::Code(CodeFamily::Unknown),
        &[("# who knows‸", Zone::Code)],
    );
}

#[test]
fn starred_latex_commands_and_later_arguments_are_read() {
    check(
        DocumentKind::Latex,
        &[
            ("\\section*{The sto‸rm}", Zone::Heading),
            ("\\section*{暴风雨‸}", Zone::Heading),
            ("\\section[short‸]{The storm}", Zone::Command),
            ("\\section[short]{The sto‸rm}", Zone::Heading),
            ("\\vspace*{1c‸m}", Zone::Command),
            ("\\vspace*{1cm} Text‸", Zone::Prose),
            ("\\setlength{\\parindent}{1e‸m}", Zone::Command),
            ("\\setlength{\\parindent}{1em}\nText‸", Zone::Prose),
            ("\\newcommand{\\a}[1]{bo‸dy}", Zone::Command),
            ("\\textcolor{re‸d}{text}", Zone::Command),
            ("\\textcolor{red}{te‸xt}", Zone::Prose),
            ("\\multicolumn{2}{c}{te‸xt}", Zone::Prose),
            ("\\begin{tabularx}{\\textwidth}{l‸X}", Zone::Command),
            ("\\begin{frame}{The sto‸rm}", Zone::Heading),
            ("\\emph{very} {important‸}", Zone::Prose),
            ("\\emph{very}{important‸}", Zone::Prose),
            (
                "\\begin{tikzpicture}\n\\draw (0,0)‸;\n\\end{tikzpicture}",
                Zone::CodeFence,
            ),
            (
                "\\begin{tikzpicture}\n\\draw;\n\\end{tikzpicture}\nText‸",
                Zone::Prose,
            ),
        ],
    );
}

#[test]
fn an_unclosed_latex_construct_does_not_silence_the_document() {
    check(
        DocumentKind::Latex,
        &[
            ("\\LaTeX{} [see below, text‸", Zone::Prose),
            ("\\item[lab‸", Zone::Command),
            ("\\item[label text\n\nThe next paragraph‸", Zone::ListItem),
            ("\\begin{item‸", Zone::Command),
            ("\\begin{item\nThe next line‸", Zone::Prose),
            ("\\verb|code\nThe next line‸", Zone::Prose),
            ("\\verb|co‸de", Zone::InlineCode),
            ("so \\(a + b\n\nThe next paragraph‸", Zone::Prose),
        ],
    );
}

#[test]
fn amounts_and_emoji_do_not_silence_org() {
    check(
        DocumentKind::Org,
        &[
            ("It costs $5 and‸", Zone::Prose),
            ("It costs $5 and $6 now‸", Zone::Prose),
            ("价格是 $5 左右‸", Zone::Prose),
            ("about ~20 people‸", Zone::Prose),
            ("大约 ~20 个人‸", Zone::Prose),
            ("see ~/notes and‸", Zone::Prose),
            ("set $HOME/a_b and‸", Zone::Prose),
            ("so $5‸x + 1$ holds", Zone::Math),
            ("so $a‸b$ holds", Zone::Math),
            ("so $x_1 + ‸", Zone::Math),
            ("run ~2‸to3~ here", Zone::InlineCode),
            ("run ~pri‸", Zone::InlineCode),
            ("run =pri‸", Zone::InlineCode),
            (":smile:\n\nThe harbour‸", Zone::Prose),
            (":smile:\n港口很安静‸", Zone::Prose),
            (
                ":smile:\n* A\n:PROPERTIES:\n:ID: x\n:END:\nText‸",
                Zone::Prose,
            ),
            ("* A\n:PROPERTIES:\n:ID: x‸", Zone::FrontMatter),
            ("* A\n:PROPERTIES:\n:ID: x\nText goes on‸", Zone::Prose),
            ("* A\n:NOTE:\nin it‸\n:END:\n", Zone::FrontMatter),
        ],
    );
}

#[test]
fn a_comparison_does_not_silence_html() {
    check(
        DocumentKind::Html,
        &[
            ("<p>if a<b then</p><p>prose‸", Zone::Prose),
            ("<p>if a<b then‸</p>", Zone::Prose),
            ("<p>如果 a<b 那么‸</p><p>正文", Zone::Prose),
            ("<p>if a<b then it's</p><p>prose‸", Zone::Prose),
            ("<p>text <a href=\"b‸</p>", Zone::HtmlTag),
            ("<p>text <a href=\"b\n\n<p>prose‸", Zone::Prose),
            ("<p>text <em‸", Zone::HtmlTag),
            ("<p>text <em‸</p>", Zone::HtmlTag),
            ("<img alt=\"a\n‸b\">", Zone::HtmlTag),
            ("<!DOCTYPE html>\n<p>Text‸", Zone::Prose),
            ("<head><title>a</title><body><p>Text‸", Zone::Prose),
            ("<head></header ‸></head>", Zone::FrontMatter),
        ],
    );
}

#[test]
fn html_elements_without_an_end_tag_are_followed_however_many() {
    let zone = |fixture: &str| support::read(DocumentKind::Html, fixture).zone;
    for many in [
        "<br>",
        "<img src=a>",
        "<p>Text",
        "<div>",
        "<ul><li>a",
        "<span>",
    ] {
        let many = many.repeat(100);
        assert_eq!(zone(&format!("{many}<pre>code‸")), Zone::CodeFence);
        assert_eq!(zone(&format!("{many}<code>code‸")), Zone::InlineCode);
        assert_eq!(zone(&format!("{many}<h2>The sto‸rm")), Zone::Heading);
    }
    check(
        DocumentKind::Html,
        &[
            ("<ul><li>one<li>two‸</ul>", Zone::ListItem),
            ("<ul><li>one<li>two</ul>Text‸", Zone::Prose),
            ("<ul><li>a<ul><li>b</ul>te‸xt</ul>", Zone::ListItem),
            ("<p>call <code>print</p><p>Text‸", Zone::Prose),
            ("<p>call <code>print<p>Text‸", Zone::Prose),
            ("<h1>One<h2>Two‸", Zone::Heading),
            ("<pre><code>a</code> b‸</pre>", Zone::CodeFence),
            ("<table><tr><td>单元格‸</table>", Zone::Table),
            ("<table><tr><td>a</table>Text‸", Zone::Prose),
        ],
    );
}

/// Templates of each format, `{}` being a text, and the zone at the caret.
const TEMPLATES: [(DocumentKind, [(&str, Zone); 8]); 6] = [
    (
        DocumentKind::Org,
        [
            ("- {}‸", Zone::ListItem),
            ("| a | {}‸ |", Zone::Table),
            ("* {}‸", Zone::Heading),
            ("#+begin_quote\n{}‸\n#+end_quote", Zone::Prose),
            ("#+begin_src sh\n{}\n#+end_src\n{}‸", Zone::Prose),
            ("{} [[a/b‸][{}]]", Zone::LinkDestination),
            ("{} https://a.b/c‸ {}", Zone::Url),
            ("{} ={}‸= {}", Zone::InlineCode),
        ],
    ),
    (
        DocumentKind::Asciidoc,
        [
            ("* {}‸", Zone::ListItem),
            ("|===\n|{}‸ |b\n|===\n", Zone::Table),
            ("== {}‸", Zone::Heading),
            ("____\n{}‸\n____", Zone::Prose),
            ("----\n{}\n----\n{}‸", Zone::Prose),
            ("{} https://a.b/‸[{}]", Zone::Url),
            ("{} <https://a.b/c‸> {}", Zone::Url),
            ("{} `{}‸` {}", Zone::InlineCode),
        ],
    ),
    (
        DocumentKind::Restructuredtext,
        [
            ("- {}‸", Zone::ListItem),
            ("| {}‸", Zone::Table),
            ("{}‸\n====\n", Zone::Heading),
            ("{}:\n\n   {}‸", Zone::Prose),
            ("{}::\n\n   {}\n\n{}‸", Zone::Prose),
            ("{} `{} <https://a.b/‸>`_", Zone::LinkDestination),
            ("{} https://a.b/c‸ {}", Zone::Url),
            ("{} ``{}‸`` {}", Zone::InlineCode),
        ],
    ),
    (
        DocumentKind::Typst,
        [
            ("- {}‸", Zone::ListItem),
            ("#table([{}‸])", Zone::Prose),
            ("== {}‸", Zone::Heading),
            ("#quote[{}‸]", Zone::Prose),
            ("```\n{}\n```\n{}‸", Zone::Prose),
            ("{} #link(\"a‸\")[{}]", Zone::Command),
            ("{} https://a.b/c‸ {}", Zone::Url),
            ("{} `{}‸` {}", Zone::InlineCode),
        ],
    ),
    (
        DocumentKind::Latex,
        [
            ("\\begin{itemize}\n\\item {}‸", Zone::ListItem),
            ("\\begin{tabular}{ll}\na & {}‸", Zone::Prose),
            ("\\subsection{{}‸}", Zone::Heading),
            ("\\begin{quote}\n{}‸", Zone::Prose),
            ("\\begin{verbatim}\n{}\n\\end{verbatim}\n{}‸", Zone::Prose),
            ("{} \\href{https://a.b/‸}{{}}", Zone::Url),
            ("{} \\url{https://a.b/‸} {}", Zone::Url),
            ("{} \\verb|{}‸| {}", Zone::InlineCode),
        ],
    ),
    (
        DocumentKind::Html,
        [
            ("<ul><li>{}‸", Zone::ListItem),
            ("<table><tr><td>{}‸", Zone::Table),
            ("<h3>{}‸", Zone::Heading),
            ("<blockquote>{}‸", Zone::Prose),
            ("<pre>{}</pre>{}‸", Zone::Prose),
            ("{} <a href=\"{}‸\">{}</a>", Zone::HtmlTag),
            ("{} https://a.b/c‸ {}", Zone::Url),
            ("{} <code>{}‸</code> {}", Zone::InlineCode),
        ],
    ),
];

#[test]
fn prose_zones_of_every_format_are_the_same_in_both_languages() {
    for text in [
        "The quick brown fox",
        "今天早上我们去公园",
        "用 React 写的 app",
    ] {
        for (kind, cases) in TEMPLATES {
            for (template, zone) in cases {
                check(kind, &[(&template.replace("{}", text), zone)]);
            }
        }
    }
}
