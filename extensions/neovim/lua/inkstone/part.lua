-- How much of a suggestion a key takes. Text in, text out: knows no buffer and no client.

local M = {}

---@alias inkstone.Part 'all'|'word'|'line'

-- What `charclass()` says of the first character of a string: 0 blank, 1 punctuation, 2 word
-- character; emoji, ideographs and each kana have classes of their own.
local BLANK, PUNCTUATION, WORD = 0, 1, 2

-- Inside a word these join: don't, well-known, l’été.
local JOINERS = { ["'"] = true, ['’'] = true, ['-'] = true }

---The next word with the blanks before it. A run of Chinese characters up to punctuation counts as
---one word: nothing here can segment it.
---@param text string
---@return string
local function word(text)
  local characters = vim.fn.split(text, [[\zs]]) ---@type string[]
  local taken, index = {}, 1
  local function take()
    taken[#taken + 1] = characters[index]
    index = index + 1
  end
  local function class(at)
    return characters[at] and vim.fn.charclass(characters[at]) or nil
  end
  while class(index) == BLANK do
    take()
  end
  local first = class(index)
  while class(index) == first and first ~= nil do
    take()
    local joins = first == WORD and class(index) == PUNCTUATION and JOINERS[characters[index]]
    if joins and class(index + 1) == WORD then
      take()
    end
  end
  return table.concat(taken)
end

---Everything before the second line; the line break itself when the first line is empty.
---@param text string
---@return string
local function line(text)
  local stop = text:find('\n', 2, true)
  return stop and text:sub(1, stop - 1) or text
end

---@param text string
---@param part inkstone.Part
---@return string taken A beginning of the text, not empty unless the text is.
function M.of(text, part)
  if part == 'word' then
    return word(text)
  elseif part == 'line' then
    return line(text)
  end
  return text
end

return M
