/* subgraph: what lies between the restriction and some parents, and what igraph says of it. */
#include <string.h>

#include "rows.h"
#include "engine/sort.h"
#include "engine/subgraph.h"

#define SUBGRAPH_TYPE "knockon.subgraph"

struct subgraph_box { /* its anchor table keeps the exposure at [1] */
  struct memory memory;
  struct subgraph subgraph;
  struct exposure_box *exposure;
  struct entity_list relations; /* those that were listed: numbers, ascending */
  bool below;                   /* of these none that stands on the chain */
  double *cost;                 /* by vertex, while a cut is sought */
  uint32_t *numbers;            /* by vertex, while something is worked out */
  bool live;
};

static void free_work(struct subgraph_box *box) {
  size_t count = box->subgraph.vertices.count;
  memory_free(&box->memory, box->cost, count * sizeof *box->cost);
  memory_free(&box->memory, box->numbers, count * sizeof *box->numbers);
  box->cost = NULL;
  box->numbers = NULL;
}

static int close_subgraph(lua_State *L) {
  struct subgraph_box *box = luaL_checkudata(L, 1, SUBGRAPH_TYPE);
  free_work(box);
  if (box->live) subgraph_close(&box->subgraph);
  vector_free(&box->memory, &box->relations);
  box->live = false;
  return 0;
}

/* The box at index 1, whose exposure must still stand. */
static struct subgraph_box *check_subgraph(lua_State *L) {
  struct subgraph_box *box = luaL_checkudata(L, 1, SUBGRAPH_TYPE);
  if (!box->live || !box->exposure->live || !box->exposure->overlay->live || !box->exposure->overlay->network->live)
    raise_error(L, "closed", NULL, "the network of this exposure is closed");
  return box;
}

static void hold(struct exposure_box *box, int by) {
  box->overlay->at_work += by;
  box->overlay->network->at_work += by;
}

/* between(parent ids or nil for all, high, opts) -> subgraph | nil, message, code. high: in the high reading, otherwise
 * each parent in its own. */
static int between(lua_State *L) {
  struct exposure_box *exposure = check_exposure(L, 1);
  lua_settop(L, 4);
  struct failure failure = {0};
  struct lua_control control;
  struct subgraph_box *box = lua_newuserdata(L, sizeof *box); /* 5 */
  memset(box, 0, sizeof *box);
  box->exposure = exposure;
  luaL_getmetatable(L, SUBGRAPH_TYPE);
  lua_setmetatable(L, 5);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  set_anchor(L, 5);
  struct scratch *scratch = push_scratch(L); /* 6 */
  size_t count = lua_istable(L, 2) ? lua_rawlen(L, 2) : exposure->exposure.parents.count;
  if (!vector_reserve(&scratch->memory, &scratch->numbers, count)) return luaL_error(L, "not enough memory");
  for (size_t i = 0; i < count; i++) {
    uint32_t entity;
    if (lua_istable(L, 2)) {
      lua_rawgeti(L, 2, (int)i + 1);
      entity = check_entity(L, network_of(&exposure->exposure), lua_gettop(L), "id");
      lua_pop(L, 1);
    } else {
      entity = exposure->exposure.parents.items[i].entity;
    }
    scratch->numbers.items[scratch->numbers.count++] = entity;
  }
  count = sort_unique(scratch->numbers.items, count);
  read_control(L, 4, &control, &box->memory);
  box->live = true;
  hold(exposure, 1);
  bool fine = subgraph_open(&box->subgraph, &exposure->exposure, scratch->numbers.items, count,
                            lua_toboolean(L, 3) ? READING_HIGH : READINGS, &box->memory, &control.control, &failure);
  hold(exposure, -1);
  end_control(L, &control);
  if (!fine) return push_failure(L, &failure, NULL);
  box->memory.limit = 0;
  tell_collector(L, box->memory.used);
  lua_settop(L, 5);
  return 1;
}

/* ---- relations in it ---- */

