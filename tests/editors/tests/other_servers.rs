//! A buffer with a second server that completes inline, which Neovim 0.12 draws in turn with ours: what
//! it shows is its own, and stays when ours leaves.

use inkstone_editor_tests::neovim::Neovim;
use inkstone_editor_tests::place::EditorProgram;
use inkstone_editor_tests::scene::Scene;

const ENGLISH: &str = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, \
                       and the fishermen stood in small groups,";

/// A server within Neovim, with the items of `_G.others` for each question.
const OTHER_SERVER: &str = "_G.others = { { insertText = ' OTHER' } }
vim.lsp.config('other', {
  filetypes = { 'markdown' },
  cmd = function()
    local has_ended = false
    return {
      request = function(method, _, callback)
        local replies = {
          initialize = { capabilities = { inlineCompletionProvider = true } },
          ['textDocument/inlineCompletion'] = _G.others,
        }
        vim.schedule(function() callback(nil, replies[method] or vim.NIL) end)
        return true, 1
      end,
      notify = function() return true end,
      is_closing = function() return has_ended end,
      terminate = function() has_ended = true end,
    }
  end,
})
vim.lsp.enable('other')";

fn stop_ours(neovim: &Neovim<'_>) {
    neovim.lua("vim.lsp.get_clients({ name = 'inkstone' })[1]:stop()");
    inkstone_test_support::eventually(
        std::time::Duration::from_secs(30),
        "the end of the server",
        || (neovim.lua("#vim.lsp.get_clients({ name = 'inkstone' })") == 0).then_some(()),
    );
}

#[test]
fn another_servers_suggestion_is_taken_only_by_the_keys_that_take() {
    let scene = Scene::new(ENGLISH);
    let neovim = Neovim::start_with(&scene, EditorProgram::Neovim, OTHER_SERVER);
    neovim.keys(":Inkstone toggle<CR>A");
    for key in ["<C-]>", "<M-Bslash>"] {
        assert_eq!(neovim.await_shown(), " OTHER");
        neovim.keys(key);
        neovim.await_nothing_shown();
        assert_eq!(neovim.text(), ENGLISH, "after {key}");
        neovim.keys("x<BS>");
    }
    assert_eq!(neovim.await_shown(), " OTHER");
    neovim.keys("<Tab>");
    neovim.await_text(&format!("{ENGLISH} OTHER"));
    assert_eq!(neovim.lua("vim.v.errmsg"), "");
}

#[test]
fn the_end_of_our_server_removes_its_suggestion_and_leaves_the_other_server_at_work() {
    let scene = Scene::new(ENGLISH);
    let neovim = Neovim::start_with(&scene, EditorProgram::Neovim, OTHER_SERVER);
    neovim.lua("(function() _G.others = {} end)()");
    neovim.keys("A");
    neovim.await_shown();
    stop_ours(&neovim);
    neovim.await_nothing_shown();
    neovim.lua("(function() _G.others = { { insertText = ' OTHER' } } end)()");
    neovim.keys(" and");
    assert_eq!(neovim.await_shown(), " OTHER");
    neovim.keys("<Esc>");
    neovim.await_nothing_shown();
    assert_eq!(neovim.lua("vim.v.errmsg"), "");
}

#[test]
fn inline_completion_that_was_on_before_our_server_stays_on_after_it() {
    let scene = Scene::new(ENGLISH);
    let own = "vim.lsp.inline_completion.enable(true)";
    let is_on = "vim.lsp.inline_completion.is_enabled({ bufnr = 0 })";
    let neovim = Neovim::start_with(&scene, EditorProgram::Neovim, own);
    stop_ours(&neovim);
    assert_eq!(neovim.lua(is_on), true);
    drop(neovim);
    let neovim = Neovim::start(&scene, EditorProgram::Neovim);
    assert_eq!(neovim.lua(is_on), true);
    stop_ours(&neovim);
    assert_eq!(neovim.lua(&format!("tostring({is_on})")), "false");
}
