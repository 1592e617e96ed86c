/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tools/manifest.c - kpipe-manifest OUT.c FILE...: writes the table of bundled plugins
 * (plugin/digest.h) from the plugins as they were just built. A tool of the build; it is not
 * installed, and it does not look into the notes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/range.h"
#include "plugin/digest.h"

static bool write_row(FILE *to, const char *path)
{
    KP_AUTO(range) struct kp_range *range = kp_range_open(path, path, NULL);
    const uint8_t *bytes = range != NULL ? kp_range_view(range) : NULL;
    const char *slash = strrchr(path, '/');
    uint8_t digest[KP_DIGEST_SIZE];
    const char *why;

    if (bytes == NULL) {
        fprintf(stderr, "kpipe-manifest: %s: %s\n", path, strerror(errno));
        return false;
    }
    if (!kp_plugin_digest(bytes, kp_range_size(range), digest, &why)) {
        fprintf(stderr, "kpipe-manifest: %s: %s\n", path, why);
        return false;
    }
    fprintf(to, "    {\"%s\",\n     {", slash != NULL ? slash + 1 : path);
    for (size_t i = 0; i < sizeof(digest); i++)
        fprintf(to, "%s0x%02x", i == 0 ? "" : i == 16 ? ",\n      " : ", ", digest[i]);
    fputs("}},\n", to);
    return true;
}

static bool write_all(FILE *to, char **files)
{
    bool fine = true;

    fputs("/* Made by kpipe-manifest. */\n#include \"plugin/digest.h\"\n\n"
          "const struct kp_manifest_row kp_manifest[] = {\n",
          to);
    for (; *files != NULL; files++)
        fine = write_row(to, *files) && fine;
    fputs("    {NULL, {0}},\n};\n\nconst struct kp_static_row kp_static_plugins[] = {{NULL, NULL, "
          "NULL}};\n",
          to);
    return fine;
}

int main(int count, char **arguments)
{
    FILE *to;
    bool fine;

    if (count < 2) {
        fputs("usage: kpipe-manifest OUT.c FILE...\n", stderr);
        return 2;
    }
    to = fopen(arguments[1], "w");
    fine = to != NULL && write_all(to, arguments + 2);
    if (to == NULL || ferror(to) != 0 || fclose(to) != 0) {
        fprintf(stderr, "kpipe-manifest: %s: %s\n", arguments[1], strerror(errno));
        fine = false;
    }
    if (!fine)
        remove(arguments[1]);
    return fine ? 0 : 1;
}