/* The vertices of a relation that a cut may take; PLACE_NONE where it has none. */
static void vertices_of(const struct subgraph_box *box, uint32_t relation, uint32_t vertices[ROLES]) {
  for (int role = 0; role < ROLES; role++)
    vertices[role] =
        box->below && role == ROLE_CHAIN ? PLACE_NONE : places_find(&box->subgraph.relations[role], relation);
}

static void set_item(lua_State *L, int list, size_t i, const struct overlay *overlay, uint32_t relation,
                     const char *name) {
  const struct texts *texts;
  const struct field *field = overlay_field(overlay, relation, name, &texts);
  if (field) push_text(L, texts, field->value);
  else lua_pushboolean(L, 0);
  lua_rawseti(L, list, (int)i + 1);
}

/* relations({ kind = true }, below) -> lists of ids, of kinds, of spends and of currencies (false where there is none)
 * of the relations of these kinds; below: without those on the chain */
static int list_relations(lua_State *L) {
  struct subgraph_box *box = check_subgraph(L);
  const struct overlay *overlay = box->exposure->exposure.overlay;
  luaL_checktype(L, 2, LUA_TTABLE);
  box->below = lua_toboolean(L, 3);
  lua_settop(L, 2);
  bool wanted[RELATION_KINDS];
  for (int kind = 0; kind < RELATION_KINDS; kind++) {
    lua_getfield(L, 2, relation_kind_name[kind]);
    wanted[kind] = lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  box->relations.count = 0;
  for (size_t v = 0; v < box->subgraph.vertices.count; v++) {
    const struct subgraph_vertex *vertex = &box->subgraph.vertices.items[v];
    if (vertex->relation == RELATION_NONE || !wanted[overlay_kind(overlay, vertex->relation)] ||
        (box->below && vertex->role == ROLE_CHAIN))
      continue;
    if (!vector_push(&box->memory, &box->relations, vertex->relation)) return luaL_error(L, "not enough memory");
  }
  box->relations.count = sort_unique(box->relations.items, box->relations.count);
  size_t count = box->relations.count;
  for (int i = 0; i < 4; i++) lua_createtable(L, (int)count, 0); /* 3 … 6 */
  for (size_t i = 0; i < count; i++) {
    uint32_t relation = box->relations.items[i];
    push_relation_id(L, overlay, relation);
    lua_rawseti(L, 3, (int)i + 1);
    lua_pushstring(L, relation_kind_name[overlay_kind(overlay, relation)]);
    lua_rawseti(L, 4, (int)i + 1);
    set_item(L, 5, i, overlay, relation, "spend");
    set_item(L, 6, i, overlay, relation, "currency");
  }
  return 4;
}

static uint32_t listed(lua_State *L, const struct subgraph_box *box, int index) {
  lua_Number at = luaL_checknumber(L, index);
  luaL_argcheck(L, at >= 1 && at <= (lua_Number)box->relations.count, index, "no such relation");
  return box->relations.items[(size_t)at - 1];
}

/* record(number in the list) -> the relation */
static int record_of(lua_State *L) {
  struct subgraph_box *box = check_subgraph(L);
  push_relation(L, box->exposure->exposure.overlay, listed(L, box, 2));
  return 1;
}

/* spend({ numbers in the list }) -> totals by currency, each contract once */
static int spend_of(lua_State *L) {
  struct subgraph_box *box = check_subgraph(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  struct scratch *scratch = push_scratch(L); /* 3 */
  for (size_t i = 1, count = lua_rawlen(L, 2); i <= count; i++) {
    lua_rawgeti(L, 2, (int)i);
    uint32_t relation = listed(L, box, 4);
    lua_pop(L, 1);
    if (!vector_push(&scratch->memory, &scratch->numbers, relation)) return luaL_error(L, "not enough memory");
  }
  size_t count = sort_unique(scratch->numbers.items, scratch->numbers.count);
  lua_newtable(L);
  set_spend(L, "spend", &box->exposure->exposure, scratch->numbers.items, count, scratch);
  lua_getfield(L, -1, "spend");
  return 1;
}

/* shape() -> { acts =, by_tier =, facilitation =, direct = }: what decides whether paths are all that counts
 */
static int shape(lua_State *L) {
  struct subgraph_box *box = check_subgraph(L);
  const struct exposure *exposure = &box->exposure->exposure;
  bool facilitation = false, direct = true;
  for (size_t a = 0; a < exposure->acts.count; a++) {
    const struct policy *policy = &exposure->acts.items[a].policy;
    facilitation = facilitation || exposure->acts.items[a].scope == SCOPE_FACILITATION;
    direct = direct && policy->flow == FLOW_USE && policy->tiers == 1;
  }
  lua_createtable(L, 0, 4);
  lua_pushboolean(L, direct);
  lua_setfield(L, -2, "direct");
  lua_pushinteger(L, (lua_Integer)box->subgraph.acts);
  lua_setfield(L, -2, "acts");
  lua_pushboolean(L, box->subgraph.by_tier);
  lua_setfield(L, -2, "by_tier");
  lua_pushboolean(L, facilitation);
  lua_setfield(L, -2, "facilitation");
  return 1;
}

/* ---- cut ---- */

static int by_number(const struct entity_list *list, uint32_t number) {
  size_t low = 0;
  for (size_t high = list->count; low < high;) {
    size_t middle = (low + high) / 2;
    if (list->items[middle] < number) low = middle + 1;
    else high = middle;
  }
  return (int)low + 1;
}

/* cut({ cost by number in the list, negative: cannot end }, force, opts) -> { numbers }, total | nil: no such set |
 * nil, message, code */
static int find_cut(lua_State *L) {
  struct subgraph_box *box = check_subgraph(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 4);
  bool force = lua_toboolean(L, 3);
  struct failure failure = {0};
  struct lua_control control;
  struct scratch *scratch = push_scratch(L); /* 5 */
  size_t count = box->subgraph.vertices.count;
  free_work(box);
  box->cost = memory_zeroed(&box->memory, count, sizeof *box->cost);
  if (!box->cost) return luaL_error(L, "not enough memory");
  for (size_t v = 0; v < count; v++) box->cost[v] = -1;
  for (size_t i = 0; i < box->relations.count; i++) {
    uint32_t vertices[ROLES];
    lua_rawgeti(L, 2, (int)i + 1);
    double cost = lua_tonumber(L, -1);
    lua_pop(L, 1);
    vertices_of(box, box->relations.items[i], vertices);
    for (int role = 0; role < ROLES; role++)
      if (vertices[role] != PLACE_NONE) box->cost[vertices[role]] = cost;
  }
  read_control(L, 4, &control, &box->memory);
  struct entity_list cut = {0};
  double total = 0;
  bool fine = subgraph_cut(&box->subgraph, box->cost, &cut, &total, force, &control.control, &failure);
  for (size_t i = 0; i < cut.count && fine; i++)
    fine = vector_push(&scratch->memory, &scratch->numbers, box->subgraph.vertices.items[cut.items[i]].relation) ||
           fail_memory(&failure, &scratch->memory);
  vector_free(&box->memory, &cut);
  end_control(L, &control);
  free_work(box);
  box->memory.limit = 0;
  if (!fine) return push_failure(L, &failure, NULL);
  if (total < 0) return 0;
  size_t cut_count = sort_unique(scratch->numbers.items, scratch->numbers.count);
  lua_createtable(L, (int)cut_count, 0);
  for (size_t i = 0; i < cut_count; i++) {
    lua_pushinteger(L, by_number(&box->relations, scratch->numbers.items[i]));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushnumber(L, total);
  return 2;
}

/* carries({ numbers in the list }) -> for each the ids of the parents that it leads to past none of the others */
static int list_carried(lua_State *L) {
  struct subgraph_box *box = check_subgraph(L);
  const struct subgraph *subgraph = &box->subgraph;
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  struct scratch *heads = push_scratch(L), *queue = push_scratch(L), *cut = push_scratch(L); /* 3, 4, 5 */
  size_t vertices = subgraph->vertices.count, edges = subgraph->edges.count, count = lua_rawlen(L, 2);
  free_work(box);
  box->numbers = memory_zeroed(&box->memory, vertices, sizeof *box->numbers); /* the last round that met it */
  bool fine = box->numbers && vector_reserve(&heads->memory, &heads->numbers, vertices + 1 + edges) &&
              vector_reserve(&queue->memory, &queue->numbers, vertices) &&
              vector_reserve(&cut->memory, &cut->numbers, count * ROLES);
  if (!fine) return luaL_error(L, "not enough memory");
  uint32_t *start = heads->numbers.items, *to = start + vertices + 1, *order = queue->numbers.items;
  memset(start, 0, (vertices + 1) * sizeof *start);
  for (size_t i = 0; i < edges; i++) start[subgraph->edges.items[i].from + 1]++;
  for (size_t v = 0; v < vertices; v++) start[v + 1] += start[v];
  for (size_t i = edges; i-- > 0;) to[--start[subgraph->edges.items[i].from + 1]] = subgraph->edges.items[i].to;
  /* counting down moved each start one place up: start[v + 1] is where v begins */
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    uint32_t relation = listed(L, box, 6), own[ROLES];
    lua_pop(L, 1);
    vertices_of(box, relation, own);
    for (int role = 0; role < ROLES; role++) cut->numbers.items[cut->numbers.count++] = own[role];
  }
  for (size_t i = 0; i < cut->numbers.count; i++)
    if (cut->numbers.items[i] != PLACE_NONE) box->numbers[cut->numbers.items[i]] = UINT32_MAX;
  lua_createtable(L, (int)count, 0); /* 6 */
  for (uint32_t i = 0; i < count; i++) {
    size_t tail = 0, n = 0;
    for (int role = 0; role < ROLES; role++)
      if (cut->numbers.items[i * ROLES + (size_t)role] != PLACE_NONE)
        order[tail++] = cut->numbers.items[i * ROLES + (size_t)role];
    lua_newtable(L);
    for (size_t at = 0; at < tail; at++) {
      uint32_t v = order[at], end = v + 1 < vertices ? start[v + 2] : (uint32_t)edges;
      for (uint32_t e = start[v + 1]; e < end; e++) {
        if (to[e] == SUBGRAPH_END) {
          push_entity_id(L, network_of(&box->exposure->exposure), subgraph->vertices.items[v].entity);
          lua_rawseti(L, -2, (int)++n);
        } else if (box->numbers[to[e]] < i + 1) {
          box->numbers[to[e]] = i + 1;
          order[tail++] = to[e];
        }
      }
    }
    lua_rawseti(L, 6, (int)i + 1);
  }
  free_work(box);
  return 1;
}

/* ---- chokepoints ---- */

static void push_chokepoint(lua_State *L, const struct exposure *exposure, const struct subgraph_vertex *vertex) {
  lua_createtable(L, 0, 6);
  if (vertex->relation == RELATION_NONE) {
    push_entity_id(L, network_of(exposure), vertex->entity);
    lua_setfield(L, -2, "id");
    return;
  }
  set_relation(L, exposure, vertex->relation);
  set_text(L, "kind", relation_kind_name[overlay_kind(exposure->overlay, vertex->relation)]);
  push_entity_id(L, network_of(exposure), overlay_from(exposure->overlay, vertex->relation));
  lua_setfield(L, -2, "from");
  push_entity_id(L, network_of(exposure), overlay_to(exposure->overlay, vertex->relation));
  lua_setfield(L, -2, "to");
}

/* chokepoints(force, opts) -> list of { id } and { relation, kind, from, to } that every path to the one parent passes,
 * from the restriction on | nil, message, code */
static int list_chokepoints(lua_State *L) {
  struct subgraph_box *box = check_subgraph(L);
  lua_settop(L, 3);
  struct failure failure = {0};
  struct lua_control control;
  struct scratch *scratch = push_scratch(L);
  read_control(L, 3, &control, &box->memory);
  struct entity_list vertices = {0};
  bool found = subgraph_chokepoints(&box->subgraph, &vertices, lua_toboolean(L, 2), &control.control, &failure);
  for (size_t i = 0; i < vertices.count && found; i++)
    found =
        vector_push(&scratch->memory, &scratch->numbers, vertices.items[i]) || fail_memory(&failure, &scratch->memory);
  vector_free(&box->memory, &vertices);
  end_control(L, &control);
  box->memory.limit = 0;
  if (!found) return push_failure(L, &failure, "id");
  lua_newtable(L);
  for (size_t i = 0; i < scratch->numbers.count; i++) {
    push_chokepoint(L, &box->exposure->exposure, &box->subgraph.vertices.items[scratch->numbers.items[i]]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

struct ranked {
  const uint32_t *parents, *depth; /* by vertex: how many it carries; how many dominate it */
};

static int by_parents(const void *context, uint32_t a, uint32_t b) {
  const struct ranked *ranked = context;
  if (ranked->parents[a] != ranked->parents[b]) return ranked->parents[a] > ranked->parents[b] ? -1 : 1;
  if (ranked->depth[a] != ranked->depth[b]) return ranked->depth[a] < ranked->depth[b] ? -1 : 1;
  return (a > b) - (a < b);
}

/* The vertices that carry most parents, each entity and relation once, at most `limit`, into list; and how many each
 * carries, by vertex, into box->numbers. above: dominators. */
static bool rank_vertices(struct subgraph_box *box, const uint32_t *above, size_t limit, struct entity_list *list) {
  const struct subgraph *subgraph = &box->subgraph;
  const struct overlay *overlay = box->exposure->exposure.overlay;
  size_t vertices = subgraph->vertices.count;
  struct memory *memory = &box->memory;
  struct places entities = {0}, relations = {0};
  struct entity_list spare = {0}, depth = {0};
  for (size_t i = 0; i < subgraph->parents.count; i++) {
    uint32_t v = places_find(&subgraph->places[ROLE_CHAIN], subgraph->parents.items[i]);
    for (v = v == PLACE_NONE ? SUBGRAPH_START : above[v]; v != SUBGRAPH_START && v != UINT32_MAX; v = above[v])
      if (subgraph->vertices.items[v].entity != subgraph->parents.items[i]) box->numbers[v]++;
  }
  bool fine = vector_reserve(memory, list, vertices) && vector_reserve(memory, &spare, vertices) &&
              vector_reserve(memory, &depth, vertices) &&
              places_open(&entities, memory, overlay->network->entity_count) &&
              places_open(&relations, memory, overlay->network->relation_count + overlay->added.count);
  for (uint32_t v = 0; v < vertices && fine; v++)
    if (box->numbers[v]) list->items[list->count++] = v;
  for (size_t i = 0; i < list->count && fine; i++) {
    uint32_t v = list->items[i], deep = 0;
    for (uint32_t up = above[v]; up != SUBGRAPH_START && up != UINT32_MAX; up = above[up]) deep++;
    depth.items[v] = deep;
  }
  struct ranked ranked = {box->numbers, depth.items};
  if (fine && list->count) sort_numbers(list->items, spare.items, list->count, by_parents, &ranked);
  size_t kept = 0;
  for (size_t i = 0; i < list->count && fine && kept < limit; i++) {
    const struct subgraph_vertex *vertex = &subgraph->vertices.items[list->items[i]];
    struct places *places = vertex->relation == RELATION_NONE ? &entities : &relations;
    uint32_t number = vertex->relation == RELATION_NONE ? vertex->entity : vertex->relation;
    if (places_find(places, number) != PLACE_NONE) continue;
    fine = places_put(places, number, 0);
    list->items[kept++] = list->items[i];
  }
  list->count = kept;
  vector_free(memory, &spare);
  vector_free(memory, &depth);
  places_close(&entities);
  places_close(&relations);
  return fine;
}

/* The supplies that expose the users of the parents a vertex carries, into scratch->numbers. */
static bool carried_under(const struct subgraph_box *box, const uint32_t *above, uint32_t vertex,
                          struct scratch *scratch) {
  const struct subgraph *subgraph = &box->subgraph;
  const struct exposure *exposure = &box->exposure->exposure;
  scratch->numbers.count = 0;
  for (size_t i = 0; i < subgraph->parents.count; i++) {
    uint32_t v = places_find(&subgraph->places[ROLE_CHAIN], subgraph->parents.items[i]);
    for (v = v == PLACE_NONE ? SUBGRAPH_START : above[v]; v != SUBGRAPH_START && v != UINT32_MAX && v != vertex;)
      v = above[v];
    if (v != vertex || subgraph->vertices.items[v].entity == subgraph->parents.items[i]) continue;
    const struct parent_row *row = exposure_parent(exposure, subgraph->parents.items[i]);
    for (size_t u = 0; u < sets_count(&exposure->sets, row->users); u++) {
      const struct user_row *user = exposure_user(exposure, sets_items(&exposure->sets, row->users)[u]);
      for (size_t k = 0; user && k < sets_count(&exposure->sets, user->carried); k++)
        if (!vector_push(&scratch->memory, &scratch->numbers, sets_items(&exposure->sets, user->carried)[k]))
          return false;
    }
  }
  scratch->numbers.count = sort_unique(scratch->numbers.items, scratch->numbers.count);
  return true;
}

/* ranking(limit, force, opts) -> list of chokepoints with `parents` (how many) and `spend`, those that carry most first
 * | nil, message, code */
static int rank_chokepoints(lua_State *L) {
  struct subgraph_box *box = check_subgraph(L);
  double limit = luaL_checknumber(L, 2);
  lua_settop(L, 4);
  struct failure failure = {0};
  struct lua_control control;
  struct scratch *scratch = push_scratch(L), *list = push_scratch(L), *above = push_scratch(L);
  size_t vertices = box->subgraph.vertices.count;
  free_work(box);
  box->numbers = memory_zeroed(&box->memory, vertices, sizeof *box->numbers);
  if (!box->numbers || !vector_reserve(&above->memory, &above->numbers, vertices))
    return luaL_error(L, "not enough memory");
  read_control(L, 4, &control, &box->memory);
  struct entity_list ranked = {0};
  bool fine =
      subgraph_dominators(&box->subgraph, above->numbers.items, lua_toboolean(L, 3), &control.control, &failure);
  fine =
      fine && (rank_vertices(box, above->numbers.items, limit < (double)vertices ? (size_t)limit : vertices, &ranked) ||
               fail_memory(&failure, &box->memory));
  for (size_t i = 0; i < ranked.count && fine; i++)
    fine = vector_push(&list->memory, &list->numbers, ranked.items[i]) || fail_memory(&failure, &list->memory);
  vector_free(&box->memory, &ranked);
  box->memory.limit = 0;
  lua_newtable(L);
  for (size_t i = 0; i < list->numbers.count && fine; i++) {
    uint32_t vertex = list->numbers.items[i];
    hold(box->exposure, 1);
    fine = control_checkpoint(&control.control, (double)i, (double)list->numbers.count, "adding up what they carry",
                              &failure);
    hold(box->exposure, -1);
    if (!fine) break;
    push_chokepoint(L, &box->exposure->exposure, &box->subgraph.vertices.items[vertex]);
    lua_pushinteger(L, (lua_Integer)box->numbers[vertex]);
    lua_setfield(L, -2, "parents");
    if (!carried_under(box, above->numbers.items, vertex, scratch)) return luaL_error(L, "not enough memory");
    set_spend(L, "spend", &box->exposure->exposure, scratch->numbers.items, scratch->numbers.count, scratch);
    lua_rawseti(L, -2, (int)i + 1);
  }
  free_work(box);
  end_control(L, &control);
  if (!fine) return push_failure(L, &failure, NULL);
  return 1;
}

const luaL_Reg between_methods[] = {{"between", between}, {NULL, NULL}};

void open_subgraph(lua_State *L) {
  static const luaL_Reg methods[] = {{"relations", list_relations},
                                     {"record", record_of},
                                     {"spend", spend_of},
                                     {"shape", shape},
                                     {"cut", find_cut},
                                     {"carries", list_carried},
                                     {"chokepoints", list_chokepoints},
                                     {"ranking", rank_chokepoints},
                                     {"close", close_subgraph},
                                     {NULL, NULL}};
  luaL_newmetatable(L, SUBGRAPH_TYPE);
  lua_pushcfunction(L, close_subgraph);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
