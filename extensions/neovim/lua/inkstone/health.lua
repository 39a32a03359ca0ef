-- `:checkhealth inkstone`: the chain from this Neovim to the model, with the remedy for each fault.

local client = require('inkstone.client')
local health = vim.health

local M = {}

-- A program that prints its version, or a server with a loaded queue, needs far less.
local WAIT_MS = 5000

---@param command string[]
---@return vim.SystemCompleted? finished None when it could not be started.
local function run(command)
  local started, process = pcall(vim.system, command, { text = true, timeout = WAIT_MS })
  return started and process:wait() or nil
end

local function check_neovim()
  local version = tostring(vim.version())
  if require('inkstone.native').is_available() then
    health.ok(('Neovim %s draws the suggestions itself'):format(version))
  else
    health.ok(('Neovim %s: the plugin draws the suggestions'):format(version))
  end
end

---@param command string[]
---@return boolean found
local function check_binary(command)
  local program = command[1]
  if vim.fn.executable(program) == 0 then
    health.error(('`%s` is not executable'):format(program), {
      'put the folder with `inkstone-lsp` on your PATH, or',
      "name it: require('inkstone').setup { cmd = { '/path/to/inkstone-lsp' } }",
    })
    return false
  end
  local finished = run({ program, '--version' })
  if finished and finished.code == 0 then
    health.ok(('%s (%s)'):format(vim.trim(finished.stdout or ''), vim.fn.exepath(program)))
    return true
  end
  health.error(('`%s --version` fails'):format(program), {
    vim.trim((finished and finished.stderr) or 'it could not be started'),
    'build it again: cargo build --release',
  })
  return false
end

---@param config inkstone.Config
---@return vim.lsp.Client?
local function check_server(config)
  local server = client.any()
  if not server then
    health.warn('no buffer has the server', {
      'open a file of one of these types: ' .. table.concat(config.filetypes, ', '),
      'if it still does not start, see ' .. vim.lsp.log.get_filename(),
    })
    return nil
  end
  local buffers = vim.tbl_count(server.attached_buffers)
  health.ok(
    ('the server is attached to %d buffer(s); positions in %s'):format(buffers, server.offset_encoding)
  )
  return server
end

---@param server vim.lsp.Client
local function check_daemon(server)
  local params = { command = 'inkstone.status', arguments = { { quiet = true } } }
  local reply = server:request_sync('workspace/executeCommand', params, WAIT_MS)
  local status = reply and reply.result
  if not status then
    health.error('the server does not answer', { 'see :Inkstone log, then :LspRestart inkstone' })
    return
  end
  if status.enabled then
    health.ok('suggestions are on')
  else
    health.warn('suggestions are off', { ':Inkstone toggle', 'or the setting completion.enabled' })
  end
  if status.daemon.state == 'up' then
    health.ok('the daemon answers')
  elseif status.daemon.state == 'away' then
    health.error('the daemon is away: ' .. status.daemon.problem, { 'inkstone start', 'inkstone doctor' })
  else
    health.info('the daemon was not needed yet; it starts with the first suggestion')
  end
  local decision = status.document ~= vim.NIL and status.document and status.document.decision
  if decision and decision ~= vim.NIL then
    health.info('last request: ' .. decision.message)
  end
end

---@param program string Path or name of the language server.
---@return string inkstone The command line program, beside it or on PATH.
local function command_line_program(program)
  local beside = vim.fs.joinpath(vim.fs.dirname(vim.fn.exepath(program)), 'inkstone')
  return vim.fn.executable(beside) == 1 and beside or 'inkstone'
end

---@param program string
local function check_models(program)
  local finished = run({ command_line_program(program), 'model', 'list', '--json' })
  if not finished or finished.code ~= 0 then
    local why = finished and vim.trim(finished.stderr or '') or 'inkstone is not on the PATH'
    health.warn('the models could not be listed', { why, 'inkstone doctor' })
    return
  end
  local decoded, list = pcall(vim.json.decode, finished.stdout)
  local usable = {} ---@type string[]
  for _, model in ipairs(decoded and list.installed or {}) do
    if model.problem then
      health.error(('%s cannot be used'):format(model.name), { model.problem })
    else
      usable[#usable + 1] = model.name
    end
  end
  if #usable > 0 then
    health.ok('installed: ' .. table.concat(usable, ', '))
  else
    health.error('no model is installed', { 'inkstone setup' })
  end
end

function M.check()
  local config = require('inkstone.config').get()
  health.start('Inkstone: editor')
  check_neovim()
  if not check_binary(config.cmd) then
    return
  end
  local server = check_server(config)
  health.start('Inkstone: daemon and model')
  if server then
    check_daemon(server)
  end
  check_models(config.cmd[1])
end

return M
