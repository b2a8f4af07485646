#define _DEFAULT_SOURCE /* madvise */
#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Columns are read at random places: on large pages that costs half. Asking is all that can be done. */
static void prefer_large_pages(void *block, size_t size) {
#if defined(MADV_HUGEPAGE)
  enum { LARGE = 1 << 21 };
  if (size < 2 * (size_t)LARGE) return;
  uintptr_t first = ((uintptr_t)block + LARGE - 1) & ~(uintptr_t)(LARGE - 1);
  uintptr_t end = ((uintptr_t)block + size) & ~(uintptr_t)(LARGE - 1);
  if (first < end) (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
  (void)block, (void)size;
#endif
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
    free(block);
    memory->used -= old_size;
    return NULL;
  }
  if (!allowed(memory, old_size, new_size)) return NULL;
  void *moved = realloc(block, new_size);
  if (!moved) return refused(memory);
  if (new_size > old_size) prefer_large_pages(moved, new_size);
  count(memory, old_size, new_size);
  return moved;
}

void *memory_zeroed(struct memory *memory, size_t item_count, size_t item_size) {
  if (item_size && item_count > SIZE_MAX / item_size) return refused(memory);
  size_t size = item_count * item_size;
  if (size == 0) size = 1;
  if (!allowed(memory, 0, size)) return NULL;
  void *block = calloc(1, size);
  if (!block) return refused(memory);
  prefer_large_pages(block, size);
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
