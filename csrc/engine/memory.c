#define _GNU_SOURCE /* mremap */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

/* Blocks of megabytes are mapped by themselves, on large pages where the system has them: columns are read at random
 * places, and that costs half then. What is new is zero, and what is given back is gone at once. The sanitizer watches
 * malloc, so it gets all of them. */
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#if defined(__has_feature)
#if !__has_feature(address_sanitizer)
#define MAPS 1
#endif
#else
#define MAPS 1
#endif
#endif

#if defined(MAPS)

#include <sys/mman.h>

#define PAGE  ((size_t)1 << 21) /* a large one */
#define LARGE (PAGE + PAGE / 2)

static bool is_mapped(size_t size) { return size >= LARGE; }

static size_t whole_pages(size_t size) { return (size + PAGE - 1) & ~(PAGE - 1); }

/* Begins where a large page does. */
static void *map(size_t size) {
  if (size > SIZE_MAX / 2) return NULL;
  size_t length = whole_pages(size) + PAGE;
  char *start = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return NULL;
  size_t before = (PAGE - ((uintptr_t)start & (PAGE - 1))) & (PAGE - 1);
  if (before) (void)munmap(start, before);
  if (PAGE - before) (void)munmap(start + before + whole_pages(size), PAGE - before);
#if defined(MADV_HUGEPAGE)
  (void)madvise(start + before, whole_pages(size), MADV_HUGEPAGE);
#endif
  return start + before;
}

static void unmap(void *block, size_t size) { (void)munmap(block, whole_pages(size)); }

static void *map_resized(char *block, size_t old_size, size_t new_size) {
  size_t old_length = whole_pages(old_size), new_length = whole_pages(new_size);
  if (new_length < old_length) (void)munmap(block + new_length, old_length - new_length);
  if (new_length <= old_length) return block;
  void *moved = map(new_size);
  if (moved && mremap(block, old_length, old_length, MREMAP_MAYMOVE | MREMAP_FIXED, moved) == MAP_FAILED) {
    unmap(moved, new_size);
    return NULL;
  }
#if defined(MADV_HUGEPAGE)
  if (moved) (void)madvise(moved, new_length, MADV_HUGEPAGE);
#endif
  return moved;
}

#else

static bool is_mapped(size_t size) { return (void)size, false; }
static void *map(size_t size) { return (void)size, NULL; }
static void unmap(void *block, size_t size) { (void)block, (void)size; }
static void *map_resized(char *block, size_t old_size, size_t new_size) {
  return (void)block, (void)old_size, (void)new_size, NULL;
}

#endif

static void release(void *block, size_t size) {
  if (is_mapped(size)) unmap(block, size);
  else free(block);
}

static void *zeroed(size_t size) { return is_mapped(size) ? map(size) : calloc(1, size); }

static void *resized(void *block, size_t old_size, size_t new_size) {
  bool was = is_mapped(old_size), will = is_mapped(new_size);
  if (!was && !will) return realloc(block, new_size);
  if (was && will) return map_resized(block, old_size, new_size);
  void *moved = will ? map(new_size) : malloc(new_size);
  if (!moved) return NULL;
  if (old_size) memcpy(moved, block, old_size < new_size ? old_size : new_size);
  release(block, old_size);
  return moved;
}

/* over_limit is left alone by what succeeds: a cause may be told only after other blocks were given. */
static bool allowed(struct memory *memory, size_t old_size, size_t new_size) {
  bool over = memory->limit && new_size > old_size && memory->used - old_size + new_size > memory->limit;
  if (over) memory->over_limit = true;
  return !over;
}

static void *refused(struct memory *memory) {
  memory->over_limit = false;
  return NULL;
}

static void count(struct memory *memory, size_t old_size, size_t new_size) {
  memory->used = memory->used - old_size + new_size;
  if (memory->used > memory->peak) memory->peak = memory->used;
}

void *memory_resize(struct memory *memory, void *block, size_t old_size, size_t new_size) {
  if (new_size == 0) {
    release(block, old_size);
    memory->used -= old_size;
    return NULL;
  }
  if (!allowed(memory, old_size, new_size)) return NULL;
  void *moved = resized(block, old_size, new_size);
  if (!moved) return refused(memory);
  count(memory, old_size, new_size);
  return moved;
}

void *memory_zeroed(struct memory *memory, size_t item_count, size_t item_size) {
  if (item_size && item_count > SIZE_MAX / item_size) return refused(memory);
  size_t size = item_count * item_size;
  if (size == 0) size = 1;
  if (!allowed(memory, 0, size)) return NULL;
  void *block = zeroed(size);
  if (!block) return refused(memory);
  count(memory, 0, size);
  return block;
}

bool vector_grow(struct memory *memory, void *slot, size_t *capacity, size_t item_size, size_t needed) {
  size_t wanted = *capacity < 8 ? 16 : *capacity + *capacity / 2;
  if (wanted < needed) wanted = needed;
  if (wanted > SIZE_MAX / 2 / item_size) return refused(memory) != NULL;
  void *items;
  memcpy(&items, slot, sizeof items);
  void *moved = memory_resize(memory, items, *capacity * item_size, wanted * item_size);
  if (!moved) return false;
  memcpy(slot, &moved, sizeof moved);
  *capacity = wanted;
  return true;
}

void vector_shrink(struct memory *memory, void *slot, size_t *capacity, size_t item_size, size_t item_count) {
  if (item_count == *capacity) return;
  void *items;
  memcpy(&items, slot, sizeof items);
  void *moved = memory_resize(memory, items, *capacity * item_size, item_count * item_size);
  if (!moved && item_count > 0) return; /* keeping the larger block is harmless */
  memcpy(slot, &moved, sizeof moved);
  *capacity = item_count;
}
