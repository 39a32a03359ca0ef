-- Suggestions on Neovim 0.12 and newer: `vim.lsp.inline_completion` asks and draws.
--
-- Taking goes through our own ghost text, because the built-in takes all or nothing, and inserts a
-- suggestion twice over when it is taken before Neovim has seen the last typed characters.

local ghost = require('inkstone.ghost')
local request = require('inkstone.request')

local M = {}

local METHOD = 'textDocument/inlineCompletion'

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
---@return boolean handed False when there is none.
local function hand_over(act)
  local bufnr = vim.api.nvim_get_current_buf()
  return vim.lsp.inline_completion.get({
    bufnr = bufnr,
    on_accept = function(item)
      local client = vim.lsp.get_client_by_id(item.client_id)
      if not client or client.name ~= require('inkstone.client').NAME then
        return item -- another server's: Neovim takes it as it would without us
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
  end)
end

---@return boolean
function M.dismiss()
  return hand_over(ghost.reject)
end

---Removes what Neovim shows, without a word to the server.
function M.discard()
  hand_over(function() end)
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
  vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
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

---@param bufnr integer
function M.detach(bufnr)
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.lsp.inline_completion.enable(false, { bufnr = bufnr })
  end
end

return M
