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
---@field has_all boolean Whether others were asked for with them, so that there are no more.

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

---Whether two are the same suggestion: by name, or by text when it came under another.
---@param one inkstone.Shown
---@param other inkstone.Shown
---@return boolean
local function is_same(one, other)
  local function name(shown)
    local argument = shown.command and shown.command.arguments and shown.command.arguments[1]
    return type(argument) == 'table' and argument.id or nil
  end
  return one.text == other.text or (name(one) ~= nil and name(one) == name(other))
end

---Shows the chosen one of the items, and which of how many it is.
---@param asked inkstone.Asked
---@param counts? boolean Also when there is no choice: somebody asked for one.
---@return boolean shown
local function show(asked, counts)
  local item = vim.deepcopy(asked.items[asked.index])
  if counts or #asked.items > 1 then
    item.count = ('%d/%d'):format(asked.index, #asked.items)
  end
  return ghost.show(item)
end

---@param bufnr integer
---@param asked inkstone.Asked
---@param step? integer Set when the answer is to show another than what is shown.
---@param items inkstone.Shown[]
local function take_in(bufnr, asked, step, items)
  local shown = ghost.shown(bufnr)
  if step and shown and #items == 0 then
    items = { vim.deepcopy(shown) } -- no other is no reason to lose this one
  end
  asked.items, asked.index = items, 1
  for index, item in ipairs(items) do
    if shown and is_same(item, shown) then
      asked.index = (index - 1 + (step or 0)) % #items + 1
      break
    end
  end
  if #items == 0 then
    ghost.clear(bufnr)
  else
    show(asked, step ~= nil)
  end
end

---@param bufnr integer
---@param asked inkstone.Asked
---@param trigger integer
---@param step? integer For whoever wants another than what is shown.
local function send(bufnr, asked, trigger, step)
  cancel(asked)
  asked.state = state_of(bufnr)
  local params = vim.lsp.util.make_position_params(0, asked.client.offset_encoding)
  ---@diagnostic disable-next-line: inject-field
  params.context = { triggerKind = trigger }
  local this ---@type integer?
  is_sending = true
  local _, request = asked.client:request(METHOD, params, function(problem, result)
    -- A late answer to a request that was cancelled is no news; and what was typed on has asked again.
    if asked_in[bufnr] ~= asked or asked.request ~= this then
      return
    elseif not is_typing_in(bufnr) or asked.state ~= state_of(bufnr) then
      return
    end
    asked.request, asked.has_all = nil, trigger == INVOKED
    local items = {} ---@type inkstone.Shown[]
    for _, item in ipairs(not problem and result and (result.items or result) or {}) do
      items[#items + 1] = from_wire(bufnr, asked.client, item)
    end
    take_in(bufnr, asked, step, items)
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

---Shows another suggestion than what is shown: of those that are here, or else of those that the
---server is asked for, while the shown one stays.
---@param bufnr integer
---@param step integer
---@return boolean cycled
function M.cycle(bufnr, step)
  local asked = asked_in[bufnr]
  if not asked or not ghost.shown(bufnr) then
    return false
  end
  if #asked.items > 1 or asked.has_all then
    asked.index = (asked.index - 1 + step) % #asked.items + 1
    return show(asked, true)
  end
  send(bufnr, asked, INVOKED, step)
  return true
end

---Takes over a suggestion that Neovim showed, as the one that is there.
---@param shown inkstone.Shown
---@return boolean fits
function M.adopt(shown)
  local asked = asked_in[shown.bufnr]
  if not asked or not is_typing_in(shown.bufnr) then
    return false
  end
  asked.items, asked.index, asked.has_all = { vim.deepcopy(shown) }, 1, false
  return ghost.show(shown)
end

---Follows the caret: of the suggestions that can be chosen from, those stay that fit what is typed.
---@param bufnr integer
function M.follow(bufnr)
  ghost.follow(bufnr)
  local asked, shown = asked_in[bufnr], ghost.shown(bufnr)
  if not asked or not shown or not shown.count then
    return
  end
  local items = vim.tbl_filter(ghost.fits, asked.items)
  if #items > 0 and #items < #asked.items then
    local chosen = asked.items[asked.index]
    asked.items, asked.index, asked.has_all = items, 1, false
    for index, item in ipairs(items) do
      asked.index = item == chosen and index or asked.index
    end
    show(asked)
  end
end

---@param bufnr integer
---@param client vim.lsp.Client
function M.attach(bufnr, client)
  asked_in[bufnr] = { client = client, items = {}, index = 1, has_all = false }
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
    asked.state, asked.items, asked.has_all = nil, {}, false
  end
end

---@param bufnr integer
function M.detach(bufnr)
  M.forget(bufnr)
  asked_in[bufnr] = nil
end

return M
