/* keeper: what a kernel works out, owned by a userdata while Lua reads it. */
#ifndef KNOCKON_KEEPER_H
#define KNOCKON_KEEPER_H

#include "rows.h"

/* A zeroed block of `size` bytes on top of the stack; close(block) is called once, by the collector or by keep_end. */
void *keep(lua_State *L, size_t size, void (*close)(void *block));
/* Close the block at a stack index at once: what it held may be large. */
void keep_end(lua_State *L, int index);
void open_keeper(lua_State *L);

/* Methods of the kernels: of exposures, and of overlays. */
extern const luaL_Reg harm_methods[], look_through_methods[], loss_methods[], odds_methods[];
extern const luaL_Reg holding_methods[], impact_methods[];

#endif
