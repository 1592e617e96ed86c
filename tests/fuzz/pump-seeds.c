/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/pump-seeds.c - inputs for pump.c to begin with: what a worker says that behaves, one
 * message of each type at least. See wire/message.h for what is in them.
 */
#include "fuzz.h"
#include "kpipe/kpipe.h"
#include "pump-worker.h"
#include "wire/message.h"
#include "wire/wire.h"

enum { JOB_ROGUE, JOB_SOURCE, JOB_INSPECT, JOB_TREE, JOB_DECODE, JOB_DECODER };

static struct kp_wire_writer script, payload;

/* Ends a message: what was put to `payload` since the last one. */
static void say(uint32_t type)
{
    kp_put_u8(&script, (uint8_t)type);
    kp_put_u8(&script, (uint8_t)payload.size);
    kp_put_u8(&script, (uint8_t)(payload.size >> 8));
    for (size_t i = 0; i < payload.size; i++)
        kp_put_u8(&script, payload.bytes[i]);
    kp_wire_writer_free(&payload);
}

static void put_image(uint32_t handle, uint64_t offset, uint64_t length)
{
    kp_put_u32(&payload, handle);
    if (handle == KP_WIRE_NONE)
        return;
    kp_put_u64(&payload, offset);
    kp_put_u64(&payload, length);
}

static void put_result(int32_t result, uint32_t outputs)
{
    kp_put_u32(&payload, (uint32_t)result);
    kp_put_u32(&payload, outputs);
}

static void put_own(const char *bytes, size_t size)
{
    kp_put_u8(&payload, KP_PIECE_OWN);
    kp_put_bytes(&payload, bytes, size);
}

static void done(const char *bytes, size_t size)
{
    put_result(KP_OK, 1);
    kp_put_u32(&payload, KP_WIRE_MAIN_OUTPUT);
    kp_put_u32(&payload, 1);
    put_own(bytes, size);
    say(KP_WIRE_DONE);
}

/* All kinds of pieces; grant 0 has that many bytes. */
static void done_of_pieces(uint64_t granted)
{
    put_result(KP_OK, 2);
    kp_put_u32(&payload, KP_WIRE_MAIN_OUTPUT);
    kp_put_u32(&payload, 4);
    put_own("own", 3);
    kp_put_u8(&payload, KP_PIECE_GRANT);
    kp_put_u32(&payload, 0);
    kp_put_u64(&payload, 10);
    kp_put_u64(&payload, granted - 10);
    kp_put_u8(&payload, KP_PIECE_IMAGE);
    put_image(0, 2, 5);
    kp_put_u8(&payload, KP_PIECE_FILL);
    kp_put_u8(&payload, 'f');
    kp_put_u64(&payload, 100000);
    kp_put_u32(&payload, 1);
    kp_put_u32(&payload, 1);
    put_own("part", 4);
    say(KP_WIRE_DONE);
}

static void grant(uint64_t length, unsigned how)
{
    kp_put_u64(&payload, length);
    say(KP_WIRE_GRANT);
    kp_put_u8(&script, (uint8_t)how);
}

static void begin(uint8_t job)
{
    kp_wire_writer_free(&script);
    kp_put_u8(&script, job);
}

/* --- scripts --- */

static void stage_with_all(unsigned how)
{
    begin(JOB_ROGUE);
    put_image(0, 0, UINT64_MAX);
    say(KP_WIRE_IDENTIFY);
    kp_put_u32(&payload, KP_WIRE_MAIN_OUTPUT);
    kp_put_text(&payload, "entry");
    kp_put_u64(&payload, 0x8000);
    say(KP_WIRE_SET_NUMBER);
    kp_put_u32(&payload, KP_WIRE_MAIN_OUTPUT);
    kp_put_text(&payload, "arch");
    kp_put_text(&payload, "flat");
    say(KP_WIRE_SET_TEXT);
    kp_put_u32(&payload, KP_WIRE_MAIN_OUTPUT);
    kp_put_text(&payload, "entry");
    say(KP_WIRE_CLEAR);
    kp_put_text(&payload, "head");
    say(KP_WIRE_PART);
    kp_put_text(&payload, "flat64");
    say(KP_WIRE_ARCH);
    kp_put_u64(&payload, 5);
    say(KP_WIRE_PARALLEL);
    grant(5000, how);
    kp_put_u32(&payload, KP_NOTE);
    kp_put_text(&payload, "a note");
    kp_put_text(&payload, NULL);
    say(KP_WIRE_SAY);
    done_of_pieces(5000);
}

