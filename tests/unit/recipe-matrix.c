/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe-matrix.c - tests of core/recipe/matrix.c and instance.c: items that exist once
 * for each value of what they carry.
 */
#include "recipe-shared.h"

/* One more value than there may be items. */
START_TEST(values_are_bounded)
{
    FILE *file = fopen("r.yml", "w");

    ck_assert_ptr_nonnull(file);
    fputs("kpipe: 1\nmatrix:\n  a:\n", file);
    for (int i = 0; i <= 10000; i++)
        fprintf(file, "  - v%d\n", i);
    fputs("inputs: {x: $(a)}\noutputs: [x]\n", file);
    fclose(file);
    expect_refused("r.yml:3:3: error: more than 10000 inputs, images and outputs, with those that "
                   "the matrix makes [KP1156]\n"
                   "    3 |   a:\n"
                   "      |   ^\n");
}
END_TEST

/* A finder that names a scalar which is not in the list it gives: nothing is put there. */
static bool find_astray(void *data, const char *stage, struct kp_node *params,
                        kp_visit_reference visit, void *context)
{
    static struct kp_node other = {.kind = KP_NODE_LIST, .folder = "."};

    (void)data;
    return strcmp(stage, "uimage") != 0 || visit(context, params, &other, KP_TYPE_IMAGE);
}

START_TEST(a_finder_that_is_wrong)
{
    const struct kp_reference_finder astray = {NULL, find_astray};

    options.finder = &astray;
    accept("kpipe: 1\nmatrix: {a: [1, 2]}\ninputs: {x: f, y: $(a)}\n"
           "images: {z: [x, {uimage: y}]}\noutputs: [z]\n",
           "input x: f\ninput y(a=1): 1\ninput y(a=2): 2\nimage z: x | <uimage>y\noutput z > z\n");
}
END_TEST

START_TEST(items_exist_once_for_each_value)
{
    accept("kpipe: 1\n"
           "matrix:\n"
           "  board: [a, {name: b, dtb: bb, load: 5}]\n"
           "  codec: [gzip, xz]\n"
           "inputs:\n"
           "  kernel: vmlinux\n"
           "  dtb: $(board).dtb\n"
           "images:\n"
           "  raw: [kernel, objcopy]\n"
           "  packed: [raw, $(codec)]\n"
           "  z: [packed, {zimage: {dtb: dtb}}]\n"
           "  all: [packed, {uimage: {parts: [_, dtb, kernel]}}]\n"
           "  every: [kernel, {uimage: z.part}]\n"
           "outputs: [{z: '$(board)/z-$(codec)'}, {all: {file: all.$(codec)}}, every, {kernel: "
           "k-$(codec)}]\n",
           "input kernel: vmlinux\n"
           "input dtb(board=a): a.dtb\n"
           "input dtb(board=b): b.dtb\n"
           "image raw: kernel | <objcopy>\n"
           "image packed(codec=gzip): raw | <gzip>\n"
           "image packed(codec=xz): raw | <xz>\n"
           "image z(board=a,codec=gzip): packed(codec=gzip) | <zimage>{dtb: dtb(board=a)}\n"
           "image z(board=a,codec=xz): packed(codec=xz) | <zimage>{dtb: dtb(board=a)}\n"
           "image z(board=b,codec=gzip): packed(codec=gzip) | <zimage>{dtb: dtb(board=b)}\n"
           "image z(board=b,codec=xz): packed(codec=xz) | <zimage>{dtb: dtb(board=b)}\n"
           "image all(codec=gzip): packed(codec=gzip) | <uimage>{parts: [_, dtb(board=a), "
           "dtb(board=b), kernel]}\n"
           "image all(codec=xz): packed(codec=xz) | <uimage>{parts: [_, dtb(board=a), "
           "dtb(board=b), kernel]}\n"
           "image every: kernel | <uimage>[z(board=a,codec=gzip).part, z(board=a,codec=xz).part, "
           "z(board=b,codec=gzip).part, z(board=b,codec=xz).part]\n"
           "output z(board=a,codec=gzip) > a/z-gzip\n"
           "output z(board=a,codec=xz) > a/z-xz\n"
           "output z(board=b,codec=gzip) > b/z-gzip\n"
           "output z(board=b,codec=xz) > b/z-xz\n"
           "output all(codec=gzip) > all.gzip\n"
           "output all(codec=xz) > all.xz\n"
           "output every > every\n"
           "output kernel > k-gzip\n"
           "output kernel > k-xz\n");
}
END_TEST

