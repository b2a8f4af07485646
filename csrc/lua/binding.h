/* binding: what the files of the Lua side share.
 *
 * Order in every function: check arguments, make the owning userdata, call the engine, push results. Whatever the
 * engine allocates belongs to a userdata before anything can raise.
 */
#ifndef KNOCKON_BINDING_H
#define KNOCKON_BINDING_H

#include <lauxlib.h>
#include <lua.h>

#include "engine/exposure.h"
#include "engine/relation_ids.h"
#include "engine/ndjson.h"
#include "engine/red_flags.h"
#include "engine/spend.h"
#include "engine/sweep.h"

#if LUA_VERSION_NUM == 501
#define lua_rawlen lua_objlen
#if !defined(luaL_newlib) /* LuaJIT has these two */
static inline void luaL_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues) {
  (void)upvalues;
  for (; functions->name; functions++) {
    lua_pushcfunction(L, functions->func);
    lua_setfield(L, -2, functions->name);
  }
}
#endif
#define push_anchor(L, index) lua_getfenv((L), (index))
#define set_anchor(L, index)  lua_setfenv((L), (index))
#else
#define push_anchor(L, index) lua_getuservalue((L), (index))
#define set_anchor(L, index)  lua_setuservalue((L), (index))
#endif

#define NETWORK_TYPE  "knockon.network"
#define OVERLAY_TYPE  "knockon.overlay"
#define EXPOSURE_TYPE "knockon.exposure"
#define TALLY_TYPE    "knockon.tally"
#define SCRATCH_TYPE  "knockon.scratch"
#define SWEEP_TYPE    "knockon.sweep"
#define CSV_TYPE      "knockon.csv"
#define DIGEST_TYPE   "knockon.digest"
#define FREEZER_TYPE  "knockon.freezer"
#define SETUP_KEY     "knockon.setup" /* registry: { errors = metatable, encode = f, decode = f, null = value } */

struct network_box {
  struct network network;
  bool live;
  struct memory memory; /* of the list of skipped records */
  struct texts skipped_texts;
  struct vector_of(uint32_t) skipped;
  bool out_of_memory;       /* a skipped record could not be noted */
  struct lanes_table table; /* of the last sweep, for the next */
  int at_work; /* calls of the engine under way that read or fill it: their progress function must not close it */
};

struct tallies;

struct overlay_box { /* its anchor table keeps the network at [1], `like` at [2] */
  struct overlay overlay;
  struct overlay_box *like; /* the same day without edits, where these are of supplies alone; or NULL */
  bool plain;               /* no edits */
  struct tallies *tallies;  /* NULL until they are asked for */
  struct sweep_index index; /* what sweeps of it count on */
  struct network_box *network;
  bool live;
  int at_work;
};

struct exposure_box { /* its anchor table keeps the overlay at [1] */
  struct exposure exposure;
  struct overlay_box *overlay;
  bool live;
};

/* A growable block that the collector frees if an error gets in the way. */
struct scratch {
  struct memory memory;
  struct vector_of(uint32_t) numbers;
  struct proof proof;
  struct spends spends;
  struct red_flags red_flags;
  struct entity_list rings;
  struct vector_of(struct input) inputs;
  struct vector_of(struct named_relation) named;
  struct filter filter;
  bool filter_live;
  struct ndjson_rest rest;
};

/* ---- errors (module.c) ---- */
/* Raise { code, argument, message }; never returns. */
int raise_error(lua_State *L, const char *code, const char *argument, const char *format, ...);
/* nil, message, code for what may happen; raises for misuse and for want of memory. */
int push_failure(lua_State *L, const struct failure *failure, const char *argument);
void push_setup(lua_State *L, const char *field);

/* ---- limits and progress (module.c) ---- */
/* Reads { limits = {seconds, bytes}, progress = f } from the table at `index` (or none) into control. The progress
 * function stays on the stack at control->context's index while the engine runs. */
struct lua_control {
  struct control control;
  lua_State *L;
  int progress; /* stack index, 0 = none; above it the function that asks it */
  bool raised;  /* progress raised an error: the value is on top of the stack */
};
void read_control(lua_State *L, int index, struct lua_control *control, struct memory *memory);
/* After the engine: the collector learns of `bytes`; an error of progress goes on its way. */
void end_control(lua_State *L, struct lua_control *control);
void tell_collector(lua_State *L, size_t bytes);

