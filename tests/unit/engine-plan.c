/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/plan.h: what is shared, what traits and kinds come to, how a plan is shown.
 * What is wrong with recipes is engine-findings.c's.
 */
#include "plan-shared.h"

/* The plan as --dry-run shows it. */
static void expect_plan(const char *text, const char *expected)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&printed, &length);

    if (!make_plan(text))
        kp_diags_render(diags, 0, stderr, (struct kp_diag_style){0});
    ck_assert_ptr_nonnull(plan);
    kp_plan_print(plan, to);
    fclose(to);
    ck_assert_str_eq(printed, expected);
    free(printed);
    expect_findings("");
}

START_TEST(equal_beginnings_are_one_step)
{
    expect_plan("inputs: {k: kernel}\n"
                "images:\n"
                "  a: [k, upper, {slow: 2}]\n"
                "  b: [k, upper, {slow: {ms: 0x2}}, rot]\n"
                "  c: [k, upper, {slow: 3}]\n"
                "outputs: [a, b, c]\n",
                "#1   k = kernel (10 bytes)\n"
                "#2   upper < #1  (once for 3 outputs)\n"
                "#3   slow ms=2 < #2  (once for 2 outputs)\n"
                "#4   rot < #3\n"
                "#5   slow ms=3 < #2\n"
                "a = #3\n"
                "b = #4\n"
                "c = #5\n"
                "stages: 4 to run, 7 if each output were made alone; outputs: 3\n");
}
END_TEST

START_TEST(defaults_do_not_matter)
{
    expect_plan("inputs: {k: kernel}\n"
                "images:\n"
                "  a: [k, slow]\n"
                "  b: [k, {slow: {ms: 1}}]\n"
                "outputs: [a, b]\n",
                "#1   k = kernel (10 bytes)\n"
                "#2   slow < #1  (once for 2 outputs)\n"
                "a = #2\n"
                "b = #2\n"
                "stages: 1 to run, 2 if each output were made alone; outputs: 2\n");
}
END_TEST

START_TEST(one_file_under_two_names)
{
    ck_assert_int_eq(symlink("kernel", "link"), 0);
    expect_plan("inputs:\n"
                "  k: kernel\n"
                "  l: link\n"
                "  m: {file: {path: kernel, load: 0x8000}}\n"
                "  n: {file: {path: link, load: 32K}}\n"
                "images:\n"
                "  a: [k, upper]\n"
                "  b: [l, upper]\n"
                "  c: [m, upper]\n"
                "  d: [n, upper]\n"
                "outputs: [a, b, c, d]\n",
                "#1   k = kernel (10 bytes)\n"
                "#2   upper < #1  (once for 2 outputs)\n"
                "#3   m = kernel (10 bytes)\n"
                "#4   upper < #3  (once for 2 outputs)\n"
                "a = #2\n"
                "b = #2\n"
                "c = #4\n"
                "d = #4\n"
                "stages: 2 to run, 4 if each output were made alone; outputs: 4\n");
}
END_TEST

START_TEST(facts_are_kept_apart)
{
    expect_plan("inputs:\n"
                "  k: {file: {path: kernel, com.example.a: x com.example.b=1:y}}\n"
                "  l: {file: {path: kernel, com.example.a: x, com.example.b: y}}\n"
                "outputs: [k, l]\n",
                "#1   k = kernel (10 bytes)\n"
                "#2   l = kernel (10 bytes)\n"
                "k = #1\n"
                "l = #2\n"
                "stages: 0 to run, 0 if each output were made alone; outputs: 2\n");
}
END_TEST

START_TEST(further_inputs_and_parts)
{
    expect_plan("inputs: {k: kernel, o: other, e: elf}\n"
                "images:\n"
                "  begun: [{make: hello}]\n"
                "  parts: [k, {split.unpack: 3}]\n"
                "  again: [parts.tail]\n"
                "  all: [again, {concat: {with: [o, _, parts.head, o, begun], gap: 4}}]\n"
                "  nested: [e, {nest: {stage: {concat: [o, k]}, ms: 2}}]\n"
                "outputs: [all, {parts.head: head.bin}, {nested: {file: sub/nested}}]\n",
                "#1   k = kernel (10 bytes)\n"
                "#2   split.unpack at=3 < #1  (once for 2 outputs)\n"
                "#3   o = other (7 bytes)\n"
                "#4   make text=hello\n"
                "#5   concat with=[o, _, parts.head, o, begun],gap=4 < #2.tail + #3, #2.head, #4\n"
                "#6   e = elf (13 bytes, elf)\n"
                "#7   nest stage={concat: {with=[o, k]}},ms=2 < #6 + #3, #1\n"
                "all = #5\n"
                "head.bin = #2.head\n"
                "sub/nested = #7\n"
                "stages: 4 to run, 5 if each output were made alone; outputs: 3\n");
}
END_TEST

