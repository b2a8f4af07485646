#include "relation_ids.h"

#include <string.h>

bool relation_ids_open(struct network *network, struct failure *failure) {
  struct memory *memory = &network->memory;
  size_t records = network->records, texts = network->relation_id ? text_count(&network->texts) : 0;
  if (network->relation_of_record) return true;
  uint32_t *of_record = memory_zeroed(memory, records + 1, sizeof *of_record);
  uint32_t *of_text = texts && of_record ? memory_zeroed(memory, texts, sizeof *of_text) : NULL;
  if (!of_record || (texts && !of_text)) {
    memory_free(memory, of_record, (records + 1) * sizeof *of_record);
    return fail_memory(failure, memory);
  }
  for (uint32_t r = 0; r < network->relation_count; r++) { /* a damaged file may name any text and any record */
    uint32_t id = texts ? network->relation_id[r] : 0, record = network->relation_record[r];
    if (id && id < texts) of_text[id] = r + 1;
    else if (!id && record <= records) of_record[record] = r + 1;
  }
  network->relation_of_record = of_record;
  network->relation_of_text = of_text;
  network->indexed_texts = texts;
  return true;
}

uint32_t relation_ids_find(const struct network *network, const char *id, size_t length) {
  uint32_t text = network->relation_of_text ? text_lookup(&network->texts, id, length) : TEXT_NONE;
  if (text != TEXT_NONE && text != 0 && network->relation_of_text[text]) return network->relation_of_text[text] - 1;
  size_t hash = length; /* where the number of a default id, file#record, begins */
  while (hash > 0 && id[hash - 1] >= '0' && id[hash - 1] <= '9') hash--;
  if (hash == length || hash == 0 || id[hash - 1] != '#' || length - hash > 10 || id[hash] == '0') return RELATION_NONE;
  uint64_t record = 0;
  for (size_t i = hash; i < length; i++) record = record * 10 + (uint64_t)(id[i] - '0');
  uint32_t found = RELATION_NONE;
  for (size_t i = 0; i < network->files.count + 1; i++) { /* records before the first file have no name */
    bool named = i < network->files.count;
    uint32_t first = named ? network->files.items[i].first_record : 0, name = named ? network->files.items[i].name : 0;
    uint32_t next = !named ? (network->files.count ? network->files.items[0].first_record : network->records)
                    : i + 1 < network->files.count ? network->files.items[i + 1].first_record
                                                   : network->records;
    if (next > network->records || first > next || record > next - first ||
        text_length(&network->texts, name) != hash - 1 || memcmp(text_bytes(&network->texts, name), id, hash - 1) != 0)
      continue;
    uint32_t relation = network->relation_of_record[first + record];
    if (relation && relation - 1 < found) found = relation - 1;
  }
  return found;
}
