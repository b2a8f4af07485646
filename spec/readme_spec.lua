-- The README is true: its commands and its Lua print what it says they print.
--
-- In a ```console block, `$ command` is run from the checkout and what follows is its output; a line `...` stands
-- for any lines. A ```json block is the data that the README has saved as build/mine.json. A
-- ```lua block followed by a ```text block is run, and prints the text. `make demo` is held to the
-- command it ends with; other commands of make, and of package managers, are not run.

local function text(path)
  local file = assert(io.open(path, "rb"))
  local contents = file:read "*a"
  file:close()
  return contents
end

-- CSV ends its lines with CRLF; trailing blank lines count for nothing.
local function lines(s)
  local out = {}
  if not s:find "%S" then return out end
  for line in (s:gsub("%s+$", "") .. "\n"):gmatch "([^\r\n]*)\r?\n" do out[#out + 1] = line end
  return out
end

-- { language, { line, ... } } of every fenced block, in order.
local function blocks()
  local out, block = {}, nil
  for _, line in ipairs(lines(text "README.md")) do
    local language = line:match "^```(%a*)$"
    if language and not block then
      block = { language = language }
    elseif language then
      out[#out + 1] = block
      block = nil
    elseif block then
      block[#block + 1] = line
    end
  end
  return out
end

-- Paths for this interpreter, for what a spec starts.
local interpreter = os.getenv "KNOCKON_LUA" or "lua" .. _VERSION:match "%d%.%d"
local build = os.getenv "KNOCKON_BUILD" or "build"

local function run(command)
  command = command:gsub("build/bin/knockon", build .. "/bin/knockon")
  local shell = ("KNOCKON_LUA=%s; export KNOCKON_LUA; { %s; } 2>&1 </dev/null"):format(interpreter, command)
  local pipe = assert(io.popen(shell))
  local output = pipe:read "*a"
  pipe:close()
  return lines(output)
end

-- Whether `actual` is `expected`, whose `...` stands for any number of lines; otherwise the first line that is not.
local function compare(command, expected, actual)
  local at, loose = 1, false
  for _, line in ipairs(expected) do
    if line == "..." then
      loose = true
    else
      while loose and actual[at] ~= line and at <= #actual do at = at + 1 end
      loose = false
      assert.are.equal(line, actual[at], command .. " printed:\n" .. table.concat(actual, "\n"))
      at = at + 1
    end
  end
  if not loose then assert.are.equal(#actual, at - 1, command .. " printed more:\n" .. table.concat(actual, "\n")) end
end

describe("README.md", function()
  local found = blocks()

  setup(function()
    for _, block in ipairs(found) do
      if block.language == "json" then
        local file = assert(io.open("build/mine.json", "wb"))
        file:write(table.concat(block, "\n"), "\n")
        file:close()
      end
    end
  end)

  for _, block in ipairs(found) do
    if block.language == "console" then
      local command, expected = nil, {}
      local function check()
        if not command then return end
        local words, said = command, expected
        if words == "make demo" then -- ends with the command it runs, echoed
          while said[1] and not said[1]:match "^build/bin/knockon" do table.remove(said, 1) end
          words = table.remove(said, 1)
        end
        if words and not words:match "^make" then
          it("is right about " .. words, function() compare(words, said, run(words)) end)
        end
      end
      for _, line in ipairs(block) do
        if line:match "^%$ " then
          check()
          command, expected = line:sub(3), {}
        else
          expected[#expected + 1] = line
        end
      end
      check()
    end
  end

  for i, block in ipairs(found) do
    local after = found[i + 1]
    if block.language == "lua" and after and after.language == "text" then
      it("is right about what its Lua prints", function()
        local path = os.tmpname()
        local file = assert(io.open(path, "wb"))
        file:write(table.concat(block, "\n"), "\n")
        file:close()
        local actual = run("build/bin/knockon run " .. path)
        os.remove(path)
        compare("the Lua", after, actual)
      end)
    end
  end

  it("shows commands and Lua that were checked", function()
    local kinds = {}
    for _, block in ipairs(found) do kinds[block.language] = (kinds[block.language] or 0) + 1 end
    assert.is_true((kinds.console or 0) >= 2)
    assert.is_true((kinds.lua or 0) >= 1)
  end)
end)
