/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/search.c - see search.h.
 */
#include "engine/search.h"

#include <string.h>

#include "base/auto.h"
#include "kpipe/bytes.h"
#include "plugin/decode.h"

/* Places that are tried at most. Of a real boot program there are a few dozen. */
#define TRIES 512
/* Behind a stream stands at most its size, of four bytes (Linux 6.1, scripts/Makefile.lib,
 * size_append). */
#define TRAILER 4
/* Shorter magic numbers would be found everywhere. lzma's properties are matched with more than
 * these (plugins/codecs/xz/xz.c). */
#define LEAST_BITS 16
#define MOST_ROWS 64
/* A try may give so many times the bytes that were searched, and some: kernels give ten times at
 * most, bombs thousands, and each of many tries might be one that fails at its end. */
#define MOST_GROWTH 64
#define LEAST_LIMIT ((uint64_t)16 << 20)

/* A row of a codec, and where it matches next; UINT64_MAX: nowhere. */
struct place {
    const struct kp_magic_row *row;
    uint64_t next;
};

struct search {
    const struct kp_layers_options *options;
    struct kp_range *range;
    const uint8_t *bytes;
    uint64_t size;
    enum kp_search_for wanted;
    uint64_t *budget;
    struct kp_found *found;
    struct place places[MOST_ROWS];
    size_t place_count;
    bool no_memory;
};

/* The next place from `at` on where a row matches. Its first byte is searched for as fast as the
 * library can, if it is given whole. */
static uint64_t next_match(const struct search *search, const struct kp_magic_row *row, uint64_t at)
{
    while (at < search->size) {
        if (row->offset == 0 && row->mask[0] == 0xff) {
            const uint8_t *first =
                memchr(search->bytes + at, row->bytes[0], (size_t)(search->size - at));

            if (first == NULL)
                return UINT64_MAX;
            at = (uint64_t)(first - search->bytes);
        }
        if (kp_inside(search->size - at, row->offset, row->length) &&
            kp_magic_equal(row, search->bytes + at + row->offset, 0, row->length))
            return at;
        at++;
    }
    return UINT64_MAX;
}

bool kp_search_banner(struct kp_range *range)
{
    static const char banner[] = "Linux version ";
    const uint8_t *bytes = kp_range_view(range);

    return bytes != NULL &&
           memmem(bytes, (size_t)kp_range_size(range), banner, sizeof(banner) - 1) != NULL;
}

/* Whether nothing but a size follows, or zeros before it: in room that is made for more. */
static bool is_last(const struct search *search, uint64_t end)
{
    if (search->size - end <= TRAILER)
        return true;
    while (end < search->size - TRAILER && search->bytes[end] == 0)
        end++;
    return end == search->size - TRAILER;
}

/* Whether what was decompressed is wanted more than what was found before; *over: nothing else
 * can be. */
static bool is_better(const struct search *search, struct kp_range *contents, uint64_t end,
                      bool *over)
{
    const struct kp_range *before = search->found->contents;

    *over = search->wanted == KP_SEARCH_END ? is_last(search, end) : kp_search_banner(contents);
    return *over || (search->wanted == KP_SEARCH_LARGEST &&
                     (before == NULL || kp_range_size(contents) > kp_range_size(before)));
}

static uint64_t limit_of(const struct search *search)
{
    uint64_t limit;

    if (!kp_mul(search->size, MOST_GROWTH, &limit) || !kp_add(limit, LEAST_LIMIT, &limit) ||
        limit > *search->budget)
        limit = *search->budget;
    return limit;
}

/* Tries a place. True if it is what was searched for, and the search is over. */
static bool try_at(struct search *search, const char *codec, uint64_t at)
{
    KP_AUTO(diags) struct kp_diags *quiet = kp_diags_new(); /* most places are none */
    struct kp_range *rest KP_AUTO(range) = kp_range_slice(search->range, at, search->size - at);
    const struct kp_call_context context = {.registry = search->options->registry,
                                            .diags = quiet,
                                            .output_limit = limit_of(search),
                                            .data = search->options->data,
                                            .cancelled = search->options->cancelled,
                                            .parallel = search->options->parallel};
    const struct kp_image image = {.range = rest};
    struct kp_call_result result = {0};
    uint64_t end, size;
    bool over = false;

    search->no_memory = quiet == NULL || rest == NULL;
    if (search->no_memory || *search->budget == 0)
        return true;
    if (!kp_decode(&context, codec, &image, context.output_limit, &end, &result)) {
        kp_call_result_clear(&result);
        return false;
    }
    size = kp_range_size(result.output.range);
    *search->budget -= size;
    end += at;
    if (is_better(search, result.output.range, end, &over)) {
        kp_range_unref(search->found->contents);
        *search->found = (struct kp_found){codec, at, end, kp_range_ref(result.output.range)};
    }
    kp_call_result_clear(&result);
    return over;
}

static void collect_rows(struct search *search)
{
    const struct kp_magic_row *row;

    for (size_t i = 0; (row = kp_registry_magic(search->options->registry, i)) != NULL; i++)
        if (row->codec != NULL && row->bits >= LEAST_BITS && search->place_count < MOST_ROWS)
            search->places[search->place_count++] = (struct place){row, next_match(search, row, 0)};
}

/* The codec of the place that comes first from *at on; NULL: there is none any more. */
static const char *next_place(struct search *search, uint64_t *at)
{
    const char *codec = NULL;
    uint64_t first = UINT64_MAX;

    for (size_t i = 0; i < search->place_count; i++) {
        struct place *place = &search->places[i];

        if (place->next < *at)
            place->next = next_match(search, place->row, *at);
        if (place->next < first) {
            first = place->next;
            codec = place->row->codec;
        }
    }
    *at = first;
    return codec;
}

bool kp_search(const struct kp_layers_options *options, struct kp_range *range,
               enum kp_search_for wanted, uint64_t *budget, struct kp_found *found)
{
    struct search search = {.options = options,
                            .range = range,
                            .bytes = kp_range_view(range),
                            .size = kp_range_size(range),
                            .wanted = wanted,
                            .budget = budget,
                            .found = found};
    uint64_t at = 0;

    *found = (struct kp_found){0};
    if (search.bytes == NULL)
        return false;
    collect_rows(&search);
    for (unsigned tries = 0; tries < TRIES; tries++, at++) {
        const char *codec = next_place(&search, &at);

        if (codec == NULL || try_at(&search, codec, at))
            break;
    }
    return !search.no_memory;
}
