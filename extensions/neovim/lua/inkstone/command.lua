-- `:Inkstone status|toggle|log`.

local client = require('inkstone.client')

local M = {}

---@param message string
local function complain(message)
  vim.notify('Inkstone: ' .. message, vim.log.levels.WARN)
end

---Executes a server command for the current buffer.
---@param name string
---@param argument? table
---@param on_result fun(result: any)
local function ask(name, argument, on_result)
  local server = client.any()
  if not server then
    complain('no language server runs; open a file of one of its types, or see :checkhealth inkstone')
    return
  end
  client.execute(server, name, argument, function(problem, result)
    if problem then
      complain(problem.message)
    else
      on_result(result)
    end
  end)
end

local actions = {}

---What is going on and why.
function actions.status()
  local argument = { uri = vim.uri_from_bufnr(0), quiet = true }
  ask('inkstone.status', argument, function(status)
    vim.notify(status.text)
  end)
end

---Suggestions off or on, in this Neovim, until it ends. The server says which.
function actions.toggle()
  ask('inkstone.toggle', nil, function(switch)
    if not switch.enabled then
      require('inkstone.inline').dismiss()
    end
  end)
end

---Opens the server's log.
function actions.log()
  local file = require('inkstone.place').log_file()
  if vim.uv.fs_stat(file) then
    vim.cmd.tabedit({ args = { vim.fn.fnameescape(file) }, magic = { file = false, bar = false } })
  else
    complain('there is no log yet at ' .. file)
  end
end

---@return string[]
local function names()
  local sorted = vim.tbl_keys(actions)
  table.sort(sorted)
  return sorted
end

---@param lead string
---@return string[]
function M.complete(lead)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names())
end

---@param name string Empty for the status.
function M.run(name)
  local act = actions[name == '' and 'status' or name]
  if act then
    act()
  else
    complain(('there is no `%s`; there are %s'):format(name, table.concat(names(), ', ')))
  end
end

return M