static void stage_within(void)
{
    begin(JOB_ROGUE);
    kp_put_text(&payload, "head");
    say(KP_WIRE_PART);
    kp_put_u32(&payload, 0);
    put_image(1, 1, 50000);
    say(KP_WIRE_RUN_STAGE);
    grant(100, FUZZ_GRANT_WRITE);
    done("inner", 5); /* of the call within */
    put_image(2, 1, 3);
    say(KP_WIRE_IDENTIFY);
    kp_put_u32(&payload, 0);
    kp_put_u32(&payload, 2);
    put_image(1, 1, 500);
    put_image(2, 0, UINT64_MAX);
    say(KP_WIRE_RUN_STAGES);
    done("first", 5);
    done("second", 6);
    done("outer", 5);
}

static void stage_with_tool(void)
{
    static const char *const arguments[] = {"-n", "name", NULL};

    begin(JOB_ROGUE);
    kp_put_text(&payload, "mkimage");
    kp_put_texts(&payload, arguments);
    kp_put_u32(&payload, 2);
    kp_put_text(&payload, "in");
    put_image(0, 0, UINT64_MAX);
    kp_put_u8(&payload, 0);
    kp_put_text(&payload, "made");
    put_image(KP_WIRE_NONE, 0, 0);
    kp_put_u8(&payload, 1);
    kp_put_bytes(&payload, "bytes", 5);
    put_image(KP_WIRE_NONE, 0, 0);
    kp_put_text(&payload, "out");
    kp_put_u64(&payload, 1000);
    kp_put_u32(&payload, 10);
    kp_put_u32(&payload, KP_TOOL_WARNS);
    kp_put_u64(&payload, 0);
    kp_put_text(&payload, "do it better");
    say(KP_WIRE_TOOL);
    put_result(KP_FAILED, 0);
    say(KP_WIRE_DONE);
}

static void stage_that_fails(void)
{
    begin(JOB_ROGUE);
    kp_put_u64(&payload, 0);
    kp_put_text(&payload, "too much");
    kp_put_text(&payload, "take less");
    kp_put_text(&payload, NULL);
    say(KP_WIRE_FAIL);
    kp_put_text(&payload, "output_append of NULL");
    say(KP_WIRE_FAULT);
    say(KP_WIRE_NO_MEMORY);
    say(KP_WIRE_TOO_LARGE);
    put_result(KP_FAILED, 0);
    say(KP_WIRE_DONE);
}

static void stage_that_dies(void)
{
    begin(JOB_ROGUE);
    kp_put_u32(&payload, KP_WARNING);
    kp_put_text(&payload, "odd");
    kp_put_text(&payload, "very");
    say(KP_WIRE_SAY);
    say(UINT8_MAX); /* no message */
    kp_put_u8(&script, 11 << 3);
    kp_put_bytes(&script, "kpipe-worker: signal 11 at libx.so+0x1f2a\n", 42);
}

static void a_source(void)
{
    begin(JOB_SOURCE);
    kp_put_u32(&payload, 0);
    kp_put_text(&payload, "fuzz.h");
    say(KP_WIRE_TREE_OPEN);
    kp_put_text(&payload, "whole");
    put_image(1, 0, UINT64_MAX);
    say(KP_WIRE_GIVE_IMAGE);
    kp_put_u32(&payload, 1);
    kp_put_text(&payload, "arch");
    kp_put_text(&payload, "flat");
    say(KP_WIRE_SET_TEXT);
    kp_put_text(&payload, "list");
    kp_put_text(&payload, "a part");
    put_image(1, 10, 20);
    say(KP_WIRE_GIVE_LIST);
    kp_put_text(&payload, "list");
    kp_put_text(&payload, NULL);
    put_image(KP_WIRE_NONE, 0, 0);
    say(KP_WIRE_GIVE_LIST);
    kp_put_text(&payload, "release");
    kp_put_text(&payload, "6.12");
    say(KP_WIRE_GIVE_FACT);
    put_result(KP_OK, 0);
    say(KP_WIRE_DONE);
}

