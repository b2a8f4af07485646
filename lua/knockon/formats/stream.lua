-- Bytes of the files that readers read: plain, gzip, members of a zip; a whole folder or a list of paths.
--
-- A part is one such stream: { file = path of the file it is in, path = what messages call it, name = its last name,
-- label = what ids and sources call it, once it is chosen, size = bytes to read of that file }. part:open(work) gives
-- a function that returns the next bytes, nil at the end, and raises a stop when they cannot be read. Memory: one block
-- of bytes. Work is { spent = a budget, what = what progress says }; every block is a chance to stop.

local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"
local stop = require "knockon.formats.stop"
local zip = require "knockon.formats.zip"

local stream = {}

local BLOCK = 2 ^ 16
local GZIP = "\31\139" -- what a packed file begins with
local HEAD = 2 ^ 16 -- bytes that a format is recognised by
local DEEPEST, MOST = 5, 10000 -- folders in folders, files in one load

local Part = {}
Part.__index = Part

-- The handle, or a stop. A folder opens, and fails when read.
local function open_file(path)
  local file, message = io.open(path, "rb")
  if not file then stop.raise(message, "io") end
  return file
end

local function read_block(file, path, count)
  local block, cause = file:read(count)
  if not block and cause then stop.raise(path .. ": " .. tostring(cause), "io") end
  return block
end

local function check(work, part, done)
  local going, message, code = work.spent.check(done, part.size or 0, work.what or "reading")
  if not going then stop.raise(message, code) end
end

-- Blocks of the file as it lies on the disk, from its first byte; the digest sees them all.
local function raw(part, work)
  local file, done, digest = open_file(part.file), 0, core.digest()
  return function()
    if not file then return nil end
    local block = read_block(file, part.file, BLOCK)
    if not block then
      file:close()
      file = nil
      part.sha256 = digest:hex()
      return nil
    end
    digest:add(block)
    done = done + #block
    check(work, part, done)
    return block
  end
end

local function gunzip(part, work)
  return zip.gunzip(raw(part, work), part.path)
end

function Part:open(work)
  if self.member then
    return zip.read(self.member, self.path, function(done) check(work, self, done) end)
  end
  return (self.gzip and gunzip or raw)(self, work)
end

local FREE = { spent = { check = function() return true end } } -- work without a budget: the first bytes only

