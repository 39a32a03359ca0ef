-- Where Inkstone keeps what this plugin shows: the server's log. The same rules as the programs'
-- own: everything below `INKSTONE_HOME`, otherwise the XDG directories.

local M = {}

---A variable's value; an empty one counts as unset.
---@param name string
---@return string?
local function variable(name)
  local value = vim.env[name]
  return value ~= '' and value or nil
end

---@return string
function M.log_file()
  local home = variable('INKSTONE_HOME')
  local state = home and vim.fs.joinpath(home, 'state')
    or vim.fs.joinpath(variable('XDG_STATE_HOME') or vim.fs.normalize('~/.local/state'), 'inkstone')
  return vim.fs.joinpath(state, 'logs', 'inkstone-lsp.log')
end

return M
