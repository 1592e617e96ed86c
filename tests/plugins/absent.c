/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/absent.c - a library that is there when lacking.so is linked, and not
 * where ld.so looks when that is opened.
 */
__attribute__((visibility("default"))) int kpipe_test_absent(void);
int kpipe_test_absent(void)
{
    return 0;
}
