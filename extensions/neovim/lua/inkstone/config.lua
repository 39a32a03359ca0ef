-- The options of `setup`: their types, defaults and checks. Not the settings of Inkstone itself,
-- which pass through `settings` to the server unread.

local M = {}

---@class inkstone.Keys
---@field accept string|false Take the whole suggestion.
---@field accept_word string|false Take its next word.
---@field accept_sentence string|false Take the rest of its sentence.
---@field accept_line string|false Take the rest of its line.
---@field ask string|false Ask for a suggestion, also where none comes by itself.
---@field dismiss string|false Remove it and tell the server.
---@field next string|false Show another suggestion in its place; asks for more at first.
---@field prev string|false Show the one before.

---@class inkstone.Config
---@field cmd string[] Command line of the language server.
---@field filetypes string[] Neovim's file types in which the server is started.
---@field keys inkstone.Keys Insert-mode keys; each does what it always did when nothing is shown.
---@field settings table<string, any> Settings of Inkstone, e.g. `{ completion = { max_tokens = 12 } }`.

---@class (partial) inkstone.KeyOptions: inkstone.Keys

---@class (partial) inkstone.Options: inkstone.Config
---@field keys? inkstone.KeyOptions

---Neovim's file types and the language identifiers of the protocol, where the two differ.
---@type table<string, string>
M.language_ids = {
  asciidoctor = 'asciidoc',
  gitcommit = 'git-commit',
  plaintex = 'latex',
  rst = 'restructuredtext',
  tex = 'latex',
  text = 'plaintext',
}

---@type inkstone.Config
local defaults = {
  cmd = { 'inkstone-lsp' },
  filetypes = {
    'asciidoc',
    'asciidoctor',
    'gitcommit',
    'html',
    'mail',
    'markdown',
    'org',
    'plaintex',
    'rst',
    'tex',
    'text',
    'typst',
  },
  keys = {
    accept = '<Tab>',
    accept_word = '<M-Right>',
    accept_sentence = '<M-)>',
    accept_line = '<M-Down>',
    ask = '<M-Bslash>',
    dismiss = '<C-]>',
    next = '<M-]>',
    prev = '<M-[>',
  },
  settings = {},
}

---@type inkstone.Config
local current = vim.deepcopy(defaults)

---@param given table<string, any>
---@param known table<string, any>
---@param what string
local function refuse_unknown(given, known, what)
  for name in pairs(given) do
    if known[name] == nil then
      local names = vim.tbl_keys(known)
      table.sort(names)
      error(('inkstone: unknown %s `%s`; there are %s'):format(what, name, table.concat(names, ', ')), 0)
    end
  end
end

---Takes the user's options over the defaults.
---@param options? inkstone.Options
---@return inkstone.Config
function M.set(options)
  options = options or {}
  vim.validate('options', options, 'table')
  refuse_unknown(options, defaults, 'option')
  vim.validate('cmd', options.cmd, 'table', true)
  vim.validate('filetypes', options.filetypes, 'table', true)
  vim.validate('keys', options.keys, 'table', true)
  vim.validate('settings', options.settings, 'table', true)
  refuse_unknown(options.keys or {}, defaults.keys, 'key')
  for name, key in pairs(options.keys or {}) do
    vim.validate('keys.' .. name, key, function(value)
      return type(value) == 'string' or value == false
    end, 'a key such as <Tab>, or false')
  end
  local merged = vim.tbl_deep_extend('force', defaults, options)
  -- Lists replace the default; merged by index, the old tail would stay.
  merged.cmd = options.cmd or defaults.cmd
  merged.filetypes = options.filetypes or defaults.filetypes
  current = merged
  return current
end

---@return inkstone.Config
function M.get()
  return current
end

return M
