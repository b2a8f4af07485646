#include "places.h"

void places_close(struct places *places) {
  if (places->place) memory_free(places->memory, places->place, (places->size + 1) * sizeof *places->place);
  if (places->slots) memory_free(places->memory, places->slots, places->slot_count * sizeof *places->slots);
  places->place = NULL;
  places->slots = NULL;
  places->slot_count = places->used = 0;
}

static struct placed *slot_of(struct placed *slots, size_t count, uint32_t entity) {
  size_t at = (entity * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (count - 1);
  while (slots[at].entity && slots[at].entity != entity + 1) at = (at + 1) & (count - 1);
  return &slots[at];
}

static bool spread_out(struct places *places) {
  places->place = memory_zeroed(places->memory, places->size + 1, sizeof *places->place);
  if (!places->place) return false;
  for (size_t i = 0; i < places->slot_count; i++)
    if (places->slots[i].entity) places->place[places->slots[i].entity - 1] = places->slots[i].index;
  memory_free(places->memory, places->slots, places->slot_count * sizeof *places->slots);
  places->slots = NULL;
  return true;
}

static bool widen(struct places *places) {
  size_t count = places->slot_count ? places->slot_count * 2 : 16;
  if (places->used > places->size / 16) return spread_out(places);
  struct placed *slots = memory_zeroed(places->memory, count, sizeof *slots);
  if (!slots) return false;
  places->used = 0;
  for (size_t i = 0; i < places->slot_count; i++) {
    if (!places->slots[i].index) continue; /* what was taken out is forgotten now */
    *slot_of(slots, count, places->slots[i].entity - 1) = places->slots[i];
    places->used++;
  }
  if (places->slots) memory_free(places->memory, places->slots, places->slot_count * sizeof *places->slots);
  places->slots = slots;
  places->slot_count = count;
  return true;
}

bool places_put(struct places *places, uint32_t entity, uint32_t index) {
  if (!places->place && places->used * 2 >= places->slot_count && !widen(places)) return false;
  if (places->place) {
    places->place[entity] = index + 1;
    return true;
  }
  struct placed *slot = slot_of(places->slots, places->slot_count, entity);
  places->used += slot->entity == 0;
  *slot = (struct placed){entity + 1, index + 1};
  return true;
}

void places_remove(struct places *places, uint32_t entity) {
  if (places->place) places->place[entity] = 0;
  else if (places->slots) slot_of(places->slots, places->slot_count, entity)->index = 0;
}
