//! What `setup` prints last: how the editors find Inkstone. The texts are the files that the
//! extensions' own documentation uses.

/// For Neovim.
const NEOVIM: &str = include_str!("../../../../extensions/neovim/snippet.lua");
/// For Helix.
const HELIX: &str = include_str!("../../../../extensions/helix/languages.toml");

/// The last page of `setup`.
pub(crate) fn text() -> String {
    format!(
        "\nNeovim 0.11 or newer:\n\n{}\nHelix (~/.config/helix/languages.toml):\n\n{}\n\
         Check everything with: inkstone doctor\n",
        indented(NEOVIM),
        indented(HELIX)
    )
}

/// Lines set in, so that they stand out from what is around them.
fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut indented, line| {
        if !line.is_empty() {
            indented.push_str("    ");
            indented.push_str(line);
        }
        indented.push('\n');
        indented
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_editors_are_served() {
        let text = super::text();
        assert!(text.contains("    return {"), "{text}");
        assert!(
            text.contains("    [language-server.inkstone-lsp]"),
            "{text}"
        );
    }
}
