-- What a key did before it was ours: another plugin's mapping, the user's, Neovim's, or the key.

local M = {}

---@type function?
local waiting

---@param keys string
---@return string
local function raw(keys)
  return vim.api.nvim_replace_termcodes(keys, true, true, true)
end

---@param maps table<string, any>[]
---@param lhs string
---@return table<string, any>?
local function find(maps, lhs)
  for _, map in ipairs(maps) do
    if raw(map.lhs) == raw(lhs) then
      return map
    end
  end
end

---The buffer's own mapping of a key, before ours replaces it.
---@param bufnr integer
---@param lhs string
---@return table<string, any>?
function M.of_buffer(bufnr, lhs)
  return find(vim.api.nvim_buf_get_keymap(bufnr, 'i'), lhs)
end

---Runs the callback that `keys` left behind; called by the keys it returned.
function M.run_waiting()
  local callback = waiting
  waiting = nil
  if callback then
    callback()
  end
end

---What an `<expr>` mapping comes to now, in the notation that mappings are written in.
---@param map table<string, any>
---@return string
local function evaluate(map)
  local keys ---@type any
  if map.callback then
    keys = map.callback() -- may act itself and give nothing
  else
    -- The list of mappings writes control characters and `<` as keys, and an expression compares with
    -- `<`. As bytes again, each 0x80 within a character is marked as no key; Vimscript knows no mark.
    local expression = raw(map.rhs or ''):gsub('\128\254X', '\128')
    keys = vim.api.nvim_eval(expression)
  end
  if type(keys) == 'number' then
    keys = tostring(keys)
  elseif type(keys) ~= 'string' then
    return ''
  end
  return map.replace_keycodes == 1 and keys or vim.fn.keytrans(keys)
end

---The keys that do what the key did. For `<expr>` mappings that do not remap.
---@param lhs string
---@param own? table<string, any> The buffer's own former mapping.
---@return string
function M.keys(lhs, own)
  local map = own or find(vim.api.nvim_get_keymap('i'), lhs)
  if not map then
    return lhs
  end
  local keys = map.rhs or ''
  if map.expr == 1 then
    keys = evaluate(map)
  elseif map.callback then
    waiting = map.callback
    return '<Cmd>lua require("inkstone.fallback").run_waiting()<CR>'
  end
  if map.noremap == 1 then
    return keys
  end
  -- A mapping cannot remap now and then: these go to the front of what is typed instead.
  vim.api.nvim_feedkeys(raw(keys), 'im', false)
  return ''
end

---Does what the key did, outside a mapping.
---@param lhs string
---@param own? table<string, any>
function M.feed(lhs, own)
  vim.api.nvim_feedkeys(raw(M.keys(lhs, own)), 'in', false)
end

return M
