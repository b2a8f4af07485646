-- Packs bytes as gzip and zip, with what the readers need anyway: lua-zlib. Nothing here checks what it is given, so
-- that specs can make archives that are wrong.
local packed = {}

packed.zlib = (function()
  local fine, zlib = pcall(require, "zlib")
  return fine and zlib or nil
end)()

local function little(number, bytes)
  local out = {}
  for i = 1, bytes do
    out[i] = string.char(number % 256)
    number = math.floor(number / 256)
  end
  return table.concat(out)
end

function packed.gzip(text) return (packed.zlib.deflate(6, 31)(text, "finish")) end

local function deflate(text) return (packed.zlib.deflate(6, -15)(text, "finish")) end

-- A zip of { { name, text, stored = true or nil, lie = { crc, packed, unpacked … } }, … }, in order.
function packed.zip(members)
  local body, directory, at = {}, {}, 0
  for _, member in ipairs(members) do
    local name, text, lie = member[1], member[2], member.lie or {}
    local data = member.stored and text or deflate(text)
    local crc = lie.crc or packed.zlib.crc32()(text) % 2 ^ 32
    local method = lie.method or (member.stored and 0 or 8)
    local common = little(20, 2) .. little(lie.flags or 0, 2) .. little(method, 2) .. little(0, 4) .. little(crc, 4)
      .. little(lie.packed or #data, 4) .. little(lie.unpacked or #text, 4) .. little(#name, 2) .. little(0, 2)
    local entry = "PK\3\4" .. common .. name .. data
    directory[#directory + 1] = "PK\1\2" .. little(20, 2) .. common .. little(0, 2) .. little(0, 2) .. little(0, 2)
      .. little(0, 4) .. little(lie.start or at, 4) .. name
    body[#body + 1], at = entry, at + #entry
  end
  local list = table.concat(directory)
  return table.concat(body) .. list .. "PK\5\6" .. little(0, 4) .. little(#members, 2) .. little(#members, 2)
    .. little(#list, 4) .. little(at, 4) .. little(0, 2)
end

return packed
