-- Asking for suggestions, the newest request cancelling the older: at each change of text or caret on
-- Neovim 0.11, which has no inline completion of its own, and by key on every version.
--
-- Whether anything is suggested is the server's decision; here every change is told.

local ghost = require('inkstone.ghost')

local M = {}

local METHOD = 'textDocument/inlineCompletion'
-- `InlineCompletionTriggerKind` of LSP 3.18.
local INVOKED, AUTOMATIC = 1, 2

---@class inkstone.Asked
---@field client vim.lsp.Client
---@field request? integer The request that waits for its answer.
---@field state? string Text version and caret that were asked about.
---@field items inkstone.Shown[] What the last answer held.
---@field index integer Which of them is shown.

---@type table<integer, inkstone.Asked>
local asked_in = {}

-- Set while a request of ours is being sent, so that `native` can tell it from Neovim's own.
local is_sending = false

---Text version and caret, to tell whether an answer still fits.
---@param bufnr integer
---@return string
local function state_of(bufnr)
  local cursor = vim.api.nvim_win_get_cursor(0)
  return ('%d:%d:%d'):format(vim.api.nvim_buf_get_changedtick(bufnr), cursor[1], cursor[2])
end

---@param bufnr integer
---@return boolean
local function is_typing_in(bufnr)
  return vim.api.nvim_get_current_buf() == bufnr and vim.startswith(vim.api.nvim_get_mode().mode, 'i')
end

---@param asked inkstone.Asked
local function cancel(asked)
  local request = asked.request
  asked.request = nil
  if request and asked.client.requests[request] then
    asked.client:cancel_request(request)
  end
end

---Our form of an item: where its text goes, in bytes.
---@param bufnr integer
---@param client vim.lsp.Client
---@param item lsp.InlineCompletionItem
---@return inkstone.Shown?
local function from_wire(bufnr, client, item)
  if type(item.insertText) ~= 'string' then
    return nil -- a snippet; the server sends plain text
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  if item.range then
    row = item.range.start.line
    local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
    col = vim.str_byteindex(line, client.offset_encoding, item.range.start.character, false)
  end
  return {
    bufnr = bufnr,
    client_id = client.id,
    row = row,
    col = col,
    text = item.insertText,
    gone = 0,
    ends = require('inkstone.part').ends(item.insertText, item.command, client.offset_encoding),
    command = item.command,
  }
end

---@param bufnr integer
---@param asked inkstone.Asked
---@param problem? lsp.ResponseError
---@param result? lsp.InlineCompletionList|lsp.InlineCompletionItem[]
local function answer(bufnr, asked, problem, result)
  if not is_typing_in(bufnr) or asked.state ~= state_of(bufnr) then
    return -- typed on meanwhile; that change asked again
  end
  asked.request, asked.items, asked.index = nil, {}, 1
  if problem or not result then
    ghost.clear(bufnr)
    return
  end
  for _, item in ipairs(result.items or result) do
    asked.items[#asked.items + 1] = from_wire(bufnr, asked.client, item)
  end
  local first = asked.items[1]
  if first then
    ghost.show(vim.deepcopy(first))
  else
    ghost.clear(bufnr)
  end
end

---@param bufnr integer
---@param asked inkstone.Asked
---@param trigger integer
local function send(bufnr, asked, trigger)
  cancel(asked)
  asked.state = state_of(bufnr)
  local params = vim.lsp.util.make_position_params(0, asked.client.offset_encoding)
  ---@diagnostic disable-next-line: inject-field
  params.context = { triggerKind = trigger }
  local this ---@type integer?
  is_sending = true
  local _, request = asked.client:request(METHOD, params, function(problem, result)
    -- A late answer to a request that was cancelled is no news.
    if asked_in[bufnr] == asked and asked.request == this then
      answer(bufnr, asked, problem, result)
    end
  end, bufnr)
  is_sending = false
  this = request
  asked.request = request
end

---Whether the request that is being sent now is ours and not Neovim's.
---@return boolean
function M.is_sending()
  return is_sending
end

---Asks because a person did: the server then suggests where it otherwise stays silent.
---@param bufnr integer
function M.invoke(bufnr)
  local asked = asked_in[bufnr]
  if asked and is_typing_in(bufnr) then
    send(bufnr, asked, INVOKED)
  end
end

---Shows another suggestion of the last answer.
---@param bufnr integer
---@param step integer
---@return boolean shown
function M.cycle(bufnr, step)
  local asked = asked_in[bufnr]
  if not asked or #asked.items < 2 or not ghost.shown(bufnr) then
    return false
  end
  asked.index = (asked.index - 1 + step) % #asked.items + 1
  return ghost.show(vim.deepcopy(asked.items[asked.index]))
end

---@param bufnr integer
---@param client vim.lsp.Client
function M.attach(bufnr, client)
  asked_in[bufnr] = { client = client, items = {}, index = 1 }
end

---Asks by itself from now on, whenever text or caret change.
---@param bufnr integer
---@param group integer
function M.follow_typing(bufnr, group)
  vim.api.nvim_create_autocmd({ 'InsertEnter', 'CursorMovedI', 'TextChangedI', 'TextChangedP' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      local asked = asked_in[bufnr]
      -- One key raises several events.
      if asked and asked.state ~= state_of(bufnr) then
        send(bufnr, asked, AUTOMATIC)
      end
    end,
  })
end

---Gives up what is asked and shown; the next change asks anew.
---@param bufnr integer
function M.forget(bufnr)
  ghost.clear(bufnr)
  local asked = asked_in[bufnr]
  if asked then
    cancel(asked)
    asked.state, asked.items = nil, {}
  end
end

---@param bufnr integer
function M.detach(bufnr)
  M.forget(bufnr)
  asked_in[bufnr] = nil
end

return M
