-- What this Neovim knows about a buffer and the protocol cannot say: that an input method composes,
-- that text is selected, that the buffer is read-only, that a person looks at it. Told to the server
-- whenever it changes.
--
-- Neovim hears nothing of the terminal's input method, which keeps unconfirmed text to itself. One that
-- composes in the buffer, or a graphical Neovim that hears of it, says so with `composing`.

local M = {}

local METHOD = 'inkstone/editorState'

---@class inkstone.EditorState
---@field composing boolean
---@field selection boolean
---@field readOnly boolean
---@field focused boolean

-- What a server believes that was told nothing.
---@type inkstone.EditorState
local UNTOLD = { composing = false, selection = false, readOnly = false, focused = false }

---@class inkstone.Listener
---@field client vim.lsp.Client
---@field told inkstone.EditorState

---@type table<integer, inkstone.Listener?>
local listeners = {}

local is_composing = false

-- A terminal that reports no focus always has it.
local has_focus = true

---@param bufnr integer
---@return inkstone.EditorState
local function state_of(bufnr)
  local is_current = vim.api.nvim_get_current_buf() == bufnr
  -- CTRL-V and CTRL-S are the blockwise modes.
  local selects = vim.api.nvim_get_mode().mode:find('^[vVsS\22\19]') ~= nil
  return {
    composing = is_current and is_composing,
    selection = is_current and selects,
    readOnly = vim.bo[bufnr].readonly or not vim.bo[bufnr].modifiable,
    focused = is_current and has_focus,
  }
end

---Tells the server of a buffer what it does not know yet.
---@param bufnr integer
local function tell(bufnr)
  local listener = listeners[bufnr]
  if not listener or not vim.api.nvim_buf_is_valid(bufnr) then
    return
  end
  local state = state_of(bufnr)
  if vim.deep_equal(state, listener.told) then
    return
  end
  listener.told = state
  local params = vim.tbl_extend('error', { uri = vim.uri_from_bufnr(bufnr) }, state)
  listener.client:notify(METHOD, params)
end

---An input method begins or ends composing in the current buffer.
---@param composing boolean
function M.composing(composing)
  is_composing = composing
  local bufnr = vim.api.nvim_get_current_buf()
  if composing and listeners[bufnr] then
    require('inkstone.inline').hide()
  end
  tell(bufnr)
end

---@param bufnr integer
---@param client vim.lsp.Client
---@param group integer
function M.attach(bufnr, client, group)
  listeners[bufnr] = { client = client, told = UNTOLD }
  local function callback()
    tell(bufnr)
  end
  vim.api.nvim_create_autocmd('ModeChanged', { group = group, callback = callback })
  vim.api.nvim_create_autocmd('OptionSet', {
    group = group,
    pattern = { 'modifiable', 'readonly' },
    callback = callback,
  })
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertEnter' }, {
    group = group,
    buffer = bufnr,
    callback = callback,
  })
  -- Until the event is over the buffer that is left is still the current one.
  vim.api.nvim_create_autocmd('BufLeave', {
    group = group,
    buffer = bufnr,
    callback = vim.schedule_wrap(callback),
  })
  vim.api.nvim_create_autocmd({ 'FocusGained', 'FocusLost' }, {
    group = group,
    callback = function(event)
      has_focus = event.event == 'FocusGained'
      tell(bufnr)
    end,
  })
  tell(bufnr)
end

---@param bufnr integer
function M.detach(bufnr)
  listeners[bufnr] = nil
end

return M
