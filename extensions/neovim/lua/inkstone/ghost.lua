-- Ghost text of our own: one suggestion after the caret, drawn, followed while the caret types into
-- it, taken whole or in parts.
--
-- Knows no requests. On Neovim 0.11 `request` fills it; on 0.12 `native` lends it the rest of a
-- suggestion that was taken in part, until Neovim shows the next one itself.

local M = {}

local namespace = vim.api.nvim_create_namespace('inkstone.ghost')

---@class inkstone.Shown
---@field bufnr integer
---@field client_id integer
---@field row integer Where the text goes: line, from 0.
---@field col integer Byte in the line, from 0.
---@field text string What is not in the buffer yet.
---@field gone integer Bytes of the suggestion that are: typed, or taken.
---@field ends inkstone.Ends Where the whole suggestion may be cut.
---@field command? lsp.Command Tells the server when it is taken or refused.
---@field count? string Which of how many it is, such as `2/3`; none when there is no choice.

---@type table<integer, inkstone.Shown>
local shown_in = {}

---@param shown inkstone.Shown
local function draw(shown)
  local lines = {} ---@type [string, string][][]
  for text in vim.gsplit(shown.text, '\n', { plain = true }) do
    lines[#lines + 1] = { { text, 'InkstoneGhost' } }
  end
  if shown.count then
    table.insert(lines[#lines], { '  ' .. shown.count, 'InkstoneCount' })
  end
  vim.api.nvim_buf_clear_namespace(shown.bufnr, namespace, 0, -1)
  vim.api.nvim_buf_set_extmark(shown.bufnr, namespace, shown.row, shown.col, {
    virt_text = lines[1],
    virt_text_pos = 'inline',
    virt_lines = #lines > 1 and vim.list_slice(lines, 2) or nil,
    hl_mode = 'combine',
  })
end

---The caret of the current window, which must show the buffer.
---@param bufnr integer
---@return integer? row
---@return integer? col
local function caret(bufnr)
  if vim.api.nvim_get_current_buf() ~= bufnr then
    return nil, nil
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  return cursor[1] - 1, cursor[2]
end

---Moves the beginning of a suggestion to the caret, if what lies between is its own text.
---@param shown inkstone.Shown
---@return boolean follows
local function catch_up(shown)
  local row, col = caret(shown.bufnr)
  if not row or not col or row < shown.row or (row == shown.row and col < shown.col) then
    return false
  end
  local last = vim.api.nvim_buf_line_count(shown.bufnr) - 1
  local first_line = vim.api.nvim_buf_get_lines(shown.bufnr, shown.row, shown.row + 1, false)[1]
  if row > last or not first_line or #first_line < shown.col then
    return false
  end
  local lines = vim.api.nvim_buf_get_text(shown.bufnr, shown.row, shown.col, row, col, {})
  local typed = table.concat(lines, '\n')
  if shown.text:sub(1, #typed) ~= typed then
    return false
  end
  shown.row, shown.col, shown.text = row, col, shown.text:sub(#typed + 1)
  shown.gone = shown.gone + #typed
  return true
end

---What is shown in a buffer.
---@param bufnr integer
---@return inkstone.Shown?
function M.shown(bufnr)
  return shown_in[bufnr]
end

---@param bufnr integer
function M.clear(bufnr)
  shown_in[bufnr] = nil
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

---Whether a suggestion fits what stands at the caret, and has something left.
---@param shown inkstone.Shown
---@return boolean
function M.fits(shown)
  local copy = vim.deepcopy(shown)
  return catch_up(copy) and copy.text ~= ''
end

---Shows a suggestion in place of what was shown before, if it still fits what stands at the caret.
---@param shown inkstone.Shown
---@return boolean fits
function M.show(shown)
  if not catch_up(shown) or shown.text == '' then
    M.clear(shown.bufnr)
    return false
  end
  shown_in[shown.bufnr] = shown
  draw(shown)
  return true
end

---Follows the caret: what was typed of the suggestion leaves it, anything else removes it.
---@param bufnr integer
function M.follow(bufnr)
  local shown = shown_in[bufnr]
  if shown then
    M.show(shown)
  end
end

---Inserts a text before the caret and moves the caret behind it.
---@param shown inkstone.Shown
---@param text string
local function insert(shown, text)
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(shown.bufnr, shown.row, shown.col, shown.row, shown.col, lines)
  local row = shown.row + #lines - 1
  local col = (#lines == 1 and shown.col or 0) + #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { row + 1, col })
end

---Tells the server what became of a suggestion, by its name.
---@param shown inkstone.Shown
---@param command string
---@param more? table
local function tell(shown, command, more)
  local client = vim.lsp.get_client_by_id(shown.client_id)
  local name = shown.command and shown.command.arguments and shown.command.arguments[1]
  if client and type(name) == 'table' then
    require('inkstone.client').execute(client, command, vim.tbl_extend('force', name, more or {}))
  end
end

---Takes a part of what is shown in the current buffer; the rest stays. Called from a key.
---@param part inkstone.Part
---@return boolean taken
function M.take(part)
  local bufnr = vim.api.nvim_get_current_buf()
  local shown = shown_in[bufnr]
  if not shown or not catch_up(shown) or shown.text == '' then
    M.clear(bufnr)
    return false
  end
  insert(shown, require('inkstone.part').of(shown.text, shown.gone, shown.ends, part))
  M.follow(bufnr)
  tell(shown, 'inkstone.accepted', { part = part })
  return true
end

---Removes what is shown and tells the server that it was refused.
---@param bufnr integer
---@return boolean dismissed
function M.dismiss(bufnr)
  local shown = shown_in[bufnr]
  if not shown then
    return false
  end
  M.clear(bufnr)
  M.reject(shown)
  return true
end

---Tells the server that a suggestion was refused.
---@param shown inkstone.Shown
function M.reject(shown)
  tell(shown, 'inkstone.rejected')
end

return M
