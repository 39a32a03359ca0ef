-- Suggestions in a buffer, whichever way this Neovim shows them: the one door for keys and commands.

local ghost = require('inkstone.ghost')
local native = require('inkstone.native')
local request = require('inkstone.request')

local M = {}

---@param bufnr integer
---@return string
local function group_name(bufnr)
  return 'inkstone.inline:' .. bufnr
end

---@param bufnr integer
---@param client vim.lsp.Client
function M.attach(bufnr, client)
  local group = vim.api.nvim_create_augroup(group_name(bufnr), { clear = true })
  vim.api.nvim_create_autocmd({ 'CursorMovedI', 'TextChangedI', 'TextChangedP' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      request.follow(bufnr)
    end,
  })
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      request.forget(bufnr)
    end,
  })
  require('inkstone.editor_state').attach(bufnr, client, group)
  request.attach(bufnr, client)
  if native.is_available() then
    native.attach(bufnr, client, group)
  else
    request.follow_typing(bufnr, group)
  end
end

---@param bufnr integer
---@param client vim.lsp.Client
function M.detach(bufnr, client)
  vim.api.nvim_create_augroup(group_name(bufnr), { clear = true })
  require('inkstone.editor_state').detach(bufnr)
  request.detach(bufnr)
  if native.is_available() then
    native.detach(bufnr, client)
  end
end

---Asks for a suggestion at the caret, also where none would come by itself.
function M.ask()
  local bufnr = vim.api.nvim_get_current_buf()
  if native.is_available() then
    native.discard()
  end
  -- Neovim discards once this key is done, and cancels with it whatever was asked before: we ask after.
  vim.schedule(function()
    request.invoke(bufnr)
  end)
end

-- What the key whose keys are running does when nothing fits any more.
---@type fun()?
local waiting

---Takes a part of what is shown, or does what the key does otherwise. Called by the keys of `take`.
---@param part inkstone.Part
function M.take_now(part)
  local otherwise = waiting
  waiting = nil
  local is_taken = ghost.take(part) or (native.is_available() and native.take(part))
  if not is_taken and otherwise then
    otherwise()
  end
end

---Takes a part of what is shown. For `<expr>` mappings: changes nothing itself, gives the keys that do.
---What is taken is one step for `u`, apart from what was typed before it and after it.
---@param part inkstone.Part
---@param otherwise fun() Called when it turns out too late that nothing fits.
---@return string? keys None when nothing is shown.
function M.take(part, otherwise)
  local bufnr = vim.api.nvim_get_current_buf()
  if ghost.shown(bufnr) or (native.is_available() and native.is_shown(bufnr)) then
    waiting = otherwise
    return ('<C-G>u<Cmd>lua require("inkstone.inline").take_now(%q)<CR><C-G>u'):format(part)
  end
end

---Removes what is shown in the current buffer and what is on its way, without a word to the server.
function M.hide()
  if native.is_available() then
    native.discard()
  end
  request.forget(vim.api.nvim_get_current_buf())
end

---Removes what is shown.
---@return boolean dismissed
function M.dismiss()
  local bufnr = vim.api.nvim_get_current_buf()
  return ghost.dismiss(bufnr) or (native.is_available() and native.dismiss())
end

---Shows another suggestion, asked for at the first press. From then on we draw: Neovim would begin
---again with the first at each key.
---@param step integer
---@return boolean
function M.cycle(step)
  local bufnr = vim.api.nvim_get_current_buf()
  if ghost.shown(bufnr) or not native.is_available() then
    return request.cycle(bufnr, step)
  elseif native.has_other_servers(bufnr) then
    return native.cycle(step)
  end
  return native.lend(function(shown)
    if request.adopt(shown) then
      request.cycle(bufnr, step)
    end
  end)
end

return M