START_TEST(records_name_singly)
{
    accept("kpipe: 1\n"
           "matrix:\n"
           "  b: [p, q]\n"
           "  c: [m, n]\n"
           "inputs:\n"
           "  k: f1\n"
           "  d: d-$(b)-$(c)\n"
           "images: {i: [k, {fit: {images: [{data: d}, {data: k}]}}, {uimage: [d, k, d.x, _]}], j: "
           "[k, {s: $(b)}, {uimage: [k, d.y, k]}]}\n"
           "outputs: [{i: i-$(b)-$(c)}, {j: $(b)}]\n",
           "input k: f1\n"
           "input d(b=p,c=m): d-p-m\n"
           "input d(b=p,c=n): d-p-n\n"
           "input d(b=q,c=m): d-q-m\n"
           "input d(b=q,c=n): d-q-n\n"
           "image i(b=p,c=m): k | <fit>{images: [{data: d(b=p,c=m)}, {data: k}]} | "
           "<uimage>[d(b=p,c=m), k, d(b=p,c=m).x, _]\n"
           "image i(b=p,c=n): k | <fit>{images: [{data: d(b=p,c=n)}, {data: k}]} | "
           "<uimage>[d(b=p,c=n), k, d(b=p,c=n).x, _]\n"
           "image i(b=q,c=m): k | <fit>{images: [{data: d(b=q,c=m)}, {data: k}]} | "
           "<uimage>[d(b=q,c=m), k, d(b=q,c=m).x, _]\n"
           "image i(b=q,c=n): k | <fit>{images: [{data: d(b=q,c=n)}, {data: k}]} | "
           "<uimage>[d(b=q,c=n), k, d(b=q,c=n).x, _]\n"
           "image j(b=p): k | <s>p | <uimage>[k, d(b=p,c=m).y, d(b=p,c=n).y, k]\n"
           "image j(b=q): k | <s>q | <uimage>[k, d(b=q,c=m).y, d(b=q,c=n).y, k]\n"
           "output i(b=p,c=m) > i-p-m\n"
           "output i(b=p,c=n) > i-p-n\n"
           "output i(b=q,c=m) > i-q-m\n"
           "output i(b=q,c=n) > i-q-n\n"
           "output j(b=p) > p\n"
           "output j(b=q) > q\n");
}
END_TEST

START_TEST(names_may_depend_on_values)
{
    accept("kpipe: 1\n"
           "matrix:\n"
           "  b: [{name: p, k: k1}, {name: q, k: k2}]\n"
           "  c: [m, n]\n"
           "inputs:\n"
           "  k1: f1\n"
           "  k2: f2-$(c)\n"
           "images: {i: [$(b.k), gzip]}\n"
           "outputs: [{i: i-$(b)-$(c)}]\n",
           "input k1: f1\n"
           "input k2(c=m): f2-m\n"
           "input k2(c=n): f2-n\n"
           "image i(b=p,c=m): k1 | <gzip>\n"
           "image i(b=p,c=n): k1 | <gzip>\n"
           "image i(b=q,c=m): k2(c=m) | <gzip>\n"
           "image i(b=q,c=n): k2(c=n) | <gzip>\n"
           "output i(b=p,c=m) > i-p-m\n"
           "output i(b=p,c=n) > i-p-n\n"
           "output i(b=q,c=m) > i-q-m\n"
           "output i(b=q,c=n) > i-q-n\n");
}
END_TEST

