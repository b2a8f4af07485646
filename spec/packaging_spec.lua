-- What is built and shipped: the layers, the rockspec's lists, the symbols a module exports.
local lfs = require "lfs"

local build = os.getenv "KNOCKON_BUILD" or "build"

local function files(folder, pattern, found)
  found = found or {}
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:sub(1, 1) ~= "." then
      if lfs.attributes(path, "mode") == "directory" then
        files(path, pattern, found)
      elseif path:match(pattern) then
        found[#found + 1] = path
      end
    end
  end
  table.sort(found)
  return found
end

local function text(path)
  local file = assert(io.open(path, "rb"))
  local contents = file:read "*a"
  file:close()
  return contents
end

-- What a chunk returns that finds no globals but those it sets, and these.
local function without_globals(path)
  local env = {}
  local chunk
  if rawget(_G, "setfenv") then
    chunk = setfenv(assert(loadfile(path)), env) -- luacheck: ignore 113
  else
    chunk = assert(loadfile(path, "t", env))
  end
  return chunk(), env
end

local function rockspec()
  local _, env = without_globals "rockspec/knockon-scm-1.rockspec"
  return env
end

describe("the layers", function()
  it("keep Lua out of the engine", function()
    local sources = files("csrc/engine", "%.[ch]$")
    assert.is_true(#sources > 0)
    for _, path in ipairs(sources) do
      for included in text(path):gmatch '#%s*include%s*[<"]([^>"]+)[>"]' do
        local of_lua = included:match "^lua" or included:match "lauxlib" or included:match "^%.%./lua"
        assert.is_nil(of_lua, path .. ": " .. included)
      end
      assert.is_nil(text(path):match "lua_State", path)
    end
  end)

  it("keep rules data: they require nothing and call nothing", function()
    for _, path in ipairs(files("lua/knockon/rules", "%.lua$")) do
      assert.is_table(without_globals(path), path) -- whoever requires or calls needs one
      assert.truthy(text(path):match "\nreturn {\n", path)
    end
  end)

  it("ship exactly the rules that are listed", function()
    local ids = {}
    for i, path in ipairs(files("lua/knockon/rules", "%.lua$")) do ids[i] = path:match "([^/]+)%.lua$" end
    assert.are.same(ids, require("knockon.rule").list())
  end)

  it("keep scenarios, exposures and reports out of the network's binding", function()
    for _, name in ipairs { "network", "draft", "seal", "adjacency" } do
      local path = "csrc/engine/" .. name .. ".h"
      if lfs.attributes(path) then
        for included in text(path):gmatch '#%s*include%s*"([^"]+)"' do
          assert.is_nil(included:match "policy" or included:match "overlay" or included:match "evaluate", path)
        end
      end
    end
  end)
end)

describe("the rockspec", function()
  it("lists every Lua module", function()
    local expected, listed = {}, {}
    for _, path in ipairs(files("lua/knockon", "%.lua$")) do
      local name = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
      expected[name] = path
    end
    for name, path in pairs(rockspec().build.modules) do
      if type(path) == "string" then listed[name] = path end
    end
    assert.are.same(expected, listed)
  end)

  it("lists every C file", function()
    local listed = {}
    for i, path in ipairs(rockspec().build.modules["knockon.core"].sources) do listed[i] = path end
    table.sort(listed)
    assert.are.same(files("csrc", "%.c$"), listed)
  end)

  it("installs the command", function()
    assert.truthy(lfs.attributes(rockspec().build.install.bin.knockon))
  end)
end)

describe("a file", function()
  it("begins by saying what it is for", function()
    for _, path in ipairs(files("csrc", "%.[ch]$")) do
      local told = path:match "%.c$" and lfs.attributes((path:gsub("%.c$", ".h"))) -- by its header
      assert.truthy(told or text(path):match "^/%*", path)
    end
    for _, folder in ipairs { "lua", "spec", "examples" } do
      for _, path in ipairs(files(folder, "%.lua$")) do
        assert.truthy(text(path):match "^%-%-" or text(path):match "^#![^\n]*\n%-%-", path)
      end
    end
  end)
end)

describe("the built module", function()
  it("exports its opening function and nothing else", function()
    if os.getenv "KNOCKON_SANITIZED" then return pending "the sanitizers add symbols of their own" end
    local module = ("%s/lua%s/knockon/core.so"):format(build, _VERSION:match "%d%.%d")
    local pipe = assert(io.popen("nm -D --defined-only " .. module))
    local symbols = {}
    for line in pipe:lines() do
      local symbol = line:match "%x+ %u ([%w_]+)"
      if symbol ~= "_init" and symbol ~= "_fini" then symbols[#symbols + 1] = symbol end
    end
    pipe:close()
    assert.are.same({ "luaopen_knockon_core" }, symbols)
  end)
end)