START_TEST(what_no_output_needs_is_left_out)
{
    expect_plan("inputs: {k: kernel, gone: not/there}\n"
                "images:\n"
                "  unused: [gone, upper]\n"
                "  a: [k, upper]\n"
                "  more: [a, rot]\n"
                "outputs: [a]\n",
                "#1   k = kernel (10 bytes)\n"
                "#2   upper < #1\n"
                "a = #2\n"
                "stages: 1 to run, 1 if each output were made alone; outputs: 1\n");
}
END_TEST

START_TEST(matrix_shares_steps)
{
    expect_plan("matrix: {board: [x, y]}\n"
                "inputs: {k: kernel}\n"
                "images:\n"
                "  big: [k, upper]\n"
                "  one: [big, rot, {fail: 'for $(board)'}]\n"
                "outputs: [{one: {file: one-$(board)}}]\n",
                "#1   k = kernel (10 bytes)\n"
                "#2   upper < #1  (once for 2 outputs)\n"
                "#3   rot < #2  (once for 2 outputs)\n"
                "#4   fail text=\"for x\" < #3\n"
                "#5   fail text=\"for y\" < #3\n"
                "one-x = #4\n"
                "one-y = #5\n"
                "stages: 4 to run, 6 if each output were made alone; outputs: 2\n");
}
END_TEST

/* What the last step's output has: "kind codec arch: traits". */
static void expect_facts(const char *text, const char *expected)
{
    char facts[256];
    const struct kp_step *step;

    if (!make_plan(text))
        kp_diags_render(diags, 0, stderr, (struct kp_diag_style){0});
    ck_assert_ptr_nonnull(plan);
    step = plan->steps[plan->step_count - 1];
    sprintf(facts, "%s %s %s:", step->kind == NULL ? "-" : step->kind,
            step->codec == NULL ? "-" : step->codec, step->arch == NULL ? "-" : step->arch);
    for (size_t i = 0; i < step->trait_count; i++)
        sprintf(facts + strlen(facts), " %s", step->traits[i]);
    ck_assert_str_eq(facts, expected);
}

START_TEST(kinds_and_traits)
{
    expect_facts("inputs: {k: kernel}\noutputs: [k]\n", "- - -: file");
    expect_facts("inputs: {k: rotted}\noutputs: [k]\n", "compressed rot -: codec file kind");
    expect_facts("inputs: {k: {file: {path: rotted, kind: raw, load: 1}}}\noutputs: [k]\n",
                 "raw - -: file kind load");
    expect_facts("arch: flat64\ninputs: {k: kernel}\noutputs: [k]\n", "- - flat: arch file");
    expect_facts("arch: flat\ninputs: {k: {file: {path: kernel, arch: board}}}\noutputs: [k]\n",
                 "- - board: arch file");
    expect_facts("arch: flat\nimages: {a: [{make: x}]}\noutputs: [a]\n", "raw - flat: arch");
    expect_facts("inputs: {k: {file: {path: rotted, load: 1}}}\n"
                 "images: {a: [k, upper]}\noutputs: [a]\n",
                 "compressed rot -: load");
    expect_facts("inputs: {k: elf}\nimages: {a: [k, rot]}\noutputs: [a]\n", "compressed rot -:");
    expect_facts("inputs: {k: elf}\nimages: {a: [k, rot.unpack]}\noutputs: [a]\n", "- - -:");
    expect_facts("inputs: {k: elf}\nimages: {a: [k, split.unpack], b: [a.head, upper]}\n"
                 "outputs: [b]\n",
                 "- - -:");
}
END_TEST

START_TEST(addresses_are_known_where_they_are_physical)
{
    expect_facts("inputs: {k: kernel}\nimages: {a: [k, facts]}\noutputs: [a]\n",
                 "- - -: arch version load");
    expect_facts("arch: flat\ninputs: {k: kernel}\nimages: {a: [k, facts]}\noutputs: [a]\n",
                 "- - flat: arch version load");
    expect_facts("arch: board\ninputs: {k: kernel}\nimages: {a: [k, facts]}\noutputs: [a]\n",
                 "- - board: arch version");
    /* So a stage that needs one can stand behind it, or cannot (engine-findings.c). */
    ck_assert(make_plan("arch: flat\ninputs: {k: kernel}\nimages: {a: [k, facts, header]}\n"
                        "outputs: [a]\n"));
    ck_assert(make_plan("arch: board\ninputs: {k: {file: {path: kernel, load: 1}}}\n"
                        "images: {a: [k, facts, header]}\noutputs: [a]\n"));
}
END_TEST

