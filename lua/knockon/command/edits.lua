-- The what-if flags of a command line as edits of a request.

local condition = require "knockon.command.condition"
local status = require "knockon.command.status"

local function wrong(flag, word, form)
  status.stop(status.USAGE, "usage", ("%s '%s' must have the form %s"):format(flag, word, form), flag:sub(3))
end

-- A=B[=REST] at the first "=" both sides of which are ids of the network; an id may have such a sign in it.
local function ends_of(net, word)
  local first
  for at in word:gmatch "()=" do
    local from, rest = word:sub(1, at - 1), word:sub(at + 1)
    first = first or { from, rest:match "^[^=]*", rest:match "=(.*)$" }
    if net:entity(from) then
      if net:entity(rest) then return from, rest end
      for second in rest:gmatch "()=" do
        if net:entity(rest:sub(1, second - 1)) then return from, rest:sub(1, second - 1), rest:sub(second + 1) end
      end
    end
  end
  if not first then return nil end
  return first[1], first[2], first[3] -- an unknown id is told by whom it is handed to
end

-- "supplies from=a to=b spend=5" -> a relation.
local function relation_of(word)
  local kind, rest = word:match "^%s*([%a_]+)%s+(.*)$"
  local fields = kind and condition(rest)
  if not fields then return nil end
  fields.kind = kind
  return fields
end

return function(args, net)
  local edits = {}
  local function add(edit) edits[#edits + 1] = edit end
  for _, id in ipairs(args.assume or {}) do add { assume = id, scope = args.scope } end
  for _, id in ipairs(args.lift or {}) do add { lift = id } end
  for _, word in ipairs(args.drop or {}) do
    local known = word:find("=", 1, true) and not net:relations({ id = word })[1] and condition(word)
    add { drop = known or word }
  end
  for _, word in ipairs(args.add or {}) do
    add { add = relation_of(word) or wrong("--add", word, '"KIND from=ID to=ID [FIELD=VALUE]..."') }
  end
  for _, word in ipairs(args.acquire or {}) do
    local owner, owned, share = ends_of(net, word)
    if not share then wrong("--acquire", word, "OWNER=OWNED=SHARE, as in ant=moneygram=100%") end
    add { acquire = owner, owned = owned, share = share }
  end
  for _, word in ipairs(args.divest or {}) do
    local owner, owned, share = ends_of(net, word)
    if not owned then wrong("--divest", word, "OWNER=OWNED or OWNER=OWNED=SHARE") end
    add { divest = owner, owned = owned, share = share }
  end
  for _, word in ipairs(args.substitute or {}) do
    local from, to, rest = ends_of(net, word)
    if not to or rest then wrong("--substitute", word, "SUPPLIER=OTHER") end
    add { substitute = from, to = to }
  end
  return edits
end