-- The first bytes, unpacked; the file stays closed.
function Part:head()
  if self.first then return self.first end
  local pieces, length = {}, 0
  local read
  if self.member then
    read = self:open(FREE)
  else
    read = (self.gzip and gunzip or raw)(self, FREE)
  end
  while length < HEAD do
    local block = read()
    if not block then break end
    pieces[#pieces + 1], length = block, length + #block
  end
  self.first = table.concat(pieces):sub(1, HEAD)
  return self.first
end

local function size_of(path)
  local file = open_file(path)
  local size = file:seek "end"
  file:close()
  return size or 0
end

local function last_name(path) return path:match "[^/]+$" or path end

local function new_part(fields) return setmetatable(fields, Part) end

local function digest_of(path, work)
  local part = new_part { file = path, path = path, size = size_of(path) }
  local read = raw(part, work)
  while read() do end
  return part.sha256
end

-- ---- knockon's own files, which may be packed as gzip ----

-- The part of a file that is packed, whatever its name; nil for any other.
function stream.packed(path)
  if core.file_kind(path) ~= "file" then return nil end
  local file = open_file(path)
  local start = read_block(file, path, 2)
  file:close()
  if start ~= GZIP then return nil end
  return new_part { file = path, path = path, name = last_name(path), size = size_of(path), gzip = true }
end

-- The path of a file, or of the same packed, whichever is there; the first of them where neither is.
function stream.plain_or_packed(path)
  return core.file_kind(path) == "none" and core.file_kind(path .. ".gz") ~= "none" and path .. ".gz" or path
end

-- builder[method](builder, path, part, …), which is given the bytes where the file is packed: the digest of the file as
-- it lies there and what else the method gives, or nil, message, code.
function stream.into(builder, method, path, part, spent)
  local packed, opts = stream.packed(path), spent.left()
  if not packed then return builder[method](builder, path, part, opts) end
  opts.progress = nil -- it is asked while bytes are unpacked
  local fine, read, more, code = pcall(builder[method], builder, path, part, opts,
    packed:open { spent = spent, what = "reading " .. part })
  if not fine then
    builder:close()
    error(read, 0)
  end
  return read and packed.sha256, more, code
end

-- ---- any files ----

-- A pipe or a device would wait, or be at its end when it is read for good.
local function add_file(parts, path)
  if #parts >= MOST then stop.raise(("%s: more than %d files"):format(path, MOST), "limit") end
  if core.file_kind(path) == "stream" then
    stop.raise(path .. ": a pipe or a device, which cannot be read twice; put it into a file", "io")
  end
  local file = open_file(path)
  local start = read_block(file, path, 4) or ""
  file:close()
  if start ~= "PK\3\4" then
    parts[#parts + 1] = new_part {
      file = path, path = path, name = last_name(path), size = size_of(path), gzip = start:sub(1, 2) == GZIP,
    }
    return
  end
  for _, member in ipairs(zip.list(path)) do
    if #parts >= MOST then stop.raise(("%s: more than %d files"):format(path, MOST), "limit") end
    parts[#parts + 1] = new_part {
      file = path, path = path .. ":" .. member.name, name = last_name(member.name), size = member.packed,
      member = member,
    }
  end
end

local function add_folder(parts, path, depth)
  if depth > DEEPEST then return end
  local names, message, code = core.list_folder(path)
  if not names then stop.raise(message, code) end
  table.sort(names, errors.less)
  for _, name in ipairs(names) do
    local nested = name:match "^(.*)/$"
    if nested then
      add_folder(parts, path .. "/" .. nested, depth + 1)
    else
      add_file(parts, path .. "/" .. name)
    end
  end
end

-- The parts of a path (a file, a zip, a folder) or of a list of paths, in that order; a folder's in byte order of name.
function stream.parts(paths)
  local parts = {}
  for _, path in ipairs(type(paths) == "table" and paths or { paths }) do
    if core.is_folder(path) then
      add_folder(parts, (path:gsub("(.)/+$", "%1")), 1)
    else
      add_file(parts, path)
    end
  end
  return parts
end

-- The end of a part's path that begins so many names before its last one; all of it where it has no more. The members
-- of a zip lie in it as files in a folder.
local function tail_of(part, more)
  local at = #part.path - #part.name + 1
  for _ = 1, more do
    if at == 1 then break end
    at = at - 1 -- the separator
    while at > 1 and part.path:sub(at - 1, at - 1) ~= "/" and not (part.member and at - 1 == #part.file + 1) do
      at = at - 1
    end
  end
  return part.path:sub(at)
end

-- The labels of parts that are read together: the last name, of several with one name the shortest ends of their paths
-- that tell them all apart, so that no two relations get one id.
function stream.label(parts)
  local same, known = {}, {}
  for _, part in ipairs(parts) do
    if known[part.path] then stop.raise(part.path .. ": this file is named twice") end
    known[part.path] = true
    same[part.name] = same[part.name] or {}
    table.insert(same[part.name], part)
  end
  for _, list in pairs(same) do
    local more, apart = -1, false
    while not apart do
      more, apart = more + 1, true
      local seen = {}
      for _, part in ipairs(list) do
        local tail = tail_of(part, more)
        apart = apart and not seen[tail]
        seen[tail], part.label = true, json.legible(tail)
      end
    end
  end
end

-- { file, sha256 } of every file that was read, in order, for the answer's run.
function stream.sources(parts, work)
  local list, seen = {}, {}
  for _, part in ipairs(parts) do
    if not seen[part.file] then
      seen[part.file] = true
      local digest = not part.member and part.sha256 or digest_of(part.file, work)
      list[#list + 1] = { file = part.file, sha256 = digest }
    end
  end
  return list
end

return stream
