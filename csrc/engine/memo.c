#include "memo.h"

enum { ENTRIES = 1 << 11 };

bool memo_open(struct memo *memo, struct memory *memory) {
  memo->memory = memory;
  memo->entries = memory_zeroed(memory, ENTRIES, sizeof *memo->entries);
  return memo->entries != NULL;
}

void memo_close(struct memo *memo) {
  if (memo->memory) memory_free(memo->memory, memo->entries, ENTRIES * sizeof *memo->entries);
  memo->entries = NULL;
}

struct memo_entry *memo_find(struct memo *memo, const struct memo_key *key, bool *known) {
  *known = false;
  if (key->count > MEMO_WORDS) return NULL;
  uint64_t hash = key->lengths;
  for (unsigned i = 0; i < key->count; i++) {
    hash = (hash ^ key->words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
  }
  struct memo_entry *entry = &memo->entries[(hash * UINT64_C(0x9e3779b97f4a7c15)) >> 53];
  if (!entry->used || entry->lengths != key->lengths || entry->count != key->count) return entry;
  for (unsigned i = 0; i < key->count; i++)
    if (entry->words[i] != key->words[i]) return entry;
  *known = true;
  return entry;
}

void memo_note(struct memo_entry *entry, const struct memo_key *key, const struct network *network, bool relation) {
  struct draft_row row = draft_last(network, relation);
  *entry = (struct memo_entry){.lengths = key->lengths,
                               .class = row.class,
                               .fields = row.fields,
                               .share = row.share,
                               .kind = row.kind,
                               .count = key->count,
                               .used = true};
  memcpy(entry->words, key->words, key->count * sizeof *key->words);
}

static bool read_day(const struct own_text *text, int32_t *day) {
  struct failure cause;
  cause.code = FAILURE_NONE;
  *day = DATE_MISSING;
  return text->length == 0 || date_parse(text->bytes, text->length, day, &cause);
}

static uint32_t intern(struct network *network, const struct own_text *text) {
  uint64_t hash = text->hash ? text->hash : text_hash(&network->texts, text->bytes, text->length);
  return text_intern_hashed(&network->texts, text->bytes, text->length, hash);
}

bool memo_repeat(struct network *network, const struct own_text own[OWNS], const struct memo_entry *like,
                 bool relation) {
  struct failure cause;
  struct draft_row row = {.class = like->class, .fields = like->fields, .share = like->share, .kind = like->kind};
  cause.code = FAILURE_NONE;
  if (own[OWN_SINCE].length || own[OWN_UNTIL].length) {
    struct validity validity;
    if (!read_day(&own[OWN_SINCE], &validity.since) || !read_day(&own[OWN_UNTIL], &validity.until) ||
        !draft_validity_number(network, &validity, &row.validity, &cause))
      return false;
  }
  if (!relation) {
    if (own[OWN_ID].length == 0) return false;
    row.id = intern(network, &own[OWN_ID]);
    return draft_add_entity(network, &row, &cause);
  }
  if (own[OWN_FROM].length == 0 || own[OWN_TO].length == 0 || network->records >= RELATION_NONE - 1) return false;
  row.from = intern(network, &own[OWN_FROM]);
  row.to = intern(network, &own[OWN_TO]);
  if (own[OWN_ID].length) row.id = intern(network, &own[OWN_ID]);
  if (!draft_add_relation(network, &row, &cause)) return false;
  network->records++;
  return true;
}