START_TEST(values_are_expanded_once)
{
    accept("kpipe: 1\n"
           "matrix:\n"
           "  a: $(l)\n"
           "inputs:\n"
           "  x: $(a)-$(a.f)$(k)\n"
           "vars: {l: [{name: $(n), f: '$(k)$$(k)'}, {name: z, f: g}], n: nn, k: kk}\n"
           "outputs: [{x: y$(a)}]\n",
           "input x(a=nn): nn-kk$(k)kk\n"
           "input x(a=z): z-gkk\n"
           "output x(a=nn) > ynn\n"
           "output x(a=z) > yz\n");
    accept("kpipe: 1\n"
           "matrix:\n"
           "  a: $(l)\n"
           "inputs:\n"
           "  x: $(v)\n"
           "vars: {l: ['$$(k)', \"$(k)\"], k: kk, v: -$(a)-}\n"
           "outputs: [{x: y$(a)}]\n",
           "input x(a=$(k)): -$(k)-\n"
           "input x(a=kk): -kk-\n"
           "output x(a=$(k)) > y$(k)\n"
           "output x(a=kk) > ykk\n");
    accept("kpipe: 1\n"
           "matrix:\n"
           "  a: one\n"
           "inputs:\n"
           "  x: $(a)\n"
           "outputs: [x]\n",
           "input x(a=one): one\n"
           "output x(a=one) > x\n");
}
END_TEST

START_TEST(values_may_name_other_variables_of_the_matrix)
{
    accept("kpipe: 1\n"
           "matrix:\n"
           "  a: [{name: p, f: $(b)}, {name: q, f: 7}]\n"
           "  b: [m, n]\n"
           "inputs:\n"
           "  x: $(a.f)\n"
           "outputs: [{x: $(a)$(b)}]\n",
           "input x(a=p,b=m): m\n"
           "input x(a=p,b=n): n\n"
           "input x(a=q,b=m): 7\n"
           "input x(a=q,b=n): 7\n"
           "output x(a=p,b=m) > pm\n"
           "output x(a=p,b=n) > pn\n"
           "output x(a=q,b=m) > qm\n"
           "output x(a=q,b=n) > qn\n");
}
END_TEST

START_TEST(set_restricts)
{
    set("board", "b");
    accept("kpipe: 1\n"
           "matrix:\n"
           "  board: [a, {name: b, dtb: bb, load: 5}]\n"
           "  codec: [gzip, xz]\n"
           "inputs:\n"
           "  x: $(board)\n"
           "images: {i: [x, $(codec)]}\n"
           "outputs: [{i: i.$(codec)}]\n",
           "input x(board=b): b\n"
           "image i(board=b,codec=gzip): x(board=b) | <gzip>\n"
           "image i(board=b,codec=xz): x(board=b) | <xz>\n"
           "output i(board=b,codec=gzip) > i.gzip\n"
           "output i(board=b,codec=xz) > i.xz\n");
    set("board", "$(v)");
    accept("kpipe: 1\n"
           "matrix:\n"
           "  board: [a, {name: b, dtb: bb, load: 5}]\n"
           "  codec: [gzip, xz]\n"
           "inputs:\n"
           "  x: $(board)$(v)\n"
           "vars: {v: a}\n"
           "outputs: [x]\n",
           "input x(board=a): aa\n"
           "output x(board=a) > x\n");
    set("board", "beaglf", "boord", "x");
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  board: [beagle, bone]\n"
           "inputs:\n"
           "  x: $(board)\n"
           "outputs: [x]\n",
           "--set:1:7: error: --set board=beaglf: not among the values of the matrix: beagle, bone "
           "[KP1154]\n"
           "    1 | board=beaglf\n"
           "      |       ^~~~~~\n"
           "  hint: did you mean 'beagle'?\n"
           "--set:2:1: error: --set boord: no variable has that name [KP1127]\n"
           "    2 | boord=x\n"
           "      | ^~~~~\n"
           "  hint: did you mean 'board'?\n");
    set("board", "$(no)");
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  board: [a, b]\n"
           "inputs:\n"
           "  x: $(board)\n"
           "outputs: [x]\n",
           "--set:1:7: error: $(no): no variable has that name [KP1120]\n"
           "    1 | board=$(no)\n"
           "      |       ^~~~~\n");
}
END_TEST

