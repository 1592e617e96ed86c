/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/tool/needy.c - a shared object that needs another (NEEDS), for tests/unit/sandbox-reach.c: what
 * is shown to a worker for a run path's sake.
 */
int NAME(void);
#ifdef NEEDS
int NEEDS(void);
#endif

int NAME(void)
{
#ifdef NEEDS
    return NEEDS() + 1;
#else
    return 1;
#endif
}
