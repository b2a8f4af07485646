-- A PostgreSQL server of one spec, in a folder of its own, that listens on a socket there and nowhere else.
local postgres = {}

local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end

-- The folder of the server's programs, or nil.
local function programs()
  local found = output_of "ls -d /usr/lib/postgresql/*/bin /usr/pgsql*/bin 2>/dev/null | sort -V | tail -n 1"
  if found == "" then found = output_of "dirname \"$(command -v initdb)\"" end
  local file = io.open(found .. "/initdb", "rb")
  if file then file:close() end
  return file and found or nil
end

-- A server { folder =, stop = } with the database "postgres" of the user "knockon"; or nil and why there is none.
function postgres.start()
  local bin = programs()
  if not bin then return nil, "no PostgreSQL server is installed" end
  local clean = "env -u LD_PRELOAD " -- the sanitizers are for the module, not for the server
  local as = "" -- which does not run as root
  if output_of "id -u" == "0" then
    if not output_of("id -u postgres"):find "^%d+$" then return nil, "PostgreSQL is installed without its user" end
    as = "runuser -u postgres -- "
  end
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute(("mkdir -m 700 '%s'"):format(folder)))
  if as ~= "" then os.execute(("chown postgres '%s'"):format(folder)) end
  local function run(program, arguments)
    return output_of(("cd '%s' && %s%s'%s/%s' %s; echo status $?"):format(folder, clean, as, bin, program, arguments))
  end
  local made = run("initdb", ("-D '%s/data' -U knockon --auth=trust -E UTF8 --locale=C --no-sync"):format(folder))
  local started = made:find "status 0$" and run("pg_ctl", ("-D '%s/data' -l '%s/log' -w -o \"%s\" start"):format(folder,
    folder, "-k '" .. folder .. "' -c listen_addresses='' -c fsync=off")) or made
  local function stop()
    run("pg_ctl", ("-D '%s/data' -m immediate stop"):format(folder))
    os.execute(("rm -rf '%s'"):format(folder))
  end
  if not started:find "status 0$" then
    stop()
    return nil, "PostgreSQL did not start: " .. started
  end
  return { folder = folder, stop = stop }
end

return postgres
