/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/token.c - from a PKCS#11 URI (RFC 7512) to a token with a session in which its user is
 * logged in. Modules come from p11-kit's configuration, which is the system's and the user's, or
 * are named by the URI: then it is code that runs in kpipe, and who says so counts.
 *
 * A PIN is tried once for each token, since tokens lock themselves after a few wrong ones.
 */
#include <errno.h>
#include <string.h>

#include "base/owner.h"
#include "keys/token_private.h"

#define MOST_LISTED 8
#define MOST_SLOTS 256
#define PIN_HINT                                                                                   \
    "put it into a file, and name that: {pkcs11: URI, secret-from: F}; or set KPIPE_PIN"

const char *kp_token_why(CK_RV result)
{
    return p11_kit_strerror(result);
}

static bool bad_uri(const struct kp_token_opening *opening, const char *why, const char *hint)
{
    return kp_error_hint(opening->diags, opening->source->place, hint, KP1427,
                         opening->source->name, why);
}

static bool token_error(const struct kp_token_opening *opening, const struct kp_token *token,
                        const char *why, const char *hint)
{
    return kp_error_hint(opening->diags, opening->source->place, hint, KP1430,
                         opening->source->name, token->label, why);
}

/* --- modules --- */

static bool bad_module(const struct kp_token_opening *opening, const char *path, const char *why)
{
    return kp_error(opening->diags, opening->source->place, KP1428, opening->source->name, path,
                    why == NULL ? "p11-kit does not say why" : why);
}

static CK_FUNCTION_LIST *load_named(const struct kp_token_opening *opening, const char *path)
{
    struct kp_tokens *tokens = opening->keyring->tokens;
    CK_FUNCTION_LIST *module = p11_kit_module_load(path, 0);
    CK_FUNCTION_LIST **slot;
    const char **name;
    CK_RV result;

    if (module == NULL) {
        bad_module(opening, path, p11_kit_message());
        return NULL;
    }
    result = p11_kit_module_initialize(module);
    slot = result == CKR_OK ? KP_PUSH(&tokens->named, CK_FUNCTION_LIST *) : NULL;
    name = slot == NULL ? NULL : KP_PUSH(&tokens->paths, const char *);
    if (name != NULL) {
        *name = kp_arena_strdup(opening->keyring->arena, path);
        *slot = module;
        return module;
    }
    if (result != CKR_OK)
        bad_module(opening, path, kp_token_why(result));
    else
        kp_out_of_memory(opening->diags);
    if (slot != NULL)
        tokens->named.count--;
    p11_kit_module_release(module);
    return NULL;
}

/* The module that a URI names. A recipe alone may choose among what only root could put there. */
static CK_FUNCTION_LIST *named_module(const struct kp_token_opening *opening, const char *path)
{
    const struct kp_tokens *tokens = opening->keyring->tokens;
    const char *why = NULL;

    for (size_t i = 0; i < tokens->paths.count; i++)
        if (strcmp(KP_ITEM(&tokens->paths, const char *, i), path) == 0)
            return KP_ITEM(&tokens->named, CK_FUNCTION_LIST *, i);
    if (path[0] != '/')
        why = "not an absolute path";
    else if (!opening->source->given && !opening->keyring->options.any_module)
        why = kp_owner_not_root(opening->keyring->arena, path);
    if (why == NULL)
        return load_named(opening, path);
    if (path[0] != '/' || access(path, F_OK) != 0)
        bad_module(opening, path, path[0] != '/' ? why : strerror(errno));
    else
        kp_error_hint(opening->diags, opening->source->place,
                      "if you trust that module, say --allow-exec", KP1429, opening->source->name,
                      path, why);
    return NULL;
}

