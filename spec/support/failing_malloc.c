/* failing_malloc: a malloc that fails when it is told to, and knows what nobody gave back.
 *
 * Started with the interpreter (LD_PRELOAD) it stands before the C library's malloc, calloc, realloc and free; required
 * as a Lua module it is the same library, so that a script can arm it. Two things are told apart by the library an
 * allocation was asked from (its return address):
 *   spared   never fails and is not counted: libraries that end the process when they get no memory
 *   watched  blocks are listed until they are freed, so that a leak shows
 * Blocks that are aligned (posix_memalign and the like) or mapped are not seen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#define EXPORTED __attribute__((visibility("default")))
#define CALLER   ((uintptr_t)__builtin_return_address(0))

/* ---- the real functions ---- */

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);

/* What is asked for while dlsym looks for the real functions: it may allocate itself. Never given back. */
static _Alignas(16) char early[1 << 16];
static size_t early_used;

static bool is_early(const void *block) {
  return (uintptr_t)block >= (uintptr_t)early && (uintptr_t)block < (uintptr_t)early + sizeof early;
}

static void *early_block(size_t size) {
  size_t start = (early_used + 15) & ~(size_t)15;
  if (size > sizeof early || start > sizeof early - size) abort();
  early_used = start + size;
  return early + start;
}

static void *symbol(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}

/* False while it is under way already. */
static bool find_real(void) {
  static bool finding;
  void *found;
  if (real_free) return true;
  if (finding) return false;
  finding = true;
  found = symbol("malloc"), memcpy(&real_malloc, &found, sizeof found);
  found = symbol("calloc"), memcpy(&real_calloc, &found, sizeof found);
  found = symbol("realloc"), memcpy(&real_realloc, &found, sizeof found);
  found = symbol("free"), memcpy(&real_free, &found, sizeof found);
  return true;
}

/* ---- who asks ---- */

enum { NAMES = 24, RANGES = 64, NAME = 64 };
enum role { OTHER, SPARED, WATCHED };

static struct range {
  uintptr_t start, end;
  enum role role;
} ranges[RANGES];
static size_t range_count;

static enum role role_of(uintptr_t caller) {
  for (size_t i = 0; i < range_count; i++)
    if (caller >= ranges[i].start && caller < ranges[i].end) return ranges[i].role;
  return OTHER;
}

struct wanted {
  char name[NAMES][NAME];
  enum role role[NAMES];
  size_t count;
};

/* One library: its executable segments, when its file name contains a wanted one. */
static int add_library(struct dl_phdr_info *library, size_t size, void *context) {
  const struct wanted *wanted = context;
  (void)size;
  const char *name = strrchr(library->dlpi_name, '/');
  name = name ? name + 1 : library->dlpi_name;
  for (size_t i = 0; i < wanted->count; i++) {
    if (!strstr(name, wanted->name[i])) continue;
    for (int k = 0; k < library->dlpi_phnum && range_count < RANGES; k++) {
      const ElfW(Phdr) *segment = &library->dlpi_phdr[k];
      if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
      uintptr_t start = (uintptr_t)library->dlpi_addr + segment->p_vaddr;
      ranges[range_count++] = (struct range){start, start + segment->p_memsz, wanted->role[i]};
    }
    break;
  }
  return 0;
}

/* ---- blocks of watched callers: open addressing, no malloc ---- */

enum { PLACES = 1 << 17 };
static struct block {
  uintptr_t address; /* 0 = free place */
  size_t size;
} blocks[PLACES];
static size_t block_count, block_bytes, lost; /* lost: no place was left */

static atomic_flag busy = ATOMIC_FLAG_INIT;
static void lock(void) {
  while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) continue;
}
static void unlock(void) { atomic_flag_clear_explicit(&busy, memory_order_release); }

