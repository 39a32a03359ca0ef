//! What LaTeX's commands and environments mean for the text in them.
//!
//! The usual classes and packages; what is not here is taken as text, which is the smaller mistake.

use crate::block::BlockKind;

/// What a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// It stands for a text.
    Text(&'static str),
    /// It puts an accent on the next letter.
    Accent(char),
    /// Its arguments hold no text.
    Skip {
        arguments: usize,
    },
    /// A citation or a reference: a number that the source does not have.
    Reference,
    Heading(u8),
    Footnote,
    Caption,
    Title,
    /// Its argument is code.
    Code,
    /// So many arguments are a colour, an address or a length; the one after them is text.
    TextAfter {
        arguments: usize,
    },
    /// Its second argument is the reading of the first.
    Ruby,
    /// It gives a meaning to the command after it.
    Definition,
    /// Somebody else's words, and who said them.
    Epigraph,
    /// Its argument stands in quotation marks.
    Quotes,
    /// Text in it is text.
    Unknown,
}

/// What an environment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Environment {
    /// Its source is one block.
    Source(BlockKind),
    Quote,
    List,
    Bibliography,
    /// Text as around it.
    Text,
}

pub(super) fn command(name: &str) -> Command {
    if let Some(text) = text_of(name) {
        return Command::Text(text);
    }
    match name {
        "part" | "chapter" | "frametitle" => Command::Heading(1),
        "section" => Command::Heading(2),
        "subsection" => Command::Heading(3),
        "subsubsection" => Command::Heading(4),
        "paragraph" => Command::Heading(5),
        "subparagraph" => Command::Heading(6),
        "footnote" | "footnotetext" | "thanks" | "endnote" | "sidenote" | "marginnote"
        | "marginpar" => Command::Footnote,
        "caption" | "captionof" | "subcaption" => Command::Caption,
        "title" => Command::Title,
        "texttt" | "code" | "path" | "mintinline" => Command::Code,
        "href" | "textcolor" | "colorbox" | "scalebox" | "raisebox" | "rotatebox"
        | "foreignlanguage" | "parbox" | "texorpdfstring" | "hyperlink" | "hypertarget" => {
            Command::TextAfter { arguments: 1 }
        }
        "resizebox" | "fcolorbox" | "multicolumn" => Command::TextAfter { arguments: 2 },
        "ruby" | "xpinyin" | "jruby" | "ltjruby" => Command::Ruby,
        "def" | "gdef" | "edef" | "xdef" | "let" => Command::Definition,
        "epigraph" => Command::Epigraph,
        "enquote" => Command::Quotes,
        "u" | "v" | "H" | "c" | "k" | "r" => Command::Accent(name.chars().next().unwrap_or('c')),
        "ref" | "cref" | "Cref" | "autoref" | "nameref" | "eqref" | "pageref" | "vref"
        | "footnotemark" | "footcite" => Command::Reference,
        _ if name.starts_with("cite")
            || name.ends_with("cite")
            || name.ends_with("cites")
            || name.starts_with("Cite") =>
        {
            Command::Reference
        }
        "newcommand"
        | "renewcommand"
        | "providecommand"
        | "DeclareMathOperator"
        | "newtheorem"
        | "setlength"
        | "addtolength"
        | "setcounter"
        | "addtocounter"
        | "newcolumntype"
        | "fontsize"
        | "rule"
        | "DeclareRobustCommand" => Command::Skip { arguments: 2 },
        "newenvironment" | "renewenvironment" | "definecolor" | "addcontentsline" => {
            Command::Skip { arguments: 3 }
        }
        "label" | "index" | "includegraphics" | "usepackage" | "input" | "include"
        | "bibliography" | "bibliographystyle" | "vspace" | "hspace" | "pagestyle"
        | "thispagestyle" | "documentclass" | "nocite" | "bibitem" | "addbibresource"
        | "graphicspath" | "hypersetup" | "pagenumbering" | "stepcounter" | "refstepcounter"
        | "newcounter" | "color" | "lstset" | "usetikzlibrary" | "subfile" | "lstinputlisting"
        | "inputminted" | "selectlanguage" | "setmainfont" | "setCJKmainfont" | "geometry"
        | "author" | "date" | "institute" | "affiliation" | "email" | "phantom" | "vphantom"
        | "hphantom" | "tikz" | "printbibliography" | "printindex" | "linespread"
        | "fontfamily" | "fontseries" | "fontshape" | "glsadd" | "today" | "zihao"
        | "CJKfamily" | "ctexset" | "setstretch" | "column" | "usetheme" | "usecolortheme"
        | "vskip" | "addtocontents" | "xeCJKsetup" | "captionsetup" => {
            Command::Skip { arguments: 1 }
        }
        _ => Command::Unknown,
    }
}