/* ---- conversions (convert.c) ---- */
struct scratch *push_scratch(lua_State *L);
/* The record at `index` as inputs; texts stay borrowed from the table, numbers go into pushed strings. */
void read_inputs(lua_State *L, int index, struct scratch *scratch, const char *argument);
/* Relations by the list of ids at `index`, into scratch->named in the order of the list; its ids stay borrowed from the
 * table. Raises on what is no id; one that the network does not have is RELATION_NONE. */
void find_relations(lua_State *L, struct network *network, int index, struct scratch *scratch);
/* A filter table; raises on anything that is no condition. */
void read_filter(lua_State *L, int index, struct filter *filter, struct memory *memory, const char *argument);
void push_fields(lua_State *L, const struct fields *fields, uint32_t run); /* into the table on top */
void push_share(lua_State *L, uint64_t lo, uint64_t hi);
void push_text(lua_State *L, const struct texts *texts, uint32_t text);
void push_entity_id(lua_State *L, const struct network *network, uint32_t entity);
void push_relation_id(lua_State *L, const struct overlay *overlay, uint32_t relation);
void push_day(lua_State *L, int32_t day);
bool read_day(lua_State *L, int index, int32_t *day, const char *argument); /* nil: DATE_MISSING; raises when bad */
void push_entity(lua_State *L, const struct network *network, uint32_t entity, bool whole);
void push_relation(lua_State *L, const struct overlay *overlay, uint32_t relation);
const char *number_text(lua_State *L, int index, size_t *length); /* pushes the shortest text that reads back */

struct network_box *check_network(lua_State *L, int index);
struct network_box *check_sealed(lua_State *L); /* at 1 */
struct network_box *check_draft(lua_State *L);  /* at 1: a network that is being built */
struct overlay_box *check_overlay(lua_State *L, int index);
struct exposure_box *check_exposure(lua_State *L, int index);
/* An entity by id; unknown ones raise, naming near ones. Follows same_as. */
uint32_t check_entity(lua_State *L, const struct network *network, int index, const char *argument);

/* ---- bytes that a Lua function gives (chunks.c) ---- */
enum { CHUNKS_READ = 1, CHUNKS_LATEST }; /* in the table that keeps them: the function, and the text at hand */
struct chunks {
  lua_State *L;
  int place;   /* of that table on the stack */
  size_t at;   /* how much of the text at hand is used */
  bool raised; /* the function raised: the error is on top of the stack */
};
void push_chunks(lua_State *L, int read, int more); /* a new table; more: room for others behind */
/* What reads them, as long as the table is at `place`. */
struct source_reader read_chunks(lua_State *L, int place, struct chunks *chunks);

/* ---- files of records (load.c) ---- */
void note_skipped(void *context, const char *message); /* context: the struct network_box */
bool read_skip(lua_State *L, int index);               /* does the table of options say on_error = "skip"? */
int read_csv(lua_State *L);
int read_ndjson(lua_State *L);
struct network_box *push_network(lua_State *L); /* a new one, which the engine has not opened yet */

/* Is it the one that stands for all records that same_as made one? */
static inline bool is_node(const struct network *network, uint32_t entity) {
  return network_same(network, entity) == entity;
}

void open_network(lua_State *L);
extern const luaL_Reg record_methods[]; /* of a network (records.c) */
void open_overlay(lua_State *L);
extern const luaL_Reg edit_methods[];                                          /* of an overlay (edits.c) */
extern const luaL_Reg graph_of_overlay_methods[], graph_of_exposure_methods[]; /* (graph.c) */
void open_exposure(lua_State *L);
void open_subgraph(lua_State *L);
void open_paths(lua_State *L);
void open_graph(lua_State *L);
void open_tally(lua_State *L);
void open_scratch(lua_State *L);
void open_sweep(lua_State *L);
int open_snapshot(lua_State *L);
int new_freezer(lua_State *L);
int checksum_of_text(lua_State *L);
void open_freezer(lua_State *L);
int csv_reader(lua_State *L);
void open_csv(lua_State *L);
int find_doubtful(lua_State *L); /* a method of the network */
void open_doubtful(lua_State *L);
void open_files(lua_State *L); /* adds its functions to the table on top */

#endif
