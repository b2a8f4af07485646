#include "nearest.h"

#include <string.h>

static char fold(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static bool same_folded(const char *a, const char *b, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (fold(a[i]) != fold(b[i])) return false;
  return true;
}

/* Changes (insert, delete, replace, swap) from a to b without regard to case; more than MOST comes back as MOST + 1. */
static int changes(const char *a, size_t la, const char *b, size_t lb) {
  enum { MOST = 3, LONGEST = 64 };
  int rows[3][LONGEST + 1];
  if (la > LONGEST || lb > LONGEST || (la > lb ? la - lb : lb - la) > MOST) return MOST + 1;
  for (size_t j = 0; j <= lb; j++) rows[0][j] = (int)j;
  for (size_t i = 1; i <= la; i++) {
    int *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3], least = (int)i;
    now[0] = (int)i;
    for (size_t j = 1; j <= lb; j++) {
      int best = before[j - 1] + (fold(a[i - 1]) != fold(b[j - 1]));
      if (before[j] + 1 < best) best = before[j] + 1;
      if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
      if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]) &&
          earlier[j - 2] + 1 < best)
        best = earlier[j - 2] + 1;
      now[j] = best;
      if (best < least) least = best;
    }
    if (least > MOST) return MOST + 1;
  }
  return rows[la % 3][lb];
}

static bool contains(const char *text, size_t length, const char *part, size_t part_length) {
  for (size_t i = 0; part_length >= 3 && i + part_length <= length; i++)
    if (same_folded(text + i, part, part_length)) return true;
  return false;
}

size_t nearest_ids(const struct network *network, const char *written, size_t length, uint32_t found[NEAREST_MOST]) {
  int score[NEAREST_MOST];
  size_t count = 0;
  uint16_t name_key = fields_key(&network->fields, "name", 4);
  for (uint32_t e = 0; e < network->entity_count; e++) {
    const char *id = text_bytes(&network->texts, network->entity_id.items[e]);
    size_t id_length = text_length(&network->texts, network->entity_id.items[e]);
    int least = changes(written, length, id, id_length);
    if ((size_t)least * 2 > length) least = 4;
    if (least > 3 && (contains(id, id_length, written, length) || contains(written, length, id, id_length))) least = 4;
    else if (least > 3) least = 5;
    const struct field *name =
        least > 0 ? fields_find(&network->fields, network->entity_fields.items[e], name_key) : NULL;
    if (name && text_length(&network->texts, name->value) == length &&
        same_folded(text_bytes(&network->texts, name->value), written, length))
      least = 0;
    if (least > 4) continue;
    size_t at = count < NEAREST_MOST ? count : NEAREST_MOST;
    while (at > 0 && score[at - 1] > least) at--;
    if (at == NEAREST_MOST) continue;
    size_t last = count < NEAREST_MOST ? count++ : NEAREST_MOST - 1;
    for (size_t i = last; i > at; i--) score[i] = score[i - 1], found[i] = found[i - 1];
    score[at] = least;
    found[at] = e;
  }
  return count;
}
