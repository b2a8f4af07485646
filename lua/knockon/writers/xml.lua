-- Texts in XML 1.0, which cannot hold every character: control characters and two others are forbidden in any form.

local xml = {}

local FORBIDDEN = "[\1-\8\11\12\14-\31]"
local NO_CHARACTERS = "\239\191[\190\191]" -- U+FFFE, U+FFFF

-- Can XML hold the text?
function xml.fits(text) return not (text:find(FORBIDDEN) or text:find(NO_CHARACTERS)) end

-- The text with a picture in the place of each character that XML cannot hold: U+2401 for U+0001, …
function xml.pictured(text)
  if xml.fits(text) then return text end
  return (text:gsub(FORBIDDEN, function(letter) return "\226\144" .. string.char(128 + letter:byte()) end)
    :gsub(NO_CHARACTERS, "\239\191\189"))
end

local ESCAPES = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["\t"] = "&#9;", ["\n"] = "&#10;",
  ["\r"] = "&#13;",
}

-- Between tags. A carriage return would be read as a line break.
function xml.text(text) return (text:gsub("[&<>\r]", ESCAPES)) end

-- Between double quotes, where white space would be read as spaces.
function xml.attribute(text) return (text:gsub('[&<>"\t\n\r]', ESCAPES)) end

return xml
