-- How much of a suggestion a key takes. Text in, text out: knows no buffer and no client.
--
-- Where words, sentences and lines end the server says, which has a dictionary of Chinese words and
-- sees the text before the caret.

local M = {}

---@alias inkstone.Part 'all'|'word'|'sentence'|'line'

---Ends of parts in bytes of the suggestion, ascending; the last of each is the end of the text.
---@alias inkstone.Ends table<'words'|'sentences'|'lines', integer[]>

---@type table<inkstone.Part, 'words'|'sentences'|'lines'>
local LISTS = { word = 'words', sentence = 'sentences', line = 'lines' }

---Where a suggestion may be cut, as the second argument of its command says.
---@param text string
---@param command? lsp.Command
---@param encoding string In which the server counts: utf-8, utf-16 or utf-32.
---@return inkstone.Ends
function M.ends(text, command, encoding)
  local argument = command and command.arguments and command.arguments[2]
  local given = type(argument) == 'table' and argument.ends or {}
  local ends = {} ---@type inkstone.Ends
  for _, list in pairs(LISTS) do
    ends[list] = vim.tbl_map(function(units)
      return vim.str_byteindex(text, encoding, units, false)
    end, given[list] or {})
  end
  return ends
end

---@param text string What is left of a suggestion.
---@param gone integer Bytes of it that are in the buffer already.
---@param ends inkstone.Ends Of the whole suggestion.
---@param part inkstone.Part
---@return string taken A beginning of the text, not empty unless the text is.
function M.of(text, gone, ends, part)
  for _, stop in ipairs(ends[LISTS[part]] or {}) do
    if stop > gone then
      return text:sub(1, stop - gone)
    end
  end
  return text
end

return M