/* The modules in which to look: NULL-terminated. NULL after reporting. */
static CK_FUNCTION_LIST **find_modules(const struct kp_token_opening *opening,
                                       CK_FUNCTION_LIST *single[2])
{
    struct kp_keyring *keyring = opening->keyring;
    const char *path = p11_kit_uri_get_module_path(opening->uri);
    const char *name = p11_kit_uri_get_module_name(opening->uri);

    if (keyring->tokens == NULL)
        keyring->tokens = KP_ARENA_NEW(keyring->arena, struct kp_tokens);
    if (keyring->tokens == NULL) {
        kp_out_of_memory(opening->diags);
        return NULL;
    }
    if (path != NULL) {
        single[0] = named_module(opening, path);
        single[1] = NULL;
        return single[0] == NULL ? NULL : single;
    }
    if (keyring->tokens->modules == NULL)
        keyring->tokens->modules = p11_kit_modules_load_and_initialize(0);
    if (keyring->tokens->modules == NULL)
        bad_module(opening, "p11-kit's", p11_kit_message());
    if (keyring->tokens->modules == NULL || name == NULL)
        return keyring->tokens->modules;
    single[0] = p11_kit_module_for_name(keyring->tokens->modules, name);
    single[1] = NULL;
    if (single[0] != NULL)
        return single;
    bad_module(opening, name, "p11-kit is not configured for it");
    return NULL;
}

/* --- tokens --- */

/* What is padded with blanks, without them. */
static void copy_label(char to[33], const CK_TOKEN_INFO *info)
{
    size_t length = sizeof(info->label);

    while (length > 0 && (info->label[length - 1] == ' ' || info->label[length - 1] == '\0'))
        length--;
    memcpy(to, info->label, length);
    to[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)to[i] < ' ')
            to[i] = '?';
}

/* Tokens without a user hold certificates that the system trusts, and no keys. */
static bool is_candidate(const CK_TOKEN_INFO *info)
{
    return (info->flags & CKF_TOKEN_INITIALIZED) != 0 && (info->flags & CKF_LOGIN_REQUIRED) != 0;
}

struct candidates {
    CK_FUNCTION_LIST *module;
    CK_SLOT_ID slot;
    char label[33];
    size_t count;
    struct kp_string labels; /* of all, for a hint */
};

/* The slots of one module that hold a token which the URI (NULL: any) fits. */
static void look_in(CK_FUNCTION_LIST *module, P11KitUri *uri, struct candidates *found)
{
    CK_SLOT_ID slots[MOST_SLOTS];
    CK_ULONG count = MOST_SLOTS;
    CK_SLOT_INFO slot;
    CK_TOKEN_INFO info;

    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
        return;
    for (CK_ULONG i = 0; i < count; i++) {
        if (module->C_GetTokenInfo(slots[i], &info) != CKR_OK || !is_candidate(&info) ||
            module->C_GetSlotInfo(slots[i], &slot) != CKR_OK)
            continue;
        if (uri != NULL && (p11_kit_uri_match_token_info(uri, &info) != 1 ||
                            p11_kit_uri_match_slot_info(uri, &slot) != 1 ||
                            (p11_kit_uri_get_slot_id(uri) != (CK_SLOT_ID)-1 &&
                             p11_kit_uri_get_slot_id(uri) != slots[i])))
            continue;
        copy_label(found->label, &info);
        found->module = module;
        found->slot = slots[i];
        if (found->count++ < MOST_LISTED)
            kp_string_printf(&found->labels, "%s'%s'", found->count == 1 ? "" : ", ", found->label);
    }
}

static void look(CK_FUNCTION_LIST **modules, P11KitUri *uri, struct candidates *found)
{
    CK_INFO info;

    for (; *modules != NULL; modules++)
        if (uri == NULL || ((*modules)->C_GetInfo(&info) == CKR_OK &&
                            p11_kit_uri_match_module_info(uri, &info) == 1))
            look_in(*modules, uri, found);
}

static bool no_token(const struct kp_token_opening *opening, CK_FUNCTION_LIST **modules)
{
    struct candidates all = {0};
    const char *hint = "no token is there; `p11-kit list-modules` shows what p11-kit sees";

    look(modules, NULL, &all);
    if (all.count > 0 && all.labels.text != NULL)
        hint =
            kp_arena_printf(opening->keyring->arena, "tokens that are there: %s", all.labels.text);
    kp_error_hint(opening->diags, opening->source->place, hint, KP1431, opening->source->name,
                  kp_key_shown(opening->source->uri), opening->source->uri, "no token fits");
    kp_string_free(&all.labels);
    return false;
}