START_TEST(files_of_instances)
{
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a: [1, 2]\n"
           "  b: [u, v]\n"
           "inputs:\n"
           "  x: $(a)\n"
           "images: {y: [x, {s: $(b)}], z: [x, gzip]}\n"
           "outputs: [y, {x: out.$(a)}, z, {x: y}]\n",
           "r.yml:8:11: error: outputs 'y(a=1,b=u)' and 'y(a=1,b=v)' have the same file: 'y' "
           "[KP1411]\n"
           "    8 | outputs: [y, {x: out.$(a)}, z, {x: y}]\n"
           "      |           ^\n"
           "  hint: name the file by its variables, as in {y: {file: y-$(a)-$(b)}}\n"
           "r.yml:8:29: error: outputs 'z(a=1)' and 'z(a=2)' have the same file: 'z' [KP1411]\n"
           "    8 | outputs: [y, {x: out.$(a)}, z, {x: y}]\n"
           "      |                             ^\n"
           "  hint: name the file by its variables, as in {z: {file: z-$(a)}}\n"
           "r.yml:8:36: error: outputs 'y(a=1,b=u)' and 'x(a=1)' have the same file: 'y' [KP1411]\n"
           "    8 | outputs: [y, {x: out.$(a)}, z, {x: y}]\n"
           "      |                                    ^\n"
           "  hint: give one of them another file, as in {x: {file: NAME}}\n");
    set("a", "2");
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a: [1, 2]\n"
           "  b: [u, v]\n"
           "inputs:\n"
           "  x: $(a)$(b)\n"
           "outputs: [x]\n",
           "r.yml:7:11: error: outputs 'x(a=2,b=u)' and 'x(a=2,b=v)' have the same file: 'x' "
           "[KP1411]\n"
           "    7 | outputs: [x]\n"
           "      |           ^\n"
           "  hint: name the file by its variables, as in {x: {file: x-$(b)}}\n");
}
END_TEST

START_TEST(what_is_no_matrix)
{
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a:\n"
           "  b: []\n"
           "  c: [x, [y]]\n"
           "  d: [x, {n: y}, ~, {name: [a]}]\n"
           "  e: [x, y, x]\n"
           "  f: [{name: $(zz)}]\n"
           "  g: {a: b}\n"
           "  h: [$(zz), $(zz)]\n"
           "  1i: [a]\n"
           "inputs:\n"
           "  x: $(a)$(b)$(c)$(d)$(e)$(f)$(g)$(h)\n"
           "outputs: [x]\n",
           "r.yml:3:3: error: matrix: 'a': no values [KP1150]\n"
           "    3 |   a:\n"
           "      |   ^\n"
           "r.yml:4:3: error: matrix: 'b': no values [KP1150]\n"
           "    4 |   b: []\n"
           "      |   ^\n"
           "r.yml:5:10: error: matrix: a value of 'c': must be text or a map with 'name', not a "
           "list [KP1105]\n"
           "    5 |   c: [x, [y]]\n"
           "      |          ^\n"
           "r.yml:6:10: error: matrix: a value of 'd' is a map without 'name' [KP1151]\n"
           "    6 |   d: [x, {n: y}, ~, {name: [a]}]\n"
           "      |          ^\n"
           "r.yml:6:18: error: matrix: a value of 'd': must be text or a map with 'name', not "
           "nothing [KP1105]\n"
           "    6 |   d: [x, {n: y}, ~, {name: [a]}]\n"
           "      |                  ^\n"
           "r.yml:6:21: error: matrix: a value of 'd' is a map without 'name' [KP1151]\n"
           "    6 |   d: [x, {n: y}, ~, {name: [a]}]\n"
           "      |                     ^\n"
           "r.yml:7:13: error: matrix: 'e': the value 'x' is there already [KP1152]\n"
           "    7 |   e: [x, y, x]\n"
           "      |             ^\n"
           "r.yml:8:14: error: $(zz): no variable has that name [KP1120]\n"
           "    8 |   f: [{name: $(zz)}]\n"
           "      |              ^~~~~\n"
           "r.yml:9:6: error: matrix: a value of 'g' is a map without 'name' [KP1151]\n"
           "    9 |   g: {a: b}\n"
           "      |      ^\n"
           "r.yml:10:7: error: $(zz): no variable has that name [KP1120]\n"
           "   10 |   h: [$(zz), $(zz)]\n"
           "      |       ^~~~~\n"
           "r.yml:10:14: error: $(zz): no variable has that name [KP1120]\n"
           "   10 |   h: [$(zz), $(zz)]\n"
           "      |              ^~~~~\n"
           "r.yml:11:3: error: matrix: '1i' is not a name [KP1106]\n"
           "   11 |   1i: [a]\n"
           "      |   ^~\n"
           "  hint: a name is a letter, then letters, digits, _ and -\n");
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a: [1, 2]\n"
           "inputs:\n"
           "  x: $(a)\n"
           "vars: {a: 5}\n"
           "outputs: [x]\n",
           "r.yml:3:3: error: matrix: 'a': a variable has that name already, on line 6 [KP1153]\n"
           "    3 |   a: [1, 2]\n"
           "      |   ^\n"
           "r.yml:7:11: error: outputs 'x(a=1)' and 'x(a=2)' have the same file: 'x' [KP1411]\n"
           "    7 | outputs: [x]\n"
           "      |           ^\n"
           "  hint: name the file by its variables, as in {x: {file: x-$(a)}}\n");
}
END_TEST

