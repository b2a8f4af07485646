/* files: folders and digests, for readers of files that others publish. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "binding.h"
#include "engine/digest.h"

/* ---- folders ---- */

enum { NAMES_MOST = 100000 }; /* in one folder */

struct folder {
  DIR *stream;
};

static int close_folder(lua_State *L) {
  struct folder *folder = lua_touserdata(L, 1);
  if (folder->stream) (void)closedir(folder->stream);
  folder->stream = NULL;
  return 0;
}

static int folder_failure(lua_State *L, const char *path, int cause) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", path, strerror(cause));
  lua_pushliteral(L, "io");
  return 3;
}

/* list_folder(path) -> names, those of folders with a slash at the end, in the system's order, without hidden ones
 * | nil, message, "io" */
static int list_folder(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct folder *folder = lua_newuserdata(L, sizeof *folder); /* closed by the collector if an error gets in the way */
  folder->stream = NULL;
  luaL_getmetatable(L, "knockon.folder");
  lua_setmetatable(L, -2);
  folder->stream = opendir(path);
  if (!folder->stream) return folder_failure(L, path, errno);
  lua_newtable(L);
  for (int n = 0;;) {
    errno = 0;
    const struct dirent *entry = readdir(folder->stream); /* NULL with errno 0: the end */
    if (!entry && errno != 0) return folder_failure(L, path, errno);
    if (!entry) break;
    if (entry->d_name[0] == '.') continue;
    if (n == NAMES_MOST) return folder_failure(L, path, EFBIG);
    struct stat status;
    lua_pushfstring(L, "%s/%s", path, entry->d_name);
    bool nested = stat(lua_tostring(L, -1), &status) == 0 && S_ISDIR(status.st_mode);
    lua_pop(L, 1);
    lua_pushfstring(L, "%s%s", entry->d_name, nested ? "/" : "");
    lua_rawseti(L, -2, ++n);
  }
  (void)closedir(folder->stream);
  folder->stream = NULL;
  return 1;
}

/* is_folder(path) */
static int is_folder(lua_State *L) {
  struct stat status;
  lua_pushboolean(L, stat(luaL_checkstring(L, 1), &status) == 0 && S_ISDIR(status.st_mode));
  return 1;
}

/* ---- digests of what comes in pieces ---- */

/* digest() -> object with :add(bytes) and :hex(), which ends it */
static int new_digest(lua_State *L) {
  struct digest *digest = lua_newuserdata(L, sizeof *digest);
  digest_open(digest);
  luaL_getmetatable(L, DIGEST_TYPE);
  lua_setmetatable(L, -2);
  return 1;
}

static int add_to_digest(lua_State *L) {
  struct digest *digest = luaL_checkudata(L, 1, DIGEST_TYPE);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  digest_add(digest, bytes, length);
  return 0;
}

static int end_digest(lua_State *L) {
  struct digest *digest = luaL_checkudata(L, 1, DIGEST_TYPE);
  char hex[65];
  digest_close(digest, hex);
  lua_pushlstring(L, hex, 64);
  return 1;
}

void open_files(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"list_folder", list_folder}, {"is_folder", is_folder}, {"digest", new_digest}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"add", add_to_digest}, {"hex", end_digest}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  luaL_newmetatable(L, "knockon.folder");
  lua_pushcfunction(L, close_folder);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newmetatable(L, DIGEST_TYPE);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
