/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xz/inspect.c - shows what the headers of xz and lzma files tell, and the index at the end
 * of xz. No contents are decompressed. Names are those of the formats' documents. How the file may
 * have been made is remake.c's to say.
 */
#include <stdlib.h>
#include <string.h>

#include "xz.h"

#define INDEX_MEMORY_MAX (UINT64_C(64) << 20) /* some million blocks */
/* LZMA2: sizes of a chunk's header without and with properties, and the first control byte of
 * those that have some. */
#define LZMA2_STORED_HEADER 3u
#define LZMA2_CHUNK_PROPERTIES 5u /* place of lc, lp and pb */
#define LZMA2_WITH_PROPERTIES 0xc0u

static int32_t properties(struct kp_call *call, uint64_t offset, uint8_t byte)
{
    if (byte >= 9 * 5 * 5)
        return kp_fail(call, "properties at offset %llu: 0x%02x: no lc, lp and pb give this",
                       (unsigned long long)offset, byte);
    if (kp_field_number(call, "lc", offset, 1, byte % 9, 0, NULL) != KP_OK ||
        kp_field_number(call, "lp", offset, 1, byte / 9 % 5, 0, NULL) != KP_OK)
        return KP_FAILED;
    return kp_field_number(call, "pb", offset, 1, byte / 45, 0, NULL);
}

int32_t xz_lzma_inspect(struct kp_call *call)
{
    struct xz_made made = {.bcj = XZ_BCJ_NONE};
    uint8_t header[LZMA_HEADER_SIZE];
    const uint64_t size = kp_size(call, call->input);
    uint64_t contents;

    if (size < sizeof(header))
        return kp_fail(call, "header: %llu bytes: lzma's has %u", (unsigned long long)size,
                       LZMA_HEADER_SIZE);
    if (call->host->image_read(call, call->input, 0, header, sizeof(header)) != KP_OK ||
        properties(call, 0, header[0]) != KP_OK)
        return KP_FAILED;
    kp_field_number(call, "Dictionary Size", 1, 4, kp_le32(header + 1), KP_FIELD_BYTES, NULL);
    contents = kp_le64(header + 5);
    made.properties = header[0];
    made.dict = kp_le32(header + 1);
    if (contents == UINT64_MAX) {
        kp_field_number(call, "Uncompressed Size", 5, 8, contents, KP_FIELD_HEX,
                        "unknown: there is an end marker");
        return xz_remake(call, &made);
    }
    /* liblzma never tells the size here. */
    kp_field_number(call, "Uncompressed Size", 5, 8, contents, KP_FIELD_BYTES, NULL);
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, contents);
}

/* The index at the end of the file, if it ends with a stream. It is consistent with the
 * headers and footers of all streams: liblzma sees to it. */
static int32_t index_fields(struct kp_call *call, const uint8_t *bytes, size_t size)
{
    static const char missing[] = "none at the end of the file: cut off, corrupt, or not the end";
    lzma_stream z = LZMA_STREAM_INIT;
    lzma_index *index = NULL;
    lzma_ret status = lzma_file_info_decoder(&z, &index, INDEX_MEMORY_MAX, size);
    uint64_t contents;

    z.next_in = bytes;
    z.avail_in = size;
    if (status == LZMA_OK)
        status = lzma_code(&z, LZMA_RUN);
    lzma_end(&z);
    if (status == LZMA_MEM_ERROR)
        return kp_fail(call, "liblzma: out of memory");
    if (status != LZMA_STREAM_END)
        return kp_field_text(call, "Index", 0, 0, missing, sizeof(missing) - 1);
    contents = lzma_index_uncompressed_size(index);
    kp_field_number(call, "Streams", 0, 0, lzma_index_stream_count(index), 0, NULL);
    kp_field_number(call, "Blocks", 0, 0, lzma_index_block_count(index), 0, NULL);
    kp_field_number(call, "Uncompressed Size", 0, 0, contents, KP_FIELD_BYTES, NULL);
    lzma_index_end(index, NULL);
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, contents);
}

