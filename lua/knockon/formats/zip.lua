-- Zip archives and gzip streams, unpacked block by block. The directory of an archive is read here; what is packed is
-- unpacked by lua-zlib. Bounded: a stream that grows more than GROWTH-fold is refused, and one block of it is small.

local stop = require "knockon.formats.stop"

local zip = {}

local BLOCK = 2 ^ 14 -- packed bytes at a time: at most 16 MB unpacked
local GROWTH, GRACE = 300, 2 ^ 26 -- no honest table packs better, once there are 64 MB of it
local MEMBERS = 10000

local function zlib() return stop.need("zlib", "lua-zlib", "lua-zlib", "reading gzip and zip files") end

local function number(text, at, bytes)
  local value = 0
  for i = at + bytes - 1, at, -1 do value = value * 256 + (text:byte(i) or 0) end
  return value
end

local function guard(path, packed, unpacked)
  if unpacked > GRACE and unpacked > packed * GROWTH then
    stop.raise(("%s: unpacks to more than %d times its size; refused"):format(path, GROWTH), "limit")
  end
end

-- One step of an inflating stream; what it says of bad bytes is told with the path.
local function inflate(unpack, block, path)
  local fine, bytes, ended, used = pcall(unpack, block)
  if fine then return bytes, ended, used end
  if bytes == "not enough memory" then error(bytes, 0) end
  return stop.raise(("%s: the packed data is damaged (%s)"):format(path, (tostring(bytes):gsub("^.*: ", ""))))
end

-- read(): packed bytes. Gives a function for the unpacked ones; several gzip streams on end are one.
function zip.gunzip(read, path)
  local library = zlib()
  local unpack, ended, packed, unpacked = library.inflate(31), false, 0, 0
  local waiting, before = nil, 0
  return function()
    while true do
      local block = waiting or read()
      waiting = nil
      if not block then
        if not ended then stop.raise(path .. ": the packed data ends early") end
        return nil
      end
      if #block > BLOCK then block, waiting = block:sub(1, BLOCK), block:sub(BLOCK + 1) end
      if ended then unpack, ended, before = library.inflate(31), false, 0 end
      local bytes, done, used = inflate(unpack, block, path)
      packed, unpacked = packed + #block, unpacked + #bytes
      if done then
        local rest = block:sub(used - before + 1)
        waiting = (rest .. (waiting or "")):gsub("^%z+$", "")
        if waiting == "" then waiting = nil end
        ended = true
      end
      before = used
      guard(path, packed, unpacked)
      if #bytes > 0 then return bytes end
    end
  end
end

-- ---- archives ----

local function damaged(path, why) stop.raise(("%s: the zip archive is damaged: %s"):format(path, why)) end

local function read_at(file, path, at, count)
  if not file:seek("set", at) then damaged(path, "a place outside the file") end
  local bytes = file:read(count)
  if not bytes or #bytes < count then damaged(path, "it ends early") end
  return bytes
end

-- Where the directory is: its end record, or the one for large archives before it.
local function find_directory(file, path, size)
  local tail_size = math.min(size, 65557)
  local tail = read_at(file, path, size - tail_size, tail_size)
  local at
  for i = #tail - 21, 1, -1 do
    if tail:byte(i) == 80 and tail:sub(i, i + 3) == "PK\5\6" then
      at = i
      break
    end
  end
  if not at then damaged(path, "it has no directory") end
  local count, length, start = number(tail, at + 10, 2), number(tail, at + 12, 4), number(tail, at + 16, 4)
  local locator = at > 20 and tail:sub(at - 20, at - 1)
  if locator and locator:sub(1, 4) == "PK\6\7" then
    local record = read_at(file, path, number(locator, 9, 8), 56)
    if record:sub(1, 4) ~= "PK\6\6" then damaged(path, "its directory is not where it says") end
    count, length, start = number(record, 33, 8), number(record, 41, 8), number(record, 49, 8)
  end
  if count > MEMBERS then stop.raise(("%s: more than %d members"):format(path, MEMBERS), "limit") end
  if start + length > size then damaged(path, "its directory is outside the file") end
  return count, start, length
end

-- Sizes and place of a member that do not fit into the short fields stand in an extra field.
local function large_sizes(member, extra)
  local at = 1
  while at + 3 <= #extra do
    local kind, length = number(extra, at, 2), number(extra, at + 2, 2)
    if kind == 1 then
      local place = at + 4
      for _, name in ipairs { "unpacked", "packed", "start" } do
        if member[name] == 0xFFFFFFFF then member[name], place = number(extra, place, 8), place + 8 end
      end
    end
    at = at + 4 + length
  end
end

-- The members that are files: { name, packed, unpacked, start, method, crc, file }.
function zip.list(path)
  local file = assert(io.open(path, "rb"))
  local list = {}
  local fine, failure = pcall(function()
    local count, start, length = find_directory(file, path, file:seek "end")
    local bytes, at = read_at(file, path, start, length), 1
    for _ = 1, count do
      if bytes:sub(at, at + 3) ~= "PK\1\2" then damaged(path, "its directory is broken") end
      local name_length, extra_length = number(bytes, at + 28, 2), number(bytes, at + 30, 2)
      local name = bytes:sub(at + 46, at + 45 + name_length)
      local member = {
        file = path, name = name, flags = number(bytes, at + 8, 2), method = number(bytes, at + 10, 2),
        crc = number(bytes, at + 16, 4), packed = number(bytes, at + 20, 4), unpacked = number(bytes, at + 24, 4),
        start = number(bytes, at + 42, 4),
      }
      large_sizes(member, bytes:sub(at + 46 + name_length, at + 45 + name_length + extra_length))
      if not name:find "/$" and not name:find "^__MACOSX/" then list[#list + 1] = member end
      at = at + 46 + name_length + extra_length + number(bytes, at + 32, 2)
    end
  end)
  file:close()
  if not fine then error(failure, 0) end
  return list
end

-- The bytes of a member, one block after another; tell(done): packed bytes so far.
function zip.read(member, path, tell)
  if member.flags % 2 == 1 then stop.raise(path .. ": the member is encrypted") end
  if member.method ~= 0 and member.method ~= 8 then
    stop.raise(("%s: packed by method %d; only deflate is read"):format(path, member.method))
  end
  local file, message = io.open(member.file, "rb")
  if not file then stop.raise(message, "io") end
  local library = zlib()
  local header = read_at(file, path, member.start, 30)
  if header:sub(1, 4) ~= "PK\3\4" then damaged(path, "a member is not where it says") end
  local at = member.start + 30 + number(header, 27, 2) + number(header, 29, 2)
  if not file:seek("set", at) then damaged(path, "a place outside the file") end
  local unpack = member.method == 8 and library.inflate(-15)
  local left, unpacked, sum, crc = member.packed, 0, library.crc32(), 0
  local function finish()
    file:close()
    file = nil
    if crc % 2 ^ 32 ~= member.crc then damaged(path, "its checksum is wrong") end
    return nil
  end
  return function()
    if not file then return nil end
    while left > 0 do
      local block = file:read(math.min(left, BLOCK))
      if not block then damaged(path, "it ends early") end
      left = left - #block
      local bytes, ended = block, false
      if unpack then bytes, ended = inflate(unpack, block, path) end
      if ended then left = 0 end
      unpacked = unpacked + #bytes
      guard(path, member.packed - left, unpacked)
      tell(member.packed - left)
      if #bytes > 0 then
        crc = sum(bytes)
        return bytes
      end
    end
    return finish()
  end
end

return zip
