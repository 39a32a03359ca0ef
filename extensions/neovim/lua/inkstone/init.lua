-- Inkstone for Neovim: `require('inkstone').setup{}` registers the language server and the keys.
--
-- Whether and what to suggest is the server's business; here it is started, drawn and accepted.
-- In reading order: config, client, inline (native, request, ghost, part), editor_state, keys (fallback), command
-- (place), health.

local M = {}

---Sets the plugin up. Call it once, from your configuration.
---@param options? inkstone.Options
function M.setup(options)
  local config = require('inkstone.config').set(options)
  vim.api.nvim_set_hl(0, 'InkstoneGhost', {
    link = vim.fn.hlexists('ComplHint') == 1 and 'ComplHint' or 'NonText',
    default = true,
  })
  vim.api.nvim_set_hl(0, 'InkstoneCount', {
    link = vim.fn.hlexists('ComplHintMore') == 1 and 'ComplHintMore' or 'MoreMsg',
    default = true,
  })
  require('inkstone.client').enable(config)
end

---For input methods that compose in the buffer, and for graphical Neovims that hear of theirs: nothing
---is suggested between `composing(true)` and `composing(false)`.
---@param composing boolean
function M.composing(composing)
  require('inkstone.editor_state').composing(composing)
end

return M