fn text_of(name: &str) -> Option<&'static str> {
    let text = match name {
        "ldots" | "dots" | "textellipsis" => "…",
        "textendash" => "–",
        "textemdash" => "—",
        "textquoteright" => "’",
        "textquoteleft" => "‘",
        "textquotedblleft" => "“",
        "textquotedblright" => "”",
        "textbackslash" => "\\",
        "textasciitilde" => "~",
        "textasciicircum" => "^",
        "textbar" => "|",
        "textless" => "<",
        "textgreater" => ">",
        "textdegree" => "°",
        "texttimes" => "×",
        "textbullet" => "•",
        "textregistered" => "®",
        "texttrademark" => "™",
        "copyright" | "textcopyright" => "©",
        "S" => "§",
        "P" => "¶",
        "pounds" => "£",
        "euro" | "texteuro" => "€",
        "ss" => "ß",
        "ae" => "æ",
        "AE" => "Æ",
        "oe" => "œ",
        "OE" => "Œ",
        "o" => "ø",
        "O" => "Ø",
        "aa" => "å",
        "AA" => "Å",
        "l" => "ł",
        "L" => "Ł",
        "i" => "ı",
        "LaTeX" => "LaTeX",
        "LaTeXe" => "LaTeX2e",
        "TeX" => "TeX",
        "XeLaTeX" => "XeLaTeX",
        "BibTeX" => "BibTeX",
        "quad" | "qquad" | "enspace" | "thinspace" | "space" | "nobreakspace" => " ",
        "newline" | "linebreak" => "\n",
        _ => return None,
    };
    Some(text)
}

pub(super) fn environment(name: &str) -> Environment {
    match name {
        "verbatim" | "Verbatim" | "lstlisting" | "minted" | "alltt" | "algorithm"
        | "algorithmic" | "algorithm2e" | "code" | "tcblisting" => {
            Environment::Source(BlockKind::Code)
        }
        "equation" | "align" | "gather" | "multline" | "eqnarray" | "displaymath" | "math"
        | "flalign" | "alignat" | "split" | "array" | "dmath" => {
            Environment::Source(BlockKind::Math)
        }
        "tabular" | "tabularx" | "longtable" | "tabulary" | "tabu" | "xltabular" | "tblr" => {
            Environment::Source(BlockKind::Table)
        }
        "comment" | "tikzpicture" | "filecontents" | "pgfpicture" | "picture" | "CCSXML"
        | "luacode" => Environment::Source(BlockKind::Markup),
        "quote" | "quotation" | "verse" | "displayquote" | "blockquote" => Environment::Quote,
        "itemize" | "enumerate" | "description" | "list" | "compactitem" | "inparaenum"
        | "tasks" => Environment::List,
        "thebibliography" => Environment::Bibliography,
        _ => Environment::Text,
    }
}

/// The level of the heading that an environment's start has as an argument.
pub(super) fn environment_heading(name: &str) -> Option<u8> {
    match name {
        "frame" => Some(1),
        "block" | "alertblock" | "exampleblock" => Some(3),
        _ => None,
    }
}

/// How many arguments of an environment's start hold no text.
pub(super) fn environment_arguments(name: &str) -> usize {
    match name {
        "thebibliography" | "minipage" | "multicols" | "subfigure" | "subtable" | "spacing"
        | "column" | "otherlanguage" | "textblock" | "beamercolorbox" => 1,
        "wrapfigure" | "wraptable" | "list" | "adjustwidth" | "CJK" => 2,
        _ => 0,
    }
}