/* The keyring's own of that slot, made if it is new; NULL when memory runs out. */
static struct kp_token *keep_token(const struct kp_token_opening *opening,
                                   const struct candidates *found)
{
    struct kp_vector *tokens = &opening->keyring->tokens->tokens;
    struct kp_token *token;
    struct kp_token **slot;

    for (size_t i = 0; i < tokens->count; i++) {
        token = KP_ITEM(tokens, struct kp_token *, i);
        if (token->module == found->module && token->slot == found->slot)
            return token;
    }
    token = KP_ARENA_NEW(opening->keyring->arena, struct kp_token);
    slot = token == NULL ? NULL : KP_PUSH(tokens, struct kp_token *);
    if (slot == NULL)
        return NULL;
    *slot = token;
    token->module = found->module;
    token->slot = found->slot;
    memcpy(token->label, found->label, sizeof(token->label));
    pthread_mutex_init(&token->lock, NULL);
    return token;
}

static struct kp_token *find_token(const struct kp_token_opening *opening)
{
    CK_FUNCTION_LIST *single[2];
    CK_FUNCTION_LIST **modules = find_modules(opening, single);
    struct candidates found = {0};
    struct kp_token *token = NULL;

    if (modules == NULL)
        return NULL;
    look(modules, opening->uri, &found);
    if (found.count == 0)
        no_token(opening, modules);
    else if (found.count > 1)
        kp_error_hint(opening->diags, opening->source->place,
                      kp_arena_printf(opening->keyring->arena,
                                      "say which by token=LABEL; they are: %s", found.labels.text),
                      KP1431, opening->source->name, kp_key_shown(opening->source->uri),
                      opening->source->uri, "several tokens fit");
    else if ((token = keep_token(opening, &found)) == NULL)
        kp_out_of_memory(opening->diags);
    kp_string_free(&found.labels);
    return token;
}

/* --- the PIN --- */

/* The file that `pin-source` of the URI names; *path NULL: none. False after reporting. */
static bool pin_file(const struct kp_token_opening *opening, const char **path)
{
    static const char scheme[] = "file:";
    const char *source = p11_kit_uri_get_pin_source(opening->uri);
    const char *folder = opening->source->folder;

    *path = NULL;
    if (source == NULL)
        return true;
    if (strncmp(source, scheme, sizeof(scheme) - 1) != 0)
        return bad_uri(opening, "pin-source: not file:", "kpipe runs no program for a PIN");
    source += sizeof(scheme) - 1;
    if (strncmp(source, "///", 3) == 0)
        source += 2;
    *path = source[0] == '/' || folder == NULL || strcmp(folder, ".") == 0
                ? kp_arena_strdup(opening->keyring->arena, source)
                : kp_arena_printf(opening->keyring->arena, "%s/%s", folder, source);
    return *path != NULL || kp_out_of_memory(opening->diags);
}

/* What the token says of the tries that are left. */
static const char *tries_left(const struct kp_token *token)
{
    CK_TOKEN_INFO info;

    if (token->module->C_GetTokenInfo(token->slot, &info) != CKR_OK)
        return NULL;
    if ((info.flags & CKF_USER_PIN_LOCKED) != 0)
        return "the token is locked now; its security officer can set a new PIN";
    if ((info.flags & CKF_USER_PIN_FINAL_TRY) != 0)
        return "one more wrong PIN locks the token";
    return NULL;
}

