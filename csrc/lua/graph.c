/* graph: a view as a userdata, and its measures as lists in the order of its ids. */
#include <string.h>

#include "rows.h"
#include "engine/measures.h"

#define GRAPH_TYPE "knockon.graph"

struct graph_box { /* its anchor table keeps the overlay at [1] */
  struct memory memory;
  struct view view;
  struct overlay_box *overlay;
  double *values;
  size_t room;
};

static int close_graph(lua_State *L) {
  struct graph_box *box = luaL_checkudata(L, 1, GRAPH_TYPE);
  view_close(&box->view);
  memory_free(&box->memory, box->values, box->room * sizeof *box->values);
  box->values = NULL;
  box->room = 0;
  return 0;
}

static struct graph_box *check_graph(lua_State *L) {
  struct graph_box *box = luaL_checkudata(L, 1, GRAPH_TYPE);
  if (!box->overlay->live || !box->overlay->network->live)
    raise_error(L, "closed", NULL, "the network of this graph is closed");
  return box;
}

/* A new box on top, which keeps the value at `owner` alive. */
static struct graph_box *new_graph(lua_State *L, struct overlay_box *overlay, int owner) {
  struct graph_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  box->overlay = overlay;
  luaL_getmetatable(L, GRAPH_TYPE);
  lua_setmetatable(L, -2);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, owner);
  lua_rawseti(L, -2, 1);
  set_anchor(L, -2);
  return box;
}

static int finish(lua_State *L, struct graph_box *box, struct lua_control *control, bool fine,
                  const struct failure *failure, int place) {
  end_control(L, control);
  box->memory.limit = 0;
  if (!fine) return push_failure(L, failure, NULL);
  tell_collector(L, box->memory.used);
  lua_settop(L, place);
  return 1;
}

/* graph(filter or nil, opts) of an overlay -> graph | nil, message, code */
static int graph_of_overlay(lua_State *L) {
  struct overlay_box *overlay = check_overlay(L, 1);
  struct failure failure = {0};
  struct lua_control control;
  lua_settop(L, 3);
  struct graph_box *box = new_graph(L, overlay, 1); /* 4 */
  struct scratch *scratch = push_scratch(L);        /* 5 */
  if (lua_istable(L, 2)) {
    scratch->filter_live = true;
    read_filter(L, 2, &scratch->filter, &scratch->memory, "filter");
  }
  read_control(L, 3, &control, &box->memory);
  overlay->at_work++;
  overlay->network->at_work++;
  bool fine = view_of_overlay(&box->view, &overlay->overlay, scratch->filter_live ? &scratch->filter : NULL,
                              &box->memory, &control.control, &failure);
  overlay->network->at_work--;
  overlay->at_work--;
  return finish(L, box, &control, fine, &failure, 4);
}

/* graph(opts) of an exposure -> graph of what leads to its parents | nil, message, code */
static int graph_of_exposure(lua_State *L) {
  struct exposure_box *exposure = check_exposure(L, 1);
  struct failure failure = {0};
  struct lua_control control;
  lua_settop(L, 2);
  struct graph_box *box = new_graph(L, exposure->overlay, 1); /* 3 */
  struct scratch *scratch = push_scratch(L);                  /* 4 */
  size_t count = exposure->exposure.parents.count;
  if (!vector_reserve(&scratch->memory, &scratch->numbers, count)) return luaL_error(L, "not enough memory");
  for (size_t i = 0; i < count; i++) scratch->numbers.items[i] = exposure->exposure.parents.items[i].entity;
  read_control(L, 2, &control, &box->memory);
  exposure->overlay->at_work++;
  exposure->overlay->network->at_work++;
  struct subgraph subgraph = {0};
  bool fine = subgraph_open(&subgraph, &exposure->exposure, scratch->numbers.items, count, READINGS, &box->memory,
                            &control.control, &failure) &&
              view_of_subgraph(&box->view, &subgraph, &failure);
  subgraph_close(&subgraph);
  exposure->overlay->network->at_work--;
  exposure->overlay->at_work--;
  return finish(L, box, &control, fine, &failure, 3);
}

