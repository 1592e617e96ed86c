/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/recipe.h - a recipe, read, merged, expanded and multiplied: what the
 * engine plans from.
 *
 * kp_recipe_read does, in this order: read YAML (yaml.c), merge what `extends`
 * names (extends.c), replace $(variables) (expand.c), check the structure
 * (recipe.c), multiply by `matrix` (matrix.c). What comes out has no variables,
 * no bases and no matrix left; names of multiplied items carry their values:
 * "uImage(board=x15)", which no user can write. Whether a stage exists and what
 * its parameters mean is not known here: that is the engine's to check.
 *
 * All errors go to the kp_diags, as many as can be found in one go.
 */
#ifndef KP_RECIPE_RECIPE_H
#define KP_RECIPE_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "kpipe/param.h"

/* The version of the recipe language: `kpipe: 1`. */
#define KP_RECIPE_LANGUAGE 1

/* A fact that the board knows about an input file: a trait and its value. */
struct kp_recipe_fact {
    struct kp_node *name;
    struct kp_node *value; /* scalar */
};

enum kp_input_type { KP_INPUT_FILE, KP_INPUT_TREE, KP_INPUT_SOURCE };

struct kp_recipe_input {
    const char *name;
    enum kp_input_type type;
    struct kp_place place;  /* of the name */
    struct kp_node *path;   /* scalar: as written, after expansion; of a source its type */
    const char *file;       /* the path to open: absolute, or relative to the current folder */
    struct kp_node *params; /* of a source: as kp_recipe_element.params */
    struct kp_node *arch;   /* scalar, or NULL; wins over the recipe's */
    struct kp_recipe_fact *facts;
    size_t fact_count;
};

/* An element of a chain. */
struct kp_recipe_element {
    struct kp_place place;
    const char *reference;  /* name of an input or image, "image.part" allowed; NULL: a stage */
    const char *stage;      /* name of the stage type; NULL: a reference */
    struct kp_node *params; /* stage: a map, a scalar or list (for the short parameter), or NULL */
};

struct kp_recipe_image {
    const char *name;
    struct kp_place place;
    struct kp_recipe_element *elements; /* at least one */
    size_t element_count;
};

struct kp_recipe_output {
    struct kp_place place;
    const char *image;          /* name of an image or input, "image.part" allowed */
    const char *file;           /* relative, without ".."; below the output folder */
    struct kp_place file_place; /* where the file's name was written */
};

/* A key: in a file, or on a PKCS#11 token. */
struct kp_recipe_key {
    const char *name;             /* of the instance */
    const char *title;            /* as written, without values of the matrix */
    struct kp_place place;        /* of the path or URI */
    const char *file;             /* as struct kp_recipe_input's; one of the two is NULL */
    const char *uri;              /* pkcs11:... */
    const char *folder;           /* that a relative path in the URI counts from */
    const char *secret_file;      /* that holds its PIN or passphrase; NULL: none is named */
    struct kp_place secret_place; /* of that path */
};

/* Why no URI in a recipe holds a PIN. */
#define KP_RECIPE_PIN_HINT                                                                         \
    "put it into a file, and name that by secret-from or by the URI's pin-source=file:F; or set "  \
    "KPIPE_PIN"

/* `tools:` grants a host tool to the stages of this recipe. */
struct kp_recipe_tool {
    const char *name;
    struct kp_place place;
    const char *path; /* as struct kp_recipe_input's `file`; NULL: it is to be searched */
};

/* `isolation:` says where the plugins of this recipe's stages run. What it may loosen is not the
 * recipe's to say, but the engine's. */
enum kp_recipe_isolation {
    KP_RECIPE_ISOLATION_AUTO, /* as the command line says */
    KP_RECIPE_ISOLATION_PROCESS,
    KP_RECIPE_ISOLATION_NONE,
};

struct kp_recipe {
    const char *file;     /* as the user named it; NULL: it was made from words (words.h) */
    const char *name;     /* what `name:` says, or NULL */
    struct kp_node *arch; /* scalar, or NULL */
    struct kp_recipe_input *inputs;
    size_t input_count;
    struct kp_recipe_image *images;
    size_t image_count;
    struct kp_recipe_key *keys;
    size_t key_count;
    struct kp_recipe_output *outputs;
    size_t output_count;
    const struct kp_source_runner *sources; /* those that it was read with */
    struct kp_recipe_tool *tools;
    size_t tool_count;
    enum kp_recipe_isolation isolation;
    struct kp_place isolation_place;
    bool faulty; /* errors were reported, and the items at fault and all that needs them left
                    out: it may be planned to find further errors, and no plan comes of it */
};

/* How the reader learns what sources tell: they run when a fact of theirs is asked for. */
struct kp_source_items;
struct kp_source_runner {
    void *data;
    const char *const *types; /* names of all sources that there are, `type_count` of them */
    size_t type_count;
    /* Runs the source that an input is, once for all inputs that are equal. NULL after
     * reporting, which is done once. */
    const struct kp_source_items *(*run)(void *data, const struct kp_recipe_input *input);
    /* Called before any `run`: all of them are to run in workers. */
    void (*isolate)(void *data);
    /* What is known of a type that is none of these: a hint, or NULL. */
    const char *(*unknown)(void *data, const char *type);
    /* The value of a fact; NULL, and a hint or NULL in *hint, if there is none. */
    const char *(*fact)(void *data, const struct kp_source_items *items, const char *name,
                        const char **hint);
};

/* `--set name=value`. */
struct kp_recipe_set {
    const char *name;
    const char *value;
};

/* How the reader learns which scalars in a stage's parameters name images, trees or keys, which
 * only the plugins' tables tell: the matrix has to follow them. `find` calls
 * `visit` for each such scalar, at any depth. `list` tells where several may take
 * the scalar's place, if the parameter takes a list of images: the list node that it
 * stands in, or the scalar itself where one value stands for a list of one (it then
 * becomes a list); else NULL. `type` tells what it names: KP_TYPE_IMAGE, KP_TYPE_TREE or
 * KP_TYPE_KEY. Nothing is replaced before `find` returns. For an unknown
 * stage it calls nothing. Both return false when memory runs out. */
typedef bool (*kp_visit_reference)(void *context, struct kp_node *scalar, struct kp_node *list,
                                   uint32_t type);
struct kp_reference_finder {
    void *data;
    bool (*find)(void *data, const char *stage, struct kp_node *params, kp_visit_reference visit,
                 void *context);
};

struct kp_recipe_options {
    const char *file; /* recipe to read; "-" is standard input */
    const struct kp_recipe_set *sets;
    size_t set_count;
    const char *installed_recipes; /* folder that `kpipe:...` means */
    const struct kp_reference_finder *finder;
    const struct kp_source_runner *sources; /* NULL: there are none */
};

/* Reads a recipe into the arena. NULL if there were errors (all are in diags). Inputs
 * and images that no output needs are there, too, unless a variable that they name
 * has no value: that alone is no error, so that a base may offer more than one uses. */
struct kp_recipe *kp_recipe_read(struct kp_arena *arena, struct kp_diags *diags,
                                 const struct kp_recipe_options *options);

/* True for [A-Za-z][A-Za-z0-9_-]*, the grammar of names. */
bool kp_recipe_is_name(const char *text);

#endif
