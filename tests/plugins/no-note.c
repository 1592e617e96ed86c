/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/no-note.c - a shared object that has nothing to do with kpipe.
 */
__attribute__((visibility("default"))) int no_note(void);
int no_note(void)
{
    return 0;
}
