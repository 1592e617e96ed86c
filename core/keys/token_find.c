/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/token_find.c - the object on a token that a URI means, and its public part: from its own
 * attributes, or from those of the public key or certificate that has the same CKA_ID.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <string.h>

#include "keys/token_private.h"

/* Attributes that a URI can give, and the class. */
#define MOST_ATTRIBUTES 16
/* Bytes of an attribute that is looked at. */
#define MOST_VALUE ((CK_ULONG)1 << 16)

/* The value of an attribute; from malloc. */
struct value {
    uint8_t *bytes;
    size_t size;
};
static void kp_auto_value(const struct value *value)
{
    free(value->bytes);
}

static bool get(const struct kp_token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                struct value *value)
{
    CK_ATTRIBUTE attribute = {type, NULL, 0};

    *value = (struct value){0};
    if (token->module->C_GetAttributeValue(token->session, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen == 0 || attribute.ulValueLen > MOST_VALUE)
        return false;
    attribute.pValue = value->bytes = malloc(attribute.ulValueLen);
    value->size = attribute.ulValueLen;
    return value->bytes != NULL &&
           token->module->C_GetAttributeValue(token->session, object, &attribute, 1) == CKR_OK;
}

static bool get_number(const struct kp_token *token, CK_OBJECT_HANDLE object,
                       CK_ATTRIBUTE_TYPE type, CK_ULONG *number)
{
    CK_ATTRIBUTE attribute = {type, number, sizeof(*number)};

    return token->module->C_GetAttributeValue(token->session, object, &attribute, 1) == CKR_OK;
}

/* --- public parts --- */

static EVP_PKEY *make(const char *type, OSSL_PARAM_BLD *builder)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (params == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *rsa_of(const struct kp_token *token, CK_OBJECT_HANDLE object)
{
    KP_AUTO(value) struct value modulus = {0}, exponent = {0};
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = NULL, *e = NULL;
    EVP_PKEY *key = NULL;

    if (get(token, object, CKA_MODULUS, &modulus) &&
        get(token, object, CKA_PUBLIC_EXPONENT, &exponent)) {
        n = BN_bin2bn(modulus.bytes, (int)modulus.size, NULL);
        e = BN_bin2bn(exponent.bytes, (int)exponent.size, NULL);
    }
    if (builder != NULL && n != NULL && e != NULL &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = make("RSA", builder);
    BN_free(n);
    BN_free(e);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

/* The curve is an OID in DER; the point in an OCTET STRING, as PKCS #11 says, or bare. */
static EVP_PKEY *ec_of(const struct kp_token *token, CK_OBJECT_HANDLE object)
{
    KP_AUTO(value) struct value curve = {0}, point = {0};
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    ASN1_OBJECT *oid = NULL;
    ASN1_OCTET_STRING *inner = NULL;
    const unsigned char *at;
    const char *name = NULL;
    EVP_PKEY *key = NULL;

    if (get(token, object, CKA_EC_PARAMS, &curve) && get(token, object, CKA_EC_POINT, &point)) {
        at = curve.bytes;
        oid = d2i_ASN1_OBJECT(NULL, &at, (long)curve.size);
        at = point.bytes;
        inner = d2i_ASN1_OCTET_STRING(NULL, &at, (long)point.size);
    }
    if (oid != NULL && OBJ_obj2nid(oid) != NID_undef)
        name = OBJ_nid2sn(OBJ_obj2nid(oid));
    if (builder != NULL && name != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, name, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
                                         inner != NULL ? ASN1_STRING_get0_data(inner) : point.bytes,
                                         inner != NULL ? (size_t)ASN1_STRING_length(inner)
                                                       : point.size) == 1)
        key = make("EC", builder);
    ASN1_OBJECT_free(oid);
    ASN1_OCTET_STRING_free(inner);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *certified(const struct kp_token *token, CK_OBJECT_HANDLE object)
{
    KP_AUTO(value) struct value der = {0};
    const unsigned char *at;
    X509 *certificate = NULL;
    EVP_PKEY *key;

    if (get(token, object, CKA_VALUE, &der)) {
        at = der.bytes;
        certificate = d2i_X509(NULL, &at, (long)der.size);
    }
    key = certificate == NULL ? NULL : X509_get_pubkey(certificate);
    X509_free(certificate);
    return key;
}

/* What an object itself says; NULL if that is not enough. */
static EVP_PKEY *public_of(const struct kp_token *token, CK_OBJECT_HANDLE object,
                           CK_OBJECT_CLASS class)
{
    CK_ULONG type;

    if (class == CKO_CERTIFICATE)
        return certified(token, object);
    if (!get_number(token, object, CKA_KEY_TYPE, &type))
        return NULL;
    return type == CKK_RSA ? rsa_of(token, object) : type == CKK_EC ? ec_of(token, object) : NULL;
}

/* --- objects --- */

/* Finds up to two objects. */
static CK_RV find_two(const struct kp_token *token, CK_ATTRIBUTE *template, CK_ULONG count,
                      CK_OBJECT_HANDLE found[2], CK_ULONG *found_count)
{
    CK_RV result = token->module->C_FindObjectsInit(token->session, template, count);

    *found_count = 0;
    if (result != CKR_OK)
        return result;
    result = token->module->C_FindObjects(token->session, found, 2, found_count);
    token->module->C_FindObjectsFinal(token->session);
    return result;
}

/* Those of a class that the URI's attributes fit. */
static CK_RV find_class(const struct kp_token_opening *opening, const struct kp_token *token,
                        CK_OBJECT_CLASS class, CK_OBJECT_HANDLE found[2], CK_ULONG *found_count)
{
    CK_ATTRIBUTE template[MOST_ATTRIBUTES] = {{CKA_CLASS, &class, sizeof(class)}};
    CK_ULONG all, count = 1;
    const CK_ATTRIBUTE *given = p11_kit_uri_get_attributes(opening->uri, &all);

    for (CK_ULONG i = 0; given != NULL && i < all && count < MOST_ATTRIBUTES; i++)
        if (given[i].type != CKA_CLASS)
            template[count++] = given[i];
    return find_two(token, template, count, found, found_count);
}

/* The public part in another object with the same CKA_ID; NULL if there is none. */
static EVP_PKEY *public_beside(const struct kp_token *token, CK_OBJECT_HANDLE object)
{
    static const CK_OBJECT_CLASS classes[] = {CKO_PUBLIC_KEY, CKO_CERTIFICATE};
    KP_AUTO(value) struct value id = {0};
    EVP_PKEY *key = NULL;

    if (!get(token, object, CKA_ID, &id))
        return NULL;
    for (size_t i = 0; key == NULL && i < sizeof(classes) / sizeof(classes[0]); i++) {
        CK_OBJECT_CLASS class = classes[i];
        CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof(class)},
                                   {CKA_ID, id.bytes, (CK_ULONG)id.size}};
        CK_OBJECT_HANDLE found[2];
        CK_ULONG count;

        if (find_two(token, template, 2, found, &count) == CKR_OK && count > 0)
            key = public_of(token, found[0], class);
    }
    return key;
}

bool kp_token_wants_public(const struct kp_token_opening *opening)
{
    const CK_ATTRIBUTE *class = p11_kit_uri_get_attribute(opening->uri, CKA_CLASS);
    CK_OBJECT_CLASS value;

    if (class == NULL || class->ulValueLen != sizeof(value))
        return false;
    memcpy(&value, class->pValue, sizeof(value));
    return value == CKO_PUBLIC_KEY || value == CKO_CERTIFICATE;
}

static bool no_object(const struct kp_token_opening *opening, const struct kp_token *token,
                      const char *why, const char *hint)
{
    return kp_error_hint(opening->diags, opening->source->place, hint, KP1430,
                         opening->source->name, token->label, why);
}

/* The object; false after reporting. A private key goes before what is public of it. */
static bool find_object(const struct kp_token_opening *opening, const struct kp_token *token,
                        CK_OBJECT_HANDLE *object, CK_OBJECT_CLASS *class)
{
    static const CK_OBJECT_CLASS classes[] = {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, CKO_CERTIFICATE};
    const CK_ATTRIBUTE *wanted = p11_kit_uri_get_attribute(opening->uri, CKA_CLASS);

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        CK_OBJECT_HANDLE found[2];
        CK_ULONG count;
        CK_RV result;

        *class = classes[i];
        if (wanted != NULL && (wanted->ulValueLen != sizeof(*class) ||
                               memcmp(wanted->pValue, class, sizeof(*class)) != 0))
            continue;
        result = find_class(opening, token, *class, found, &count);
        if (result != CKR_OK)
            return no_object(opening, token, kp_token_why(result), NULL);
        if (count > 1)
            return no_object(opening, token, "several of its keys fit the URI",
                             "say which by object=LABEL or id=%..");
        *object = found[0];
        if (count == 1)
            return true;
    }
    return no_object(opening, token, "none of its keys fits the URI",
                     "`p11tool --login --list-all` and `pkcs11-tool --list-objects --login` show "
                     "them");
}

bool kp_token_find(const struct kp_token_opening *opening, struct kp_token *token)
{
    struct kp_arena *arena = opening->keyring->arena;
    struct kp_key *key = opening->key;
    struct kp_token_key *own = KP_ARENA_NEW(arena, struct kp_token_key);
    KP_AUTO(pkey) EVP_PKEY *part = NULL;
    CK_OBJECT_HANDLE object = 0;
    CK_OBJECT_CLASS class;
    CK_BBOOL each_time = CK_FALSE;
    CK_ATTRIBUTE asks = {CKA_ALWAYS_AUTHENTICATE, &each_time, sizeof(each_time)};
    const char *why;

    if (own == NULL)
        return kp_out_of_memory(opening->diags);
    if (!find_object(opening, token, &object, &class))
        return false;
    part = public_of(token, object, class);
    if (part == NULL && class == CKO_PRIVATE_KEY)
        part = public_beside(token, object);
    ERR_clear_error();
    if (part == NULL)
        return no_object(opening, token, "it does not tell the key's public part",
                         "put the public key or a certificate beside it, with the same id");
    key->is_private = class == CKO_PRIVATE_KEY;
    if (!kp_key_set_public(key, part, arena, &why))
        return why == NULL ? kp_out_of_memory(opening->diags)
                           : no_object(opening, token, why, NULL);
    if (!key->is_private)
        return true;
    if (token->module->C_GetAttributeValue(token->session, object, &asks, 1) != CKR_OK)
        each_time = CK_FALSE; /* older than that attribute */
    *own = (struct kp_token_key){token, object, each_time == CK_TRUE};
    key->on_token = own;
    return true;
}
