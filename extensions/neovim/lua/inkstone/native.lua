-- Suggestions on Neovim 0.12 and newer: `vim.lsp.inline_completion` asks and draws.
--
-- Taking goes through our own ghost text, because the built-in takes all or nothing, and inserts a
-- suggestion twice over when it is taken before Neovim has seen the last typed characters.

local ghost = require('inkstone.ghost')
local request = require('inkstone.request')

local M = {}

local METHOD = 'textDocument/inlineCompletion'

-- The buffers in which inline completion was off until we came.
---@type table<integer, true?>
local enabled_in = {}

---@return boolean
function M.is_available()
  return vim.lsp.inline_completion ~= nil
end

---Whether Neovim shows a suggestion in a buffer.
---@param bufnr integer
---@return boolean
local function is_shown(bufnr)
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  return namespace ~= nil and #vim.api.nvim_buf_get_extmarks(bufnr, namespace, 0, -1, { limit = 1 }) > 0
end

---Our form of Neovim's item; none for snippets, which our server never sends.
---@param bufnr integer
---@param item vim.lsp.inline_completion.Item
---@return inkstone.Shown?
local function from_item(bufnr, item)
  local text = item.insert_text
  if type(text) ~= 'string' then
    return nil
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  if item.range then
    row, col = item.range.start_row, item.range.start_col
  end
  return {
    bufnr = bufnr,
    client_id = item.client_id,
    row = row,
    col = col,
    text = text,
    command = item.command,
  }
end

---Hands Neovim's current suggestion to a function; Neovim forgets it.
---@param act fun(shown: inkstone.Shown)
---@param takes_foreign boolean Whether another server's suggestion is inserted; otherwise it just goes.
---@return boolean handed False when there is none.
local function hand_over(act, takes_foreign)
  local bufnr = vim.api.nvim_get_current_buf()
  return vim.lsp.inline_completion.get({
    bufnr = bufnr,
    on_accept = function(item)
      local client = vim.lsp.get_client_by_id(item.client_id)
      if client and client.name ~= require('inkstone.client').NAME then
        return takes_foreign and item or nil -- what is returned Neovim inserts, as it would without us
      end
      local shown = from_item(bufnr, item)
      if shown then
        act(shown)
      end
    end,
  })
end

---Takes a part of what Neovim shows; the rest is drawn by us until Neovim shows it again.
---@param part inkstone.Part
---@param otherwise fun() Called when the suggestion no longer fits what was typed.
---@return boolean handed
function M.take(part, otherwise)
  return hand_over(function(shown)
    if not (ghost.show(shown) and ghost.take(part)) then
      otherwise()
    end
  end, true)
end

---@return boolean
function M.dismiss()
  return hand_over(ghost.reject, false)
end

---Removes what Neovim shows, without a word to the server.
function M.discard()
  hand_over(function() end, false)
end

---@param step integer
---@return boolean shown
function M.cycle(step)
  if not is_shown(vim.api.nvim_get_current_buf()) then
    return false
  end
  vim.lsp.inline_completion.select({ count = step })
  return true
end

---@param bufnr integer
---@param client vim.lsp.Client
---@param group integer
function M.attach(bufnr, client, group)
  if not vim.lsp.inline_completion.is_enabled({ bufnr = bufnr }) then
    vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
    enabled_in[bufnr] = true
  end
  local newest ---@type integer?
  vim.api.nvim_create_autocmd('LspRequest', {
    group = group,
    buffer = bufnr,
    callback = function(event)
      local sent = event.data.request
      if event.data.client_id ~= client.id or sent.method ~= METHOD then
        return
      elseif sent.type == 'pending' and not request.is_sending() then
        newest = event.data.request_id
      elseif sent.type == 'complete' and event.data.request_id == newest then
        -- Neovim draws the answer right after this event; ours would stand beside it.
        vim.schedule(function()
          if is_shown(bufnr) then
            ghost.clear(bufnr)
          end
        end)
      end
    end,
  })
end

---Shows what the remaining servers offer in place of a suggestion whose server has gone.
---@param bufnr integer
local function select_anew(bufnr)
  if vim.api.nvim_get_current_buf() == bufnr and is_shown(bufnr) then
    vim.lsp.inline_completion.select({ bufnr = bufnr, count = 0, wrap = false })
  end
end

---@param bufnr integer
---@param client vim.lsp.Client The one that leaves. Neovim itself stops asking it.
function M.detach(bufnr, client)
  local was_off = enabled_in[bufnr]
  enabled_in[bufnr] = nil
  if not vim.api.nvim_buf_is_valid(bufnr) then
    return
  end
  for _, other in ipairs(vim.lsp.get_clients({ bufnr = bufnr, method = METHOD })) do
    if other.id ~= client.id then
      -- The switch is the buffer's: off, it would silence this one too. (A client's own switch holds in
      -- all its buffers.)
      vim.schedule(function()
        select_anew(bufnr)
      end)
      return
    end
  end
  if was_off then
    vim.lsp.inline_completion.enable(false, { bufnr = bufnr })
  end
end

return M
