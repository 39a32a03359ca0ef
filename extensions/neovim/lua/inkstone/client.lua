-- The language server as a client of `vim.lsp`: its registration, and what begins and ends with it
-- in a buffer.

local M = {}

M.NAME = 'inkstone'

---The client that serves a buffer.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.of_buffer(bufnr)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = bufnr or 0 })[1]
end

---Any client of ours; all share one daemon.
---@return vim.lsp.Client?
function M.any()
  return M.of_buffer() or vim.lsp.get_clients({ name = M.NAME })[1]
end

---Executes a command of the server.
---@param client vim.lsp.Client
---@param name string
---@param argument? table
---@param on_reply? fun(error: lsp.ResponseError?, result: any)
function M.execute(client, name, argument, on_reply)
  local params = { command = name, arguments = argument and { argument } or nil }
  client:request('workspace/executeCommand', params, on_reply or function(problem)
    if problem then
      vim.notify('Inkstone: ' .. problem.message, vim.log.levels.WARN)
    end
  end)
end

---@param config inkstone.Config
---@return vim.lsp.Config
local function server(config)
  -- An empty Lua table would reach the server as a list.
  local settings = next(config.settings) and config.settings or vim.empty_dict()
  return {
    cmd = config.cmd,
    filetypes = config.filetypes,
    root_markers = { 'inkstone.toml', '.git' },
    -- Neovim 0.11 does not announce what this plugin does for it.
    capabilities = { textDocument = { inlineCompletion = { dynamicRegistration = false } } },
    init_options = settings,
    settings = { inkstone = settings },
    get_language_id = function(_, filetype)
      return require('inkstone.config').language_ids[filetype] or filetype
    end,
  }
end

---Registers the server, and attaches keys and drawing wherever it starts.
---@param config inkstone.Config
function M.enable(config)
  local group = vim.api.nvim_create_augroup('inkstone', { clear = true })
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == M.NAME then
        require('inkstone.inline').attach(event.buf, client)
        require('inkstone.keys').attach(event.buf, config.keys)
      end
    end,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == M.NAME then
        require('inkstone.keys').detach(event.buf)
        require('inkstone.inline').detach(event.buf, client)
      end
    end,
  })
  vim.lsp.config(M.NAME, server(config))
  vim.lsp.enable(M.NAME)
end

return M
