-- Loaded by Neovim at start: the command `:Inkstone`. Nothing runs until `setup` or the command.

if vim.g.loaded_inkstone then
  return
end
vim.g.loaded_inkstone = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('Inkstone needs Neovim 0.11 or newer', vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command('Inkstone', function(args)
  require('inkstone.command').run(args.args)
end, {
  nargs = '?',
  complete = function(lead)
    return require('inkstone.command').complete(lead)
  end,
  desc = 'Inkstone: status, toggle or log',
})
