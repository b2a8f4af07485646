#include "policy.h"

const char *const scope_name[SCOPES] = {"entity", "branches", "located", "owned", "facilitation"};
const char *const measure_name[MEASURES] = {"prohibit", "license", "mitigate", "review", "warn"};

void act_close(struct act *act, struct memory *memory) {
  filter_close(&act->policy.by);
  filter_close(&act->policy.home);
  filter_close(&act->policy.located_in);
  filter_close(&act->policy.where);
  vector_free(memory, &act->restrictions);
  vector_free(memory, &act->targets);
  vector_free(memory, &act->group_ends);
  vector_free(memory, &act->grouped);
}

bool policy_is_branch(const struct overlay *overlay, uint32_t entity) {
  if (overlay->network->entity_kind.items[entity] == KIND_BRANCH) return true;
  if (!overlay_may_have(overlay, RELATION_HAS_BRANCH)) return false;
  struct walk walk = walk_up(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (overlay_kind(overlay, r) == RELATION_HAS_BRANCH) return true;
  return false;
}

const struct field *policy_country(const struct network *network, uint32_t entity) {
  const struct field *country = network_entity_field(network, entity, fields_key(&network->fields, "country", 7));
  return country && country->type != FIELD_EMPTY_LIST ? country : NULL;
}

static enum home country_of(const struct policy *policy, const struct network *network, uint32_t entity, bool solely) {
  const struct field *country = policy_country(network, entity);
  if (!country) return HOME_OPEN;
  if (!solely) return filter_entity(&policy->home, network, entity) ? HOME_YES : HOME_NO;
  for (; country; country = fields_next(country, country->key))
    if (!filter_text(&policy->home, text_bytes(&network->texts, country->value),
                     text_length(&network->texts, country->value)))
      return HOME_NO;
  return HOME_YES;
}

/* A branch is organised where its head offices are, up to those that are no branches themselves. It is open when a
 * branch on the way leads to no such head (none known, or a ring); of more heads than any real chain has, those beyond
 * the first 64 are open. */
static enum home organised(const struct policy *policy, const struct overlay *overlay, uint32_t entity, bool solely) {
  enum { MOST = 64 };
  if (!policy_is_branch(overlay, entity)) return country_of(policy, overlay->network, entity, solely);
  uint32_t line[MOST] = {entity};
  bool branch[MOST], rooted[MOST];
  int count = 1;
  bool open = false;
  for (int i = 0; i < count; i++) {
    branch[i] = policy_is_branch(overlay, line[i]);
    rooted[i] = !branch[i];
    enum home home = branch[i] ? HOME_NO : country_of(policy, overlay->network, line[i], solely);
    if (home == HOME_YES) return HOME_YES;
    open = open || home == HOME_OPEN;
    struct walk walk = walk_up(overlay, line[i]);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(overlay, r) != RELATION_HAS_BRANCH) continue;
      uint32_t head = overlay_from(overlay, r);
      int known = 0;
      while (known < count && line[known] != head) known++;
      open = open || (known == count && count == MOST);
      if (known == count && count < MOST) line[count++] = head;
    }
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (int i = 0; i < count; i++) {
      if (rooted[i]) continue;
      struct walk walk = walk_up(overlay, line[i]);
      for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
        for (int k = 0; k < count && overlay_kind(overlay, r) == RELATION_HAS_BRANCH; k++)
          if (line[k] == overlay_from(overlay, r) && rooted[k]) rooted[i] = grown = true;
    }
  }
  for (int i = 0; i < count; i++) open = open || !rooted[i];
  return open ? HOME_OPEN : HOME_NO;
}

enum home policy_home(const struct policy *policy, const struct overlay *overlay, uint32_t entity) {
  return organised(policy, overlay, entity, false);
}

enum home policy_solely_home(const struct policy *policy, const struct overlay *overlay, uint32_t entity) {
  return organised(policy, overlay, entity, true);
}

bool policy_controls(const struct policy *policy, const struct overlay *overlay, uint32_t relation,
                     enum reading reading) {
  if (policy->control == CONTROL_ANY) return true;
  if (policy->control == CONTROL_NONE) return false;
  const struct texts *texts;
  if (!overlay_field(overlay, relation, "by", &texts)) return reading == READING_HIGH;
  return filter_relation(&policy->by, overlay, relation);
}
