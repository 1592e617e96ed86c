/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/worker-services.c - what a plugin in a worker asks kpipe for, as it stands in
 * messages: reports, requests and their answers. That it leads to the same as in process is tested
 * where calls are (plugin-call.c and others, run with workers). What it is lent is worker-lent.c's.
 */
#include "worker-shared.h"

#ifdef KPIPE_NO_DLOPEN
int main(void)
{
    return EXIT_SUCCESS;
}
#else

/* --- reports --- */

START_TEST(test_reports)
{
    begin("rogue");
    call_rogue(WAY_message);
    hear(KP_WIRE_SAY);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_NOTE);
    hear_text("a note");
    hear_text("for developers");
    hear_end();
    hear(KP_WIRE_SAY);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_WARNING);
    hear_text("a warning");
    hear_text("its detail");
    hear(KP_WIRE_FIELD);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_FIELD_NUMBER);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_FIELD_HEX);
    hear_text("dropped");
    ck_assert_uint_eq(kp_take_u64(&message.payload), 0);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 4);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 1);
    hear_text(NULL);
    hear_text(NULL);
    hear_text(NULL); /* it tells of no part */
    ck_assert_uint_eq(kp_take_u32(&message.payload), 0);
    ck_assert_uint_eq(kp_take_u32(&message.payload), 0);
    hear_end();
    hear_done(KP_OK, 0);
    ck_assert_uint_eq(atomic_load(&control->done), 1);
    ck_assert_uint_eq(atomic_load(&control->total), 2);
    end_worker(0);
}
END_TEST