static void an_inspection(void)
{
    begin(JOB_INSPECT);
    kp_put_u32(&payload, KP_FIELD_TEXT);
    kp_put_u32(&payload, 0);
    kp_put_text(&payload, "name");
    kp_put_u64(&payload, 4);
    kp_put_u64(&payload, 2);
    kp_put_u64(&payload, 7);
    kp_put_bytes(&payload, "fd", 2);
    kp_put_text(&payload, "what it means");
    kp_put_text(&payload, "contents");
    kp_put_u32(&payload, KP_FIELD_SIZE_OF);
    kp_put_u32(&payload, 1);
    say(KP_WIRE_FIELD);
    kp_put_text(&payload, "[@contents, gzip]");
    say(KP_WIRE_REMAKE);
    kp_put_u32(&payload, KP_WIRE_MAIN_OUTPUT);
    kp_put_text(&payload, "load");
    kp_put_u64(&payload, 0x8000);
    say(KP_WIRE_SET_NUMBER);
    put_result(KP_OK, 0);
    say(KP_WIRE_DONE);
}

static void a_tree(void)
{
    begin(JOB_TREE);
    kp_put_u32(&payload, 0);
    kp_put_text(&payload, "");
    say(KP_WIRE_TREE_LIST);
    kp_put_u32(&payload, 0);
    kp_put_text(&payload, "fuzz.h");
    say(KP_WIRE_TREE_FIND);
    kp_put_u32(&payload, 0);
    kp_put_text(&payload, "fuzz.h");
    say(KP_WIRE_TREE_OPEN);
    put_result(KP_OK, 1);
    kp_put_u32(&payload, KP_WIRE_MAIN_OUTPUT);
    kp_put_u32(&payload, 1);
    kp_put_u8(&payload, KP_PIECE_IMAGE);
    put_image(0, 0, UINT64_MAX);
    say(KP_WIRE_DONE);
}

/* Keys that nobody gave it: faults, each of which goes through the service. */
static void no_keys(void)
{
    begin(JOB_TREE);
    kp_put_u32(&payload, KP_WIRE_NONE);
    say(KP_WIRE_KEY_FACTS);
    kp_put_u32(&payload, KP_WIRE_NONE);
    kp_put_u32(&payload, KP_SIGN_RSA_PKCS1);
    kp_put_u32(&payload, 0);
    kp_put_text(&payload, "sha256");
    kp_put_bytes(&payload, "a digest of thirty-two letters..", 32);
    say(KP_WIRE_KEY_SIGN);
    kp_put_u32(&payload, KP_WIRE_NONE);
    kp_put_u32(&payload, KP_ENCRYPT_AES_CBC);
    kp_put_bytes(&payload, "a block of bytes", 16);
    put_image(0, 0, UINT64_MAX);
    say(KP_WIRE_KEY_ENCRYPT);
    put_result(KP_FAILED, 0);
    say(KP_WIRE_DONE);
}

static void a_decoding(void)
{
    begin(JOB_DECODE);
    put_image(0, 0, UINT64_MAX);
    kp_put_u64(&payload, 100);
    say(KP_WIRE_DECODE);
    kp_put_u64(&payload, 7); /* the decoder */
    say(KP_WIRE_STREAM_END);
    done("aabbcc", 6);
    done("aabbcc@7", 8);
}

static void a_decoder(void)
{
    begin(JOB_DECODER);
    kp_put_u64(&payload, 8);
    say(KP_WIRE_STREAM_END);
    grant(2 << 20, FUZZ_GRANT_WRITE | FUZZ_GRANT_WATCH);
    done("aabbcc", 6);
}

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    static void (*const scripts[])(void) = {
        stage_within,  stage_with_tool, stage_that_fails, stage_that_dies, a_source,
        an_inspection, a_tree,          no_keys,          a_decoding,      a_decoder};

    for (unsigned how = 0; how <= FUZZ_GRANT_WATCH; how = how == 0 ? 1 : 2 * how) {
        stage_with_all(how);
        seed(data, script.bytes, script.size);
    }
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        scripts[i]();
        FUZZ_CHECK(!script.failed);
        seed(data, script.bytes, script.size);
    }
    kp_wire_writer_free(&script);
}
