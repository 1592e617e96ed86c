/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of kpipe's side of a worker (plugin/remote*.c): messages that break a rule of
 * wire/message.h, one each. kpipe reports the plugin's fault at the recipe's line, ends the
 * worker, and keeps nothing.
 */
#include "remote-shared.h"

LIE(unknown_type)
{
    say(63);
}
LIE(type_of_kpipe)
{
    say(KP_WIRE_CALL);
}
LIE(great_type)
{
    say(UINT32_MAX);
}
LIE(described_again)
{
    say(KP_WIRE_DESCRIBED);
}
LIE(short_packet)
{
    (void)!write(wire.socket, "abc", 3);
}
LIE(impossible_size)
{
    (void)!write(wire.socket, "\x40\0\0\0\xff\xff\xff\xff", 8);
}
LIE(longer_than_said)
{
    (void)!write(wire.socket, "\x43\0\0\0\x01\0\0\0aa", 10);
}
LIE(descriptor)
{
    const int ends[1] = {wire.socket};

    kp_wire_send(&wire, KP_WIRE_NO_MEMORY, NULL, ends, 1);
}

LIE(fail_nowhere)
{
    kp_put_u64(&said, 1000000);
    kp_put_text(&said, "text");
    kp_put_text(&said, NULL);
    kp_put_text(&said, NULL);
    say(KP_WIRE_FAIL);
}
LIE(fail_without_text)
{
    kp_put_u64(&said, UINT64_MAX);
    for (int i = 0; i < 3; i++)
        kp_put_text(&said, NULL);
    say(KP_WIRE_FAIL);
}
LIE(text_without_end)
{
    kp_put_bytes(&said, "abc", 3);
    say(KP_WIRE_FAULT);
}
LIE(fault_with_escapes)
{
    kp_put_text(&said, "\x1b[2J");
    say(KP_WIRE_FAULT);
}
LIE(more_behind)
{
    kp_put_u8(&said, 1);
    say(KP_WIRE_NO_MEMORY);
}
LIE(field_of_no_type)
{
    kp_put_u32(&said, 3);
    kp_put_u32(&said, 0);
    kp_put_text(&said, "name");
    for (int i = 0; i < 3; i++)
        kp_put_u64(&said, 0);
    kp_put_bytes(&said, "", 0);
    kp_put_text(&said, NULL);
    kp_put_text(&said, NULL);
    kp_put_u32(&said, 0);
    kp_put_u32(&said, 0);
    say(KP_WIRE_FIELD);
}
LIE(endless_notes)
{
    for (;;)
        say_note("and on");
}

LIE(image_not_given)
{
    put_image(1, 0, UINT64_MAX);
    say(KP_WIRE_IDENTIFY);
}
LIE(part_outside)
{
    put_image(0, 9, 1);
    say(KP_WIRE_IDENTIFY);
}
LIE(part_without_end)
{
    put_image(0, 1, UINT64_MAX);
    say(KP_WIRE_IDENTIFY);
}
LIE(cut_short)
{
    kp_put_u32(&said, 0);
    say(KP_WIRE_IDENTIFY);
}
LIE(output_not_given)
{
    kp_put_u32(&said, 1);
    kp_put_text(&said, "arch");
    kp_put_u64(&said, 0);
    say(KP_WIRE_SET_NUMBER);
}
LIE(stage_not_given)
{
    kp_put_u32(&said, 0);
    put_image(0, 0, UINT64_MAX);
    say(KP_WIRE_RUN_STAGE);
}
LIE(stages_not_given)
{
    kp_put_u32(&said, 0);
    kp_put_u32(&said, 0);
    say(KP_WIRE_RUN_STAGES);
}
LIE(stages_without_end)
{
    kp_put_u32(&said, KP_WIRE_NONE);
    kp_put_u32(&said, UINT32_MAX);
    say(KP_WIRE_RUN_STAGES);
}
LIE(stages_on_a_part_outside)
{
    kp_put_u32(&said, KP_WIRE_NONE);
    kp_put_u32(&said, 2);
    put_image(0, 0, UINT64_MAX);
    put_image(0, 1, UINT64_MAX);
    say(KP_WIRE_RUN_STAGES);
}
LIE(tree_not_given)
{
    kp_put_u32(&said, 0);
    kp_put_text(&said, "");
    say(KP_WIRE_TREE_LIST);
}
LIE(key_not_given)
{
    kp_put_u32(&said, 0);
    say(KP_WIRE_KEY_FACTS);
}
LIE(digest_without_end)
{
    kp_put_u32(&said, KP_WIRE_NONE);
    kp_put_u32(&said, 1);
    kp_put_u32(&said, 0);
    kp_put_text(&said, "sha256");
    kp_put_u32(&said, 64);
    say(KP_WIRE_KEY_SIGN);
}
LIE(arguments_without_end)
{
    kp_put_text(&said, "tool");
    kp_put_u8(&said, 1);
    kp_put_u32(&said, UINT32_MAX);
    say(KP_WIRE_TOOL);
}
LIE(argument_of_null)
{
    kp_put_text(&said, "tool");
    kp_put_u8(&said, 1);
    kp_put_u32(&said, 1);
    kp_put_text(&said, NULL);
    say(KP_WIRE_TOOL);
}
LIE(file_not_given)
{
    kp_put_text(&said, "tool");
    kp_put_u8(&said, 0);
    kp_put_u32(&said, 2);
    for (uint32_t i = 0; i < 2; i++) {
        kp_put_text(&said, "file");
        put_image(i, 0, 3);
        kp_put_u8(&said, 0);
    }
    say(KP_WIRE_TOOL);
}
LIE(endless_memory)
{
    for (;;)
        close(ask_for_memory(1));
}
LIE(endless_faults)
{
    for (;;) {
        kp_put_u32(&said, KP_WIRE_NONE);
        kp_put_text(&said, "arch");
        kp_put_text(&said, "arm");
        say(KP_WIRE_SET_TEXT);
        await_answer();
    }
}

