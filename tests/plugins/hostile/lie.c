/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/lie.c - a plugin that speaks for its worker: requests and findings of things
 * that it was never given.
 */
#include "forge.h"

static int32_t how_set_output(struct kp_call *call)
{
    begin(KP_WIRE_SET_TEXT);
    number(99);
    words("arch");
    words("arm64");
    return sent(call);
}

static int32_t how_run_stage(struct kp_call *call)
{
    begin(KP_WIRE_RUN_STAGE);
    number(7);
    number(0);
    wide(0);
    wide(1);
    return sent(call);
}

static int32_t how_run_stages(struct kp_call *call)
{
    begin(KP_WIRE_RUN_STAGES);
    number(7);
    number(0);
    return sent(call);
}

static int32_t how_decode(struct kp_call *call)
{
    begin(KP_WIRE_DECODE);
    number(0);
    wide(UINT64_MAX);
    wide(UINT64_MAX);
    wide(UINT64_MAX);
    return sent(call);
}

static int32_t how_tree(struct kp_call *call)
{
    begin(KP_WIRE_TREE_OPEN);
    number(0);
    words("../../../../../../../../etc/passwd");
    return sent(call);
}

static int32_t how_key_facts(struct kp_call *call)
{
    begin(KP_WIRE_KEY_FACTS);
    number(0);
    return sent(call);
}

static int32_t how_key_sign(struct kp_call *call)
{
    begin(KP_WIRE_KEY_SIGN);
    number(0);
    number(1);
    number(0);
    words("sha256");
    words("a digest of thirty-one letters.");
    return sent(call);
}

static int32_t how_key_none(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_KEY_ENCRYPT);
    number(KP_WIRE_NONE);
    number(1);
    words("a block of bytes");
    number(KP_WIRE_NONE);
    return asked();
}

static int32_t how_tool(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_TOOL);
    words("sh");
    byte(0); /* no arguments */
    number(0);
    number(KP_WIRE_NONE);
    words(NULL);
    wide(0);
    number(0);
    number(0);
    wide(0);
    words(NULL);
    return asked();
}

static int32_t how_grant_huge(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_GRANT);
    wide(UINT64_C(1) << 60);
    return asked();
}

static int32_t how_parallel(struct kp_call *call)
{
    begin(KP_WIRE_PARALLEL);
    wide(UINT64_MAX);
    return sent(call);
}

static int32_t how_source(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_GIVE_FACT);
    words("fact");
    words("../../etc/passwd");
    return asked();
}

static int32_t how_unterminated(struct kp_call *call)
{
    begin(KP_WIRE_PART);
    number(4);
    memcpy(text + length, "head", 4);
    length += 4;
    return sent(call);
}

static int32_t how_fail_field(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_FAIL);
    wide(12345678);
    words("a field that is none");
    words(NULL);
    words(NULL);
    finish();
    return KP_FAILED;
}

/* What a terminal would obey. */
static int32_t how_fail_escape(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_FAIL);
    wide(UINT64_MAX);
    words("\x1b[2J\x1b]0;owned\x07 fine.yml:1:1: error: \n\xff\xc3\x28 all is well");
    words("\x1b[31m");
    words(NULL);
    finish();
    return KP_FAILED;
}

static int32_t how_field_flags(struct kp_call *call)
{
    begin(KP_WIRE_FIELD);
    number(77);
    number(UINT32_MAX);
    words(NULL);
    wide(UINT64_MAX);
    wide(UINT64_MAX);
    wide(UINT64_MAX);
    number(0);
    words(NULL);
    words(NULL);
    number(UINT32_MAX);
    number(0);
    return sent(call);
}

#define HOSTILE_WAYS(WAY)                                                                          \
    WAY(set_output)                                                                                \
    WAY(run_stage)                                                                                 \
    WAY(run_stages)                                                                                \
    WAY(decode)                                                                                    \
    WAY(tree)                                                                                      \
    WAY(key_facts)                                                                                 \
    WAY(key_sign)                                                                                  \
    WAY(key_none)                                                                                  \
    WAY(tool)                                                                                      \
    WAY(grant_huge)                                                                                \
    WAY(parallel)                                                                                  \
    WAY(source)                                                                                    \
    WAY(unterminated)                                                                              \
    WAY(fail_field)                                                                                \
    WAY(fail_escape)                                                                               \
    WAY(field_flags)

HOSTILE_PLUGIN("org.example.lie", "lie", "")
