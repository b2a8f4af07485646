--- A snapshot's bytes taken apart, so that specs can change them: damaged with the checksums as they were, or as
-- somebody would who wants to be believed, with checksums that fit.

local core = require "knockon.core"

local snapshot_file = {}

local HEADER, SECTION = 208, 64 -- bytes; csrc/engine/snapshot.c
local AT = { byte_order = 8, format = 12, layout = 16, version = 24, size = 64, checksum = 72, sections = 80 }
snapshot_file.AT = AT

-- A number of the file, in the byte order of the machine that wrote it.
function snapshot_file.number(bytes, at, width)
  local little = string.byte(bytes, AT.byte_order + 1) == 4
  local value = 0
  for i = 0, width - 1 do
    value = value * 256 + string.byte(bytes, at + 1 + (little and width - 1 - i or i))
  end
  return value
end

function snapshot_file.text(bytes, value, width)
  local little, digits = string.byte(bytes, AT.byte_order + 1) == 4, {}
  for i = 1, width do
    digits[little and i or width + 1 - i] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(digits)
end

-- `bytes` with `text` at an offset from 0.
function snapshot_file.put(bytes, at, text) return bytes:sub(1, at) .. text .. bytes:sub(at + #text + 1) end

-- The sections in order: { name, offset, count, item_size, length, entry = where the table tells of it }.
function snapshot_file.sections(bytes)
  local list = {}
  for i = 1, snapshot_file.number(bytes, AT.sections, 8) do
    local entry = HEADER + (i - 1) * SECTION
    local one = {
      name = bytes:sub(entry + 1, entry + 32):match "^%Z+", offset = snapshot_file.number(bytes, entry + 32, 8),
      count = snapshot_file.number(bytes, entry + 40, 8), item_size = snapshot_file.number(bytes, entry + 48, 8),
      entry = entry,
    }
    one.length = one.count * one.item_size
    list[i] = one
  end
  return list
end

-- The header and the table as they are, with a checksum that fits.
function snapshot_file.believed(bytes)
  local head = HEADER + snapshot_file.number(bytes, AT.sections, 8) * SECTION
  local blank = snapshot_file.put(bytes, AT.checksum, ("\0"):rep(8))
  return snapshot_file.put(bytes, AT.checksum, core.snapshot_checksum(blank:sub(1, head)))
end

-- The same for a section that was changed.
function snapshot_file.section_believed(bytes, section)
  local content = bytes:sub(section.offset + 1, section.offset + section.length)
  return snapshot_file.believed(snapshot_file.put(bytes, section.entry + 56, core.snapshot_checksum(content)))
end

return snapshot_file