static const struct lie lies[] = {
    {lie_unknown_type, PROTOCOL "a message that there is not"},
    {lie_type_of_kpipe, PROTOCOL "a message that there is not"},
    {lie_great_type, PROTOCOL "a message that there is not"},
    {lie_described_again, PROTOCOL "a message that there is not"},
    {lie_short_packet, PROTOCOL "a packet without a head"},
    {lie_impossible_size, PROTOCOL "a message of an impossible size"},
    {lie_longer_than_said, PROTOCOL "a message of an impossible size"},
    {lie_descriptor, PROTOCOL "a descriptor that was not asked for"},
    {lie_fail_nowhere, PROTOCOL "an error without a text, or at no parameter"},
    {lie_fail_without_text, PROTOCOL "an error without a text, or at no parameter"},
    {lie_text_without_end, UNREADABLE},
    {lie_fault_with_escapes, PROTOCOL "a fault that is no text"},
    {lie_more_behind, UNREADABLE},
    {lie_field_of_no_type, PROTOCOL "a fact of no known type"},
    {lie_endless_notes, PROTOCOL "it tells more than a call can have to say"},
    {lie_image_not_given, PROTOCOL "an image that was not given to it"},
    {lie_part_outside, PROTOCOL "a part of an image that lies outside of it"},
    {lie_part_without_end, PROTOCOL "a part of an image that lies outside of it"},
    {lie_cut_short, UNREADABLE},
    {lie_output_not_given, PROTOCOL "an output that was not given to it"},
    {lie_stage_not_given, PROTOCOL "a stage that was not given to it"},
    {lie_stages_not_given, PROTOCOL "a stage that was not given to it"},
    {lie_stages_without_end, PROTOCOL "a message that cannot be read"},
    {lie_stages_on_a_part_outside, PROTOCOL "a part of an image that lies outside of it"},
    {lie_tree_not_given, PROTOCOL "a tree that was not given to it"},
    {lie_key_not_given, PROTOCOL "a key that was not given to it"},
    {lie_digest_without_end, UNREADABLE},
    {lie_arguments_without_end, UNREADABLE},
    {lie_argument_of_null, UNREADABLE},
    {lie_file_not_given, PROTOCOL "an image that was not given to it"},
    {lie_endless_memory, PROTOCOL "it asks for more pieces of memory than a call can have"},
    {lie_endless_faults, "sets a trait whose name is none"},
};

START_TEST(messages_are_checked)
{
    expect_found_out(&lies[_i]);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, messages_are_checked, 0, sizeof(lies) / sizeof(lies[0]));
}

int main(void)
{
    return run_tests("plugin-remote", begin, end, fill);
}