static bool log_in(const struct kp_token_opening *opening, struct kp_token *token,
                   const CK_TOKEN_INFO *info)
{
    const bool by_pad = (info->flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    KP_AUTO(secret) struct kp_secret pin = {0};
    const char *path;
    CK_RV result;

    if (!pin_file(opening, &path) ||
        (!by_pad &&
         !kp_keyring_secret(opening->keyring, opening->diags, opening->source, path, &pin)))
        return false;
    if (!by_pad && pin.size == 0)
        return token_error(opening, token, "it wants a PIN, and none is given", PIN_HINT);
    if ((info->flags & CKF_USER_PIN_LOCKED) != 0)
        return token_error(opening, token, "its PIN is locked", tries_left(token));
    result = token->module->C_Login(token->session, CKU_USER, pin.bytes, (CK_ULONG)pin.size);
    if (result == CKR_PIN_INCORRECT || result == CKR_PIN_LEN_RANGE || result == CKR_PIN_INVALID)
        return token_error(opening, token, "wrong PIN", tries_left(token));
    if (result != CKR_OK && result != CKR_USER_ALREADY_LOGGED_IN)
        return token_error(opening, token, kp_token_why(result), NULL);
    token->is_logged_in = true;
    token->pin = pin;
    pin = (struct kp_secret){0};
    return true;
}

static bool open_token(const struct kp_token_opening *opening, struct kp_token *token)
{
    CK_TOKEN_INFO info;
    CK_RV result = CKR_OK;

    if (token->is_failed)
        return false;
    token->is_failed = true;
    if (!token->is_open)
        result = token->module->C_OpenSession(token->slot, CKF_SERIAL_SESSION, NULL, NULL,
                                              &token->session);
    if (result == CKR_OK) {
        token->is_open = true;
        result = token->module->C_GetTokenInfo(token->slot, &info);
    }
    if (result != CKR_OK)
        return token_error(opening, token, kp_token_why(result), NULL);
    if (!token->is_logged_in && !kp_token_wants_public(opening) && !log_in(opening, token, &info))
        return false;
    token->is_failed = false;
    return true;
}

/* --- keys --- */

bool kp_key_open_token(struct kp_keyring *keyring, struct kp_diags *diags,
                       const struct kp_key_source *source, struct kp_key *key)
{
    struct kp_token_opening opening = {keyring, diags, source, key, p11_kit_uri_new()};
    struct kp_token *token;
    int result;
    bool good = false;

    if (opening.uri == NULL)
        return kp_out_of_memory(diags);
    result = p11_kit_uri_parse(source->uri, P11_KIT_URI_FOR_ANY, opening.uri);
    if (result != P11_KIT_URI_OK)
        bad_uri(&opening, p11_kit_uri_message(result),
                "as in pkcs11:token=release;object=dev (RFC 7512)");
    else if (p11_kit_uri_any_unrecognized(opening.uri) != 0)
        bad_uri(&opening, "it has attributes that are not known",
                "known are token, serial, manufacturer, model, object, id, type, slot-id, "
                "pin-source, module-path and module-name");
    else if ((token = find_token(&opening)) != NULL)
        good = open_token(&opening, token) && kp_token_find(&opening, token);
    p11_kit_uri_free(opening.uri);
    return good;
}

void kp_tokens_free(struct kp_tokens *tokens)
{
    if (tokens == NULL)
        return;
    for (size_t i = 0; i < tokens->tokens.count; i++) {
        struct kp_token *token = KP_ITEM(&tokens->tokens, struct kp_token *, i);

        if (token->is_logged_in)
            token->module->C_Logout(token->session);
        if (token->is_open)
            token->module->C_CloseSession(token->session);
        kp_secret_free(&token->pin);
        pthread_mutex_destroy(&token->lock);
    }
    for (size_t i = 0; i < tokens->named.count; i++) {
        CK_FUNCTION_LIST *module = KP_ITEM(&tokens->named, CK_FUNCTION_LIST *, i);

        p11_kit_module_finalize(module);
        p11_kit_module_release(module);
    }
    if (tokens->modules != NULL)
        p11_kit_modules_finalize_and_release(tokens->modules);
    kp_vector_free(&tokens->tokens);
    kp_vector_free(&tokens->named);
    kp_vector_free(&tokens->paths);
}
