-- lazy.nvim: a plugin of your specification.
return {
  dir = '/path/to/inkstone/extensions/neovim',
  event = 'VeryLazy',
  opts = {},
}

-- Without a plugin manager: in init.lua, in place of the above.
--
--   vim.opt.runtimepath:append('/path/to/inkstone/extensions/neovim')
--   require('inkstone').setup {}
