//! A setting's value as files and editors give it, before and after the table checked it.
//! The conversions to the types of [`Settings`](crate::Settings) are in `field`.

use std::fmt;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// Something that no setting takes; the text names it for the message.
    Other(String),
}

/// Longest piece of a value that a message repeats.
const SHOWN_CHARS_MAX: usize = 60;

/// `{}` is for messages and cuts long values, `{:#}` is the whole value as TOML.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Bool(value) => return write!(f, "{value}"),
            Self::Int(value) => return write!(f, "{value}"),
            // With a point even where it is whole, as TOML has it.
            Self::Decimal(value) => return write!(f, "{value:?}"),
            Self::Text(text) => {
                return if f.alternate() {
                    Quoted(text).fmt(f)
                } else {
                    write!(f, "\"{}\"", Shortened(text))
                };
            }
            Self::List(items) => {
                let quoted: Vec<String> =
                    items.iter().map(|item| Quoted(item).to_string()).collect();
                format!("[{}]", quoted.join(", "))
            }
            Self::Other(what) => what.clone(),
        };
        if f.alternate() {
            f.write_str(&text)
        } else {
            Shortened(&text).fmt(f)
        }
    }
}

/// Text cut for a message, with control characters made visible.
pub(crate) struct Shortened<'a>(pub(crate) &'a str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars().take(SHOWN_CHARS_MAX) {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        if self.0.chars().nth(SHOWN_CHARS_MAX).is_some() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

/// A basic TOML string.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04X}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}