START_TEST(values_without_a_key)
{
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a: [{name: p, f: q}, {name: r}, s]\n"
           "inputs:\n"
           "  x: $(a.f)\n"
           "outputs: [{x: y}]\n",
           "r.yml:5:6: error: $(a.f): 'r' has no key 'f' [KP1129]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 's' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n");
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a: [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11]\n"
           "inputs:\n"
           "  x: $(a.f)\n"
           "outputs: [x]\n",
           "r.yml:5:6: error: $(a.f): 'v0' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v1' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v2' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v3' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v4' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v5' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v6' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v7' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v8' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n"
           "r.yml:5:6: error: $(a.f): 'v9' is not a map [KP1131]\n"
           "    5 |   x: $(a.f)\n"
           "      |      ^~~~~~\n");
}
END_TEST

START_TEST(what_is_said_once_has_one_value)
{
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a: [1, 2]\n"
           "  b: [$(a)]\n"
           "  c: [{name: $(v)}]\n"
           "inputs:\n"
           "  x: y\n"
           "name: $(a)\n"
           "arch: x-$(v)\n"
           "vars: {v: $(a)}\n"
           "outputs: [x]\n",
           "r.yml:4:7: error: matrix: a value of 'b': cannot depend on 'a', a variable of the "
           "matrix [KP1155]\n"
           "    4 |   b: [$(a)]\n"
           "      |       ^~~~\n"
           "r.yml:5:14: error: matrix: a value of 'c': cannot depend on 'a', a variable of the "
           "matrix [KP1155]\n"
           "    5 |   c: [{name: $(v)}]\n"
           "      |              ^~~~\n"
           "r.yml:8:7: error: 'name': cannot depend on 'a', a variable of the matrix [KP1155]\n"
           "    8 | name: $(a)\n"
           "      |       ^~~~\n"
           "r.yml:9:7: error: 'arch': cannot depend on 'a', a variable of the matrix [KP1155]\n"
           "    9 | arch: x-$(v)\n"
           "      |       ^~~~~~\n");
    set("a", "$(a)");
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a: [1, 2]\n"
           "inputs:\n"
           "  x: y\n"
           "outputs: [x]\n",
           "--set:1:3: error: the value of --set: cannot depend on 'a', a variable of the matrix "
           "[KP1155]\n"
           "    1 | a=$(a)\n"
           "      |   ^~~~\n");
    /* A value that was looked at before the matrix had its own. */
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  a: [$(v)]\n"
           "inputs:\n"
           "  x: $(v)\n"
           "vars: {v: $(a.k)}\n"
           "outputs: [x]\n",
           "r.yml:3:7: error: matrix: a value of 'a': cannot depend on 'a', a variable of the "
           "matrix [KP1155]\n"
           "    3 |   a: [$(v)]\n"
           "      |       ^~~~\n");
    refuse("kpipe: 1\n"
           "matrix:\n"
           "  b: [$(v)]\n"
           "  a: [1]\n"
           "inputs:\n"
           "  x: $(v)\n"
           "vars: {v: $(a.k)}\n"
           "outputs: [x]\n",
           "r.yml:3:7: error: matrix: a value of 'b': cannot depend on 'a', a variable of the "
           "matrix [KP1155]\n"
           "    3 |   b: [$(v)]\n"
           "      |       ^~~~\n");
}
END_TEST

