-- What a format of others has no words for travels in a member of its own, `knockon`, beside what it has words for:
--   { of = digest, entity = record }   or relation = record, restriction = record
-- `of` is a digest of what the format itself says of the record. A reader takes the record only while both agree: when
-- another tool changed what the format says, that counts, and what was carried is passed over.

local core = require "knockon.core"
local json = require "knockon.json"

local carried = {}

-- Of the JSON text of what a format says.
function carried.digest(text) return core.sha256(text):sub(1, 16) end

-- The mark for a record: `part` is "entity", "relation" or "restriction"; `said` is the JSON text of what the format
-- says of it.
function carried.mark(part, record, said) return { of = carried.digest(said), [part] = record } end

-- Of a mark that was read: the part and the record, when it is one and still holds for what the format says, a plain
-- value; else nil.
function carried.take(mark, said)
  if type(mark) ~= "table" or type(mark.of) ~= "string" then return nil end
  for _, part in ipairs { "entity", "relation", "restriction" } do
    if type(mark[part]) == "table" then
      if mark.of ~= carried.digest(json.encode(said)) then return nil end
      return part, mark[part]
    end
  end
  return nil
end

return carried