static size_t place_of(uintptr_t address) {
  return (size_t)((address >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 40) % PLACES;
}

static void note(void *block, size_t size) {
  lock();
  if (block_count >= PLACES / 2) {
    lost++;
  } else {
    size_t at = place_of((uintptr_t)block);
    while (blocks[at].address) at = (at + 1) % PLACES;
    blocks[at] = (struct block){(uintptr_t)block, size};
    block_count++;
    block_bytes += size;
  }
  unlock();
}

/* Take a block from the list if it is there. What stands behind it and would be lost by the gap moves up. */
static void strike(const void *block) {
  if (block_count == 0) return;
  lock();
  size_t at = place_of((uintptr_t)block);
  while (blocks[at].address && blocks[at].address != (uintptr_t)block) at = (at + 1) % PLACES;
  if (blocks[at].address) {
    block_count--;
    block_bytes -= blocks[at].size;
    for (size_t next = (at + 1) % PLACES; blocks[next].address; next = (next + 1) % PLACES) {
      size_t home = place_of(blocks[next].address);
      if ((next - home + PLACES) % PLACES < (next - at + PLACES) % PLACES) continue;
      blocks[at] = blocks[next];
      at = next;
    }
    blocks[at] = (struct block){0, 0};
  }
  unlock();
}

/* ---- failing ---- */

static long until_failure, failures_left; /* failures_left: 0 = not armed */
static long hits;

static bool must_fail(uintptr_t caller) {
  if (failures_left == 0 || role_of(caller) == SPARED) return false;
  if (until_failure > 1) {
    until_failure--;
    return false;
  }
  failures_left--;
  hits++;
  errno = ENOMEM;
  return true;
}

EXPORTED void *malloc(size_t size) {
  uintptr_t caller = CALLER;
  if (!find_real()) return early_block(size);
  if (must_fail(caller)) return NULL;
  void *block = real_malloc(size);
  if (block && role_of(caller) == WATCHED) note(block, size);
  return block;
}

EXPORTED void *calloc(size_t count, size_t size) {
  uintptr_t caller = CALLER;
  if (!find_real()) return early_block(count * size); /* still zero: nothing there is used twice */
  if (must_fail(caller)) return NULL;
  void *block = real_calloc(count, size);
  if (block && role_of(caller) == WATCHED) note(block, count * size);
  return block;
}

EXPORTED void *realloc(void *old, size_t size) {
  uintptr_t caller = CALLER;
  if (!find_real()) abort();
  if (is_early(old)) {
    size_t most = (size_t)(early + sizeof early - (char *)old);
    void *block = real_malloc(size);
    if (block) memcpy(block, old, size < most ? size : most);
    return block;
  }
  /* Lua counts on it that a block can always be made smaller. */
  bool smaller = old && size <= malloc_usable_size(old) && role_of(caller) != WATCHED;
  if (size > 0 && !smaller && must_fail(caller)) return NULL;
  void *block = real_realloc(old, size);
  if (!block && size > 0) return NULL;
  if (old) strike(old);
  if (block && role_of(caller) == WATCHED) note(block, size);
  return block;
}

EXPORTED void free(void *block) {
  if (!block || is_early(block) || !find_real()) return;
  strike(block);
  real_free(block);
}

/* ---- for scripts ---- */

static void read_names(lua_State *L, int index, struct wanted *wanted, enum role role) {
  luaL_checktype(L, index, LUA_TTABLE);
  for (int i = 1;; i++) {
    lua_rawgeti(L, index, i);
    const char *name = lua_tostring(L, -1);
    if (!name) break;
    if (wanted->count == NAMES || strlen(name) >= NAME) luaL_error(L, "too many names, or too long: %s", name);
    wanted->role[wanted->count] = role;
    memcpy(wanted->name[wanted->count++], name, strlen(name) + 1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* watch({watched}, {spared}) -> number of code ranges: libraries by a part of their file name, once all are loaded. */
static int watch(lua_State *L) {
  struct wanted wanted = {.count = 0};
  read_names(L, 1, &wanted, WATCHED);
  read_names(L, 2, &wanted, SPARED);
  range_count = 0;
  (void)dl_iterate_phdr(add_library, &wanted);
  lua_pushnumber(L, (lua_Number)range_count);
  return 1;
}

static void set_alarm(lua_State *L, int index) {
  long from = (long)luaL_checknumber(L, index), many = (long)luaL_optnumber(L, index + 1, 1);
  luaL_argcheck(L, from >= 1, index, "counts from 1");
  luaL_argcheck(L, many >= 0, index + 1, "0 or more");
  hits = 0;
  until_failure = from;
  failures_left = many;
}

/* arm(n [, many = 1]): the n-th allocation from now on fails, and those after it until `many` have. */
static int arm(lua_State *L) {
  set_alarm(L, 1);
  return 0;
}

/* disarm() -> how many allocations failed. */
static int disarm(lua_State *L) {
  failures_left = 0;
  lua_pushnumber(L, (lua_Number)hits);
  return 1;
}

/* try(n, many, f, ...) -> failed allocations, did f return?, what it returned or raised. Armed for f alone, so that
 * nothing of the script's own stands in the way. */
static int try(lua_State *L) {
  luaL_checkany(L, 3);
  luaL_checkstack(L, LUA_MINSTACK, "try");
  int arguments = lua_gettop(L) - 3;
  set_alarm(L, 1);
  int status = lua_pcall(L, arguments, LUA_MULTRET, 0);
  failures_left = 0;
  luaL_checkstack(L, 4, "try");
  lua_pushboolean(L, status == 0);
  lua_replace(L, 2);
  lua_pushnumber(L, (lua_Number)hits);
  lua_replace(L, 1);
  return lua_gettop(L);
}

/* live() -> blocks of the watched not freed, their bytes. */
static int live(lua_State *L) {
  if (lost) return luaL_error(L, "%d blocks had no place in the list", (int)lost);
  lua_pushnumber(L, (lua_Number)block_count);
  lua_pushnumber(L, (lua_Number)block_bytes);
  return 2;
}

/* files() -> number of open file descriptors. */
static int files(lua_State *L) {
  int open = 0;
  for (int descriptor = 0; descriptor < 256; descriptor++) open += fcntl(descriptor, F_GETFD) != -1;
  lua_pushnumber(L, open);
  return 1;
}

/* preloaded() -> do the interpreter's allocations come here? */
static int preloaded(lua_State *L) {
  Dl_info used, ours;
  void *found = dlsym(RTLD_DEFAULT, "malloc");
  lua_pushboolean(L, found && dladdr(found, &used) && dladdr(blocks, &ours) && used.dli_fbase == ours.dli_fbase);
  return 1;
}

EXPORTED int luaopen_failing_malloc(lua_State *L);

EXPORTED int luaopen_failing_malloc(lua_State *L) {
  static const luaL_Reg functions[] = {{"watch", watch}, {"arm", arm},     {"disarm", disarm},       {"try", try},
                                       {"live", live},   {"files", files}, {"preloaded", preloaded}, {NULL, NULL}};
  lua_newtable(L);
  for (const luaL_Reg *function = functions; function->name; function++) {
    lua_pushcfunction(L, function->func);
    lua_setfield(L, -2, function->name);
  }
  return 1;
}
