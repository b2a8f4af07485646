-- One source for Lua 5.1 to 5.4 and LuaJIT.
std = "min"
max_line_length = 120
self = false
unused_args = true
files["spec/**/*_spec.lua"] = { std = "min+busted" }