START_TEST(unknown_kinds_meet_everything)
{
    ck_assert(make_plan("inputs: {k: kernel, o: other}\n"
                        "images: {a: [k, {elf-only: {tree: o}}], b: [k, {nest: upper}, elf-only]}\n"
                        "outputs: [a, b]\n"));
    expect_findings("");
}
END_TEST

START_TEST(plan_as_json)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&printed, &length);
    struct kp_json json = {.to = to};

    ck_assert(make_plan("inputs: {k: kernel}\n"
                        "images:\n"
                        "  a: [k, split.unpack]\n"
                        "  b: [a.tail, {concat: k}]\n"
                        "outputs: [{b: {file: x/b}}, a.head]\n"));
    kp_json_begin(&json, NULL, '{');
    kp_plan_json(plan, &json);
    kp_json_end(&json, '}');
    fclose(to);
    ck_assert_str_eq(printed, "{\n"
                              "  \"steps\": [\n"
                              "    {\n"
                              "      \"step\": 1,\n"
                              "      \"type\": \"input\",\n"
                              "      \"label\": \"k\",\n"
                              "      \"file\": \"kernel\",\n"
                              "      \"size\": 10,\n"
                              "      \"kind\": null,\n"
                              "      \"for_outputs\": 2,\n"
                              "      \"inputs\": [],\n"
                              "      \"trees\": [],\n"
                              "      \"images\": [\n"
                              "        \"k\"\n"
                              "      ]\n"
                              "    },\n"
                              "    {\n"
                              "      \"step\": 2,\n"
                              "      \"type\": \"stage\",\n"
                              "      \"label\": \"split.unpack\",\n"
                              "      \"stage\": \"split.unpack\",\n"
                              "      \"plugin\": \"org.example.probe\",\n"
                              "      \"kind\": \"raw\",\n"
                              "      \"for_outputs\": 2,\n"
                              "      \"main\": {\n"
                              "        \"step\": 1\n"
                              "      },\n"
                              "      \"inputs\": [],\n"
                              "      \"trees\": [],\n"
                              "      \"images\": [\n"
                              "        \"a\"\n"
                              "      ]\n"
                              "    },\n"
                              "    {\n"
                              "      \"step\": 3,\n"
                              "      \"type\": \"stage\",\n"
                              "      \"label\": \"concat with=[k]\",\n"
                              "      \"stage\": \"concat\",\n"
                              "      \"plugin\": \"org.example.probe\",\n"
                              "      \"kind\": \"raw\",\n"
                              "      \"for_outputs\": 1,\n"
                              "      \"main\": {\n"
                              "        \"step\": 2,\n"
                              "        \"part\": \"tail\"\n"
                              "      },\n"
                              "      \"inputs\": [\n"
                              "        {\n"
                              "          \"step\": 1\n"
                              "        }\n"
                              "      ],\n"
                              "      \"trees\": [],\n"
                              "      \"images\": [\n"
                              "        \"b\"\n"
                              "      ]\n"
                              "    }\n"
                              "  ],\n"
                              "  \"outputs\": [\n"
                              "    {\n"
                              "      \"file\": \"x/b\",\n"
                              "      \"image\": \"b\",\n"
                              "      \"from\": {\n"
                              "        \"step\": 3\n"
                              "      }\n"
                              "    },\n"
                              "    {\n"
                              "      \"file\": \"a.head\",\n"
                              "      \"image\": \"a.head\",\n"
                              "      \"from\": {\n"
                              "        \"step\": 2,\n"
                              "        \"part\": \"head\"\n"
                              "      }\n"
                              "    }\n"
                              "  ]\n"
                              "}\n");
    free(printed);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, equal_beginnings_are_one_step);
    tcase_add_test(tests, defaults_do_not_matter);
    tcase_add_test(tests, one_file_under_two_names);
    tcase_add_test(tests, facts_are_kept_apart);
    tcase_add_test(tests, further_inputs_and_parts);
    tcase_add_test(tests, what_no_output_needs_is_left_out);
    tcase_add_test(tests, matrix_shares_steps);
    tcase_add_test(tests, kinds_and_traits);
    tcase_add_test(tests, addresses_are_known_where_they_are_physical);
    tcase_add_test(tests, unknown_kinds_meet_everything);
    tcase_add_test(tests, plan_as_json);
}

int main(void)
{
    return run_tests("engine-plan", begin, end, fill);
}
