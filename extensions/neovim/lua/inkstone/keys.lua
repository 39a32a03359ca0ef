-- The insert-mode keys, in buffers with the server only. Each does what it always did when nothing
-- is shown.

local fallback = require('inkstone.fallback')
local inline = require('inkstone.inline')

local M = {}

---@class inkstone.MappedKey
---@field lhs string
---@field own? table<string, any> What the buffer had mapped there.

---@type table<integer, inkstone.MappedKey[]>
local mapped_in = {}

---@param part inkstone.Part
---@return fun(otherwise: fun()): string?
local function take(part)
  return function(otherwise)
    return inline.take(part, otherwise)
  end
end

---@param step integer
---@return fun(): string?
local function cycle(step)
  return function()
    return inline.cycle(step) and '' or nil
  end
end

---Each gives the keys that act, or nothing when there is nothing to act on.
---@type table<string, fun(otherwise: fun()): string?>
local actions = {
  accept = take('all'),
  accept_word = take('word'),
  accept_sentence = take('sentence'),
  accept_line = take('line'),
  ask = function()
    inline.ask()
    return ''
  end,
  dismiss = function()
    return inline.dismiss() and '' or nil
  end,
  next = cycle(1),
  prev = cycle(-1),
}

---@param bufnr integer
---@param keys inkstone.Keys
function M.attach(bufnr, keys)
  if mapped_in[bufnr] then
    return -- a restarted server
  end
  local mapped = {} ---@type inkstone.MappedKey[]
  for name, act in pairs(actions) do
    local lhs = keys[name]
    if lhs then
      local own = fallback.of_buffer(bufnr, lhs)
      mapped[#mapped + 1] = { lhs = lhs, own = own }
      vim.keymap.set('i', lhs, function()
        local function otherwise()
          fallback.feed(lhs, own)
        end
        return act(otherwise) or fallback.keys(lhs, own)
      end, { buffer = bufnr, expr = true, desc = 'Inkstone: ' .. name:gsub('_', ' ') })
    end
  end
  mapped_in[bufnr] = mapped
end

---@param bufnr integer
function M.detach(bufnr)
  local mapped = mapped_in[bufnr] or {}
  mapped_in[bufnr] = nil
  if not vim.api.nvim_buf_is_valid(bufnr) then
    return
  end
  for _, key in ipairs(mapped) do
    -- Another plugin may have mapped it since, and removed it with itself.
    pcall(vim.keymap.del, 'i', key.lhs, { buffer = bufnr })
    if key.own then
      vim.api.nvim_buf_call(bufnr, function()
        vim.fn.mapset('i', false, key.own)
      end)
    end
  end
end

return M
