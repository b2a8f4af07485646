-- Files that are cut, garbled or wrong, for every reader: a clear error or a right answer, never anything else.
local files = require "spec.support.files"
local json = require "knockon.json"
local targets = require "spec.fuzz.targets"

local MUTANTS = 40 * math.max(1, tonumber(os.getenv "KNOCKON_SEEDS") or 1) -- of each reader

-- Every change is tried on one interpreter; on the others, which read with the same code, every sixth.
local EVERY = (os.getenv "KNOCKON_LUA" or "lua5.4") == "lua5.4" and 1 or 6

-- The files of a seed with one of them replaced.
local function with(seed, at, text)
  local list = {}
  for i, file in ipairs(seed) do list[i] = { file[1], i == at and text or file[2] } end
  return list
end

local WRONG = { 7, "x", true, json.array {}, json.object {}, { 1, { a = 2 } }, json.null, "2020-02-30" }

-- Every place of a document in turn holds each of the wrong values: replaced(text).
local function each_value(document, replaced)
  local function walk(value)
    for key, item in pairs(value) do
      for _, wrong in ipairs(WRONG) do
        value[key] = wrong
        replaced(json.encode(document))
      end
      value[key] = item
      if type(item) == "table" then walk(item) end
    end
  end
  walk(document)
end

local CELLS = { "", "\"", "x\0y", "\255\254", "-1", "9999999999999999999999", "2020-02-30", ("long "):rep(2000) }

-- Every cell of a table in turn holds each of the wrong texts.
local function each_cell(text, separator, replaced)
  local at = 1
  while true do
    local stops = text:find("[" .. separator .. "\n]", at)
    if not stops then return end
    for _, wrong in ipairs(CELLS) do replaced(text:sub(1, at - 1) .. wrong .. text:sub(stops)) end
    at = stops + 1
  end
end

describe("hostile files", function()
  teardown(files.clean)

  for _, name in ipairs(targets.NAMES) do
    describe(name, function()
      local seeds = targets.seeds(name)

      local count = 0

      -- Stopping and skipping by turns.
      local function check(list)
        files.folders "hostile"
        count = count + 1
        if count % EVERY ~= 0 then return end
        local mode = (count / EVERY) % 2 == 0 and "skip" or "stop"
        local wrong = targets.check(name, list, files.path "hostile", false, { mode })
        if wrong then error(("%s\n%s"):format(wrong, list[1][2]:sub(1, 2000)), 0) end
      end

      local function each_file(run)
        for _, seed in ipairs(seeds) do
          files.clean() -- the files of the seed before it
          for i, file in ipairs(seed) do
            run(file[2], function(text) check(with(seed, i, text)) end)
          end
        end
      end

      it("as they are give a network", function()
        for _, seed in ipairs(seeds) do
          files.folders "hostile"
          assert.is_nil(targets.check(name, seed, files.path "hostile", true))
        end
      end)

      it("cut at every hundredth", function()
        each_file(function(text, replaced)
          local last
          for percent = 0, 99 do
            local length = math.floor(#text * percent / 100)
            if length ~= last then replaced(text:sub(1, length)) end
            last = length
          end
        end)
      end)

      it("with bytes that are no UTF-8", function()
        each_file(function(text, replaced)
          for place = 1, #text, math.max(1, math.floor(#text / 25)) do
            replaced(text:sub(1, place - 1) .. "\237\160\128" .. text:sub(place))
          end
        end)
      end)

      it("with values of other types", function()
        each_file(function(text, replaced)
          local document = json.decode(text)
          if type(document) == "table" then return each_value(document, replaced) end
          if text:find "^%s*[{%[]" then
            local lines = {}
            for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
            for i, line in ipairs(lines) do
              each_value(assert(json.decode(line)), function(changed)
                lines[i] = changed
                replaced(table.concat(lines, "\n") .. "\n")
              end)
              lines[i] = line
            end
          elseif text:find "^%s*<" then
            for from, to in text:gmatch ">()[^<]*()<" do
              for _, wrong in ipairs { "", "x", "&amp;&#10;", "<a><b/></a>", "<![CDATA[<]]>", ("long "):rep(100) } do
                replaced(text:sub(1, from - 1) .. wrong .. text:sub(to))
              end
            end
          else
            each_cell(text, text:find "\t" and "\t" or ",", replaced)
          end
        end)
      end)

      it("changed at random", function()
        files.folders "hostile"
        local _, wrong, list = targets.run(name, files.path "hostile", { most = MUTANTS, seed = 20261122 })
        if wrong then error(("%s\n%s"):format(wrong, list[1][2]:sub(1, 2000)), 0) end
      end)
    end)
  end
end)
