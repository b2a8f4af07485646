#include "memo.h"

bool memo_open(struct memo *memo, struct memory *memory) {
  memo->memory = memory;
  memo->entries = memory_zeroed(memory, MEMO_ENTRIES, sizeof *memo->entries);
  return memo->entries != NULL;
}

void memo_close(struct memo *memo) {
  if (memo->memory) memory_free(memo->memory, memo->entries, MEMO_ENTRIES * sizeof *memo->entries);
  memo->entries = NULL;
}

struct memo_entry *memo_find(struct memo *memo, const struct memo_key *key, bool *known) {
  *known = false;
  if (key->count > MEMO_WORDS) return NULL;
  uint64_t hash = memo_hash(key);
  struct memo_entry *set = memo_set(memo, hash);
  for (int way = 0; way < MEMO_WAYS; way++)
    if (!set[way].used || memo_is(&set[way], key)) return *known = set[way].used, &set[way];
  return &set[hash >> 51 & (MEMO_WAYS - 1)]; /* what it held is forgotten */
}

void memo_note(struct memo_entry *entry, const struct memo_key *key, const struct network *network, bool relation) {
  struct draft_row row = draft_last(network, relation);
  *entry = (struct memo_entry){.lengths = key->lengths,
                               .saying = row.saying,
                               .fields = row.fields,
                               .kind = row.kind,
                               .count = (uint8_t)key->count,
                               .used = true};
  memcpy(entry->words, key->words, key->count * sizeof *key->words);
}

static bool read_day(const struct own_text *text, int32_t *day) {
  struct failure cause;
  cause.code = FAILURE_NONE;
  *day = DATE_MISSING;
  return text->length == 0 || date_parse(text->bytes, text->length, day, &cause);
}

uint32_t own_intern_unknown(struct network *network, const struct own_text *own) {
  struct texts *texts = &network->texts;
  uint64_t hash = own->hash ? own->hash : text_hash(texts, own->bytes, own->length);
  uint32_t text = text_intern_hashed(texts, own->bytes, own->length, hash);
  numerals_note(&network->draft->numerals, &network->memory, own->numeral, text, text_count(texts));
  return text;
}

bool memo_repeat(struct network *network, const struct own_text own[OWNS], const struct memo_entry *like,
                 bool relation) {
  struct failure cause;
  struct draft_row row = {.saying = like->saying, .fields = like->fields, .kind = like->kind};
  cause.code = FAILURE_NONE;
  if (own[OWN_SINCE].length || own[OWN_UNTIL].length) {
    struct validity validity;
    if (!read_day(&own[OWN_SINCE], &validity.since) || !read_day(&own[OWN_UNTIL], &validity.until) ||
        !draft_validity_number(network, &validity, &row.validity, &cause))
      return false;
  }
  if (!relation) {
    if (own[OWN_ID].length == 0) return false;
    row.id = own_intern(network, &own[OWN_ID]);
    return draft_add_entity(network, &row, &cause);
  }
  if (own[OWN_FROM].length == 0 || own[OWN_TO].length == 0 || network->records >= RELATION_NONE - 1) return false;
  row.from = own_intern(network, &own[OWN_FROM]);
  row.to = own_intern(network, &own[OWN_TO]);
  if (own[OWN_ID].length) row.id = own_intern(network, &own[OWN_ID]);
  bool plain = !row.id && !row.validity && draft_add_plain(network, row.from, row.to, row.saying - 1);
  if (!plain && !draft_add_relation(network, &row, &cause)) return false;
  network->records++;
  return true;
}
