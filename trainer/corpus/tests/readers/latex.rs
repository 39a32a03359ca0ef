//! What the reader of LaTeX makes of small texts.

use inkstone_corpus::format::Format::Latex;

use crate::{check, reading};

#[test]
fn a_document_is_read_from_its_beginning() {
    let text = "\\documentclass{article}\n\\title{The \\emph{Ink} Stone}\n\\begin{document}\n\\maketitle\n\\section{First}\n\nA \\textbf{bold} line% remark\n and more.\n\nSecond.\n\\end{document}\n";
    check(
        Latex,
        text,
        &[
            "markup 0-2 \\documentclass{article}⏎\\title{The \\emph{Ink} Stone}",
            "h2 4-5 First",
            "p 6-8 A bold line⏎and more.",
            "p 9-10 Second.",
        ],
    );
    assert_eq!(reading(Latex, text).title.as_deref(), Some("The Ink Stone"));
}

#[test]
fn a_chapter_without_a_preamble_is_read() {
    check(
        Latex,
        "\\chapter{雨夜}\n\n那天下着\\textbf{雨}，\n他没有回来\\footnote{他后来说了。}。\n",
        &[
            "h1 0-1 雨夜",
            "p 2-4 那天下着雨，⏎他没有回来。",
            "footnote 3-4 他后来说了。",
        ],
    );
}

#[test]
fn references_and_citations_leave_no_hole() {
    check(
        Latex,
        "As Figure~\\ref{fig:a} shows \\cite[p.~3]{knuth84}, it works (\\cref{x}).\\label{y}\n",
        &["p 0-1 As Figure shows, it works."],
    );
}

#[test]
fn signs_become_what_they_show() {
    check(
        Latex,
        "``Quoted''---and 5\\,\\% of \\LaTeX{} caf\\'e na\\\"{\\i}ve \\ldots\\ $x_1 + \\alpha$ \\verb|a_b| \\texttt{c}.\n",
        &["p 0-1 “Quoted”—and 5 % of LaTeX café naïve … $x_1 + \\alpha$ `a_b` `c`."],
    );
}

#[test]
fn environments_are_told_apart() {
    check(
        Latex,
        "\\begin{itemize}\n\\item one\n\\item[b)] two\n\\end{itemize}\n\\begin{quote}\nTheirs.\n\\end{quote}\n\\begin{verbatim}\na % b\n\\end{verbatim}\n\\begin{equation}\nx\n\\end{equation}\n\\begin{table}\n\\begin{tabular}{ll}\na & b\n\\end{tabular}\n\\caption{The table.}\n\\end{table}\n\\begin{thebibliography}{9}\n\\bibitem{a} Knuth.\n\\end{thebibliography}\n",
        &[
            "item 1-2 one",
            "item 2-3 b) two",
            "quote 5-6 Theirs.",
            "code 7-10 \\begin{verbatim}⏎a % b⏎\\end{verbatim}",
            "math 10-13 \\begin{equation}⏎x⏎\\end{equation}",
            "table 14-17 \\begin{tabular}{ll}⏎a & b⏎\\end{tabular}",
            "caption 17-18 The table.",
            "bibliography 20-21 Knuth.",
        ],
    );
}

#[test]
fn commands_keep_their_text_and_lose_their_names() {
    check(
        Latex,
        "See \\href{https://example.org}{the page}, \\myown{words} and \\textcolor{red}{red}\\vspace{2em} ones.\n",
        &["p 0-1 See the page, words and red ones."],
    );
}

#[test]
fn markup_that_is_not_closed_is_read_as_far_as_it_goes() {
    check(
        Latex,
        "A \\emph{line that\nnever ends \\footnote{and more\n",
        &["p 0-2 A line that⏎never ends and more"],
    );
    check(
        Latex,
        "Costs $5 and\n\n\\begin{verbatim}\ncode\n",
        &["p 0-1 Costs $5 and", "code 2-4 \\begin{verbatim}⏎code"],
    );
    check(Latex, "\\", &[]);
    check(Latex, "\\section", &[]);
}

#[test]
fn commands_keep_the_argument_that_is_text_and_no_other() {
    let text = "\\title{Real}\n\\titleformat{\\section}{a}{b}\n\\begin{document}\nSee \\hyperref[sec:a]{Section A}, \\makebox[2cm][c]{boxed}, \\fontsize{12}{14}\\selectfont big, \\resizebox{3cm}{!}{wide}, \\fcolorbox{red}{blue}{col}.\n\n\\zihao{-4}字号，\\ruby{漢}{かん}字。\n\n\\setlength\\parindent{0pt}\n\\newcommand\\foo[1]{macro body}\n\\def\\bar#1{other body}\nEnd.\n\\end{document}";
    check(
        Latex,
        text,
        &[
            "markup 0-2 \\title{Real}⏎\\titleformat{\\section}{a}{b}",
            "p 3-4 See Section A, boxed, big, wide, col.",
            "p 5-6 字号，漢字。",
            "p 10-11 End.",
        ],
    );
    assert_eq!(reading(Latex, text).title.as_deref(), Some("Real"));
}

#[test]
fn slides_have_headings_and_their_overlays_do_not_show() {
    check(
        Latex,
        "\\begin{frame}<1->{The Title}{Below it}\n\\begin{itemize}\n\\item<1-> First \\only<2>{two}\n\\item Second\n\\end{itemize}\n\\begin{column}{0.5\\textwidth}Left.\\end{column}\n\\end{frame}\n\n\\epigraph{To be or not.}{Shakespeare}\n",
        &[
            "h1 0-1 The Title",
            "h2 0-1 Below it",
            "item 2-3 First two",
            "item 3-4 Second",
            "p 5-6 Left.",
            "quote 8-9 To be or not.",
        ],
    );
}
