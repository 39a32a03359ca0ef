//! Tests in real editors, a file for each editor and for what they share.

/// Runs a scenario in Neovim 0.12, which draws suggestions itself, and in 0.11, where our plugin does.
macro_rules! in_both {
    ($($(#[$doc:meta])* fn $name:ident($program:ident) $body:block)+) => {
        $(
            mod $name {
                use super::*;
                use inkstone_editor_tests::place::EditorProgram;

                fn scenario($program: EditorProgram) $body

                #[test]
                fn in_neovim() {
                    scenario(EditorProgram::Neovim);
                }

                #[test]
                fn in_neovim_0_11() {
                    scenario(EditorProgram::OldNeovim);
                }
            }
        )+
    };
}

mod accepting;
mod alternatives;
mod helix;
mod keystrokes;
mod languages;
mod neovim;
mod other_servers;
