//! No keystroke is lost or moved: whatever is shown and taken while a person types fast, the buffer
//! holds what was typed and what was taken, in the order of the keys.

use inkstone_editor_tests::neovim::Neovim;
use inkstone_editor_tests::scene::Scene;
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL};

const ENGLISH: &str = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, \
                       and the fishermen stood in small groups,";
const CHINESE: &str = "暴风雨过后的早晨，港口很安静。折断的桅杆横在码头上，渔民们三三两两地站着，";

/// Keeps what enters the buffer, in order, as two witnesses see it: what Neovim inserts for keys, and
/// how the caret's line grows when a part is taken. With nothing shown the keys do nothing.
const WITNESS: &str = "_G.entered, _G.typed = {}, {}
vim.api.nvim_create_autocmd('InsertCharPre', { callback = function()
  table.insert(_G.entered, vim.v.char)
  table.insert(_G.typed, vim.v.char)
end })
local ghost = require('inkstone.ghost')
local take = ghost.take
ghost.take = function(part)
  local before = vim.api.nvim_get_current_line()
  local is_taken = take(part)
  local after = vim.api.nvim_get_current_line()
  assert(vim.startswith(after, before), 'a part was taken elsewhere than at the end')
  table.insert(_G.entered, after:sub(#before + 1))
  return is_taken
end
for _, key in ipairs({ '<M-Right>', '<M-)>', '<M-Down>' }) do
  vim.keymap.set('i', key, '<Nop>')
end";

/// How many keys a burst has before one that takes a part.
const BURST_KEYS: usize = 4;

/// Types texts at the end of the scene's, in bursts with a key that takes a part after each.
fn type_fast(neovim: &Neovim<'_>, before: &str, texts: &[&str]) {
    neovim.keys("A");
    let mut typed = String::new();
    let mut takes = ["<M-Right>", "<M-Right>", "<M-)>", "<M-Right>", "<M-Down>"]
        .iter()
        .cycle();
    for text in texts {
        // At least here something is shown, and the key that takes it is followed at once by others.
        neovim.await_shown_pressing("<M-Bslash>");
        let mut keys = String::from("<M-Right>");
        for (index, c) in text.chars().enumerate() {
            if index > 0 && index % BURST_KEYS == 0 {
                keys.extend(takes.next().copied());
                neovim.keys(&keys);
                keys.clear();
            }
            match c {
                ' ' => keys.push_str("<Space>"),
                '<' => keys.push_str("<lt>"),
                c => keys.push(c),
            }
        }
        neovim.keys(&keys);
        typed.push_str(text);
    }
    let joined = |list: &str| {
        let text = neovim.lua(&format!("table.concat(_G.{list})"));
        text.as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(neovim.lua("vim.v.errmsg"), "");
    assert_eq!(joined("typed"), typed, "what was typed, and nothing else");
    let entered = joined("entered");
    assert_eq!(neovim.text(), format!("{before}{entered}"));
    assert!(entered.len() > typed.len(), "nothing was taken");
}

in_both! {
    fn english_is_typed_fast_while_suggestions_come_and_go(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start_with(&scene, program, WITNESS);
        let texts = [
            " waiting for news of the boats. Nobody dared to speak aloud,",
            " and the gulls cried over the empty <market> square.",
        ];
        type_fast(&neovim, ENGLISH, &texts);
    }

    fn chinese_is_typed_fast_while_suggestions_come_and_go(program) {
        let scene = Scene::with_models(CHINESE, &[ENGLISH_MODEL, CHINESE_MODEL]);
        let neovim = Neovim::start_with(&scene, program, WITNESS);
        let texts = ["看着远处的海面，谁也不说话。孩子们在沙滩上", "捡贝壳，海鸥在空中盘旋。"];
        type_fast(&neovim, CHINESE, &texts);
    }

    fn mixed_text_with_emoji_is_typed_fast_while_suggestions_come_and_go(program) {
        let scene = Scene::with_models(CHINESE, &[ENGLISH_MODEL, CHINESE_MODEL]);
        let neovim = Neovim::start_with(&scene, program, WITNESS);
        let texts = [
            "等 fishing boats 回来👍🏽，cafe\u{301} 里",
            "坐满了人👨\u{200d}👩\u{200d}👧，他们 talk about the weather，",
        ];
        type_fast(&neovim, CHINESE, &texts);
    }
}