/* Moves *at to the properties of the first LZMA2 chunk that is compressed; 0 if there is none. */
static int find_properties(const uint8_t *bytes, size_t size, size_t *at)
{
    while (kp_inside(size, *at, LZMA2_CHUNK_PROPERTIES + 1) && (bytes[*at] == 1 || bytes[*at] == 2))
        *at += LZMA2_STORED_HEADER + kp_be16(bytes + *at + 1) + 1u;
    if (!kp_inside(size, *at, LZMA2_CHUNK_PROPERTIES + 1) || bytes[*at] < LZMA2_WITH_PROPERTIES)
        return 0;
    *at += LZMA2_CHUNK_PROPERTIES;
    return 1;
}

/* What a block's filters tell of how it was made; dict 0 if there are some that no recipe
 * has. */
static struct xz_made made_by(const lzma_filter *filters, const lzma_block *block)
{
    struct xz_made made = {.is_xz = 1, .check = block->check, .properties = -1};

    if (filters[0].id != LZMA_FILTER_LZMA2 && filters[0].options == NULL)
        made.bcj = (uint32_t)(filters++)->id;
    if (filters[0].id != LZMA_FILTER_LZMA2)
        return made;
    made.dict = ((const lzma_options_lzma *)filters[0].options)->dict_size;
    made.blocks = block->compressed_size != LZMA_VLI_UNKNOWN;
    return made;
}

/* The filters of the block whose header begins at `at`, and its first LZMA2 chunk's
 * properties, which that header does not tell. */
static int32_t block_fields(struct kp_call *call, const uint8_t *bytes, size_t size, size_t at,
                            lzma_check check, struct xz_made *made)
{
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    lzma_block block = {.check = check, .filters = filters};
    char *text = NULL;
    size_t data;

    block.header_size = lzma_block_header_size_decode(bytes[at]);
    data = at + block.header_size;
    if (!kp_inside(size, at, block.header_size) ||
        lzma_block_header_decode(&block, NULL, bytes + at) != LZMA_OK)
        return kp_fail(call, "block header at offset %zu: cut off, corrupt or unknown", at);
    if (lzma_str_from_filters(&text, filters, LZMA_STR_DECODER, NULL) == LZMA_OK)
        kp_field_text(call, "Filters", at, block.header_size, text, strlen(text));
    free(text);
    *made = made_by(filters, &block);
    lzma_filters_free(filters, NULL);
    if (!find_properties(bytes, size, &data))
        return KP_OK;
    made->properties = bytes[data];
    return properties(call, data, bytes[data]);
}

static const char *check_name(lzma_check check)
{
    switch ((unsigned)check) {
    case LZMA_CHECK_NONE:
        return "none";
    case LZMA_CHECK_CRC32:
        return "CRC32";
    case LZMA_CHECK_CRC64:
        return "CRC64";
    case LZMA_CHECK_SHA256:
        return "SHA-256";
    default:
        return "reserved";
    }
}

int32_t xz_inspect(struct kp_call *call)
{
    const size_t size = (size_t)kp_size(call, call->input);
    const uint8_t *const bytes = kp_view(call, call->input);
    struct xz_made made = {.dict = 0};
    lzma_stream_flags flags;

    if (bytes == NULL)
        return KP_FAILED;
    if (size < LZMA_STREAM_HEADER_SIZE || lzma_stream_header_decode(&flags, bytes) != LZMA_OK)
        return kp_fail(call, "stream header: not xz's, cut off or corrupt");
    kp_field_number(call, "Check", 7, 1, flags.check, 0, check_name(flags.check));
    if (size > LZMA_STREAM_HEADER_SIZE && bytes[LZMA_STREAM_HEADER_SIZE] != 0 &&
        block_fields(call, bytes, size, LZMA_STREAM_HEADER_SIZE, flags.check, &made) != KP_OK)
        return KP_FAILED;
    if (index_fields(call, bytes, size) != KP_OK)
        return KP_FAILED;
    return xz_remake(call, &made);
}
