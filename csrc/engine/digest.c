#include "digest.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_EXTENSION 1
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void compress(uint32_t state[8], const unsigned char *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
           block[4 * i + 3];
  for (int i = 16; i < 64; i++)
    w[i] = w[i - 16] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
           (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6],
           h = state[7];
  for (int i = 0; i < 64; i++) {
    uint32_t one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

#if defined(HAS_EXTENSION)

/* Does the processor have instructions for SHA-256, and SSE4.1 and SSSE3 with them? */
static bool has_extension(void) {
  unsigned a, b, c, d;
  enum { SSSE3 = 1 << 9, SSE41 = 1 << 19, SHA = 1 << 29 };
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & SSSE3) || !(c & SSE41)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & SHA);
}

/* Four rounds with the words w; the two halves of the state change places in each pair. */
#define FOUR_ROUNDS(w, i)                                                                                    \
  do {                                                                                                       \
    __m128i sum = _mm_add_epi32((w), _mm_loadu_si128((const __m128i *)(const void *)(constants + 4 * (i)))); \
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);                                                           \
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));                                  \
  } while (0)

/* The four words that follow a, b, c, d. */
#define NEXT_WORDS(a, b, c, d) \
  _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32((a), (b)), _mm_alignr_epi8((d), (c), 4)), (d))

__attribute__((target("sha,sse4.1,ssse3"))) static void compress_extended(uint32_t state[8], const unsigned char *bytes,
                                                                          size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xb1);
  __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1b);
  __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
  for (; blocks > 0; blocks--, bytes += 64) {
    const __m128i *words = (const __m128i *)(const void *)bytes;
    __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i a = _mm_shuffle_epi8(_mm_loadu_si128(words), swap), b = _mm_shuffle_epi8(_mm_loadu_si128(words + 1), swap),
            c = _mm_shuffle_epi8(_mm_loadu_si128(words + 2), swap),
            d = _mm_shuffle_epi8(_mm_loadu_si128(words + 3), swap);
    FOUR_ROUNDS(a, 0);
    FOUR_ROUNDS(b, 1);
    FOUR_ROUNDS(c, 2);
    FOUR_ROUNDS(d, 3);
    for (int i = 4; i < 16; i += 4) {
      a = NEXT_WORDS(a, b, c, d);
      FOUR_ROUNDS(a, i);
      b = NEXT_WORDS(b, c, d, a);
      FOUR_ROUNDS(b, i + 1);
      c = NEXT_WORDS(c, d, a, b);
      FOUR_ROUNDS(c, i + 2);
      d = NEXT_WORDS(d, a, b, c);
      FOUR_ROUNDS(d, i + 3);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  low = _mm_shuffle_epi32(abef, 0x1b);  /* feba -> abef */
  high = _mm_shuffle_epi32(cdgh, 0xb1); /* ghcd */
  _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xf0));
  _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

#endif

static void compress_blocks(struct digest *digest, const unsigned char *bytes, size_t blocks) {
#if defined(HAS_EXTENSION)
  if (digest->extension) {
    compress_extended(digest->state, bytes, blocks);
    return;
  }
#endif
  for (; blocks > 0; blocks--, bytes += 64) compress(digest->state, bytes);
}

void digest_open(struct digest *digest) {
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(digest->state, start, sizeof start);
  digest->length = 0;
#if defined(HAS_EXTENSION)
  digest->extension = has_extension();
#else
  digest->extension = false;
#endif
}

void digest_add(struct digest *digest, const void *data, size_t length) {
  const unsigned char *bytes = data;
  size_t held = digest->length % 64;
  digest->length += length;
  if (held) {
    size_t room = 64 - held < length ? 64 - held : length;
    memcpy(digest->block + held, bytes, room);
    if (held + room < 64) return;
    compress_blocks(digest, digest->block, 1);
    bytes += room;
    length -= room;
  }
  compress_blocks(digest, bytes, length / 64);
  if (length % 64) memcpy(digest->block, bytes + length / 64 * 64, length % 64);
}

void digest_close(struct digest *digest, char hex[65]) {
  static const unsigned char padding[64] = {0x80};
  unsigned char bits[8];
  for (int i = 0; i < 8; i++) bits[i] = (unsigned char)(digest->length * 8 >> (56 - 8 * i));
  digest_add(digest, padding, (119 - digest->length % 64) % 64 + 1);
  digest_add(digest, bits, 8);
  for (int i = 0; i < 64; i++) hex[i] = "0123456789abcdef"[digest->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
  hex[64] = '\0';
}
