/* lanes_pass: the inner loops of lanes, written once and compiled for several instruction sets. No include guard: the
 * includer sets
 *   PASS_NAME(name)  the name of a function of this variant
 *   PASS_TARGET      the instruction set, as an attribute
 * A block of lanes is `width` (1, 2 or 4) vectors of 512 bits; width is a constant wherever the loops are expanded.
 */
#define PASS_INLINE static inline __attribute__((always_inline)) PASS_TARGET

/* Rows of weight 2^level are added to a class eight at a time. */
PASS_INLINE void PASS_NAME(add_eight)(union lane_vector (*planes)[LANE_WIDTHS], const union lane_vector *const rows[8],
                                      const int width) {
  for (int v = 0; v < width; v++) {
    lane_word ones = planes[0][v].word, twos = planes[1][v].word, fours = planes[2][v].word;
    lane_word two_a, two_b, four_a, four_b, carry;
    carry_save(two_a, ones, rows[0][v].word, rows[1][v].word);
    carry_save(two_b, ones, rows[2][v].word, rows[3][v].word);
    carry_save(four_a, twos, two_a, two_b);
    carry_save(two_a, ones, rows[4][v].word, rows[5][v].word);
    carry_save(two_b, ones, rows[6][v].word, rows[7][v].word);
    carry_save(four_b, twos, two_a, two_b);
    carry_save(carry, fours, four_a, four_b);
    planes[0][v].word = ones;
    planes[1][v].word = twos;
    planes[2][v].word = fours;
    for (union lane_vector *plane = &planes[3][v]; any_lane(carry); plane += LANE_WIDTHS) {
      lane_word sum = plane->word ^ carry;
      carry &= plane->word;
      plane->word = sum;
    }
  }
}

PASS_INLINE void PASS_NAME(add_one)(union lane_vector (*planes)[LANE_WIDTHS], const union lane_vector *row,
                                    const int width) {
  for (int v = 0; v < width; v++) {
    lane_word carry = row[v].word;
    for (union lane_vector *plane = &planes[0][v]; any_lane(carry); plane += LANE_WIDTHS) {
      lane_word sum = plane->word ^ carry;
      carry &= plane->word;
      plane->word = sum;
    }
  }
}

PASS_INLINE void PASS_NAME(put_off)(struct block *block, int class, int level, const union lane_vector *row,
                                    const int width) {
  struct waiting *waiting = &block->waiting[class][level];
  waiting->rows[waiting->count++] = row;
  if (waiting->count < 8) return;
  PASS_NAME(add_eight)(&block->planes[class][level], waiting->rows, width);
  waiting->count = 0;
}

/* row = the rows it comes from, or-ed. */
PASS_INLINE void PASS_NAME(pull_row)(const struct block *block, uint32_t number, union lane_vector *row,
                                     const int width) {
  const uint32_t *pull = block->pull, end = block->start[number + 1];
  lane_word a = {0}, b = {0}, c = {0}, d = {0};
  for (uint32_t i = block->start[number]; i < end; i++) {
    const union lane_vector *ahead = block->rows + (size_t)pull[i + LANES_AHEAD] * (size_t)width;
    const union lane_vector *from = block->rows + (size_t)pull[i] * (size_t)width;
    __builtin_prefetch(ahead);
    if (width > 1) __builtin_prefetch(ahead + 1);
    if (width > 2) __builtin_prefetch(ahead + 2), __builtin_prefetch(ahead + 3);
    a |= from[0].word;
    if (width > 1) b |= from[1].word;
    if (width > 2) c |= from[2].word, d |= from[3].word;
  }
  row[0].word = a;
  if (width > 1) row[1].word = b;
  if (width > 2) row[2].word = c, row[3].word = d;
}

/* Components first … end - 1, which keep their rows. */
PASS_INLINE void PASS_NAME(pull_kept)(struct block *block, uint32_t first, uint32_t end, const int width) {
  for (uint32_t c = first; c < end; c++) {
    union lane_vector *row = block->rows + (size_t)c * (size_t)width;
    PASS_NAME(pull_row)(block, c, row, width);
    for (; block->seed < block->seed_end && *block->seed >> 32 == c; block->seed++)
      set_lane(row, (uint32_t)*block->seed);
    if (block->light[c] < WEIGHT_CLASSES) {
      PASS_NAME(put_off)(block, block->light[c], 0, row, width);
      continue;
    }
    const struct heavy *heavy = block->heavy++;
    for (int class = 0; class < WEIGHT_CLASSES; class ++)
      for (int level = 0; heavy->weight[class] >> level; level++)
        if (heavy->weight[class] >> level & 1) PASS_NAME(put_off)(block, class, level, row, width);
  }
}

/* Sinks of one class, of which only the sum is kept. */
PASS_INLINE void PASS_NAME(pull_sinks)(struct block *block, uint32_t first, uint32_t end, int class, const int width) {
  union lane_vector group[8][LANE_WIDTHS];
  const union lane_vector *const rows[8] = {group[0], group[1], group[2], group[3],
                                            group[4], group[5], group[6], group[7]};
  uint32_t number = first;
  for (; number + 8 <= end; number += 8) {
    for (uint32_t i = 0; i < 8; i++) PASS_NAME(pull_row)(block, number + i, group[i], width);
    PASS_NAME(add_eight)(block->planes[class], rows, width);
  }
  for (; number < end; number++) {
    PASS_NAME(pull_row)(block, number, group[0], width);
    PASS_NAME(add_one)(block->planes[class], group[0], width);
  }
}

PASS_INLINE void PASS_NAME(finish)(struct block *block, const int width) {
  for (int class = 0; class < WEIGHT_CLASSES; class ++)
    for (int level = 0; level < 32; level++) {
      struct waiting *waiting = &block->waiting[class][level];
      for (int i = 0; i < waiting->count; i++)
        PASS_NAME(add_one)(&block->planes[class][level], waiting->rows[i], width);
      waiting->count = 0;
    }
}

PASS_INLINE void PASS_NAME(pass_of)(struct block *block, uint32_t first, uint32_t end, int class, const int width) {
  if (class < WEIGHT_CLASSES) PASS_NAME(pull_sinks)(block, first, end, class, width);
  else if (class == WEIGHT_CLASSES) PASS_NAME(pull_kept)(block, first, end, width);
  else PASS_NAME(finish)(block, width);
}

/* class: of sinks; WEIGHT_CLASSES for components that keep their rows; one more to add up what waits. */
static PASS_TARGET void PASS_NAME(pass)(struct block *block, uint32_t first, uint32_t end, int class) {
  if (block->width == 1) PASS_NAME(pass_of)(block, first, end, class, 1);
  else if (block->width == 2) PASS_NAME(pass_of)(block, first, end, class, 2);
  else PASS_NAME(pass_of)(block, first, end, class, 4);
}

#undef PASS_INLINE
#undef PASS_NAME
#undef PASS_TARGET
