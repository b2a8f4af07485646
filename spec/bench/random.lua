-- Random integers, the same from a seed on every Lua and every machine.
--
-- L'Ecuyer's combined generator of 1988: every product stays below 2^53, so doubles and integers give the same numbers,
-- and no logarithm or exponential is taken, whose last digit a library may choose. Cost: constant a number.

local random = {}

function random.new(seed)
  local one, two = seed % 2147483562 + 1, (seed * 7919 + 17) % 2147483398 + 1
  local source = {}

  -- From 0 to n - 1; n is small against 2^31.
  local function below(n)
    one = one * 40014 % 2147483563
    two = two * 40692 % 2147483399
    return (one - two) % 2147483562 % n
  end
  source.below = below
  for _ = 1, 8 do below(2) end

  function source.chance(thousandths) return below(1000) < thousandths end

  -- How often in a row a coin falls heads, which it does `heads` times in 2^30.
  function source.run(heads)
    local length = 0
    while below(1073741824) < heads do length = length + 1 end
    return length
  end

  -- Draws ranks from 0 to n - 1, each about as often as 1 / (rank + 1): an octave, then any place in it.
  function source.ranks(n)
    local starts, start = {}, 1
    while start <= n do
      starts[#starts + 1] = start
      start = start * 2
    end
    return function()
      while true do
        local first = starts[below(#starts) + 1]
        local rank = first + below(first)
        if rank <= n then return rank - 1 end
      end
    end
  end

  function source.shuffle(list)
    for i = #list, 2, -1 do
      local k = below(i) + 1
      list[i], list[k] = list[k], list[i]
    end
    return list
  end

  -- `wanted` different numbers from 1 to n, in order; n + wanted steps at most.
  function source.sample(n, wanted)
    local list = {}
    for i = 1, n do
      if wanted == 0 then break end
      if below(n - i + 1) < wanted then
        list[#list + 1] = i
        wanted = wanted - 1
      end
    end
    return list
  end

  return source
end

return random
