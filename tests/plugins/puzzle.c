/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/puzzle.c - a vendor's format that says of itself what it is made of: "PUZZLE\n", and
 * lines up to an empty one, each of which is reported just as it stands there:
 *
 *     part NAME OFFSET LENGTH ALIGN [ROLE]
 *     number NAME OFFSET LENGTH VALUE [OF RELATION UNIT]
 *     text NAME OFFSET LENGTH VALUE
 *     remake CHAIN
 *     fail
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <kpipe/kpipe.h>

#define MAGIC "PUZZLE\n"
#define TEXT_MAX 65536u

static int32_t tell_part(struct kp_call *call, const char *line)
{
    char name[80], role[80] = "";
    struct kp_part part = {.size = sizeof(part), .name = name};
    const int got = sscanf(line, "%79s %" SCNi64 " %" SCNi64 " %" SCNu32 " %79s", name,
                           (int64_t *)&part.offset, (int64_t *)&part.length, &part.align, role);

    part.role = got == 5 ? role : NULL;
    return got < 4 ? KP_FAILED : call->host->part(call, &part);
}

static int32_t tell_number(struct kp_call *call, const char *line)
{
    char name[80], of[80];
    struct kp_field field = {.size = sizeof(field), .type = KP_FIELD_NUMBER, .name = name};
    const int got =
        sscanf(line, "%79s %" SCNi64 " %" SCNi64 " %" SCNi64 " %79s %" SCNu32 " %" SCNu32, name,
               (int64_t *)&field.offset, (int64_t *)&field.length, (int64_t *)&field.number, of,
               &field.relation, &field.unit);

    field.of = got == 7 ? (strcmp(of, ".") == 0 ? "" : of) : NULL;
    return got != 4 && got != 7 ? KP_FAILED : call->host->field(call, &field);
}

static int32_t tell_text(struct kp_call *call, const char *line)
{
    char name[80], text[80];
    uint64_t offset, length;

    if (sscanf(line, "%79s %" SCNi64 " %" SCNi64 " %79[^\n]", name, (int64_t *)&offset,
               (int64_t *)&length, text) != 4)
        return KP_FAILED;
    return kp_field_text(call, name, offset, length, text, strlen(text));
}

static int32_t tell(struct kp_call *call, const char *line)
{
    static const struct {
        const char *word;
        int32_t (*tell)(struct kp_call *call, const char *line);
    } ways[] = {{"part ", tell_part}, {"number ", tell_number}, {"text ", tell_text}};

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strncmp(line, ways[i].word, strlen(ways[i].word)) == 0)
            return ways[i].tell(call, line + strlen(ways[i].word));
    if (strncmp(line, "remake ", 7) == 0)
        return call->host->remake(call, line + 7);
    return kp_fail(call, "line: '%s': nobody knows it", line);
}

static int32_t inspect(struct kp_call *call)
{
    const uint64_t size =
        kp_size(call, call->input) < TEXT_MAX ? kp_size(call, call->input) : TEXT_MAX;
    char *const text = call->host->alloc(call, size + 1);
    char *line;

    if (text == NULL || call->host->image_read(call, call->input, 0, text, size) != KP_OK)
        return KP_FAILED;
    for (line = text + strlen(MAGIC); *line != '\0' && *line != '\n';) {
        char *const end = strchr(line, '\n');

        if (end == NULL)
            return kp_fail(call, "lines: they do not end");
        *end = '\0';
        if (tell(call, line) != KP_OK)
            return KP_FAILED;
        line = end + 1;
    }
    return KP_OK;
}

static const char *const kinds[] = {"puzzle", NULL};

static const struct kp_format puzzle = {
    .size = sizeof(struct kp_format),
    .name = "puzzle",
    .summary = "images that tell what they are made of",
    .kinds = kinds,
    .inspect = inspect,
};

static const struct kp_format *const formats[] = {&puzzle, NULL};

KP_PLUGIN("org.example.puzzle", "puzzle", "1.0", "BSD-3-Clause", "Example", "https://example.org/",
          "a format that tells what it is made of",
          KP_OFFERS_FORMAT("puzzle") KP_MAGIC("puzzle", "0", "50555a5a4c450a", "ffffffffffffff"),
          .formats = formats)