START_TEST(the_matrix_is_bounded)
{
    write_many("kpipe: 1\n"
               "matrix:\n",
               "  v#: [a]\n", 33,
               "inputs: {x: f}\n"
               "outputs: [x]\n");
    expect_refused("r.yml:35:3: error: the matrix has more than 32 variables [KP1157]\n"
                   "   35 |   v32: [a]\n"
                   "      |   ^~~\n");
    forget();
    write_many("kpipe: 1\n"
               "matrix:\n",
               "  v#: [a, b, c, d, e, f, g, h, i, j]\n", 5,
               "inputs: {x: y$(v0)$(v1)$(v2)$(v3)$(v4), z: $(v0)}\n"
               "outputs: [x, {z: $(v0)}]\n");
    expect_refused("r.yml:8:10: error: more than 10000 inputs, images and outputs, with those that "
                   "the matrix makes [KP1156]\n"
                   "    8 | inputs: {x: y$(v0)$(v1)$(v2)$(v3)$(v4), z: $(v0)}\n"
                   "      |          ^\n");
    forget();
    write_many("kpipe: 1\n"
               "matrix:\n",
               "  v#: [a, b, c, d, e, f, g, h, i, j]\n", 4,
               "inputs: {x: y$(v0)$(v1)$(v2)$(v3)}\n"
               "outputs: [{x: a$(v0)$(v1)$(v2)$(v3)}]\n");
    expect_refused("r.yml:8:11: error: more than 10000 inputs, images and outputs, with those that "
                   "the matrix makes [KP1156]\n"
                   "    8 | outputs: [{x: a$(v0)$(v1)$(v2)$(v3)}]\n"
                   "      |           ^\n");
    forget();
}
END_TEST

START_TEST(what_lists_collect_is_bounded)
{
    write_many("kpipe: 1\n"
               "inputs: {x: f}\n"
               "matrix:\n"
               "  u: [a, b, c, d, e, f, g, h, i, j]\n"
               "  v: [a, b, c, d, e, f, g, h, i, j]\n"
               "  w: [a, b, c, d, e, f, g, h, i, j]\n"
               "  z:\n",
               "    - z#\n", 3000,
               "images:\n"
               "  y: [x, {s: $(u)$(v)$(w)}]\n"
               "  i: [x, {s: $(z)}, {uimage: [y, y]}]\n"
               "outputs: [{i: $(z)}]\n");
    expect_refused("r.yml:3010:34: error: the recipe is too large with its variables replaced: "
                   "more than 256 MiB [KP1135]\n"
                   " 3010 |   i: [x, {s: $(z)}, {uimage: [y, y]}]\n"
                   "      |                                  ^\n");
    forget();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        values_are_bounded,
        a_finder_that_is_wrong,
        items_exist_once_for_each_value,
        records_name_singly,
        names_may_depend_on_values,
        values_are_expanded_once,
        values_may_name_other_variables_of_the_matrix,
        set_restricts,
        files_of_instances,
        what_is_no_matrix,
        values_without_a_key,
        what_is_said_once_has_one_value,
        the_matrix_is_bounded,
        what_lists_collect_is_bounded,
    };

    return run_tests("recipe-matrix", tests, sizeof(tests) / sizeof(tests[0]));
}