/* ids() -> list */
static int list_ids(lua_State *L) {
  struct graph_box *box = check_graph(L);
  lua_createtable(L, (int)box->view.entities.count, 0);
  for (size_t i = 0; i < box->view.entities.count; i++) {
    push_entity_id(L, box->overlay->overlay.network, box->view.entities.items[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* edges() -> list of { from, to, relation }; relation nil: from a user to the party of its contract */
static int list_edges(lua_State *L) {
  struct graph_box *box = check_graph(L);
  const struct network *network = box->overlay->overlay.network;
  lua_createtable(L, (int)box->view.edges.count, 0);
  for (size_t i = 0; i < box->view.edges.count; i++) {
    const struct view_edge *edge = &box->view.edges.items[i];
    lua_createtable(L, 0, 3);
    push_entity_id(L, network, box->view.entities.items[edge->from]);
    lua_setfield(L, -2, "from");
    push_entity_id(L, network, box->view.entities.items[edge->to]);
    lua_setfield(L, -2, "to");
    if (edge->relation != RELATION_NONE) {
      push_relation_id(L, &box->overlay->overlay, edge->relation);
      lua_setfield(L, -2, "relation");
    }
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* size() -> entities, edges */
static int size_of(lua_State *L) {
  struct graph_box *box = check_graph(L);
  lua_pushinteger(L, (lua_Integer)box->view.entities.count);
  lua_pushinteger(L, (lua_Integer)box->view.edges.count);
  return 2;
}

static double number_field(lua_State *L, int index, const char *name, double otherwise) {
  lua_getfield(L, index, name);
  double value = lua_isnil(L, -1) ? otherwise : lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

/* measure(name, { direction =, cutoff =, damping =, undirected =, force =, limits =, progress = }) -> values in the
 * order of ids, total, quality | nil, message, code. Layouts give two values a vertex. */
static int measure(lua_State *L) {
  static const char *const names[] = {"degree",       "betweenness", "closeness", "pagerank", "components",
                                      "articulation", "communities", "layered",   "force",    NULL};
  static const char *const directions[] = {"all", "out", "in", NULL};
  struct graph_box *box = check_graph(L);
  struct measuring measuring = {.name = (enum measure_name)luaL_checkoption(L, 2, NULL, names)};
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  lua_getfield(L, 3, "direction");
  measuring.direction = (enum direction)luaL_checkoption(L, 4, "all", directions);
  lua_getfield(L, 3, "undirected");
  measuring.undirected = lua_toboolean(L, -1);
  lua_getfield(L, 3, "force");
  measuring.force = lua_toboolean(L, -1);
  lua_settop(L, 3);
  measuring.cutoff = number_field(L, 3, "cutoff", -1);
  measuring.damping = number_field(L, 3, "damping", 0.85);
  struct failure failure = {0};
  struct lua_control control;
  size_t total, count = box->view.entities.count * (measuring.name >= MEASURE_LAYERED ? 2 : 1);
  double quality;
  if (count + 1 > box->room) {
    double *values = memory_resize(&box->memory, box->values, box->room * sizeof *values, (count + 1) * sizeof *values);
    if (!values) return luaL_error(L, "not enough memory");
    box->values = values;
    box->room = count + 1;
  }
  read_control(L, 3, &control, &box->memory);
  box->overlay->at_work++;
  box->overlay->network->at_work++;
  bool fine = view_measure(&box->view, &measuring, box->values, &total, &quality, &control.control, &failure);
  box->overlay->network->at_work--;
  box->overlay->at_work--;
  end_control(L, &control);
  box->memory.limit = 0;
  if (!fine) return push_failure(L, &failure, NULL);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    double value = box->values[i];
    if (value >= -1e15 && value <= 1e15 && value == (double)(lua_Integer)value) lua_pushinteger(L, (lua_Integer)value);
    else lua_pushnumber(L, value);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushinteger(L, (lua_Integer)total);
  lua_pushnumber(L, quality);
  return 3;
}

const luaL_Reg graph_of_overlay_methods[] = {{"graph", graph_of_overlay}, {NULL, NULL}};
const luaL_Reg graph_of_exposure_methods[] = {{"graph", graph_of_exposure}, {NULL, NULL}};

void open_graph(lua_State *L) {
  static const luaL_Reg methods[] = {{"ids", list_ids},    {"edges", list_edges},  {"size", size_of},
                                     {"measure", measure}, {"close", close_graph}, {NULL, NULL}};
  luaL_newmetatable(L, GRAPH_TYPE);
  lua_pushcfunction(L, close_graph);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