START_TEST(test_fail)
{
    begin("rogue");
    call_rogue(WAY_fail);
    for (int i = 0; i < 2; i++) {
        hear(KP_WIRE_FAIL);
        ck_assert_uint_eq(kp_take_u64(&message.payload), UINT64_MAX);
        hear_text(i == 0 ? "the first: the cause" : "the second: what follows");
        hear_text(NULL);
        hear_text(NULL);
        hear_end();
    }
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

/* A field of a record in a list: parameters, then two items, of which one points at a text. */
START_TEST(test_fail_at)
{
    struct {
        struct rogue_params params;
        struct rogue_part parts[2];
    } blob = {.params = {.how = WAY_deep, .parts = {.count = 2}}};

    begin("rogue");
    put_call(KP_WIRE_STAGE, "rogue");
    kp_put_u32(&payload, 0);
    kp_put_u32(&payload, KP_WIRE_NONE);
    kp_put_bytes(&payload, &blob, sizeof(blob));
    kp_put_u32(&payload, 1);
    put_place(KP_WIRE_POINTER,
              offsetof(struct rogue_params, parts) + offsetof(struct kp_list, items),
              sizeof(blob.params));
    tell_worker(KP_WIRE_CALL, NULL, 0);
    hear(KP_WIRE_FAIL);
    ck_assert_uint_eq(kp_take_u64(&message.payload), sizeof(blob.params) +
                                                         sizeof(struct rogue_part) +
                                                         offsetof(struct rogue_part, depth.level));
    hear_text("level: 2: too deep");
    hear_text("dig less");
    hear_text("at level 2");
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

/* What cannot cross, or is the desk's to find. */
START_TEST(test_faults)
{
    static const struct {
        enum rogue_way how;
        const char *what;
    } faults[] = {
        {WAY_no_text, "fail without a text"},
        {WAY_no_field, "field without a name or a value"},
        {WAY_no_identity, "identify without an image or a place for the answer"},
        {WAY_no_task, "parallel without a task"},
        {WAY_no_place, "run_stages without inputs, or a place for outputs"},
        {WAY_too_much_scratch, "asks for more scratch memory than it declared"},
        {WAY_slice_behind, "image_slice behind the end of an image"},
        {WAY_give_back_appended, "output used against its rules (kpipe/host.h, outputs)"},
    };

    begin("rogue");
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        call_rogue(faults[i].how);
        hear_fault(faults[i].what);
        hear_done(KP_FAILED, 0);
    }
    /* The first of several, and nothing of the output. */
    call_rogue(WAY_swallow);
    hear_fault("output_append of NULL");
    hear_done(KP_OK, 0);
    call_rogue(WAY_fill_much);
    hear(KP_WIRE_TOO_LARGE);
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

START_TEST(test_overrun)
{
    begin("faulty");
    call_faulty(10);
    hear_address();
    hear_fault("wrote past the end of what it had reserved");
    hear_done(KP_OK, 0);
    end_worker(0);
}
END_TEST

/* --- requests --- */

START_TEST(test_identify)
{
    begin("rogue");
    call_rogue(WAY_read);
    hear(KP_WIRE_IDENTIFY);
    hear_image(0, 0, UINT64_MAX);
    hear_end();
    kp_put_text(&payload, "rogue");
    kp_put_text(&payload, NULL);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear_done(KP_OK, 1);
    hear_own("GU bcdef rogue - 0", 18);
    end_worker(0);
}
END_TEST

static void hear_set(uint32_t type, const char *name)
{
    hear(type);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_WIRE_MAIN_OUTPUT);
    hear_text(name);
}

START_TEST(test_traits)
{
    begin("rogue");
    call_rogue(WAY_traits);
    hear_set(KP_WIRE_SET_NUMBER, "entry");
    ck_assert_uint_eq(kp_take_u64(&message.payload), 4);
    answer_result(KP_OK);
    hear_set(KP_WIRE_SET_NUMBER, "size");
    answer_result(KP_OK);
    hear_set(KP_WIRE_SET_TEXT, "arch");
    hear_text("flat64");
    answer_result(KP_OK);
    hear_set(KP_WIRE_CLEAR, "load");
    hear_end();
    answer_result(KP_FAILED);
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

static const uint32_t page_sizes_of_flat[] = {4096, 0};
static const struct kp_arch flat = {
    .size = sizeof(flat), .name = "flat64", .page_sizes = page_sizes_of_flat};

/* What is known is not asked for again; what is not known is. */
START_TEST(test_arch)
{
    begin("rogue");
    for (int i = 0; i < 2; i++) {
        call_rogue(WAY_facts);
        if (i == 0) {
            hear(KP_WIRE_ARCH);
            hear_text("flat64");
            kp_put_u8(&payload, 1);
            kp_wire_put_arch(&payload, &flat);
            tell_worker(KP_WIRE_ANSWER, NULL, 0);
        }
        hear(KP_WIRE_ARCH);
        hear_text("none");
        kp_put_u8(&payload, 0);
        tell_worker(KP_WIRE_ANSWER, NULL, 0);
        hear_done(KP_OK, 1);
        hear_own("flat64 1 1 1234567 1", 20);
    }
    end_worker(0);
}
END_TEST

/* Bytes come before the answer that needs them. */
START_TEST(test_stage)
{
    begin("rogue");
    call_rogue(WAY_stage);
    hear(KP_WIRE_RUN_STAGE);
    ck_assert_uint_eq(kp_take_u32(&message.payload), 7);
    hear_image(0, 0, UINT64_MAX);
    hear_end();
    send_bytes(2, "inner");
    put_whole(41, 2, 5);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear_done(KP_OK, 1);
    ck_assert_uint_eq(kp_take_u8(&message.payload), KP_PIECE_IMAGE);
    hear_image(41, 0, 5);
    call_rogue(WAY_stage);
    hear(KP_WIRE_RUN_STAGE);
    kp_wire_put_image(&payload, KP_WIRE_NONE, NULL, NULL, 0);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

/* The same for many at once. */
START_TEST(test_stages)
{
    begin("rogue");
    call_rogue(WAY_stages);
    hear(KP_WIRE_RUN_STAGES);
    ck_assert_uint_eq(kp_take_u32(&message.payload), 7);
    ck_assert_uint_eq(kp_take_u32(&message.payload), 0);
    hear_end();
    kp_put_u32(&payload, KP_OK);
    kp_put_u32(&payload, 0);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear(KP_WIRE_RUN_STAGES);
    ck_assert_uint_eq(kp_take_u32(&message.payload), 7);
    ck_assert_uint_eq(kp_take_u32(&message.payload), 2);
    hear_image(0, 0, UINT64_MAX);
    hear_image(0, 0, 6);
    hear_end();
    send_bytes(2, "inner");
    kp_put_u32(&payload, KP_OK);
    kp_put_u32(&payload, 2);
    put_whole(41, 2, 5);
    put_whole(42, 2, 5);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear_done(KP_OK, 2);
    end_worker(0);
}
END_TEST

START_TEST(test_stages_that_fail)
{
    begin("rogue");
    call_rogue(WAY_stages);
    hear(KP_WIRE_RUN_STAGES);
    kp_put_u32(&payload, (uint32_t)KP_FAILED);
    kp_put_u32(&payload, 0);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

/* kpipe must answer for all. */
START_TEST(test_stages_that_are_missing)
{
    begin("rogue");
    call_rogue(WAY_stages);
    hear(KP_WIRE_RUN_STAGES);
    kp_put_u32(&payload, KP_OK);
    kp_put_u32(&payload, 0);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear(KP_WIRE_RUN_STAGES);
    kp_put_u32(&payload, KP_OK);
    kp_put_u32(&payload, 0);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    end_worker(KP_WIRE_STATUS_BROKEN);
}
END_TEST

/* Handles that are none are said to be none; nobody looks where they lead. */
START_TEST(test_strange_handles)
{
    begin("faulty");
    call_faulty(11);
    hear_address();
    hear(KP_WIRE_IDENTIFY);
    hear_image(KP_WIRE_NONE, 0, 0);
    hear_end();
    kp_put_text(&payload, NULL);
    kp_put_text(&payload, NULL);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear(KP_WIRE_SET_NUMBER);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_WIRE_NONE);
    hear_text(NULL);
    answer_result(KP_FAILED);
    hear(KP_WIRE_RUN_STAGE);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_WIRE_NONE);
    hear_image(KP_WIRE_NONE, 0, 0);
    kp_wire_put_image(&payload, KP_WIRE_NONE, NULL, NULL, 0);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear(KP_WIRE_TREE_OPEN);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_WIRE_NONE);
    hear_text(NULL);
    kp_wire_put_image(&payload, KP_WIRE_NONE, NULL, NULL, 0);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

START_TEST(test_stop)
{
    begin("faulty");
    call_faulty(12);
    hear_address();
    while (atomic_load(&control->done) != 7)
        usleep(1000);
    atomic_store(&control->cancelled, 1);
    hear_done(KP_FAILED, 0);
    ck_assert_uint_eq(atomic_load(&control->total), 9);
    end_worker(0);
}
END_TEST

/* kpipe goes away in the middle of a request: what the plugin asks for fails. */
START_TEST(test_left)
{
    begin("rogue");
    call_rogue(WAY_read);
    hear(KP_WIRE_IDENTIFY);
    end_worker(0);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_reports);
    tcase_add_test(tests, test_fail);
    tcase_add_test(tests, test_fail_at);
    tcase_add_test(tests, test_faults);
    tcase_add_test(tests, test_overrun);
    tcase_add_test(tests, test_identify);
    tcase_add_test(tests, test_traits);
    tcase_add_test(tests, test_arch);
    tcase_add_test(tests, test_stage);
    tcase_add_test(tests, test_stages);
    tcase_add_test(tests, test_stages_that_fail);
    tcase_add_test(tests, test_stages_that_are_missing);
    tcase_add_test(tests, test_strange_handles);
    tcase_add_test(tests, test_stop);
    tcase_add_test(tests, test_left);
}

int main(void)
{
    return run_case("worker-services", fill);
}
#endif
