-- Suggestions on Neovim 0.12 and newer: `vim.lsp.inline_completion` asks and draws.
--
-- Taking goes through our own ghost text, because the built-in takes all or nothing, and inserts a
-- suggestion twice over when it is taken before Neovim has seen the last typed characters.

local ghost = require('inkstone.ghost')
local request = require('inkstone.request')

local M = {}

local METHOD = 'textDocument/inlineCompletion'
-- What Neovim has left to do comes before our turn; milliseconds, never needed.
local TURN_MS_MAX = 1000

-- The buffers in which inline completion was off until we came.
---@type table<integer, true?>
local enabled_in = {}

---@return boolean
function M.is_available()
  return vim.lsp.inline_completion ~= nil
end

---Whether Neovim shows a suggestion in a buffer, ours or another server's.
---@param bufnr integer
---@return boolean
function M.is_shown(bufnr)
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  return namespace ~= nil and #vim.api.nvim_buf_get_extmarks(bufnr, namespace, 0, -1, { limit = 1 }) > 0
end

---Our form of Neovim's item; none for snippets, which our server never sends.
---@param bufnr integer
---@param client vim.lsp.Client
---@param item vim.lsp.inline_completion.Item
---@return inkstone.Shown?
local function from_item(bufnr, client, item)
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
    client_id = client.id,
    row = row,
    col = col,
    text = text,
    gone = 0,
    ends = require('inkstone.part').ends(text, item.command, client.offset_encoding),
    command = item.command,
  }
end

---Hands Neovim's current suggestion to a function, once the key that asks for it is done; Neovim
---forgets it.
---@param act fun(shown: inkstone.Shown)
---@param foreign? fun() Called when it is another server's, which Neovim then inserts as it would without
---us; without this it just goes.
---@return boolean handed False when there is none.
local function hand_over(act, foreign)
  local bufnr = vim.api.nvim_get_current_buf()
  return vim.lsp.inline_completion.get({
    bufnr = bufnr,
    on_accept = function(item)
      local client = vim.lsp.get_client_by_id(item.client_id)
      if not client then
        return nil
      elseif client.name ~= require('inkstone.client').NAME then
        if foreign then
          foreign()
          return item
        end
        return nil
      end
      local shown = from_item(bufnr, client, item)
      if shown then
        act(shown)
      end
    end,
  })
end

---Takes a part of what Neovim shows; the rest is drawn by us until Neovim shows it again.
---
---Neovim hands over only when it has no key left to read, so that what was typed after this key would
---come before what this key takes. Its turn is therefore waited for here.
---@param part inkstone.Part
---@return boolean taken False when nothing is shown, or nothing that fits what was typed.
function M.take(part)
  local is_taken, is_done = false, false
  local handed = hand_over(function(shown)
    is_taken = ghost.show(shown) and ghost.take(part)
  end, function()
    is_taken = true
  end)
  if handed then
    vim.schedule(function()
      is_done = true
    end)
    vim.wait(TURN_MS_MAX, function()
      return is_done
    end)
  end
  return is_taken
end

---@return boolean
function M.dismiss()
  return hand_over(ghost.reject)
end

---Removes what Neovim shows, without a word to the server.
function M.discard()
  hand_over(function() end)
end

---Lends what Neovim shows to a function, which draws it from then on.
---@param act fun(shown: inkstone.Shown)
---@return boolean lent False when nothing is shown.
function M.lend(act)
  return M.is_shown(vim.api.nvim_get_current_buf()) and hand_over(act)
end

---Whether Neovim has other servers than ours to choose suggestions from.
---@param bufnr integer
---@return boolean
function M.has_other_servers(bufnr)
  return #vim.lsp.get_clients({ bufnr = bufnr, method = METHOD }) > 1
end

---Shows the next suggestion, of whichever server.
---@param step integer
---@return boolean shown
function M.cycle(step)
  if not M.is_shown(vim.api.nvim_get_current_buf()) then
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
        -- Neovim draws the answer right after this event; ours would stand beside it. Of several ours
        -- is the one that was chosen, and Neovim's the first again.
        vim.schedule(function()
          local shown = ghost.shown(bufnr)
          if not M.is_shown(bufnr) then
            return
          elseif shown and shown.count and vim.api.nvim_get_current_buf() == bufnr then
            M.discard()
          else
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
  if vim.api.nvim_get_current_buf() == bufnr and M.is_shown(bufnr) then
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
